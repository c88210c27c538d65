import { RE2JS } from 're2js';
import { isJsonObject, type Json, type JsonArray } from '../../model/index.ts';
import { type Budget, type Check, type Keyword, type KeywordContext, nameOf, spend } from './check.ts';
import { canonicalText, codePoints, isMultiple, isOfType, TYPE_NAMES } from './values.ts';

// Keywords that look at a value itself.

export const isText = (value: Json): value is string => typeof value === 'string';
const isNumber = (value: Json): value is number => typeof value === 'number';
export const isList = (value: Json): value is JsonArray => Array.isArray(value);

/** A check of one type of value; every other type passes. */
export const where =
  <Value extends Json>(
    is: (value: Json) => value is Value,
    holds: (value: Value, budget: Budget) => boolean,
    pointer: string,
  ): Check =>
  (value, budget) =>
    !is(value) || holds(value, budget) ? null : pointer;

const isLimit = (given: Json): given is number => Number.isFinite(given);
const isDivisor = (given: Json): given is number => isLimit(given) && given > 0;
const isCount = (given: Json): given is number => Number.isInteger(given) && Number(given) >= 0;

/** A keyword with a number, that a number is compared with. */
const number =
  (holds: (value: number, limit: number) => boolean, isGiven = isLimit): Keyword =>
  (given, { pointer, fault }) =>
    isGiven(given)
      ? where(isNumber, (value) => holds(value, given), pointer)
      : fault('a number that others can be compared with', nameOf(given));

/** A keyword with a count, that the size of a value is compared with. */
const size =
  <Value extends Json>(
    is: (value: Json) => value is Value,
    sizeOf: (value: Value, budget: Budget) => number,
    holds: (found: number, limit: number) => boolean,
  ): Keyword =>
  (given, { pointer, fault }) =>
    isCount(given)
      ? where(is, (value, budget) => holds(sizeOf(value, budget), given), pointer)
      : fault('a whole number of 0 or more', nameOf(given));

const atMost = (found: number, limit: number): boolean => found <= limit;
const atLeast = (found: number, limit: number): boolean => found >= limit;
const lengthOf = (text: string, budget: Budget): number => {
  spend(budget, text.length >> 4);
  return codePoints(text);
};
const itemsOf = (list: JsonArray): number => list.length;
const keysOf = (object: object): number => Object.keys(object).length;

export type Matches = (text: string, budget: Budget) => boolean;

/** A pattern on the linear engine, unanchored as JSON Schema has it; null and a fault when it does not compile. */
export function patternOf(source: Json, { fault }: Pick<KeywordContext, 'fault'>): Matches | null {
  if (typeof source !== 'string') return fault('a regular expression in RE2 syntax', nameOf(source));
  try {
    const engine = RE2JS.compile(source);
    return (text, budget) => {
      spend(budget, text.length >> 2);
      return engine.matcher(text).find();
    };
  } catch (error) {
    return fault('a regular expression in RE2 syntax', error instanceof Error ? error.message : 'another one');
  }
}

const type: Keyword = (given, { pointer, fault }) => {
  const names = isList(given) ? given : [given];
  if (names.length === 0 || !names.every((name) => TYPE_NAMES.includes(String(name))))
    return fault(`one or more of ${TYPE_NAMES.join(', ')}`, nameOf(given));
  return (value) => (names.some((name) => isOfType(value, String(name))) ? null : pointer);
};

function isOneOf(values: JsonArray, pointer: string): Check {
  const texts = new Set(values.map(canonicalText));
  return (value, budget) => {
    const text = canonicalText(value);
    spend(budget, text.length >> 3);
    return texts.has(text) ? null : pointer;
  };
}

const enumeration: Keyword = (given, { pointer, fault }) =>
  isList(given) && given.length > 0 ? isOneOf(given, pointer) : fault('a list of values', nameOf(given));

const uniqueItems: Keyword = (given, { pointer, fault }) => {
  if (typeof given !== 'boolean') return fault('true or false', nameOf(given));
  if (!given) return null;
  const areUnique = (list: JsonArray, budget: Budget): boolean => {
    const texts = list.map(canonicalText);
    for (const text of texts) spend(budget, 1 + (text.length >> 3));
    return new Set(texts).size === texts.length;
  };
  return where(isList, areUnique, pointer);
};

const required: Keyword = (given, { pointer, fault }) => {
  if (!isList(given) || !given.every(isText)) return fault('a list of names', nameOf(given));
  return where(
    isJsonObject,
    (object, budget) => {
      spend(budget, given.length);
      return given.every((name) => Object.hasOwn(object, String(name)));
    },
    pointer,
  );
};

const pattern: Keyword = (given, context) => {
  const matches = patternOf(given, context);
  return matches === null ? null : where(isText, matches, context.pointer);
};

export const ASSERTIONS: readonly (readonly [name: string, keyword: Keyword])[] = [
  ['type', type],
  ['enum', enumeration],
  ['const', (given, { pointer }) => isOneOf([given], pointer)],
  ['multipleOf', number(isMultiple, isDivisor)],
  ['maximum', number((value, limit) => value <= limit)],
  ['exclusiveMaximum', number((value, limit) => value < limit)],
  ['minimum', number((value, limit) => value >= limit)],
  ['exclusiveMinimum', number((value, limit) => value > limit)],
  ['maxLength', size(isText, lengthOf, atMost)],
  ['minLength', size(isText, lengthOf, atLeast)],
  ['pattern', pattern],
  ['maxItems', size(isList, itemsOf, atMost)],
  ['minItems', size(isList, itemsOf, atLeast)],
  ['uniqueItems', uniqueItems],
  ['maxProperties', size(isJsonObject, keysOf, atMost)],
  ['minProperties', size(isJsonObject, keysOf, atLeast)],
  ['required', required],
];
