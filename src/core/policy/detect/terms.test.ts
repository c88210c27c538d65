import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterText } from '../text/filter.ts';
import { streamFilter } from '../text/stream.ts';
import { foldText } from './fold.ts';
import { termDetectors } from './terms.ts';

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
const filterOf = (terms: readonly string[]) =>
  ({
    detectors: termDetectors(terms, 'T'),
    action: 'redact',
    render: (_: string, matched: string) => '#'.repeat(matched.length),
  }) as const;

/** Which code units some term covers, by the regular expressions of the language. */
function covered(terms: readonly string[], text: string): string {
  const marks = [...text].flatMap((letter) => ([...letter].length === 1 ? letter.split('') : [letter]));
  for (const term of terms) {
    const pattern = new RegExp(escaped(term), 'giu');
    for (let found = pattern.exec(text); found !== null; found = pattern.exec(text)) {
      for (let at = found.index; at < found.index + found[0].length; at++) marks[at] = '#';
      pattern.lastIndex = found.index + ((text.codePointAt(found.index) ?? 0) > 0xffff ? 2 : 1);
    }
  }
  return marks.join('');
}

const words = [
  'a',
  'ab',
  'abc',
  'bca',
  'ca',
  'cab',
  'é',
  'Éa',
  'ſa',
  'K',
  'ß',
  'straße',
  'σς',
  '😀',
  'a😀',
  'x y',
  'aa',
  '𐐀',
];
const terms = fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength: 16 });
const texts = fc
  .array(fc.constantFrom(...words, 'A', 'B', 'c', 'É', 'S', 's', 'k', 'K', 'ẞ', 'ς', 'Σ', 'ſ', '𐐨', ' ', '\n'), {
    maxLength: 20,
  })
  .map((parts) => parts.join(''));

describe('a list of terms', () => {
  it('covers what a regular expression without regard to case finds, for few terms and for many', () => {
    fc.assert(
      fc.property(terms, texts, (list, text) => {
        // What overlaps itself is found from its first letter on; such terms only when they are many.
        const plain = list.length < 8 ? list.filter((term) => term !== 'aa' && term !== 'σς') : list;
        expect(filterText(filterOf(plain), text).text).toBe(covered(plain, text));
      }),
      { numRuns: 600 },
    );
  });

  it('does the same to a stream, however it is cut', () => {
    fc.assert(
      fc.property(terms, texts, (list, text) => {
        const stream = streamFilter(filterOf(list));
        const sent = [...text].map((letter) => stream.push(letter) ?? '').join('') + (stream.end() ?? '');
        expect(sent).toBe(filterText(filterOf(list), text).text);
      }),
      { numRuns: 400 },
    );
  });

  it('takes one pass, however many matches there are', () => {
    const many = Array.from({ length: 2000 }, (_, index) => `term${index}`);
    const text = 'ab'.repeat(500_000);
    expect(filterText({ ...filterOf(['ab']), action: 'block' }, text).matches).toBe(500_000);
    expect(filterText({ ...filterOf([...many, 'ab']), action: 'block' }, text).matches).toBe(500_000);
  });
});

describe('folding', () => {
  it.each([
    ['\ud801\udc00\ud800x', '\ud801\udc28\ud800x'],
    ['\udc00É', '\udc00é'],
    [`${'A'.repeat(4095)}\ud801\udc00É\u0000`, `${'a'.repeat(4095)}\ud801\udc28é\u0000`],
  ])('keeps pairs together, and halves as they are', (text, expected) => {
    expect(foldText(text)).toBe(expected);
  });

  it('keeps places, and is the one of regular expressions', () => {
    // Latin, Greek, Cyrillic and Armenian, where the odd ones are.
    for (let code = 0x80; code < 0x2130; code = code === 0x590 ? 0x1e00 : code + 1) {
      const letter = String.fromCodePoint(code);
      const folded = foldText(letter);
      expect(folded.length).toBe(letter.length);
      if (folded !== letter) expect(new RegExp(escaped(folded), 'iu').test(letter), letter).toBe(true);
      for (const form of [letter.toLowerCase(), letter.toUpperCase()]) {
        if (form.length !== letter.length) continue;
        expect(foldText(form) === folded, `${letter} ${form}`).toBe(new RegExp(escaped(form), 'iu').test(letter));
      }
    }
  });
});
