import { isKind, type Json, type JsonArray, type JsonObject, pointerStep } from '../model/index.ts';
import { isShared } from './constants.ts';
import { type FactNode, factsOf } from './facts.ts';
import { canonicalList } from './keyed.ts';
import { blockText, inlineText, isPlain, numberText } from './scalar.ts';

/** The value is nothing that YAML text can say; a bug of the caller, not of a person's input. */
export class EmitError extends Error {
  /** JSON pointer of the value. */
  readonly pointer: string;
  readonly expected: string;
  constructor(pointer: string, expected: string) {
    super(`cannot emit ${pointer === '' ? 'the value' : pointer}: expected ${expected}`);
    this.name = 'EmitError';
    this.pointer = pointer;
    this.expected = expected;
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
  try {
    const keys = keysOf(value);
    const first = FIRST.filter((key) => Object.hasOwn(value, key));
    const ordered = first.length === 0 ? keys : [...first, ...keys.filter((key) => !FIRST.includes(key))];
    return ordered.length === 0
      ? '{}\n'
      : `${mapText(value, ordered, isManifest ? factsOf(kind) : null, levelAt(BESIDE, 0))}\n`;
  } catch (error) {
    if (!(error instanceof Unsayable)) throw error;
    throw new EmitError(error.steps.map((step) => `/${pointerStep(String(step))}`).join(''), error.expected);
  }
}

/** Something that cannot be said; each level that it leaves puts its own step in front. */
class Unsayable {
  readonly expected: string;
  readonly steps: (string | number)[] = [];
  constructor(expected: string) {
    this.expected = expected;
  }
}

function fail(expected: string): never {
  throw new Unsayable(expected);
}

function leaving(step: string | number, error: unknown): unknown {
  if (error instanceof Unsayable) error.steps.unshift(step);
  return error;
}

function indentOf(depth: number): string {
  return STEP.repeat(depth);
}

/** How the lines of a map begin. A line begins with the break before it, so that most are two pieces to put together. */
interface Level {
  readonly depth: number;
  /** What stands before a key. */
  readonly before: string;
  /** The few field names that stand at this level in every manifest. */
  readonly keys: Map<string, KeyText>;
  /** Of the lines after the first. */
  readonly rest: Level;
}

/** A key with what stands before it, and its colon. */
interface KeyText {
  readonly open: string;
  /** With the blank before a value on the same line. */
  readonly blank: string;
}

/** Levels of maps that stand below their key, and of those whose first line was begun: the document, items of lists. */
const BELOW: readonly Level[] = Array.from({ length: DEPTH_MAX + 1 }, (_, depth) => below(depth));
const BESIDE = BELOW.map((rest): Level => ({ depth: rest.depth, before: '', keys: new Map(), rest }));
/** What stands before the value of an item of a list. */
const DASHES: readonly string[] = BELOW.map(({ before }) => `${before}-`);

/** Nothing is deeper than `checkDepth` allows. */
function levelAt(levels: readonly Level[], depth: number): Level {
  return levels[depth] ?? fail(`at most ${DEPTH_MAX} levels`);
}

function below(depth: number): Level {
  const level = { depth, before: `\n${indentOf(depth)}`, keys: new Map() };
  return Object.assign(level, { rest: level as unknown as Level });
}

function keysOf(value: object): readonly string[] {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) fail('a plain object');
  const keys = Object.keys(value);
  for (let index = 1; index < keys.length; index += 1) {
    if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return keys.sort();
  }
  return keys;
}

// Bounded, so that data cannot make it grow.
const KEYS_MAX = 300;

/** A key as text, with its colon; on a line of its own when it is too long to stand before one. */
function keyText(key: string, level: Level): KeyText {
  const known = level.keys.get(key);
  if (known !== undefined) return known;
  if (key === '__proto__') fail('another key than __proto__');
  const name = inlineText(key) ?? fail('well-formed Unicode in a key');
  const open = `${level.before}${name.length > KEY_MAX ? `? ${name}${level.rest.before}` : name}:`;
  const text = { open, blank: `${open} ` };
  if (level.keys.size < KEYS_MAX && key.length <= 40) level.keys.set(key, text);
  return text;
}

