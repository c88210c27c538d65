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
  return ordered.length === 0 ? '{}\n' : mapText(root, ordered, { indent: '', path: [] });
}

/** Where the text is: `indent` of the lines, `path` from the root for errors. `path` grows and shrinks with the walk. */
interface Position {
  readonly indent: string;
  readonly path: string[];
}

function fail(path: readonly string[], expected: string): never {
  throw new EmitError(path.map((step) => `/${pointerStep(step)}`).join(''), expected);
}

function keysOf(value: object, path: readonly string[]): readonly string[] {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) fail(path, 'a plain object');
  const keys = Object.keys(value);
  if (keys.includes('__proto__')) fail(path, 'no key __proto__');
  return keys.sort();
}

function mapText(map: JsonObject, keys: readonly string[], at: Position): string {
  let text = '';
  for (const key of keys) {
    at.path.push(key);
    const name = inlineText(key);
    if (name === undefined) fail(at.path, 'well-formed Unicode in a key');
    text += name.length > KEY_MAX ? `${at.indent}? ${name}\n${at.indent}:` : `${at.indent}${name}:`;
    text += valueText(map[key], at);
    at.path.pop();
  }
  return text;
}

function listText(list: readonly unknown[], at: Position): string {
  let text = '';
  for (let index = 0; index < list.length; index++) {
    at.path.push(String(index));
    const value = list[index];
    const inner = `${at.indent}${STEP}`;
    const keys = typeof value === 'object' && value !== null && !Array.isArray(value) ? keysOf(value, at.path) : [];
    text +=
      keys.length === 0
        ? `${at.indent}-${valueText(value, at)}`
        : `${at.indent}- ${mapText(value as JsonObject, keys, { indent: inner, path: at.path }).slice(inner.length)}`;
    at.path.pop();
  }
  return text;
}

/** What follows `key:` or `-`, with the line break at its end. */
function valueText(value: unknown, at: Position): string {
  if (typeof value === 'string') return ` ${stringText(value, at)}\n`;
  if (typeof value === 'boolean' || value === null) return ` ${value}\n`;
  if (typeof value === 'number') {
    return ` ${numberText(value) ?? fail(at.path, 'a finite number that is not -0')}\n`;
  }
  if (typeof value !== 'object') return fail(at.path, 'a JSON value');
  if (at.path.length >= DEPTH_MAX) fail(at.path, `at most ${DEPTH_MAX} levels`);
  const inner: Position = { indent: at.indent + STEP, path: at.path };
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${listText(value, inner)}`;
  const keys = keysOf(value, at.path);
  return keys.length === 0 ? ' {}\n' : `\n${mapText(value as JsonObject, keys, inner)}`;
}

function stringText(text: string, at: Position): string {
  if (text.includes('\n')) {
    const block = blockText(text, at.indent + STEP);
    if (block !== undefined) return block;
  }
  return inlineText(text) ?? fail(at.path, 'well-formed Unicode');
}
