import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emit } from '../kinds/index.ts';
import type { JsonObject, RepoPath } from '../model/index.ts';
import { readPlain } from './plain.ts';
import { DEFAULT_LIMITS, readAlike, readByFullReaders } from './read.ts';
import { sourceOf } from './source.ts';
import { textOf } from './text.ts';

const FILE = 'orgs/acme/teams/support.yaml' as RepoPath;
const DEPTH = 64;

/** What both full readers agree on, or undefined. */
const strictly = (text: string): unknown => {
  const read = readByFullReaders(text, sourceOf(FILE), DEFAULT_LIMITS);
  return read.ok ? read.value.value : undefined;
};

test.each([
  [
    'maps and lists',
    'a:\n  b: c\n  d:\n    - e\n    - f: 1\n      g: true\n',
    { a: { b: 'c', d: ['e', { f: 1, g: true }] } },
  ],
  ['a list at the indent of its key', 'a:\n- b\n- c: d\ne: null\n', { a: ['b', { c: 'd' }], e: null }],
  ['a list in a list', 'a:\n  -\n    - b\n', { a: [['b']] }],
  ['brackets', 'a: { b: [c, \'d, e\', "f"], g: {} }\nh: []\n', { a: { b: ['c', 'd, e', 'f'], g: {} }, h: [] }],
  ['comments and empty lines', '# a\n\na: b\n  # c\n\n', { a: 'b' }],
  ['quotes', 'a: "b: c # d"\nb: \'"\'\n', { a: 'b: c # d', b: '"' }],
  ['numbers', 'a: [0, -1, 2.5, 300]\n', { a: [0, -1, 2.5, 300] }],
  [
    'texts that begin with a digit',
    'a: [9evph3ysp2, 127.0.0.1:41002, 10.0.0.1]\n',
    { a: ['9evph3ysp2', '127.0.0.1:41002', '10.0.0.1'] },
  ],
  ['colons within texts', 'a: b:c\nb: [https://x.example/y]\n', { a: 'b:c', b: ['https://x.example/y'] }],
])('reads %s', (_what, text, expected) => {
  expect(readPlain(text, DEPTH)).toEqual(expected);
  expect(strictly(text)).toEqual(expected);
});

test.each([
  ['', '- a\n', 'a\n', 'a:\n', 'a: b\n  c\n', 'a:\n  b\n', 'a: 1\na: 2\n', '  a: b\n', 'a:\n    b: 1\n  c: 2\n'],
  [
    'a: |\n  b\n',
    'a: >\n  b\n',
    'a: b # c\n',
    'a: "b\\n"\n',
    "a: 'it''s'\n",
    'a: "b\n',
    'a: b \n',
    'a:\tb\n',
    'a: b\r\n',
  ],
  [
    'a: &b c\n',
    'a: *b\n',
    'a: !c d\n',
    'a: yes\n',
    'a: NO\n',
    'a: ~\n',
    'a: Null\n',
    'no: a\n',
    '1: a\n',
    '<<: {}\n',
    '__proto__: {}\n',
  ],
  [
    'a: 012\n',
    'a: 1e3\n',
    'a: 0x1f\n',
    'a: 1_000\n',
    'a: 12:30\n',
    'a: -0\n',
    'a: -0.0\n',
    'a: .5\n',
    'a: 1.\n',
    'a: 2026-01-01\n',
  ],
  [
    'a: 9007199254740993\n',
    'a: [b\n',
    'a: [b,]\n',
    'a: [b, ]\n',
    'a: {b}\n',
    'a: {b:c}\n',
    'a: {b: c}d\n',
    'a: [b] c\n',
    'a: [b c: d]\n',
  ],
  [
    '---\na: b\n',
    'a: b\n---\n',
    'a: b\n...\n',
    '%YAML 1.2\n',
    '? a\n: b\n',
    'a: - b\n',
    '- a: b\n',
    'a:\n- - b\n',
    'a:\n-  b\n',
  ],
])('leaves to the full readers: %j, %j, %j, %j, …', (...texts) => {
  for (const text of texts) expect(readPlain(text, DEPTH), text).toBe(undefined);
});

