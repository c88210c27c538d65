import { nearest } from '../kinds/index.ts';
import { type Json, type JsonArray, type JsonObject, pointerStep } from '../model/index.ts';
import type { Shape } from './shape.ts';

/** What an evaluation reads and writes. One frame per org; slots are the names in scope, `org` first, then `inputs`. */
export interface Frame {
  readonly slots: (Json | undefined)[];
  readonly faults: Fault[];
  /** Null: nobody asks where values come from. */
  readonly recorder: Recorder | null;
}

/** Something that only shows with an org's values; the place is the template's. */
export interface Fault {
  readonly pointer: string;
  readonly key: string;
}

/** Hears, in trace mode, where in the output the evaluation is and what each leaf is made of. */
export interface Recorder {
  enter(step: string): void;
  leave(): void;
  /** A leaf at the current place: the pointer of its template node, and the paths that were read for it. */
  leaf(templatePointer: string, sources: readonly Path[], value: Json): void;
  /** The name in `slot` now stands for item `index` of the list at `path`. */
  bind(slot: number, path: Path, index: number): void;
}

/** A value of the template: undefined means that it is left out. */
export type Evaluate = (frame: Frame) => Json | undefined;

/** The names that may be used at one place of a template, and which optional values are known to be there. */
export interface Scope {
  readonly names: ReadonlyMap<string, { readonly slot: number; readonly shape: Shape }>;
  readonly present: ReadonlySet<string>;
}

/** A checked path. */
export interface Path {
  readonly text: string;
  readonly slot: number;
  readonly keys: readonly string[];
  readonly shape: Shape;
  /** The first step that an org may leave out and that nothing guards, as text; null when it is always there. */
  readonly mayLack: string | null;
}

export type PathProblem = { readonly expected: string; readonly found: string; readonly meant: string | undefined };

/** Types the steps of a path in the scope, or says which step is wrong. */
export function resolvePath(parts: readonly string[], scope: Scope): Path | PathProblem {
  const [root = '', ...keys] = parts;
  const name = scope.names.get(root);
  if (name === undefined) return problem(root, [...scope.names.keys()], 'a name in scope');
  let shape = name.shape;
  let text = root;
  let mayLack: string | null = null;
  for (const key of keys) {
    text += `.${key}`;
    const next = stepInto(shape, key);
    if (next === undefined) {
      const known = shape.type === 'map' ? [...shape.fields.keys()] : [];
      return problem(key, known, known.length === 0 ? 'a value without fields' : 'a declared field');
    }
    if (!next.always && !scope.present.has(text)) mayLack ??= text;
    shape = next.shape;
  }
  return { text, slot: name.slot, keys, shape, mayLack };
}

function stepInto(shape: Shape, key: string): { readonly shape: Shape; readonly always: boolean } | undefined {
  if (shape.type === 'map') return shape.fields.get(key);
  return shape.type === 'dict' ? { shape: shape.values, always: false } : undefined;
}

function problem(word: string, known: readonly string[], noun: string): PathProblem {
  const shown = known.length === 0 ? noun : `${noun}: ${known.join(', ')}`;
  return { expected: shown, found: word, meant: nearest(word, known) };
}

export function isPath(result: Path | PathProblem): result is Path {
  return 'slot' in result;
}

/** The scope in which the path, and all that it goes through, is known to be there. */
export function withPresent(scope: Scope, path: Path): Scope {
  const present = new Set(scope.present);
  let text = path.text.split('.')[0] ?? '';
  for (const key of path.keys) {
    text += `.${key}`;
    present.add(text);
  }
  return { names: scope.names, present };
}

/** Reads a path by own properties only; undefined where a step is missing. */
export function readPath(path: Path): Evaluate {
  const { slot, keys } = path;
  return (frame) => {
    let value = frame.slots[slot];
    for (const key of keys) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as JsonObject)[key];
    }
    return value;
  };
}

/** A condition holds when a boolean is true, and when anything else is there: 0, "" and an empty list are there. */
export function readCondition(path: Path): (frame: Frame) => boolean {
  const read = readPath(path);
  if (path.shape.type === 'scalar' && path.shape.scalar === 'boolean') return (frame) => read(frame) === true;
  return (frame) => read(frame) !== undefined;
}

/** Text of a scalar; the types were checked before. */
export function textOf(value: Json | undefined): string {
  return value === undefined ? '' : String(value);
}

/** The items of a list that the types promise. */
export function itemsOf(value: Json | undefined): JsonArray {
  return Array.isArray(value) ? value : [];
}

/** The pointer of a path's value below the pointer of its slot. */
export function pointerBelow(path: Path): string {
  return path.keys.map((key) => `/${pointerStep(key)}`).join('');
}
