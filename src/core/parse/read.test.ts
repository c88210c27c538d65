import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emit } from '../kinds/index.ts';
import { type JsonObject, type RepoPath, unseenIn } from '../model/index.ts';
import { type ReadOptions, readYaml } from './index.ts';

const FILE = 'orgs/acme/teams/support.yaml' as RepoPath;

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** The findings as `CODE line:column`. */
function refusals(data: Uint8Array | string, options: ReadOptions = {}): readonly string[] {
  return readYaml(data, FILE, options).findings.map(({ code, place }) => `${code} ${place.line}:${place.column}`);
}

/** What a file of a fleet may not be: text or bytes → the findings, each with its place. */
const GOLDEN: readonly (readonly [string, string | readonly number[], readonly string[]])[] = [
  ['nothing', '', ['YAML_NOT_A_MAP 1:1']],
  ['a comment alone', '# nothing\n', ['YAML_NOT_A_MAP 1:1']],
  ['a list', '- 1\n', ['YAML_NOT_A_MAP 1:1']],
  ['a text', '\n  word\n', ['YAML_NOT_A_MAP 2:3']],
  ['a byte order mark', [0xef, 0xbb, 0xbf, 0x61, 0x3a, 0x31], ['YAML_ENCODING 1:1']],
  ['Latin-1', [0x61, 0x3a, 0x20, 0x31, 0x0a, 0x62, 0x3a, 0x20, 0xe9, 0x0a], ['YAML_ENCODING 2:4']],
  ['UTF-16', [0xff, 0xfe, 0x61, 0x00], ['YAML_ENCODING 1:1']],
  ['an encoded surrogate', [0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80], ['YAML_ENCODING 1:4']],
  ['an overlong form', [0x61, 0x3a, 0x20, 0xc0, 0xaf], ['YAML_ENCODING 1:4']],
  ['half a surrogate pair as an escape', 'a: 1\nb: "\\ud800"\n', ['YAML_ENCODING 2:4']],
  ['a zero byte', 'a: 1\nb: x\u0000y\n', ['YAML_CONTROL_CHARACTER 2:5']],
  ['an escape character', 'a: \u001b[31m\n', ['YAML_CONTROL_CHARACTER 1:4']],
  ['a lone carriage return', 'a: 1\rb: 2\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['next line', 'a: 1\u0085b: 2\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['a line separator', 'a: "1\u2028"\n', ['YAML_CONTROL_CHARACTER 1:6']],
  ['text that is turned round', 'a: x # \u202e }\n', ['YAML_CONTROL_CHARACTER 1:8']],
  ['a mark inside', 'a: x\ufeff\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['a blank of no width', 'a: x\u200by\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['one as an escape', 'a: 1\nb: "x\\u200b"\n', ['YAML_CONTROL_CHARACTER 2:4']],
  ['a filler that counts as a letter', 'a: x\u3164\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['a variation of a letter', 'a: x\ufe0f\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['a variation of an emoji twice', 'a: ⚠\ufe0f\ufe0f\n', ['YAML_CONTROL_CHARACTER 1:6']],
  ['a variation of a digit', 'a: 5\ufe0f\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['a joiner of Latin letters', 'a: x\u200dy\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['a joiner at the end of an Arabic word', 'a: \u0645\u06cc\u200c\n', ['YAML_CONTROL_CHARACTER 1:6']],
  ['letters of a tag', 'a: x\u{e0061}\n', ['YAML_CONTROL_CHARACTER 1:5']],
  ['deep flow lists', `a: ${'['.repeat(64)}${']'.repeat(64)}\n`, ['YAML_TOO_DEEP 1:67']],
  ['very deep flow maps', `a: ${'{b: '.repeat(60_000)}\n`, ['YAML_TOO_DEEP 1:1028']],
  ['deep dashes', `a:\n${'- '.repeat(70)}x\n`, ['YAML_TOO_DEEP 2:129']],
  ['very deep dashes', `${'- '.repeat(60_000)}x\n`, ['YAML_TOO_DEEP 1:513']],
  ['very deep question marks', `${'? '.repeat(60_000)}x\n`, ['YAML_TOO_DEEP 1:513']],
  ['an open quote', 'a: 1\nb: "x\n', ['YAML_SYNTAX 3:1']],
  ['an open list', 'a: [1, 2\n', ['YAML_SYNTAX 2:1']],
  ['a tab that indents', 'a:\n\tb: 1\n', ['YAML_SYNTAX 2:1']],
  ['a reserved beginning', 'a: @x\n', ['YAML_SYNTAX 1:4']],
  ['a wrong escape', 'a: "\\q"\n', ['YAML_SYNTAX 1:5']],
  ['two values on a line', 'a: b: c\n', ['YAML_SYNTAX 1:4']],
  ['bad indentation', 'a:\n    b: 1\n  c: 2\n', ['YAML_SYNTAX 3:1']],
  ['a key twice', 'a: 1\nb: 2\na: 3\n', ['YAML_DUPLICATE_KEY 3:1']],
  ['a key twice, once in quotes', 'x:\n  a: 1\n  "a": 2\n', ['YAML_DUPLICATE_KEY 3:3']],
  ['two keys twice', 'a: 1\na: 2\nb: 1\nb: 2\n', ['YAML_DUPLICATE_KEY 2:1', 'YAML_DUPLICATE_KEY 4:1']],
  ['two documents', 'a: 1\n---\nb: 2\n', ['YAML_MULTIPLE_DOCUMENTS 2:1']],
  ['an empty second document', 'a: 1\n---\n', ['YAML_MULTIPLE_DOCUMENTS 2:1']],
  ['a version', '%YAML 1.1\n---\na: 1\n', ['YAML_DIRECTIVE 1:1']],
  ['a tag prefix', '%TAG ! tag:x,2000:\n---\na: 1\n', ['YAML_DIRECTIVE 1:1']],
  ['a directive of nobody', '# x\n%INCLUDE a\n---\na: 1\n', ['YAML_DIRECTIVE 2:1']],
  ['an anchor', 'a: &x 1\n', ['YAML_ALIAS 1:7']],
  ['an alias', 'a: &x {b: 1}\nc: *x\n', ['YAML_ALIAS 1:7', 'YAML_ALIAS 2:4']],
  ['an alias of nothing', 'a: *x\n', ['YAML_ALIAS 1:4']],
  ['a tag', 'a: !!str 5\n', ['YAML_TAG 1:10']],
  ['the tag of no type', 'a: ! 5\n', ['YAML_TAG 1:6']],
  ['a tag on a map', 'a: !!map {b: 1}\n', ['YAML_TAG 1:10']],
  ['a tag of JavaScript', 'a: !!js/function "x"\n', ['YAML_TAG 1:4', 'YAML_TAG 1:18']],
  ['a merge key', 'a:\n  <<: {b: 1}\n', ['YAML_MERGE 2:3']],
  ['a key of null', 'a:\n  null: 1\n', ['YAML_KEY 2:3']],
  ['a key of nothing', ': 1\n', ['YAML_KEY 1:1']],
  ['a key of tilde', '~: 1\n', ['YAML_KEY 1:1']],
  ['a number as a key', '8080: 1\n', ['YAML_KEY 1:1']],
  ['a truth value as a key', 'a: {true: 1}\n', ['YAML_KEY 1:5']],
  ['a list as a key', '? [a]\n: 1\n', ['YAML_KEY 1:3']],
  ['a key that changes objects', 'a:\n  __proto__: {b: 1}\n', ['YAML_KEY 2:3']],
  ['the same, escaped', 'a:\n  "\\u005f_proto__": 1\n', ['YAML_KEY 2:3']],
  ['a large whole number', 'a: 9007199254740993\n', ['YAML_NUMBER 1:4']],
  ['a very large number', 'a: [1, 1e300]\n', ['YAML_NUMBER 1:8']],
  ['infinity', 'a: -.inf\n', ['YAML_NUMBER 1:4']],
  ['no number', 'a: .nan\n', ['YAML_NUMBER 1:4']],
  ['minus zero', 'a: -0\n', ['YAML_NUMBER 1:4']],
  ['a leading zero', 'a: 012\n', ['YAML_NUMBER 1:4']],
];

test.each(GOLDEN)('%s is refused with its place', (_what, data, expected) => {
  const bytes = typeof data === 'string' ? bytesOf(data) : Uint8Array.from(data);
  expect(refusals(bytes)).toEqual(expected);
});

test.each(GOLDEN.filter(([, , [first]]) => !/ALIAS|TAG|DIRECTIVE|MERGE|KEY|NUMBER/.test(first ?? '')))(
  '%s is refused the same when read fast',
  (_what, data, expected) => {
    const bytes = typeof data === 'string' ? bytesOf(data) : Uint8Array.from(data);
    expect(refusals(bytes, { mode: 'fast' })).toEqual(expected);
  },
);

test.each([
  ['__proto__: {a: 1}\n', 'YAML_KEY 1:1'],
  ['a: 9007199254740993\n', 'YAML_NUMBER 1:4'],
  ['a: .inf\n', 'YAML_NUMBER 1:4'],
  ['a: &x 1\nb: *x\n', 'YAML_ALIAS 1:7'],
  ['a: !foo 1\n', 'YAML_TAG 1:4'],
  ['a: 1\na: 2\n', 'YAML_DUPLICATE_KEY 2:1'],
])('what could do harm is refused when read fast: %j', (text, first) => {
  expect(refusals(text, { mode: 'fast' })[0]).toBe(first);
});

test('a size limit holds before anything is decoded, for bytes and for text', () => {
  const large = new Uint8Array(256 * 1024 + 1).fill(0xff);
  expect(refusals(large)).toEqual(['YAML_TOO_LARGE 1:1']);
  expect(refusals('a: éé\n', { limits: { bytes: 7 } })).toEqual(['YAML_TOO_LARGE 1:1']);
  expect(refusals('a: éé\n', { limits: { bytes: 8 } })).toEqual([]);
});

test('a depth limit counts maps and lists from the outside', () => {
  const text = 'a:\n  - b: 1\n';
  expect(refusals(text, { limits: { depth: 3 } })).toEqual([]);
  expect(refusals(text, { limits: { depth: 2 } })).toEqual(['YAML_TOO_DEEP 2:5']);
  expect(refusals(text, { limits: { depth: 2 }, mode: 'fast' })).toEqual(['YAML_TOO_DEEP 2:5']);
});

test('the emitter writes as many levels as are read, and no more', () => {
  const nested = (levels: number): JsonObject => (levels === 1 ? { a: 1 } : { a: nested(levels - 1) });
  expect(refusals(emit(nested(64)))).toEqual([]);
  expect(() => emit(nested(65))).toThrow('at most 64 levels');
});

test('brackets in texts are no nesting', () => {
  expect(refusals(`a: "${'['.repeat(200)}"\nb: |\n  ${'{'.repeat(50)}\n`)).toEqual([]);
});

// Found by a fuzzer: each of these is accepted by one reader, or read as two different values.
test.each([
  ['egress: [\n  a\n]\n', 'YAML_AMBIGUOUS 3:1', 'one reader stops'],
  ["a: '''", 'YAML_AMBIGUOUS 1:7', 'one reader stops'],
  ['? b\n- c\n', 'YAML_AMBIGUOUS 2:1', 'one reader stops'],
  ['a:  |+2\n \n   ', 'YAML_AMBIGUOUS 1:5', 'two different values'],
])('%j is not taken when the readers differ', (text, expected, found) => {
  expect(refusals(text)).toEqual([expected]);
  expect(readYaml(text, FILE).findings[0]?.found).toContain(found);
});

test('findings say whose file it is, from its path', () => {
  const [found] = readYaml('a: *x\n', FILE).findings;
  expect(found).toMatchObject({ org: 'acme', object: 'Team/support', severity: 'high', place: { file: FILE } });
  const body = readYaml('', 'templates/baseline/1.2.0/wallets.yaml' as RepoPath).findings[0];
  expect(body).toMatchObject({ org: null, object: null });
});

test('findings come in the order of the file, with nothing after the first error of syntax', () => {
  expect(refusals('a: 1\na: 2\nb: &x 1\nc: "\n')).toEqual([
    'YAML_DUPLICATE_KEY 2:1',
    'YAML_ALIAS 3:7',
    'YAML_SYNTAX 5:1',
  ]);
});

const TEXT = `# a comment
name: support
members:
  - ana@acme.example
  - role: lead
    tags: {a: 1, "b/c": 2}
empty:
`;

test('places lead to keys and values, and to the nearest thing that exists', () => {
  for (const mode of ['strict', 'fast'] as const) {
    const result = readYaml(TEXT, FILE, { mode });
    if (!result.ok) throw new Error('expected the file to be read');
    const at = (pointer: string, part?: 'key' | 'value') => {
      const { line, column } = result.value.placeOf(pointer, part);
      return `${line}:${column}`;
    };
    expect(at('')).toBe('2:1');
    expect(at('/name')).toBe('2:7');
    expect(at('/name', 'key')).toBe('2:1');
    expect(at('/members/0')).toBe('4:5');
    expect(at('/members/1/role')).toBe('5:11');
    expect(at('/members/1/tags/b~1c')).toBe('6:25');
    expect(at('/members/1/tags/b~1c', 'key')).toBe('6:18');
    expect(at('/members/7/x')).toBe('3:1');
    expect(at('/members/1/nothing')).toBe('5:5');
    expect(at('/empty', 'key')).toBe('7:1');
    expect(at('/nowhere')).toBe('2:1');
  }
});

test('Windows line ends are line ends', () => {
  const result = readYaml('a: 1\r\nb:\r\n  c: x\r\n', FILE);
  expect(result.ok && result.value.value).toEqual({ a: 1, b: { c: 'x' } });
  expect(result.ok && result.value.placeOf('/b/c')).toMatchObject({ line: 3, column: 6 });
});

const scraps = fc.array(
  fc.constantFrom(
    ...[
      'a',
      'b: ',
      ': ',
      '- ',
      '? ',
      '\n',
      '\n  ',
      '\n\t',
      ' ',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      '#',
      '&x ',
      '*x',
      '!t ',
    ],
    ...[
      '|',
      '>',
      '|-\n',
      '|+2\n',
      '%YAML 1.1\n',
      '---\n',
      '...\n',
      '<<: ',
      '~',
      '1',
      '0x',
      'e3',
      '\\',
      '\r\n',
      '\u00e9',
      '__proto__: ',
    ],
  ),
  { maxLength: 25 },
);

test('nothing that looks like YAML makes a reader throw, and both modes read it alike or refuse it', () => {
  fc.assert(
    fc.property(scraps, (parts) => {
      const strict = readYaml(parts.join(''), FILE);
      const fast = readYaml(parts.join(''), FILE, { mode: 'fast' });
      expect(strict.ok || strict.findings.length > 0).toBe(true);
      if (strict.ok) expect(fast.ok && fast.value.value).toEqual(strict.value.value);
    }),
    { numRuns: 1500 },
  );
});

test('no bytes make a reader throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const result = readYaml(bytes, FILE);
      expect(result.ok || result.findings.length > 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ['an emoji in colour', '⚠\ufe0f'],
  ['an emoji of several', '👩🏽\u200d💻 👨\u200d👩\u200d👧'],
  ['a keycap', '1\ufe0f\u20e3'],
  ['a Persian word', '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645'],
  ['a word of India', '\u0915\u094d\u200d\u0937'],
  ['a blank that does not break', 'à\u00a0la'],
])('%s is text', (_, text) => {
  for (const mode of ['strict', 'fast'] as const) {
    const result = readYaml(`a: "${text}"\n`, FILE, { mode });
    expect(result.ok ? result.value.value : result.findings).toEqual({ a: text });
  }
});

test('what is emitted is read, in both modes', () => {
  // What no reader takes, escaped or not: a line separator is among the graphemes.
  const seen = fc.string({ unit: 'grapheme' }).filter((text) => unseenIn(text) === undefined);
  const leaf = fc.oneof(seen, fc.integer(), fc.boolean(), fc.constant(null));
  const keys = fc.string({ maxLength: 6 }).filter((key) => key !== '__proto__' && key !== '<<');
  fc.assert(
    fc.property(fc.dictionary(keys, fc.oneof(leaf, fc.array(leaf)), { noNullPrototype: true }), (value) => {
      for (const mode of ['strict', 'fast'] as const) {
        const result = readYaml(emit(value as JsonObject), FILE, { mode });
        expect(result.ok ? result.value.value : result.findings).toEqual(value);
      }
    }),
    { numRuns: 150 },
  );
});
