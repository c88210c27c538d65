import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/index.ts';
import { compileSchema, SCHEMA_BUDGET } from './schema.ts';
import { isMultiple } from './values.ts';

/** Where the value fails, or null. */
function check(schema: Json, value: Json): string | null {
  const compiled = compileSchema(schema);
  if ('faults' in compiled) throw new Error(JSON.stringify(compiled.faults));
  return compiled.check(value);
}

const faultsOf = (schema: Json): readonly string[] => {
  const compiled = compileSchema(schema);
  return 'faults' in compiled ? compiled.faults.map(({ kind, pointer }) => `${kind} ${pointer}`) : [];
};

type Row = readonly [schema: JsonObject, valid: readonly Json[], invalid: readonly Json[]];

const list = { definitions: { item: { type: 'integer' } }, items: { $ref: '#/definitions/item' } };

const rows: { readonly [keyword: string]: readonly Row[] } = {
  type: [
    [{ type: 'integer' }, [1, 1.0, -3, 1e300], [1.5, '1', null, [], {}, true]],
    [{ type: 'number' }, [1, 1.5], ['1', null]],
    [{ type: 'string' }, ['', 'a'], [1, null, []]],
    [{ type: 'object' }, [{}, { a: 1 }], [[], null, 'a']],
    [{ type: 'array' }, [[], [1]], [{}, 'a']],
    [{ type: 'null' }, [null], [0, '', false]],
    [{ type: 'boolean' }, [true, false], [0, 'true', null]],
    [{ type: ['string', 'null'] }, ['a', null], [1, {}]],
  ],
  enum: [
    [
      { enum: ['a', 1, null, { b: [1, 2], c: 3 }] },
      ['a', 1, null, { c: 3, b: [1, 2] }],
      ['b', '1', 2, {}, { b: [2, 1], c: 3 }],
    ],
    [{ enum: [false] }, [false], [0, null]],
    [{ enum: ['é"\n'] }, ['é"\n'], ['e"\n', 'x'.repeat(50)]],
  ],
  const: [[{ const: { a: [1, 'x'] } }, [{ a: [1, 'x'] }], [{ a: [1, 'y'] }, { a: [1, 'x'], b: 1 }, null]]],
  multipleOf: [
    [{ multipleOf: 0.01 }, [19.99, 0, -0.07, 1e20, 0.1], [19.999, 0.001]],
    [{ multipleOf: 3 }, [9, 'text'], [10, 9.5]],
    [{ multipleOf: 0.0001 }, [0.0075], [0.00751]],
  ],
  maximum: [[{ maximum: 200 }, [200, -1, 'a'], [200.01, 1e9]]],
  exclusiveMaximum: [[{ exclusiveMaximum: 3 }, [2.99], [3]]],
  minimum: [[{ minimum: 0 }, [0, 5, {}], [-0.01]]],
  exclusiveMinimum: [[{ exclusiveMinimum: 0 }, [0.01], [0, -1]]],
  maxLength: [[{ maxLength: 2 }, ['', 'ab', '😀😀', 123], ['abc', '😀😀😀']]],
  minLength: [[{ minLength: 2 }, ['ab', '😀😀', 1], ['a', '😀', '']]],
  pattern: [[{ pattern: '[0-9]{3}$' }, ['a123', '123', 7], ['12', '123a']]],
  items: [
    [{ items: { type: 'integer' } }, [[], [1, 2], 'a'], [[1, 'a']]],
    [{ items: [{ type: 'integer' }, { type: 'string' }] }, [[], [1], [1, 'a'], [1, 'a', null]], [['a'], [1, 2]]],
  ],
  additionalItems: [
    [{ items: [true], additionalItems: false }, [[], [1]], [[1, 2]]],
    [{ items: [true], additionalItems: { type: 'string' } }, [[1, 'a', 'b']], [[1, 'a', 2]]],
  ],
  maxItems: [[{ maxItems: 1 }, [[], [1], 'abc'], [[1, 2]]]],
  minItems: [[{ minItems: 1 }, [[1], {}], [[]]]],
  uniqueItems: [
    [
      { uniqueItems: true },
      [
        [1, '1', true],
        [{ a: 1 }, { a: 2 }],
      ],
      [
        [1, 1],
        [
          { a: 1, b: 2 },
          { b: 2, a: 1 },
        ],
      ],
    ],
    [{ uniqueItems: false }, [[1, 1]], []],
  ],
  contains: [[{ contains: { const: 7 } }, [[1, 7], 'a'], [[], [1]]]],
  maxProperties: [[{ maxProperties: 1 }, [{}, { a: 1 }, []], [{ a: 1, b: 2 }]]],
  minProperties: [[{ minProperties: 1 }, [{ a: 1 }, 1], [{}]]],
  required: [[{ required: ['a', 'toString'] }, [{ a: 1, toString: 2 }, []], [{ a: 1 }, {}]]],
  properties: [
    [
      { properties: { a: { type: 'string' }, constructor: { type: 'string' } } },
      [{}, { a: 'x', b: 1 }, []],
      [{ a: 1 }, { constructor: 1 }],
    ],
  ],
  patternProperties: [[{ patternProperties: { '^x-': { type: 'string' } } }, [{ 'x-a': 'b', y: 1 }], [{ 'x-a': 1 }]]],
  additionalProperties: [
    [{ properties: { a: true }, additionalProperties: false }, [{}, { a: 1 }, []], [{ b: 1 }, { a: 1, toString: 1 }]],
    [{ patternProperties: { '^x': {} }, additionalProperties: { type: 'null' } }, [{ x1: 1, b: null }], [{ b: 1 }]],
  ],
  dependencies: [
    [{ dependencies: { a: ['b'] } }, [{}, { b: 1 }, { a: 1, b: 1 }], [{ a: 1 }]],
    [{ dependencies: { a: { required: ['b'] } } }, [{ a: 1, b: 1 }, 'a'], [{ a: 1 }]],
  ],
  propertyNames: [[{ propertyNames: { maxLength: 2 } }, [{ ab: 1 }, {}], [{ abc: 1 }]]],
  if: [
    [
      JSON.parse(
        '{"if":{"properties":{"kind":{"const":"refund"}},"required":["kind"]},"then":{"required":["amount"]},"else":{"maxProperties":1}}',
      ),
      [{ kind: 'refund', amount: 1 }, { kind: 'x' }],
      [{ kind: 'refund' }, { kind: 'x', amount: 1 }],
    ],
    [{ if: { type: 'string' }, else: false }, ['a'], [1]],
    [{ if: { type: 'string' } }, ['a', 1], []],
  ],
  allOf: [[{ allOf: [{ minimum: 1 }, { maximum: 3 }] }, [1, 3], [0, 4]]],
  anyOf: [[{ anyOf: [{ type: 'string' }, { minimum: 3 }] }, ['a', 3], [2]]],
  oneOf: [[{ oneOf: [{ minimum: 1 }, { maximum: 3 }] }, [0, 4], [2]]],
  not: [[{ not: { type: 'string' } }, [1, null], ['a']]],
  $ref: [
    [list, [[1, 2]], [['a']]],
    [{ $defs: { 'a/b': { type: 'string' } }, properties: { x: { $ref: '#/$defs/a~1b' } } }, [{ x: 'a' }], [{ x: 1 }]],
  ],
};

