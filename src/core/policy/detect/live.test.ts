import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { livePattern } from './live.ts';
import { compilePattern, reachOf, type UserPattern } from './pattern.ts';
import { programOf } from './program.ts';

// A pattern from parts that either engine has, and texts of its letters, so that ways through it come to an end everywhere.
const atom = fc.constantFrom('a', 'b', '1', ' ', '-', '[ab]', '[^a]', '\\d', '\\w', '\\b', '(?:ab|a)', '(?:a|ab|-1)');
const border = fc.constantFrom('(?!b)', '(?=a)', '(?!a-1)', '(?<!a)', '(?<=[ab] ?)', '(?=1{0,2}b)');
const counted = fc.tuple(atom, fc.constantFrom('', '', '?', '*', '+', '{0}', '{2}', '{0,2}', '{1,3}', '{1,2}?'));
const piece = counted.map(([part, count]) => (part === '\\b' ? part : part + count));
const sequence = (parts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(parts, { minLength: 1, maxLength: 5 }).map((list) => list.join(''));
const grouped = (parts: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(sequence(parts), sequence(parts), fc.constantFrom('', '?', '{0,2}', '+'), sequence(parts))
    .map(([one, other, count, rest]) => `(?:${one}|${other})${count}${rest}`);
const pattern = fc.oneof(sequence(piece), grouped(piece));
const bordered = fc.oneof(sequence(fc.oneof(piece, border)), grouped(fc.oneof(piece, border)));
const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' ', '-', '\n', 'é'), maxLength: 12 });

const userOf = (source: string): UserPattern => compilePattern(source, false) as UserPattern;
const usable = pattern.filter((source) => 'engine' in compilePattern(source, false));

/** What an engine finds at one place, as text that can be compared. */
type At = (text: string, at: number) => string | null;

/** What the engine of the users finds at one place. */
const userAt =
  ({ engine }: UserPattern): At =>
  (given, place) => {
    const matcher = engine.matcher(given);
    return matcher.find(place) && matcher.start() === place ? matcher.group() : null;
  };

const decided = (
  at: At,
  { whole, cut, live }: { readonly whole: string; readonly cut: number; readonly live: number },
) => {
  const begun = whole.slice(0, cut);
  for (let place = 0; place < live; place += 1) expect(at(begun, place), `at ${place}`).toBe(at(whole, place));
};

