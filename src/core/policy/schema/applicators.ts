import { isJsonObject, type Json, type JsonArray, type JsonObject } from '../../model/index.ts';
import { isList, isText, patternOf, where } from './assertions.ts';
import { type Check, type Keyword, type KeywordContext, nameOf, spend } from './check.ts';
import { membersOf } from './values.ts';

// Keywords that apply other schemas to a value or to parts of it.

/** The first answer that is not null. */
function firstFailed<Item>(list: readonly Item[], check: (item: Item, index: number) => string | null): string | null {
  for (const [index, item] of list.entries()) {
    const failed = check(item, index);
    if (failed !== null) return failed;
  }
  return null;
}

const items: Keyword = (given, { below }) => {
  if (!isList(given)) {
    const check = below(given);
    return (value, budget) => (isList(value) ? firstFailed(value, (item) => check(item, budget)) : null);
  }
  const checks = given.map((schema, index) => below(schema, index));
  return (value, budget) =>
    isList(value)
      ? firstFailed(value.slice(0, checks.length), (item, index) => checks[index]?.(item, budget) ?? null)
      : null;
};

const additionalItems: Keyword = (given, { parent, below, fault }) => {
  const tuple = parent['items'] ?? null;
  if (!isList(tuple)) return fault('a list of schemas under items beside it', 'none, so that it says nothing');
  const check = below(given);
  return (value, budget) =>
    isList(value) ? firstFailed(value.slice(tuple.length), (item) => check(item, budget)) : null;
};

const contains: Keyword = (given, { pointer, below }) => {
  const check = below(given);
  return where(isList, (list, budget) => list.some((item) => check(item, budget) === null), pointer);
};

/** The checks of an object of schemas by name; null and a fault when it is none. */
function named(given: Json, { below, fault }: KeywordContext): readonly (readonly [string, Check])[] | null {
  if (!isJsonObject(given)) return fault('an object of schemas', nameOf(given));
  return Object.entries(given).map(([name, schema]) => [name, below(schema as Json, name)]);
}

const properties: Keyword = (given, context) => {
  const checks = named(given, context);
  if (checks === null) return null;
  return (value, budget) => {
    if (!isJsonObject(value)) return null;
    spend(budget, checks.length);
    return firstFailed(checks, ([name, check]) =>
      Object.hasOwn(value, name) ? check(value[name] as Json, budget) : null,
    );
  };
};

const patternProperties: Keyword = (given, context) => {
  const checks = named(given, context);
  if (checks === null) return null;
  const rules = checks.flatMap(([source, check]) => {
    const matches = patternOf(source, context);
    return matches === null ? [] : [{ matches, check }];
  });
  return (value, budget) =>
    firstFailed(membersOf(value), ([key, item]) => {
      spend(budget, rules.length);
      return firstFailed(rules, ({ matches, check }) => (matches(key, budget) ? check(item, budget) : null));
    });
};

const SILENT = { fault: () => null };

const additionalProperties: Keyword = (given, { parent, below }) => {
  const objectAt = (key: string): JsonObject => {
    const beside = parent[key] ?? null;
    return isJsonObject(beside) ? beside : {};
  };
  const own = objectAt('properties');
  // Their faults are noted where they stand.
  const patterns = Object.keys(objectAt('patternProperties')).flatMap((source) => patternOf(source, SILENT) ?? []);
  const check = below(given);
  return (value, budget) =>
    firstFailed(membersOf(value), ([key, item]) => {
      spend(budget, 1 + patterns.length);
      return Object.hasOwn(own, key) || patterns.some((matches) => matches(key, budget)) ? null : check(item, budget);
    });
};

const propertyNames: Keyword = (given, { below }) => {
  const check = below(given);
  return (value, budget) => firstFailed(membersOf(value), ([key]) => check(key, budget));
};

const dependencies: Keyword = (given, { pointer, below, fault }) => {
  if (!isJsonObject(given)) return fault('an object of lists or schemas', nameOf(given));
  const rules = Object.entries(given).flatMap(([name, needs]): readonly (readonly [string, Check])[] => {
    if (!isList(needs as Json)) return [[name, below(needs as Json, name)]];
    const names = needs as JsonArray;
    if (!names.every(isText)) return fault('lists of names', nameOf(names)) ?? [];
    return [
      [name, where(isJsonObject, (object) => names.every((need) => Object.hasOwn(object, String(need))), pointer)],
    ];
  });
  return (value, budget) => {
    if (!isJsonObject(value)) return null;
    spend(budget, rules.length);
    return firstFailed(rules, ([name, check]) => (Object.hasOwn(value, name) ? check(value, budget) : null));
  };
};

/** A keyword with a list of schemas. */
const several =
  (combine: (checks: readonly Check[], pointer: string) => Check): Keyword =>
  (given, { pointer, below, fault }) =>
    isList(given) && given.length > 0
      ? combine(
          given.map((schema, index) => below(schema, index)),
          pointer,
        )
      : fault('a list of schemas', nameOf(given));

const allOf = several((checks) => (value, budget) => firstFailed(checks, (check) => check(value, budget)));
const anyOf = several(
  (checks, pointer) => (value, budget) => (checks.some((check) => check(value, budget) === null) ? null : pointer),
);
const oneOf = several(
  (checks, pointer) => (value, budget) =>
    checks.filter((check) => check(value, budget) === null).length === 1 ? null : pointer,
);

const not: Keyword = (given, { pointer, below }) => {
  const check = below(given);
  return (value, budget) => (check(value, budget) === null ? pointer : null);
};

const condition: Keyword = (given, { parent, below, beside }) => {
  const check = below(given);
  const [met, unmet] = ['then', 'else'].map((name) => (Object.hasOwn(parent, name) ? beside(name) : null));
  return (value, budget) => (check(value, budget) === null ? met : unmet)?.(value, budget) ?? null;
};

/** `then` and `else` are read by `if`. */
const branch: Keyword = (_, { parent, fault }) =>
  Object.hasOwn(parent, 'if') ? null : fault('an if beside it', 'none, so that it says nothing');

/** Schemas that others refer to. */
const definitions: Keyword = (given, context) => {
  named(given, context);
  return null;
};

export const APPLICATORS: readonly (readonly [name: string, keyword: Keyword])[] = [
  ['items', items],
  ['additionalItems', additionalItems],
  ['contains', contains],
  ['properties', properties],
  ['patternProperties', patternProperties],
  ['additionalProperties', additionalProperties],
  ['dependencies', dependencies],
  ['propertyNames', propertyNames],
  ['if', condition],
  ['then', branch],
  ['else', branch],
  ['allOf', allOf],
  ['anyOf', anyOf],
  ['oneOf', oneOf],
  ['not', not],
  ['definitions', definitions],
  ['$defs', definitions],
];
