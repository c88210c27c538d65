import type { OrgSlug } from '../../model/index.ts';
import type { Names } from '../view.ts';
import { wordsOf } from './readings.ts';
import type { LeakValue } from './values.ts';

// A value can only be in a text that has all of its words. So each value is kept under its rarest words, and a text is
// asked word by word which values it could hold: linear in words, however many values there are.

/** Values by the rarest of their words. */
export interface ValueIndex {
  /** The values that a text with these words could hold; `more` are words that every text of this kind has. */
  readonly candidates: (words: ReadonlySet<string>, more: Names) => readonly LeakValue[];
}

const KEYS = 2;
/** A word that so many values have tells nothing: the value is kept under its other word alone. */
const COMMON = 64;

export function indexOfValues(values: readonly LeakValue[]): ValueIndex {
  const wordsOfValue = new Map(values.map((value) => [value, [...new Set(wordsOf(value.text))]] as const));
  const counts = new Map<string, number>();
  for (const words of wordsOfValue.values()) for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const byWord = new Map<string, LeakValue[]>();
  for (const [value, words] of wordsOfValue) {
    const rare = [...words].sort((a, b) => (counts.get(a) ?? 0) - (counts.get(b) ?? 0)).slice(0, KEYS);
    for (const [place, word] of rare.entries()) {
      if (place > 0 && (counts.get(word) ?? 0) > COMMON) continue;
      const known = byWord.get(word);
      if (known === undefined) byWord.set(word, [value]);
      else known.push(value);
    }
  }
  return {
    candidates: (words, more) => {
      const found = new Set<LeakValue>();
      for (const word of words) {
        for (const value of byWord.get(word) ?? []) {
          const all = wordsOfValue.get(value) ?? [];
          if (all.every((part) => words.has(part) || more.has(part))) found.add(value);
        }
      }
      return [...found];
    },
  };
}

/** Which values of other orgs each org could hold, from the words of its objects. Few, or none; they are looked for then. */
export function suspectsOf(
  index: ValueIndex,
  words: Iterable<{ readonly org: OrgSlug; readonly words: string; readonly common: Names }>,
): ReadonlyMap<OrgSlug, readonly LeakValue[]> {
  const suspects = new Map<OrgSlug, readonly LeakValue[]>();
  for (const { org, words: text, common } of words) {
    const foreign = index.candidates(new Set(text.split(' ')), common).filter((value) => value.org !== org);
    if (foreign.length > 0) suspects.set(org, foreign);
  }
  return suspects;
}