describe.each(Object.entries(rows))('the keyword %s', (_, cases) => {
  it.each(cases.map(([schema, valid, invalid]) => ({ schema, valid, invalid })))(
    'in $schema',
    ({ schema, valid, invalid }) => {
      const reference = new Ajv({ strict: false, multipleOfPrecision: 9, ownProperties: true }).compile(schema);
      for (const value of valid) expect([value, check(schema, value), reference(value)]).toEqual([value, null, true]);
      for (const value of invalid) {
        expect([value, typeof check(schema, value), reference(value)]).toEqual([value, 'string', false]);
      }
    },
  );
});

describe('a schema', () => {
  it('says where a value fails, by its own places only', () => {
    const schema = { properties: { 'a/b': { items: { maximum: 3 } }, c: { additionalProperties: false } } };
    expect(check(schema, { 'a/b': [1, 9] })).toBe('/properties/a~1b/items/maximum');
    expect(check(schema, { c: { secret: 1 } })).toBe('/properties/c/additionalProperties');
    expect(check(JSON.parse('{"if":true,"then":{"const":1}}'), 2)).toBe('/then/const');
    expect(check({ definitions: { n: { type: 'null' } }, not: { not: { $ref: '#/definitions/n' } } }, 1)).toBe('/not');
  });

  it.each<[string, Json, string]>([
    ['a keyword of another draft', { properties: { a: { prefixItems: [] } } }, 'unsupported /properties/a/prefixItems'],
    ['format', { format: 'email' }, 'unsupported /format'],
    ['$id', { $id: 'https://example.org/a' }, 'unsupported /$id'],
    ['another draft', { $schema: 'https://json-schema.org/draft/2020-12/schema' }, 'unsupported /$schema'],
    ['a remote reference', { items: { $ref: 'https://example.org/a' } }, 'unsupported /items/$ref'],
    ['a reference to nothing', { $ref: '#/definitions/a' }, 'unsupported /$ref'],
    [
      'what stands beside a reference',
      { definitions: { a: true }, not: { $ref: '#/definitions/a', type: 'string' } },
      'unsupported /not/type',
    ],
    ['a schema in itself', { properties: { a: { $ref: '#' } } }, 'unsupported '],
    [
      'a circle of two',
      { definitions: { a: { items: { $ref: '#/definitions/b' } }, b: { items: { $ref: '#/definitions/a' } } } },
      'unsupported /definitions/a',
    ],
    ['no schema at all', { items: 7 }, 'invalid /items'],
    ['a type that is none', { type: 'text' }, 'invalid /type'],
    ['no types', { type: [] }, 'invalid /type'],
    ['an empty enum', { enum: [] }, 'invalid /enum'],
    ['an enum of one text', { enum: 'ab' }, 'invalid /enum'],
    ['a limit that is no number', { maximum: '200' }, 'invalid /maximum'],
    ['a divisor of 0', { multipleOf: 0 }, 'invalid /multipleOf'],
    ['a negative size', { minLength: -1 }, 'invalid /minLength'],
    ['a part of a size', { minLength: 1.5 }, 'invalid /minLength'],
    ['a size that is no number', { minLength: '1' }, 'invalid /minLength'],
    ['a pattern of another engine', { pattern: '(?=a)' }, 'invalid /pattern'],
    ['a pattern that is none', { pattern: 7 }, 'invalid /pattern'],
    ['a pattern in a list', { pattern: ['a'] }, 'invalid /pattern'],
    ['a pattern of names', { patternProperties: { '(': true } }, 'invalid /patternProperties'],
    ['required as in draft-03', { required: true }, 'invalid /required'],
    ['a required number', { required: [1] }, 'invalid /required'],
    ['properties in a list', { properties: [] }, 'invalid /properties'],
    ['unique as a word', { uniqueItems: 'yes' }, 'invalid /uniqueItems'],
    ['no list of schemas', { anyOf: {} }, 'invalid /anyOf'],
    ['a text of schemas', { anyOf: 'ab' }, 'invalid /anyOf'],
    ['an empty list of schemas', { allOf: [] }, 'invalid /allOf'],
    ['dependencies in a list', { dependencies: [] }, 'invalid /dependencies'],
    ['a dependency on no name', { dependencies: { a: [1] } }, 'invalid /dependencies'],
    ['then without if', JSON.parse('{"then":{}}'), 'invalid /then'],
    ['additionalItems without a tuple', { items: {}, additionalItems: false }, 'invalid /additionalItems'],
  ])('refuses %s', (_, schema, fault) => {
    expect(faultsOf(schema)).toEqual([fault]);
  });

  it('says what stands where a pattern should, in words for who wrote it', () => {
    const expected = 'a regular expression in RE2 syntax';
    expect(compileSchema({ pattern: 7 })).toEqual({
      faults: [{ pointer: '/pattern', kind: 'invalid', expected, found: '7' }],
    });
    expect(compileSchema({ pattern: ['a'] })).toMatchObject({ faults: [{ found: 'a list of 1' }] });
  });

  it('tells all faults, and those of definitions that nobody uses', () => {
    expect(faultsOf({ type: 'text', definitions: { a: { format: 'date' }, b: { maxItems: 'x' } } })).toEqual([
      'invalid /type',
      'unsupported /definitions/a/format',
      'invalid /definitions/b/maxItems',
    ]);
  });

  it('accepts what only speaks to people', () => {
    const words = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      title: 'T',
      description: 'D',
      default: 1,
      examples: [],
      $comment: 'C',
    };
    expect(
      faultsOf({ ...words, items: { $ref: '#/definitions/a', description: 'D' }, definitions: { a: true } }),
    ).toEqual([]);
  });

  it('refuses more schemas than it compiles', () => {
    const properties = Object.fromEntries(Array.from({ length: 2100 }, (_, index) => [`p${index}`, {}]));
    expect(faultsOf({ properties })).toHaveLength(1);
  });

  it('gives up on what would take too long, and calls it invalid', () => {
    const definitions: Record<string, Json> = { d0: { minimum: 0 } };
    for (let index = 1; index < 40; index++) {
      const below = { $ref: `#/definitions/d${index - 1}` };
      definitions[`d${index}`] = { allOf: [below, below] };
    }
    expect(check({ definitions, allOf: [{ $ref: '#/definitions/d39' }] }, 1)).toBe('');
    const numbers = Array.from({ length: SCHEMA_BUDGET }, () => 1);
    expect(check({ items: { minimum: 0 } }, numbers)).toBe('');
    expect(check({ items: { minimum: 0 } }, numbers.slice(0, 1000))).toBeNull();
    // Neither does a negation make a way round it.
    expect(check({ not: { items: { minimum: 0 } } }, numbers)).toBe('');
    expect(check({ pattern: '(x+x+)+y' }, 'x'.repeat(20_000))).toBe('/pattern');
    expect(check({ allOf: Array.from({ length: 9 }, () => ({ pattern: 'x' })) }, 'x'.repeat(200_000))).toBe('');
    for (const schema of [{ enum: [{}] }, { uniqueItems: true }, { maxLength: 5_000_000 }, { required: ['a'] }]) {
      const many = Array.from({ length: 300 }, () => schema);
      const value =
        'required' in schema
          ? { a: 1 }
          : 'maxLength' in schema
            ? 'x'.repeat(100_000)
            : [[...numbers.slice(0, 9000), 2]];
      expect(check({ allOf: [{ anyOf: [{ allOf: many }, true] }] }, value)).toBe(
        'required' in schema || 'enum' in schema ? null : '',
      );
    }
  });

  it('tells multiples as decimals', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1e9, max: 1e9 }),
        fc.constantFrom(0.01, 0.001, 0.1, 2.5, 1e-7, 1e20),
        (times, of) => {
          const digits = of.toExponential().split('e');
          const product = Number(
            `${BigInt(times) * BigInt((digits[0] ?? '').replace('.', ''))}e${Number(digits[1]) - ((digits[0] ?? '').split('.')[1]?.length ?? 0)}`,
          );
          expect(isMultiple(product, of)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
    expect([isMultiple(Number.POSITIVE_INFINITY, 1), isMultiple(5e-324, 1), isMultiple(0.015, 0.01)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
