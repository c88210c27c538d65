import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterText } from '../text/filter.ts';
import { streamFilter } from '../text/stream.ts';
import type { Match } from './detector.ts';
import { findTerms, fuzzyDetector, indexSizeOf, MOST_ENTRIES, termIndexOf } from './fuzzy.ts';
import { lettersOf } from './letters.ts';
import { deletionsOf, editsOf, isNear, nearIndexOf, newWork } from './near.ts';

const filterOf = (terms: readonly string[], distance: number) =>
  ({
    detectors: [fuzzyDetector(terms, 'T', distance)],
    action: 'redact',
    render: (_: string, matched: string) => `<${matched}>`,
  }) as const;
const marked = (terms: readonly string[], distance: number, text: string): string =>
  filterText(filterOf(terms, distance), text).text;

describe('a term that is nearly written', () => {
  it.each([
    ['Nordwind Trading', 1, 'from Nordwind Trading.', 'from <Nordwind Trading>.'],
    ['Nordwind Trading', 1, 'NORDWIND-TRADNG', '<NORDWIND-TRADNG>'],
    ['Nordwind Trading', 1, 'Nordwimd "Tradings"', '<Nordwimd "Tradings>"'],
    ['Nordwind Trading', 1, 'Norwimd Trading', 'Norwimd Trading'],
    ['Nordwind Trading', 2, 'Norwimd Trading', '<Norwimd Trading>'],
    ['Nordwind Trading', 1, 'Nordwind and Trading', 'Nordwind and Trading'],
    ['Nordwind Trading', 1, 'Nordwind\nTrading', 'Nordwind\nTrading'],
    ['Nordwind Trading', 1, 'Nordwind     Trading', 'Nordwind     Trading'],
    ['Nordwind', 1, 'MyNordwinds or Nordwinds', 'MyNordwinds or <Nordwinds>'],
    ['IBM', 2, 'IBM IBN IB', '<IBM> IBN IB'],
    ['Straße', 1, 'STRASSE strase straße', 'STRASSE <strase> <straße>'],
    ['José', 1, 'jose\u0301 jos Joze', '<jose\u0301> <jos> Joze'],
    ['***', 1, 'a *** b', 'a *** b'],
    ['😀word', 1, '😀word', '😀<word>'],
    ['𝒳𝒳𝒳𝒳', 1, '𝒳𝒳𝒳𝒳 𝒳𝒳𝒳 𝒳𝒳', '<𝒳𝒳𝒳𝒳> <𝒳𝒳𝒳> 𝒳𝒳'],
    ['x'.repeat(33), 2, `${'x'.repeat(33)} ${'x'.repeat(34)}`, `<${'x'.repeat(33)}> ${'x'.repeat(34)}`],
  ] as const)('%j within %d in %j', (term, distance, text, expected) => {
    expect(marked([term], distance, text)).toBe(expected);
  });

  it('is found beside others with the same words', () => {
    const terms = ['Bank of Nordwind', 'Bank', 'Nordwind Trading', 'of Nordwind'];
    expect(marked(terms, 1, 'the Bnak of Nordwind Trading')).toBe('the Bnak <of Nordwind>< Trading>');
    expect(marked(terms, 1, 'the Bankk of Nordwind')).toBe('the <Bankk of Nordwind>');
  });

  it('begins no match in the middle of a word', () => {
    const detector = fuzzyDetector(['wind'], 'T', 1);
    expect(detector.find('Nordwind wind', 4)).toMatchObject({ start: 9, end: 13 });
    expect(detector.find('Nord wind', 4)).toMatchObject({ start: 5 });
    expect(detector.find('𝒳𝒳𝒳𝒳wind wind', 8)).toMatchObject({ start: 13 });
    expect(detector.find('nothing here', 0)).toBeNull();
  });
});

const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 14 });

