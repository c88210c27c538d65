import { describe, expect, it } from 'vitest';
import { found } from './detect.testkit.ts';
import { fuzzyTermDetector } from './fuzzy.ts';

const near = (term: string, distance: number, text: string): readonly string[] =>
  found([fuzzyTermDetector(term, 'T', distance)], text);

describe('a term that is nearly written', () => {
  it.each([
    ['Nordwind Trading', 1, 'from Nordwind Trading.', ['T:Nordwind Trading']],
    ['Nordwind Trading', 1, 'NORDWIND-TRADNG', ['T:NORDWIND-TRADNG']],
    ['Nordwind Trading', 1, 'Nordwimd "Tradings"', ['T:Nordwimd "Tradings']],
    ['Nordwind Trading', 1, 'Norwimd Trading', []],
    ['Nordwind Trading', 2, 'Norwimd Trading', ['T:Norwimd Trading']],
    ['Nordwind Trading', 1, 'Nordwind and Trading', []],
    ['Nordwind Trading', 1, 'Nordwind\nTrading', []],
    ['Nordwind Trading', 1, 'Nordwind     Trading', []],
    ['Nordwind', 1, 'MyNordwinds or Nordwinds', ['T:Nordwinds']],
    ['IBM', 8, 'IBM IBN IB', ['T:IBM']],
    ['AB', 8, 'AB AC ABC', ['T:AB']],
    ['Straße', 1, 'STRASSE strase straße', ['T:strase', 'T:straße']],
    ['José', 1, 'jose\u0301 jos Joze', ['T:jose\u0301', 'T:jos']],
    ['***', 1, 'a *** b', ['T:***']],
    ['😀word', 1, '😀word', ['T:word']],
  ] as const)('%j within %d in %j', (term, distance, text, expected) => {
    expect(near(term, distance, text)).toEqual(expected);
  });

  it('begins no match in the middle of a word', () => {
    const detector = fuzzyTermDetector('wind', 'T', 1);
    expect(detector.find('Nordwind wind', 4)).toMatchObject({ start: 9, end: 13 });
    expect(detector.find('Nord wind', 4)).toMatchObject({ start: 5 });
    expect(detector.find('𝒳𝒳𝒳𝒳wind wind', 8)).toMatchObject({ start: 13 });
  });
});
