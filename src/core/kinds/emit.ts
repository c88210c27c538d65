import { isKind, type Json, type JsonArray, type JsonObject, pointerStep } from '../model/index.ts';
import { isShared } from './constants.ts';
import { type FactNode, factsOf } from './facts.ts';
import { canonicalList } from './keyed.ts';
import { blockText, inlineText, isPlain, numberText } from './scalar.ts';

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
  try {
    const keys = keysOf(value);
    const first = FIRST.filter((key) => Object.hasOwn(value, key));
    const ordered = first.length === 0 ? keys : [...first, ...keys.filter((key) => !FIRST.includes(key))];
    return ordered.length === 0 ? '{}\n' : mapText(value, ordered, isManifest ? factsOf(kind) : null, 0);
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

// One indent more than the deepest level has, for the lines of a block in it.
const INDENTS: readonly string[] = Array.from({ length: DEPTH_MAX + 2 }, (_, depth) => STEP.repeat(depth));

function indentOf(depth: number): string {
  return INDENTS[depth] ?? STEP.repeat(depth);
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

// The same few hundred field names stand in every manifest; bounded, so that data cannot make it grow.
const plainKeys = new Map<string, string>();
const PLAIN_KEYS_MAX = 2000;

/** A key as text, with its colon; on a line of its own when it is too long to stand before one. */
function keyText(key: string, indent: string): string {
  const known = plainKeys.get(key);
  if (known !== undefined) return known;
  if (key === '__proto__') fail('another key than __proto__');
  const name = inlineText(key) ?? fail('well-formed Unicode in a key');
  if (name.length > KEY_MAX) return `? ${name}\n${indent}:`;
  const text = `${name}:`;
  if (plainKeys.size < PLAIN_KEYS_MAX && key.length <= 40) plainKeys.set(key, text);
  return text;
}

/** What the schema says of the lists in a field; null where it orders none. */
function factsBelow(facts: FactNode | null, key: string): FactNode | null {
  if (facts === null) return null;
  const next = facts.properties.get(key) ?? facts.additional;
  return next?.holdsLists === true ? next : null;
}

/** The lines of a map, each at the indent of `depth` but the first, which its caller has indented. */
function mapText(map: JsonObject, keys: readonly string[], facts: FactNode | null, depth: number): string {
  const indent = indentOf(depth);
  let text = '';
  let at = '';
  try {
    for (const key of keys) {
      at = key;
      const value = map[key];
      const name = keyText(key, indent);
      const lead = text === '' ? name : indent + name;
      // Most values are texts on one line: one piece for each line is half the pieces to put together.
      text +=
        typeof value === 'string'
          ? `${lead} ${stringText(value, depth)}\n`
          : lead + valueText(value, factsBelow(facts, key), depth);
    }
  } catch (error) {
    throw leaving(at, error);
  }
  return text;
}

function listText(list: JsonArray, facts: FactNode | null, depth: number): string {
  const indent = indentOf(depth);
  const items = facts?.items?.holdsLists === true ? facts.items : null;
  let text = '';
  let at = 0;
  try {
    for (const value of facts === null ? list : canonicalList(list, facts)) {
      text += `${indent}-${isMap(value) ? itemText(value, items, depth) : valueText(value, items, depth)}`;
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
  return keys.length === 0 ? ' {}\n' : ` ${mapText(map, keys, facts, depth + 1)}`;
}

/** A value below the keys or dashes of `depth` is as many levels deep, and one. */
function checkDepth(depth: number): void {
  if (depth + 1 >= DEPTH_MAX) fail(`at most ${DEPTH_MAX} levels`);
}

/** What follows `key:` or `-` at the indent of `depth`, with the line break at its end. */
function valueText(value: Json | undefined, facts: FactNode | null, depth: number): string {
  if (typeof value === 'string') return ` ${stringText(value, depth)}\n`;
  if (typeof value === 'boolean' || value === null) return ` ${value}\n`;
  if (typeof value === 'number') return ` ${numberText(value) ?? fail('a finite number that is not -0')}\n`;
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
  if (!isMap(value)) return value.length === 0 ? ' []\n' : `\n${listText(value, facts, depth + 1)}`;
  const keys = keysOf(value);
  if (keys.length === 0) return ' {}\n';
  return `\n${indentOf(depth + 1)}${mapText(value, keys, facts, depth + 1)}`;
}

function stringText(text: string, depth: number): string {
  if (isPlain(text)) return text;
  if (text.includes('\n')) {
    const block = blockText(text, indentOf(depth + 1));
    if (block !== undefined) return block;
  }
  return inlineText(text) ?? fail('well-formed Unicode');
}
