import { isKind, type JsonObject, pointerStep } from '../model/index.ts';
import { canonical } from './keyed.ts';
import { blockText, inlineText, numberText } from './scalar.ts';

/** The value is nothing that YAML text can say; a bug of the caller, not of a person's input. */
export class EmitError extends Error {
  /** JSON pointer of the value. */
  readonly pointer: string;
  constructor(pointer: string, expected: string) {
    super(`cannot emit ${pointer === '' ? 'the value' : pointer}: expected ${expected}`);
    this.name = 'EmitError';
    this.pointer = pointer;
  }
}

const FIRST = ['apiVersion', 'kind', 'metadata', 'spec'];
const KEY_MAX = 1000;
/** Levels of maps and lists, as many as reading allows. */
const DEPTH_MAX = 64;
const STEP = '  ';

/**
 * The one text of a value: apiVersion, kind, metadata and spec first, other keys by code unit, `keyed` and `set` lists of
 * a manifest by key, scalars plain where every reader agrees and quoted as JSON else, LF only, one line break at the end.
 * Throws EmitError for what no reader would give back: NaN, Infinity, -0, lone surrogates, undefined, objects of a class.
 */
export function emit(value: JsonObject): string {
  const { apiVersion, kind } = value;
  const isManifest = apiVersion === 'tenantry/v1' && typeof kind === 'string' && isKind(kind);
  const root = isManifest ? canonical(kind, value) : value;
  const keys = keysOf(root, []);
  const first = FIRST.filter((key) => Object.hasOwn(root, key));
  const ordered = first.length === 0 ? keys : [...first, ...keys.filter((key) => !FIRST.includes(key))];
  return ordered.length === 0 ? '{}\n' : mapText(root, ordered, 0, []);
}

/** Where the walk is, from the root, for errors; it grows and shrinks with the walk. Numbers are indexes of lists. */
type Path = (string | number)[];

// One indent more than the deepest level has, for the lines of a block in it.
const INDENTS: readonly string[] = Array.from({ length: DEPTH_MAX + 2 }, (_, depth) => STEP.repeat(depth));

function indentOf(depth: number): string {
  return INDENTS[depth] ?? STEP.repeat(depth);
}

function fail(path: Path, expected: string): never {
  throw new EmitError(path.map((step) => `/${pointerStep(String(step))}`).join(''), expected);
}

function keysOf(value: object, path: Path): readonly string[] {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) fail(path, 'a plain object');
  const keys = Object.keys(value);
  return keys.length > 1 ? keys.sort() : keys;
}

// The same few hundred field names stand in every manifest; bounded, so that data cannot make it grow.
const plainKeys = new Map<string, string>();
const PLAIN_KEYS_MAX = 2000;

function keyText(key: string, path: Path): string {
  const known = plainKeys.get(key);
  if (known !== undefined) return known;
  if (key === '__proto__') fail(path, 'another key than __proto__');
  const text = inlineText(key) ?? fail(path, 'well-formed Unicode in a key');
  if (plainKeys.size < PLAIN_KEYS_MAX && key.length <= 40) plainKeys.set(key, text);
  return text;
}

/** The lines of a map, each at the indent of `depth`. */
function mapText(map: JsonObject, keys: readonly string[], depth: number, path: Path): string {
  const indent = indentOf(depth);
  let text = '';
  for (const key of keys) {
    path.push(key);
    const name = keyText(key, path);
    text += name.length > KEY_MAX ? `${indent}? ${name}\n${indent}:` : `${indent}${name}:`;
    text += valueText(map[key], depth, path);
    path.pop();
  }
  return text;
}

function listText(list: readonly unknown[], depth: number, path: Path): string {
  const indent = indentOf(depth);
  let text = '';
  for (let index = 0; index < list.length; index++) {
    path.push(index);
    const value = list[index];
    text += `${indent}-${isMap(value) ? itemText(value, depth, path) : valueText(value, depth, path)}`;
    path.pop();
  }
  return text;
}

function isMap(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map in a list: its first line stands behind the dash. */
function itemText(map: JsonObject, depth: number, path: Path): string {
  checkDepth(path);
  const keys = keysOf(map, path);
  return keys.length === 0 ? ' {}\n' : ` ${mapText(map, keys, depth + 1, path).slice((depth + 1) * STEP.length)}`;
}

function checkDepth(path: Path): void {
  if (path.length >= DEPTH_MAX) fail(path, `at most ${DEPTH_MAX} levels`);
}

/** What follows `key:` or `-` at the indent of `depth`, with the line break at its end. */
function valueText(value: unknown, depth: number, path: Path): string {
  if (typeof value === 'string') return ` ${stringText(value, depth, path)}\n`;
  if (typeof value === 'boolean' || value === null) return ` ${value}\n`;
  if (typeof value === 'number') return ` ${numberText(value) ?? fail(path, 'a finite number that is not -0')}\n`;
  if (typeof value !== 'object') return fail(path, 'a JSON value');
  checkDepth(path);
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${listText(value, depth + 1, path)}`;
  const keys = keysOf(value, path);
  return keys.length === 0 ? ' {}\n' : `\n${mapText(value as JsonObject, keys, depth + 1, path)}`;
}

function stringText(text: string, depth: number, path: Path): string {
  if (text.includes('\n')) {
    const block = blockText(text, indentOf(depth + 1));
    if (block !== undefined) return block;
  }
  return inlineText(text) ?? fail(path, 'well-formed Unicode');
}
