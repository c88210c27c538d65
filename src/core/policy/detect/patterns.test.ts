import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { filterText } from '../text/filter.ts';
import { TextView } from './detector.ts';
import { foldText } from './fold.ts';
import { literalIndexOf } from './literals.ts';
import { compilePattern, patternDetector, type UserPattern } from './pattern.ts';
import { patternDetectors } from './patterns.ts';
import { literalOf } from './program.ts';

const compiledOf = (sources: readonly string[], ignoreCase = false): readonly UserPattern[] =>
  sources.map((source) => compilePattern(source, ignoreCase) as UserPattern);

const sources = [
  'abc-[0-9]{1,3}',
  '(?i)Kilo (?:one|two) 7',
  '\\b[a-z]{1,2}9[0-9]\\b',
  '[A-Z]{2}[0-9]{2}',
  'é[a-c]{1,2}É',
  '(?:cat|dog)fish',
  '^start',
  'end$',
  '😀 [xy]z',
  'ab(?:c-)?1',
  'straße [0-9]',
  '(?i)ſix',
  'x y z',
  '[ab][ab][ab]!',
];
const parts = fc.constantFrom(
  ...[
    'abc-',
    '1',
    '12',
    'KILO ',
    '\u212ailo ',
    'one 7',
    'two 7',
    ' a9',
    '5 ',
    'AB',
    '99',
    'éa',
    'É',
    'cat',
    'dog',
    'fish',
    'start',
  ],
  ...['end', '😀 ', 'xz', 'straße ', 'STRASSE ', 'six', 'SIX', 'ſIX', 'x y', ' z', 'aba', '!', ' ', '\n'],
);
const texts = fc.array(parts, { maxLength: 12 }).map((some) => some.join(''));
const filterOf = (detectors: ReturnType<typeof patternDetectors>) =>
  ({ detectors, action: 'redact', render: (_: string, matched: string) => `<${matched}>` }) as const;

describe('a list of patterns', () => {
  it.each([false, true])('finds what each of them alone finds (ignoring case: %s)', (ignoreCase) => {
    // Often enough for the program of those without a literal too.
    const patterns = compiledOf(
      [...sources, ...Array.from({ length: 24 }, (_, at) => `[c-f]{2}[${at % 10}x][y${at % 7}]`)],
      ignoreCase,
    );
    const alone = patterns.map((pattern) => patternDetector(pattern, 'X'));
    const together = patternDetectors(patterns, 'X');
    fc.assert(
      fc.property(texts, (text) => {
        expect(filterText(filterOf(together), text).text).toBe(filterText(filterOf(alone), text).text);
      }),
      { numRuns: 400 },
    );
  });

  it('asks none of them where no literal of theirs stands, and only those where it does', () => {
    const asked: string[] = [];
    const patterns = compiledOf(Array.from({ length: 100 }, (_, at) => `code ${at}x[0-9]{4}`)).map(
      (pattern): UserPattern => ({
        ...pattern,
        gate: (text) => {
          asked.push(pattern.engine.pattern());
          return pattern.gate(text);
        },
      }),
    );
    const detectors = patternDetectors(patterns, 'X');
    expect(filterText(filterOf(detectors), 'an ordinary code of 1000 lines, in which nothing is').matches).toBe(0);
    expect(asked).toEqual([]);
    expect(filterText(filterOf(detectors), 'see CODE 7X2000 and code 12x2000').matches).toBe(1);
    expect(asked).toEqual(['code 7x[0-9]{4}', 'code 12x[0-9]{4}']);
  });
});

describe('the literal of a pattern', () => {
  it.each([
    ['NWO-[0-9]{7}', 'nwo-'],
    ['(?i)project\\s{1,3}larkspur', 'larkspur'],
    ['[Aa]b[Cc]', 'abc'],
    ['(foo|bar)-[0-9]', '-'],
    ['[0-9]{3}', null],
    ['a|b', null],
    ['x\\by', 'xy'],
    ['\u017fea', 'sea'],
  ])('of %j is %j', (source, expected) => {
    expect(literalOf(RE2JS.compile(source))).toBe(expected);
  });
});

describe('an index of literals', () => {
  const words = ['abc', 'bcd', 'ab', 'éab', 'kil', 'x y', '😀z', 'aaa', '[{~', 'straße'];

  it('tells which stand in a text, without regard to case', () => {
    const text = fc.array(fc.constantFrom(...words, 'A', 'B', 'C', 'É', '\u212aIL', '{', '[', 'STRA\u1e9ee', ' '), {
      maxLength: 8,
    });
    const long = words.filter((word) => word.length >= 3);
    const index = literalIndexOf(long);
    fc.assert(
      fc.property(text, (some) => {
        const view = new TextView(some.join(''));
        const expected = long.flatMap((word, at) => (foldText(view.text).includes(word) ? [at] : []));
        expect([...index.findAll(view)].sort((a, b) => a - b)).toEqual(expected);
        expect(index.holdsAny(view)).toBe(expected.length > 0);
      }),
      { numRuns: 400 },
    );
  });

  it('counts short ones as standing everywhere', () => {
    const index = literalIndexOf(['abc', 'ab']);
    expect([...index.findAll(new TextView('nothing'))]).toEqual([1]);
    expect(index.holdsAny(new TextView('nothing'))).toBe(true);
  });
});
