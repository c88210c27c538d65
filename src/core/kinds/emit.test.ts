import { execFileSync, spawnSync } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Json, type JsonObject, KINDS } from '../model/index.ts';
import { EmitError, emit, shareConstant } from './index.ts';
import { sample } from './samples.testkit.ts';

/** Texts that YAML readers have got wrong. */
const ADVERSARIAL: readonly string[] = [
  ...[
    '',
    ' ',
    '  ',
    'yes',
    'No',
    'ON',
    'off',
    'y',
    'N',
    'true',
    'False',
    'null',
    'Null',
    '~',
    '=',
    '<<',
    '.inf',
    '.NaN',
  ],
  ...[
    '1',
    '-1',
    '+1',
    '1e3',
    '1E5',
    '0x1f',
    '0o17',
    '012',
    '1_000',
    '1:30',
    '12:30:45',
    '190:20:30',
    '1.5',
    '.5',
    '1.',
    '-',
  ],
  ...['2026-01-01', '2026-01-01T00:00:00Z', '500.00', '0', '-0', 'e3', 'a', '9'.repeat(40)],
  ...[
    ' leading',
    'trailing ',
    'a: b',
    'a:',
    ': a',
    'a #b',
    '#a',
    'a#b',
    '- a',
    '-a',
    '? a',
    '?a',
    '! a',
    '!a',
    '&a',
    '*a',
  ],
  ...[
    '|',
    '>',
    '|-',
    '%a',
    '@a',
    '`a',
    '"a"',
    "'a'",
    "it's",
    '[a]',
    '{a}',
    'a, b',
    ',a',
    '[',
    ']',
    '{',
    '}',
    'a]',
    'a}',
  ],
  ...['---', '...', '--- a', 'a --- b', '$each', '{{x}}', 'https://x.example/a?b=c&d=%20#e', '127.0.0.1:41002', '::1'],
  ...[
    'a\tb',
    '\ta',
    'a\t',
    '\t',
    'a\nb',
    'a\n',
    '\n',
    '\na',
    'a\n\n',
    'a\n\nb',
    'a\n b',
    ' a\nb',
    'a \nb',
    'a\nb\n',
    'a\n#b\n',
  ],
  ...[
    'a\r\nb',
    'a\rb',
    'a\n\tb',
    '---\na\n',
    'a\n---\nb',
    '\\',
    '\\n',
    'a\\',
    '"',
    '\\"',
    'a\u0000b',
    '\u0007',
    '\u001b[31m',
    '\u007f',
  ],
  ...[
    '\u0085',
    'a\u0085b',
    '\u00a0',
    'a\u00a0b',
    '\u00ad',
    '\u200b',
    '\u200f',
    '\u2028',
    'a\u2029b',
    '\u202e',
    '\u2066',
    '\ufeff',
    'a\ufeffb',
  ],
  ...[
    '\ufffe',
    '\uffff',
    '\ufffd',
    '😀',
    'a😀\nb',
    '\u{10ffff}',
    'é',
    'e\u0301',
    '漢字',
    'x'.repeat(1200),
    `${'x '.repeat(700)}y`,
  ],
  ...['constructor', 'toString', 'a'.repeat(1001), '"'.repeat(600), 'a\nb'.repeat(500), 'key: |\n  block\n'],
];

/** Numbers that are easily changed on the way. */
const NUMBERS = [
  0,
  1,
  -1,
  0.1,
  -0.5,
  1e21,
  1e-7,
  1.5e300,
  5e-324,
  2 ** 53 - 1,
  -(2 ** 53),
  2 ** 60,
  1e20,
  1 / 3,
  123456.789,
];

const adversarialValues: readonly JsonObject[] = [
  ...ADVERSARIAL.map((text) => ({ a: text, b: [text, [text], { c: text }], d: { [text]: text } })),
  ...NUMBERS.map((number) => ({ a: number, b: [number, [number]] })),
  { a: {}, b: [], c: [[]], d: [{}], e: [[[1, 2], []], { f: { g: [null, true, false] } }], f: null },
  {},
];

function bothReaders(text: string): readonly unknown[] {
  return [parse(text, { version: '1.2', strict: true, uniqueKeys: true, logLevel: 'silent' }), load(text)];
}

/** Both readers give `value` back. Not `toStrictEqual`: it takes an own key `constructor` for the type of the object. */
function expectBoth(value: JsonObject): void {
  const text = emit(value);
  for (const read of bothReaders(text)) {
    expect({ text, read, same: isDeepStrictEqual(read, value) }).toMatchObject({ same: true });
  }
}

test('what has been read wrongly elsewhere comes back exactly from both readers', () => {
  for (const value of adversarialValues) {
    expectBoth(value);
  }
});

const texts = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...' \t\n\r:#-?,[]{}&*!|>\'"%@`~=<ya0.1e+\\\u0085\u2028\ufeff') }),
  fc.constantFrom(...ADVERSARIAL.filter((text) => text.length < 50)),
);
const numbers = fc.oneof(
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((number) => !Object.is(number, -0)),
  fc.constantFrom(...NUMBERS),
);
const keys = texts.filter((key) => key !== '__proto__');
const { anyValue } = fc.letrec<{ anyValue: Json }>((tie) => ({
  anyValue: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    texts,
    numbers,
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('anyValue'), { maxLength: 4 }),
    fc.dictionary(keys, tie('anyValue'), { maxKeys: 4, noNullPrototype: true }),
  ),
}));
const anyObject = fc.dictionary(keys, anyValue, { maxKeys: 5, noNullPrototype: true });