test('a depth limit holds', () => {
  const text = 'a:\n  - b: [c]\n';
  expect(readPlain(text, 4)).toEqual({ a: [{ b: ['c'] }] });
  expect(readPlain(text, 3)).toBe(undefined);
  expect(readPlain(`a: ${'['.repeat(60_000)}`, DEPTH)).toBe(undefined);
});

test('counts for a file that is not accepted yet only where a second reader gives the same', () => {
  const text = 'a: b\n';
  expect(readAlike(text, DEPTH, () => ({ ok: true, json: { a: 'b' } }))).toEqual({ a: 'b' });
  expect(readAlike(text, DEPTH, () => ({ ok: true, json: { a: 'c' } }))).toBe(undefined);
  expect(readAlike(text, DEPTH, () => ({ ok: false, deep: false, offset: 0, reason: 'no' }))).toBe(undefined);
  expect(readAlike('a: [b]\n', 1, () => ({ ok: true, json: { a: ['b'] } }))).toBe(undefined);
});

/** Scraps of YAML, so that many of their sequences mean something. */
const scrap = fc.constantFrom(
  ...[
    'a: ',
    'b:',
    '- ',
    '-',
    '\n',
    '\n  ',
    '\n    ',
    ': ',
    ':',
    ', ',
    ',',
    '[',
    ']',
    '{',
    '}',
    '{ ',
    ' }',
    '"',
    "'",
    '#',
    ' # ',
  ],
  ...[
    ' ',
    '  ',
    'x',
    'y',
    'no',
    'true',
    'null',
    '~',
    '1',
    '01',
    '1e3',
    '1.5',
    '12:30',
    '1.2.3.4',
    '0x1g',
    '9z',
    '-1',
    '---',
    '...',
  ],
  ...[
    'a: b\n',
    '  c: d\n',
    '- e\n',
    '  - f\n',
    '- g: h\n',
    '  i: j\n',
    'a: [k, l]\n',
    '$each: m\n',
    '|',
    '>',
    '&',
    '*',
    '!',
    '%',
    '@',
    '?',
    '\\',
  ],
  // Blanks and letters to some, and to others neither.
  ...[
    '\u00a0',
    '\u2003',
    '\u3000',
    '\u2028',
    'é',
    '日本',
    '😀',
    'e\u0301',
    '<<',
    '=',
    '`',
    '0o7',
    '1_0',
    '.5',
    '+1',
    '.inf',
  ],
);

const leaf = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-z][a-z0-9 .:@/-]{0,8}[a-z0-9]$/) },
  { weight: 3, arbitrary: fc.integer() },
  { weight: 2, arbitrary: fc.constantFrom(true, false, null, '500.00', '2026-01-01', '127.0.0.1:80') },
  { weight: 1, arbitrary: fc.string({ maxLength: 4 }) },
);
const value = fc.letrec((tie) => ({
  any: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie('any'), { maxLength: 4 }), tie('map')),
  map: fc.dictionary(fc.stringMatching(/^[a-z][a-zA-Z0-9-]{0,6}$/), tie('any'), { maxKeys: 4, noNullPrototype: true }),
})).map;

/** What people write: an emitted text, and the same with a cut, a scrap or an exchange in it. */
const written = fc
  .tuple(value, fc.nat(), fc.nat({ max: 3 }), fc.oneof(scrap, fc.constant('')))
  .map(([map, at, cut, put]) => {
    const text = emit(map as JsonObject);
    const offset = at % (text.length + 1);
    return [text, `${text.slice(0, offset)}${put}${text.slice(offset + cut)}`];
  });

test('whatever it gives, both full readers give', () => {
  let given = 0;
  const sameAsStrict = (text: string): void => {
    const plain =
      typeof textOf(text, sourceOf(FILE), DEFAULT_LIMITS.bytes) === 'string' ? readPlain(text, DEPTH) : undefined;
    if (plain === undefined) return;
    given += 1;
    expect(strictly(text), JSON.stringify(text)).toEqual(plain);
  };
  fc.assert(
    fc.property(fc.array(scrap, { maxLength: 14 }), (parts) => sameAsStrict(parts.join(''))),
    { numRuns: 4000 },
  );
  fc.assert(
    fc.property(written, (texts) => texts.forEach(sameAsStrict)),
    { numRuns: 1000 },
  );
  // A reader that gave nothing would be right, and of no use.
  expect(given).toBeGreaterThan(500);
});
