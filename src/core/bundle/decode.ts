import type { Json, TrustCode } from '../model/index.ts';
import { isJsonObject } from '../model/index.ts';

/** The answer of a reader of untrusted bytes: the value, or why not. */
export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: TrustCode; readonly detail: string };

export function refused(code: TrustCode, detail: string): { readonly ok: false; code: TrustCode; detail: string } {
  return { ok: false, code, detail };
}

/** Reads one JSON value at a place written like `/tokens/0/name`; throws Misfit where it does not fit. */
export type Decoder<T> = (value: Json, at: string) => T;

class Misfit extends Error {}

/** Runs a decoder over a parsed document. */
export function decode<T>(decoder: Decoder<T>, value: Json, code: TrustCode): Decoded<T> {
  const read = fitted(decoder, value);
  return read.ok ? read : refused(code, read.detail);
}

/** As `decode`, where what does not fit is no refusal. */
export function fitted<T>(
  decoder: Decoder<T>,
  value: Json,
): { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string } {
  try {
    return { ok: true, value: decoder(value, '') };
  } catch (error) {
    if (error instanceof Misfit) return { ok: false, detail: error.message };
    throw error;
  }
}

/** Fails the decoder that calls it. */
export function misfit(at: string, expected: string, found: string): never {
  throw new Misfit(`expected ${expected} at ${at === '' ? 'the root' : at}, found ${found}`);
}

/** Of fields that may be absent; one that is there is never null. */
const absentable = new WeakSet<Decoder<never>>();

/** A field that may be absent. */
export function optional<T>(inner: Decoder<T>): Decoder<T> {
  const own: Decoder<T> = (value, at) => inner(value, at);
  absentable.add(own as Decoder<never>);
  return own;
}

/** An object with exactly these fields, of which only the `optional` ones may be absent. */
export function record<T extends object>(
  fields: {
    readonly [K in keyof T]-?: Decoder<Exclude<T[K], undefined>>;
  },
): Decoder<T> {
  const names = Object.keys(fields) as (keyof T & string)[];
  return (value, at) => {
    if (!isJsonObject(value)) misfit(at, 'an object', kindOf(value));
    const extra = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
    if (extra !== undefined) misfit(at, `the fields ${names.join(', ')}`, JSON.stringify(extra));
    const result: Partial<T> = {};
    for (const name of names) {
      const field = Object.hasOwn(value, name) ? value[name] : undefined;
      if (field === undefined) {
        if (absentable.has(fields[name] as Decoder<never>)) continue;
        misfit(at, `the field ${name}`, 'none');
      }
      result[name] = fields[name](field, `${at}/${name}`);
    }
    return result as T;
  };
}

/** An array of at most `most` items. */
export function list<T>(item: Decoder<T>, most: number): Decoder<readonly T[]> {
  return (value, at) => {
    if (!Array.isArray(value)) misfit(at, 'an array', kindOf(value));
    if (value.length > most) misfit(at, `at most ${most} items`, String(value.length));
    return value.map((each: Json, index) => item(each, `${at}/${index}`));
  };
}

/** Text that matches; `words` says what is expected. */
export function text<T extends string = string>(pattern: RegExp, words: string): Decoder<T> {
  return (value, at) => {
    if (typeof value !== 'string') misfit(at, words, kindOf(value));
    if (!pattern.test(value)) misfit(at, words, JSON.stringify(value.slice(0, 80)));
    return value as T;
  };
}

/** A safe integer between the bounds, both included. */
export function integer(least: number, most: number): Decoder<number> {
  return (value, at) => {
    const fits = typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
    return fits ? value : misfit(at, `an integer from ${least} to ${most}`, kindOf(value));
  };
}

/** One of the given texts. */
export function oneOf<const T extends string>(...words: readonly T[]): Decoder<T> {
  return (value, at) =>
    words.find((word) => word === value) ?? misfit(at, words.map((word) => `"${word}"`).join(' or '), kindOf(value));
}

/** true or false. */
export const flag: Decoder<boolean> = (value, at) =>
  typeof value === 'boolean' ? value : misfit(at, 'true or false', kindOf(value));

/** null, or what `inner` reads. */
export function nullable<T>(inner: Decoder<T>): Decoder<T | null> {
  return (value, at) => (value === null ? null : inner(value, at));
}

function kindOf(value: Json): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : JSON.stringify(value).slice(0, 80);
}