test('every JSON object comes back exactly from both readers', () => {
  fc.assert(
    fc.property(anyObject, (value) => {
      expectBoth(value);
    }),
    { numRuns: 500 },
  );
});

test('the text depends on the value alone: the order of keys and emitting again change nothing', () => {
  const reversed = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(reversed);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .reverse()
        .map(([key, item]) => [key, reversed(item as Json)]),
    );
  };
  fc.assert(
    fc.property(anyObject, (value) => {
      const text = emit(value);
      expect(emit(reversed(value) as JsonObject)).toBe(text);
      expect(emit(load(text) as JsonObject)).toBe(text);
      expect(text.endsWith('\n') && !text.includes('\r')).toBe(true);
    }),
  );
});

/** Reads a list of YAML texts with PyYAML, which reads YAML 1.1, and prints what it read as JSON. */
const FOREIGN_READER = `
import json, sys, yaml
print(json.dumps([yaml.load(t, Loader=yaml.SafeLoader) for t in json.load(sys.stdin)]))
`;

function foreignReader(): boolean {
  return spawnSync('python3', ['-c', 'import yaml'], { stdio: 'ignore' }).status === 0;
}

test('a foreign reader of YAML 1.1 reads the same', () => {
  if (!foreignReader()) {
    process.stdout.write('not run: no python3 with PyYAML here; the two JavaScript readers were asked\n');
    return;
  }
  const values = [...adversarialValues, ...fc.sample(anyObject, { numRuns: 300, seed: 7 })];
  const input = JSON.stringify(values.map(emit));
  const output = execFileSync('python3', ['-c', FOREIGN_READER], { input, maxBuffer: 64 * 1024 * 1024 });
  // In a context of its own: V8's JSON.parse takes a key for one that it expects when that one begins as the key is escaped,
  // and it expects what objects of this test had before, such as `\\"` where `"'` stands.
  const answer: unknown = runInNewContext('JSON.parse(text)', { text: output.toString('utf8') });
  expect(answer).toEqual(values);
});

test('a manifest is emitted in one form', () => {
  const document = sample('Team', {
    members: ['zoe@acme.example', 'ana@acme.example'],
    displayName: 'Support: first line',
    notes: 'first\nsecond\n',
  });
  expect(emit(document)).toBe(`apiVersion: tenantry/v1
kind: Team
metadata:
  name: support
  org: acme
spec:
  delegation:
    mayAdjustWallets: false
    mayManageTokens: true
  displayName: "Support: first line"
  leads:
    - ana@acme.example
  members:
    - ana@acme.example
    - zoe@acme.example
  notes: |
    first
    second
  wallet: support
`);
});

test('lists of maps begin on the line of their dash; other kinds of lists keep their order', () => {
  expect(emit({ b: [{ z: 1, a: [2, [3]] }], list: ['b', 'a'] })).toBe(
    'b:\n  - a:\n      - 2\n      -\n        - 3\n    z: 1\nlist:\n  - b\n  - a\n',
  );
});

test('a key that is too long for a line is written with a question mark', () => {
  expect(emit({ ['k'.repeat(1001)]: 1 }).startsWith('? ')).toBe(true);
  expect(emit({ ['k'.repeat(1000)]: 1 }).startsWith('k')).toBe(true);
});

test('every sample is read back as it was', () => {
  for (const kind of KINDS) {
    expectBoth(sample(kind));
  }
});

const circular: Record<string, unknown> = {};
circular['self'] = circular;

test.each<readonly [string, unknown, string]>([
  ['NaN', { a: [Number.NaN] }, '/a/0'],
  ['Infinity', { a: Number.NEGATIVE_INFINITY }, '/a'],
  ['minus zero', { a: { 'b/c': -0 } }, '/a/b~1c'],
  ['half a surrogate pair', { a: '\ud800' }, '/a'],
  ['half a surrogate pair in several lines', { a: 'x\n\udc00' }, '/a'],
  ['half a surrogate pair in a key', { '\ud800': 1 }, '/\ud800'],
  ['undefined', { a: undefined }, '/a'],
  ['a hole', { a: new Array(1) }, '/a/0'],
  ['a date', { a: new Date(0) }, '/a'],
  ['a map', { a: [new Map()] }, '/a/0'],
  ['a function', { a: () => 1 }, '/a'],
  ['a bigint', { a: 1n }, '/a'],
  ['a key that changes objects', JSON.parse('{"a":{"__proto__":1}}'), '/a/__proto__'],
])('%s is refused with its place', (_what, value, pointer) => {
  expect(() => emit(value as JsonObject)).toThrow(EmitError);
  expect(() => emit(value as JsonObject)).toThrow(expect.objectContaining({ pointer }));
});

test('a circle is refused, not followed', () => {
  expect(() => emit(circular as JsonObject)).toThrow(EmitError);
});

test('objects without a prototype are plain objects', () => {
  expect(emit(Object.assign(Object.create(null), { a: 1 }))).toBe('a: 1\n');
});

test('a constant has the text that it would have without sharing, wherever it stands', () => {
  const make = () => ({ b: ['z', 'a'], c: { d: 'one\ntwo\n', e: [] } });
  const shared = shareConstant(make());
  const around = (value: JsonObject) => [
    { a: value, x: { y: value, l: [value, [value]] } },
    { apiVersion: 'tenantry/v1', kind: 'Team', spec: { members: value['b'] ?? null, leads: value['b'] ?? null } },
    { apiVersion: 'tenantry/v1', kind: 'Review', spec: { other: value['b'] ?? null } },
  ];
  const plain = around(make()).map(emit);
  for (let round = 0; round < 3; round += 1) expect(around(shared).map(emit)).toEqual(plain);
});
