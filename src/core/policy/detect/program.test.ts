import fc from 'fast-check';
import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { compilePattern, PATTERN_LENGTH_LIMIT, patternDetector, type UserPattern } from './pattern.ts';
import { gateOf, longestMatch } from './program.ts';

describe('longest match', () => {
  const table: readonly (readonly [string, number | null])[] = [
    ['abc', 3],
    ['NWO-[0-9]{7}', 11],
    ['a{2,5}(b|cd)?', 7],
    ['\\bx\\b', 1],
    ['(?i)kiss', 4],
    ['[a-z]{3}', 3],
    ['é', 2],
    ['.', 2],
    ['(foo|foobar)baz', 9],
    ['a*', null],
    ['ab+', null],
    ['a{3,}', null],
    ['(ab?)*c', null],
    ['a.{0,30}b', 62],
    ['^a$', 1],
    ['(?:x{1,10}){1,10}', 100],
  ];
  it.each(table)('of %j is %j', (source, expected) => {
    expect(longestMatch(RE2JS.compile(source))).toBe(expected);
  });

  it('is never less than what the engine matches', () => {
    fc.assert(
      fc.property(
        patternArbitrary,
        fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', 'ſ', 'é', '😀'), maxLength: 40 }),
        (source, text) => {
          const engine = RE2JS.compile(source);
          const most = longestMatch(engine);
          for (const match of engine.matchAll(text))
            if (most !== null) expect(match[0].length).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 300 },
    );
  });
});

// Small patterns over a small alphabet, with every construct that matters.
const atom = fc.constantFrom('a', 'b', '1', 'é', '[ab]', '[^a]', '\\d', '\\w', '.', '😀', '(?i:s)', '\\b', '^', '$');
const patternArbitrary: fc.Arbitrary<string> = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small' },
    atom,
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie('pattern'), fc.constantFrom('?', '{1,3}', '*', '+')).map(([a, times]) => `(?:${a})${times}`),
  ),
})).pattern;

describe('the gate', () => {
  it('lets every text with a match through', () => {
    fc.assert(
      fc.property(
        patternArbitrary,
        fc.string({ unit: fc.constantFrom('a', 'b', 'A', '1', ' ', 's', 'S', 'ſ', 'é', '😀', '\n'), maxLength: 12 }),
        (source, text) => {
          const engine = RE2JS.compile(source);
          if (engine.test(text)) expect(gateOf(engine)(text)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each([
    ['NWO-[0-9]{7}', 'an ordinary text without it'],
    ['(?i)project\\s{1,3}larkspur', 'an ordinary text without it'],
    ['[A-Z]{2,5}[0-9]{6,8}', 'Order 12 for Ana'],
    ['(foo|bar)-[0-9]', 'foo and bar'],
  ])('keeps %j from reading %j', (source, text) => {
    expect(gateOf(RE2JS.compile(source))(text)).toBe(false);
  });
});

describe('user patterns', () => {
  it.each(['(?<=a)b', '(a)\\1', '(?=a)', 'a{1,2000}', '[', '(a'])('refuses %j, which is not RE2', (source) => {
    expect(compilePattern(source, false)).toMatchObject({ fault: 'invalid' });
  });

  it.each(['a*', '', '^', '(x|)', '.', '(?s).', '\\b', '[^\\x00]', '.{0,3}'])(
    'refuses %j, which matches anything',
    (source) => {
      expect(compilePattern(source, false)).toMatchObject({ fault: 'too-wide' });
    },
  );

  it('finds in either case when asked to', () => {
    const found = (ignoreCase: boolean) =>
      patternDetector(compilePattern('secret plan', ignoreCase) as UserPattern, 'X').find('The SECRET plan', 0);
    expect(found(true)).toEqual({ start: 4, valueStart: 4, end: 15 });
    expect(found(false)).toBeNull();
  });

  it('keeps what it compiled, apart for either case', () => {
    expect(compilePattern('kept [0-9]', true)).toBe(compilePattern('kept [0-9]', true));
    expect(compilePattern('kept [0-9]', true)).not.toBe(compilePattern('kept [0-9]', false));
  });

  it('finds the same in a long text as in one piece, wherever a match stands', () => {
    const sources = ['\\b(?:ab|abc)\\b', '^a[bc]{1,3}', 'c$', '(?m)^b{1,2}$', '\\Bb+?c', '[abc]{3} é', 'a{1,3}'];
    const unit = fc.constantFrom('a', 'b', 'c', ' ', '\n', 'é', '😀');
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.string({ unit, maxLength: 12 }),
        fc.nat(4110),
        (source, part, place) => {
          const text = ['\n'.repeat(place), ' '.repeat(4110 - place)].join(part);
          const pattern = compilePattern(source, false) as UserPattern;
          const [found, expected]: [string[], string[]] = [[], []];
          const detector = patternDetector(pattern, 'X');
          for (let match = detector.find(text, 0); match !== null; match = detector.find(text, match.end)) {
            found.push(`${match.start} ${match.end}`);
          }
          for (const match of pattern.engine.matchAll(text)) {
            expected.push(`${match.index} ${(match.index ?? 0) + match[0].length}`);
          }
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('stays linear on what explodes elsewhere', () => {
    const detector = patternDetector(compilePattern('(a+)+$x', false) as UserPattern, 'X');
    expect(detector.find('a'.repeat(20_000), 0)).toBeNull();
    expect(PATTERN_LENGTH_LIMIT).toBe(512);
  });
});
