import { isJsonObject, type Json } from '../../model/index.ts';

// Reads JSON that somebody else may have written: every shape is closed, every text and list is bounded, and what does not
// fit is refused with its place. Nothing of it is believed beyond that.

/** Reads one value; throws Misfit where it is another. */
export type Reader<T> = (value: Json | undefined, at: string) => T;

/** What was expected where. The value itself is not in it. */
export class Misfit extends Error {
  constructor(at: string, expected: string) {
    super(`${at === '' ? 'the document' : at}: expected ${expected}`);
    this.name = 'Misfit';
  }
}

export const text =
  (most: number): Reader<string> =>
  (value, at) => {
    if (typeof value !== 'string' || value.length > most) throw new Misfit(at, `a text of at most ${most} characters`);
    return value;
  };

export const whole =
  (most: number): Reader<number> =>
  (value, at) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > most)
      throw new Misfit(at, `a whole number up to ${most}`);
    return value;
  };

export const flag: Reader<boolean> = (value, at) => {
  if (typeof value !== 'boolean') throw new Misfit(at, 'true or false');
  return value;
};

export const one =
  <const T extends string>(options: readonly T[]): Reader<T> =>
  (value, at) => {
    const found = options.find((option) => option === value);
    if (found === undefined) throw new Misfit(at, `one of ${options.slice(0, 12).join(', ')}`);
    return found;
  };

/** A text that `parse` makes something of. */
export const parsed =
  <T>(what: string, most: number, parse: (value: string) => T | undefined): Reader<T> =>
  (value, at) => {
    const found = parse(text(most)(value, at));
    if (found === undefined) throw new Misfit(at, what);
    return found;
  };

export const list =
  <T>(item: Reader<T>, most: number): Reader<readonly T[]> =>
  (value, at) => {
    if (!Array.isArray(value) || value.length > most) throw new Misfit(at, `a list of at most ${most}`);
    return value.map((entry: Json, index) => item(entry, `${at}/${index}`));
  };

export const nullable =
  <T>(item: Reader<T>): Reader<T | null> =>
  (value, at) =>
    value === null ? null : item(value, at);

/** Anything: for fields that are not used. */
export const unused: Reader<undefined> = () => undefined;

type Fields = { readonly [field: string]: Reader<unknown> };
type Read<F extends Fields> = { readonly [K in keyof F]: ReturnType<F[K]> };

/** An object with these fields and no other; `optional` ones may be absent and are then undefined. */
export const object =
  <F extends Fields>(fields: F, optional: readonly (keyof F)[] = []): Reader<Read<F>> =>
  (value, at) => {
    if (!isJsonObject(value)) throw new Misfit(at, 'an object');
    const odd = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
    if (odd !== undefined) throw new Misfit(at, 'no other fields than the documented ones');
    const read = Object.entries(fields).map(([key, reader]) => {
      const has = Object.hasOwn(value, key);
      if (!has && optional.includes(key)) return [key, undefined] as const;
      if (!has) throw new Misfit(`${at}/${key}`, 'a value');
      return [key, reader(value[key], `${at}/${key}`)] as const;
    });
    return Object.fromEntries(read) as Read<F>;
  };