describe('the index', () => {
  /** Levenshtein's table, row by row. */
  const distance = (one: string, other: string): number => {
    let row = Array.from({ length: other.length + 1 }, (_, at) => at);
    for (const [line, letter] of [...one].entries()) {
      const next = [line + 1];
      for (const [at, second] of [...other].entries()) {
        next.push(Math.min((row[at] ?? 0) + (letter === second ? 0 : 1), (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
      }
      row = next;
    }
    return row.at(-1) ?? 0;
  };

  it('finds exactly the words within their distance', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(letters, { minLength: 1, maxLength: 12 }),
        letters,
        fc.constantFrom(1, 2),
        (words, word, most) => {
          const near = nearIndexOf(words.map(lettersOf), most).near(lettersOf(word), newWork(1e6));
          const expected = words.flatMap((other, at) =>
            distance(other, word) <= editsOf(other.length, most) ? [at] : [],
          );
          expect([...near].sort((a, b) => a - b)).toEqual(expected);
          for (const other of words)
            expect(isNear(lettersOf(other), lettersOf(word), 2)).toBe(distance(other, word) <= 2);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('knows its size before it is made', () => {
    expect([deletionsOf(3, 0), deletionsOf(4, 1), deletionsOf(8, 2)]).toEqual([1, 5, 37]);
    expect(indexSizeOf(['Nordwind Bank', 'Nordwind'], 2)).toBe(37 + 5 + 37);
  });
});

describe('a stream', () => {
  it('gives what the whole text gives, however it is cut', () => {
    const terms = ['Nordwind Trading', 'larkspur', 'wind', 'José'];
    const parts = fc.constantFrom(
      'Nordwind',
      'Nordwint',
      ' ',
      '-',
      'Trading',
      'tradng',
      'lark',
      'spur',
      'win',
      'd',
      '\n',
      'e\u0301',
      'Jos',
      '😀',
    );
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 14 }), fc.constantFrom(1, 2), (some, distance) => {
        const text = some.join('');
        const stream = streamFilter(filterOf(terms, distance));
        const sent = [...text].map((letter) => stream.push(letter) ?? '').join('') + (stream.end() ?? '');
        expect(sent).toBe(marked(terms, distance, text));
      }),
      { numRuns: 300 },
    );
  });
});

describe('where a term may still begin', () => {
  const { liveFrom } = fuzzyDetector(['Nordwind Trading', 'ledger'], 'NEAR', 2);

  it.each([
    ['of Nordw', 3],
    ['of Nordwind', 3],
    ['of Nordwind ', 3],
    ['of Nordvind - ', 3],
    ['of Nordwind Trad', 3],
    ['of Nordwind\n', 12],
    ['of Nordwind  ...  ', 18],
    ['of ledger', 3],
    ['of ledger ', 10],
    ['of Nordwind ledger ', 19],
    [`of ${'x'.repeat(40)}`, 43],
    ['of ', 3],
  ])('in %j is the place %i', (text, place) => {
    expect(liveFrom(text)).toBe(place);
  });
});

describe('the work', () => {
  /** A name of eight letters, another one for each number, with few neighbours as names have. */
  const name = (number: number): string =>
    [3, 5, 7, 11, 13, 17, 19, 23]
      .map((prime) =>
        String.fromCharCode(97 + ((Math.imul(number + prime, 2_654_435_761 % (prime * 65_537)) >>> 7) % 26)),
      )
      .join('');
  const terms = (count: number) => Array.from({ length: count }, (_, at) => `${name(at * 2)} ${name(at * 2 + 1)}`);
  // A mebibyte of names: every other one is in the list, and few pairs are a term.
  const text = Array.from({ length: 116_000 }, (_, at) => name((at * 7919) % 10_000)).join(' ');
  const workOf = (count: number) => {
    const work = newWork(4_000_000);
    const found: Match[] = [];
    findTerms(
      termIndexOf(terms(count), 2),
      { text, from: 0, until: text.length },
      { work, found: (match) => found.push(match) },
    );
    return { ...work, found: found.length };
  };

  it('looks up each word as often for 5,000 terms as for 50', () => {
    const few = workOf(50);
    const many = workOf(5000);
    expect(text.length).toBeGreaterThan(1_000_000);
    expect(many.lookups).toBe(few.lookups);
    expect(many.lookups).toBe(116_000 * 37);
  });

  it('ends with an error where a list and a text are made to be compared without end', () => {
    const alike = Array.from({ length: 5000 }, (_, at) => `product${String(at).padStart(5, '0')}`);
    const index = termIndexOf(alike, 2);
    const hostile = 'prodqucqt000 '.repeat(1000);
    expect(() =>
      findTerms(index, { text: hostile, from: 0, until: hostile.length }, { work: newWork(10_000), found: () => {} }),
    ).toThrow(RangeError);
    expect(indexSizeOf(alike, 2)).toBeLessThan(MOST_ENTRIES);
  });
});
