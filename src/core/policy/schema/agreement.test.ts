import { Ajv } from 'ajv';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isJsonObject, type Json } from '../../model/index.ts';
import { compileSchema } from './schema.ts';

/**
 * Says twice that what contains something is not empty: of lists in a list, the reference takes an empty one that comes after
 * one that contains it for one that does too.
 */
const forReference = (schema: Json): Json =>
  JSON.parse(JSON.stringify(schema), (_, value: Json) =>
    isJsonObject(value) && Object.hasOwn(value, 'contains') ? { ...value, minItems: 1 } : value,
  );

it('agrees with another implementation on schemas and values that nobody chose', () => {
  const scalar = fc.constantFrom<Json>(null, true, 0, 1, 2.5, -3, 'a', 'ab', 'é😀', '');
  const value = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('a', 'b', 'x-c'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  })).value;
  const small = fc.nat({ max: 3 });
  const schema = fc.letrec<{ schema: Json }>((tie) => {
    const one = (key: string, given: fc.Arbitrary<Json>) => given.map((inner): Json => ({ [key]: inner }));
    const some = fc.array(tie('schema'), { minLength: 1, maxLength: 3 });
    const named = fc.dictionary(fc.constantFrom('a', 'b', 'x-c'), tie('schema'), { maxKeys: 2, noNullPrototype: true });
    return {
      schema: fc.oneof(
        { maxDepth: 4 },
        fc.boolean(),
        one('type', fc.constantFrom('null', 'boolean', 'string', 'number', 'integer', 'array', 'object')),
        one('enum', fc.array(value, { minLength: 1, maxLength: 3 })),
        one('const', value),
        fc
          .tuple(fc.constantFrom('maximum', 'minimum', 'exclusiveMaximum', 'exclusiveMinimum'), small)
          .map(([key, limit]): Json => ({ [key]: limit })),
        fc
          .tuple(
            fc.constantFrom('maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties'),
            small,
          )
          .map(([key, limit]): Json => ({ [key]: limit })),
        one('pattern', fc.constantFrom('a', '^ab?$', '.')),
        one('uniqueItems', fc.boolean()),
        one('required', fc.subarray(['a', 'b'])),
        one('items', fc.oneof(tie('schema'), some)),
        fc.tuple(some, tie('schema')).map(([items, additionalItems]): Json => ({ items, additionalItems })),
        one('contains', tie('schema')),
        fc.tuple(named, named, tie('schema')).map(
          ([properties, patterns, additionalProperties]): Json => ({
            properties,
            patternProperties: Object.fromEntries(
              Object.entries(patterns).map(([key, inner]) => [`^${key.charAt(0)}`, inner]),
            ),
            additionalProperties,
          }),
        ),
        one('propertyNames', tie('schema')),
        one(
          'dependencies',
          fc.dictionary(fc.constantFrom('a', 'b'), fc.oneof(tie('schema'), fc.subarray(['a', 'x-c'])), {
            maxKeys: 2,
            noNullPrototype: true,
          }),
        ),
        fc.tuple(fc.constantFrom('allOf', 'anyOf', 'oneOf'), some).map(([key, inner]): Json => ({ [key]: inner })),
        one('not', tie('schema')),
        fc
          .tuple(tie('schema'), tie('schema'), tie('schema'))
          .map(([test, then, other]): Json => ({ if: test, ...Object.fromEntries([['then', then]]), else: other })),
      ),
    };
  }).schema;
  fc.assert(
    fc.property(schema, fc.array(value, { minLength: 1, maxLength: 5 }), (source, values) => {
      const reference = new Ajv({ strict: false, validateSchema: false, ownProperties: true }).compile(
        forReference(source) as object,
      );
      for (const one of values) {
        const compiled = compileSchema(source);
        if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
        expect(compiled.check(one) === null).toBe(reference(one));
      }
    }),
    { numRuns: 150 },
  );
});