/** What the schema says of the lists in a field; null where it orders none. */
function factsBelow(facts: FactNode | null, key: string): FactNode | null {
  if (facts === null) return null;
  const next = facts.properties.get(key) ?? facts.additional;
  return next?.holdsLists === true ? next : null;
}

/** The lines of a map, without the break after the last. */
function mapText(map: JsonObject, keys: readonly string[], facts: FactNode | null, first: Level): string {
  const { depth } = first;
  let level = first;
  let text = '';
  let at = '';
  try {
    for (const key of keys) {
      at = key;
      const value = map[key];
      const { open, blank } = keyText(key, level);
      level = first.rest;
      text +=
        typeof value === 'string'
          ? blank + stringText(value, depth)
          : open + valueText(value, factsBelow(facts, key), depth);
    }
  } catch (error) {
    throw leaving(at, error);
  }
  return text;
}

function listText(list: JsonArray, facts: FactNode | null, depth: number): string {
  const dash = DASHES[depth] ?? '';
  const items = facts?.items?.holdsLists === true ? facts.items : null;
  let text = '';
  let at = 0;
  try {
    for (const value of facts === null ? list : canonicalList(list, facts)) {
      text += dash + (isMap(value) ? itemText(value, items, depth) : valueText(value, items, depth));
      at += 1;
    }
  } catch (error) {
    throw leaving(at, error);
  }
  return text;
}

function isMap(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A map in a list: its first line stands behind the dash. */
function itemText(map: JsonObject, facts: FactNode | null, depth: number): string {
  checkDepth(depth);
  const keys = keysOf(map);
  return keys.length === 0 ? ' {}' : ` ${mapText(map, keys, facts, levelAt(BESIDE, depth + 1))}`;
}

/** A value below the keys or dashes of `depth` is as many levels deep, and one. */
function checkDepth(depth: number): void {
  if (depth + 1 >= DEPTH_MAX) fail(`at most ${DEPTH_MAX} levels`);
}

/** What follows `key:` or `-` at the indent of `depth`, without the line break at its end. */
function valueText(value: Json | undefined, facts: FactNode | null, depth: number): string {
  if (typeof value === 'string') return ` ${stringText(value, depth)}`;
  if (typeof value === 'boolean' || value === null) return ` ${value}`;
  if (typeof value === 'number') return ` ${numberText(value) ?? fail('a finite number that is not -0')}`;
  if (typeof value !== 'object') return fail('a JSON value');
  const known = texts.get(value);
  if (known !== undefined && known.depth === depth && known.facts === facts) return known.text;
  const text = blockOf(value, facts, depth);
  if (isShared(value)) texts.set(value, { facts, depth, text });
  return text;
}

/** The text of a constant at the place where it stood last, which is mostly the only one. */
interface KnownText {
  readonly facts: FactNode | null;
  readonly depth: number;
  readonly text: string;
}

const texts = new WeakMap<object, KnownText>();

function blockOf(value: JsonArray | JsonObject, facts: FactNode | null, depth: number): string {
  checkDepth(depth);
  if (!isMap(value)) return value.length === 0 ? ' []' : listText(value, facts, depth + 1);
  const keys = keysOf(value);
  return keys.length === 0 ? ' {}' : mapText(value, keys, facts, levelAt(BELOW, depth + 1));
}

function stringText(text: string, depth: number): string {
  if (isPlain(text)) return text;
  if (text.includes('\n')) {
    const block = blockText(text, indentOf(depth + 1));
    if (block !== undefined) return block;
  }
  return inlineText(text) ?? fail('well-formed Unicode');
}