describe('where a match may still begin', () => {
  it('is before every place where more text changes what the engine of our patterns finds', () => {
    fc.assert(
      fc.property(bordered, text, fc.nat({ max: 12 }), (source, whole, cut) => {
        const sticky = new RegExp(source, 'y');
        const at: At = (given, place) => {
          sticky.lastIndex = place;
          return sticky.exec(given)?.[0] ?? null;
        };
        const begun = whole.slice(0, cut);
        const live = livePattern(new RegExp(source, 'g')).exec(begun)?.index ?? begun.length;
        decided(at, { whole, cut, live });
      }),
      { numRuns: 3_000 },
    );
  });

  it('is before every place where more text changes what the engine of the users finds', () => {
    fc.assert(
      fc.property(usable, text, fc.nat({ max: 12 }), (source, whole, cut) => {
        const user = userOf(source);
        decided(userAt(user), { whole, cut, live: user.live(whole.slice(0, cut), 0) });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['ACM-[0-9]{8}', 'see ACM-2041', 4],
    ['ACM-[0-9]{8}', 'see A', 4],
    ['ACM-[0-9]{8}', 'see ACM 2041', 12],
    ['ACM-[0-9]{8}', 'see ACM-20419833', 16],
    ['ACM-[0-9]{2,8}', 'see ACM-2041', 4],
    ['\\bcode [a-z]{1,5}\\b', 'the code al', 4],
    ['\\bcode [a-z]{1,5}\\b', 'the code alpha', 4],
    ['\\bcode [a-z]{1,5}\\b', 'the code alpha,', 15],
    ['\\bcode [a-z]{1,5}\\b', 'the zipcode al', 14],
    ['ab(?:cd){1,3}', 'xabcdc', 1],
    ['ab(?:cd){1,3}', 'xabcdx', 6],
    ['a|bcd', 'xxbc', 2],
    ['(?:ab|cd)e', 'cdab', 2],
    ['😀ab', 'x😀a', 1],
  ])('%s in %j is the place %i, for both engines', (source, given, place) => {
    expect(livePattern(new RegExp(source, 'g')).exec(given)?.index ?? given.length).toBe(place);
    expect(userOf(source).live(given, 0)).toBe(place);
  });

  it.each([
    ['\\d{3}(?!-?\\d)', 'x123', 1],
    ['\\d{3}(?!-?\\d)', 'x123-', 1],
    ['\\d{3}(?!-?\\d)', 'x123 ', 5],
    ['(?=[a-z]{0,4}\\d)[a-z\\d]{3}', 'a1b', 1],
    ['(?=[a-z]{0,4}\\d)[a-z\\d]{3}', 'a1bc', 2],
    ['(?<!a)b', 'ab', 2],
    ['(?<!a)bc', 'xb', 1],
    ['(?<!a)bc', 'ab', 2],
    ['ab(?<=b)', 'xab', 3],
  ])('%s, which looks around itself, in %j is the place %i', (source, given, place) => {
    expect(livePattern(new RegExp(source, 'g')).exec(given)?.index ?? given.length).toBe(place);
  });

  it.each([
    ['(?m)^begin [a-z]{1,8}', 'to begin a', 10],
    ['(?m)^begin [a-z]{1,8}', 'to\nbegin a', 3],
    ['(?m)ab$', 'xab', 1],
    ['(?m)ab$', 'xab\n', 4],
    ['(?m)a$[^x]{1,3}', 'ab', 2],
    ['(?m)a$[^x]{1,3}', 'a\nb', 0],
    ['a\\z[^x]{1,3}', 'ab', 2],
    ['\\Aab', 'a', 0],
    ['\\Aab', 'xa', 2],
    ['a\\B[^x]{1,3}', 'ab', 0],
    ['a\\B[^x]{1,3}', 'a b', 3],
  ])('%s, which asks for its place, in %j is the place %i', (source, given, place) => {
    expect(userOf(source).live(given, 0)).toBe(place);
  });

  it('is not looked for where nothing begins', () => {
    expect(userOf('ACM-[0-9]{8}').live('!'.repeat(30_000), 0)).toBe(30_000);
  });

  it('keeps the flags of a pattern, and refuses what refers to a match', () => {
    expect('x STRA'.search(livePattern(/stra(?:ß|ss)e/giu))).toBe(2);
    expect(() => livePattern(/(a)\1/g)).toThrow(RangeError);
    expect(() => livePattern(/^a/gm)).toThrow(RangeError);
  });
});

const AMBIGUOUS = '(?:[a-z]{1,20} ?){1,20}x[0-9]';

describe('where a match may still begin in a text that grows', () => {
  it('is the same as in one that is there at once', () => {
    fc.assert(
      fc.property(usable, fc.array(text, { maxLength: 6 }), (source, pieces) => {
        const user = userOf(source);
        const scan = user.scan(Number.POSITIVE_INFINITY);
        let whole = '';
        for (const piece of pieces) {
          whole += piece;
          expect(scan.push(piece, { steps: 10_000 })).toBe(user.live(whole, 0));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it('is before every place that is not decided, and never further back than a match is long, on any budget', () => {
    const bounded = usable.map(userOf).filter(({ longest }) => longest !== null);
    const pushed = fc.array(fc.tuple(text, fc.nat({ max: 40 })), { maxLength: 6 });
    fc.assert(
      fc.property(bounded, pushed, text, (user, pieces, rest) => {
        const reach = reachOf(user);
        const scan = user.scan(reach);
        const whole = pieces.map(([piece]) => piece).join('') + rest;
        let cut = 0;
        for (const [piece, steps] of pieces) {
          cut += piece.length;
          const live = scan.push(piece, { steps });
          decided(userAt(user), { whole, cut, live });
          expect(live).toBeGreaterThan(cut - reach);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([AMBIGUOUS, '(?:\\w{1,30}\\W{1,3}){0,10}acquisition', '(?:a?b?){1,60}c'])(
    'takes a bounded number of steps for each character, however many ways %s has',
    (source) => {
      const user = userOf(source);
      const scan = user.scan(reachOf(user));
      const size = programOf(user.engine).inst.length;
      for (const letter of 'the quick fox jumps over lazy abababab dogs '.repeat(40)) {
        const budget = { steps: Number.MAX_SAFE_INTEGER };
        scan.push(letter, budget);
        expect(Number.MAX_SAFE_INTEGER - budget.steps).toBeLessThanOrEqual(3 * size);
      }
    },
  );

  it('is at most as far back as a match is long where the budget does not suffice, and close again once it does', () => {
    const user = userOf(AMBIGUOUS);
    const reach = reachOf(user);
    const scan = user.scan(reach);
    const budget = { steps: 0 };
    const given = `${'abc '.repeat(300)}.`;
    expect(scan.push(given, budget)).toBe(given.length - reach + 1);
    budget.steps = Number.MAX_SAFE_INTEGER;
    expect(scan.push('..', budget)).toBe(given.length + 2);
    expect(user.live('abc '.repeat(3_000), 0)).toBeLessThan(reach);
  });
});
