import { CYRILLIC, LATIN, type LanguageFacts } from './words.ts';

/** Which language a text is in, as far as it can be told. */
export interface Guess {
  /** ISO 639-1; null where the text is too short or holds too little of any language. */
  readonly language: string | null;
  /** How much of what was recognised speaks for it, from 0 to 1. */
  readonly confidence: number;
}

const UNKNOWN: Guess = { language: null, confidence: 0 };

/** Letters below which nothing is told; a character of Chinese, Japanese or Korean counts as three. */
export const LEAST_LETTERS = 20;
const LEAST_WORDS = 4;
const IDEOGRAPH_LETTERS = 3;
/** The most of one text that is looked at, in UTF-16 code units: of a longer one, so many pieces spread over it. */
export const SAMPLE_LENGTH = 512;
const SAMPLES = 8;

// Scripts of one language among those that policies name, and the rest of the world's.
const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['latin', /\p{Script=Latin}/gu],
  ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['kana', /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ['han', /\p{Script=Han}/gu],
  ['hangul', /\p{Script=Hangul}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
];

/** Pieces of a long text, from its beginning to its end; the text itself when it is short. */
export function sampleOf(text: string): string {
  if (text.length <= SAMPLE_LENGTH * SAMPLES) return text;
  const step = (text.length - SAMPLE_LENGTH) / (SAMPLES - 1);
  return Array.from({ length: SAMPLES }, (_, index) => {
    const start = Math.floor(index * step);
    return text.slice(start, start + SAMPLE_LENGTH);
  }).join(' ');
}

/**
 * Tells the language of a text by its script, and in Latin and Cyrillic letters by its commonest words, the ends of others and
 * letters that few languages have. The work is linear; give it a bounded sample.
 */
export function languageOf(text: string): Guess {
  const counts = new Map<string, number>();
  let letters = 0;
  for (const [name, pattern] of SCRIPTS) {
    const found = text.match(pattern)?.length ?? 0;
    const weight = name === 'kana' || name === 'han' || name === 'hangul' ? IDEOGRAPH_LETTERS : 1;
    counts.set(name, found * weight);
    letters += found * weight;
  }
  if (letters < LEAST_LETTERS) return UNKNOWN;
  const of = (name: string): number => counts.get(name) ?? 0;
  const japanese = of('kana') * 8 >= of('han') ? of('kana') + of('han') : of('kana');
  const chinese = of('kana') * 8 >= of('han') ? 0 : of('han');
  const shares: readonly (readonly [string, number])[] = [
    ...['latin', 'cyrillic', 'arabic', 'el', 'he', 'th', 'hi'].map((name) => [name, of(name)] as const),
    ['ja', japanese],
    ['zh', chinese],
    ['ko', of('hangul')],
  ];
  const [script, most] = shares.reduce((best, share) => (share[1] > best[1] ? share : best));
  return within(script, text, most / letters);
}

function within(script: string, text: string, share: number): Guess {
  switch (script) {
    case 'latin':
      return byWords(latin, text, share);
    case 'cyrillic':
      return byWords(cyrillic, text, share);
    case 'arabic':
      return { language: arabicOf(text), confidence: share };
    default:
      return { language: script, confidence: share };
  }
}

const PERSIAN = /[پچژگکی]/gu;
const URDU = /[ٹڈڑںے]/gu;
const ARABIC = /[ةىكيأإ]/gu;

/** Arabic letters are Persian's and Urdu's too, which have a few of their own and lack a few. */
function arabicOf(text: string): string {
  const count = (pattern: RegExp): number => text.match(pattern)?.length ?? 0;
  if (count(URDU) > 2) return 'ur';
  return count(PERSIAN) > count(ARABIC) ? 'fa' : 'ar';
}

/** What speaks for which languages, and how strongly: the fewer share it, the more it says. */
interface Evidence {
  readonly words: ReadonlyMap<string, readonly string[]>;
  readonly endings: ReadonlyMap<string, readonly string[]>;
  readonly letters: ReadonlyMap<string, readonly string[]>;
}

function evidenceOf(languages: Readonly<Record<string, LanguageFacts>>): Evidence {
  const gather = (pick: (facts: LanguageFacts) => Iterable<string>): ReadonlyMap<string, readonly string[]> => {
    const made = new Map<string, string[]>();
    for (const [language, facts] of Object.entries(languages)) {
      for (const item of new Set(pick(facts))) made.set(item, [...(made.get(item) ?? []), language]);
    }
    return made;
  };
  return {
    words: gather((facts) => facts.words),
    endings: gather((facts) => facts.endings),
    letters: gather((facts) => facts.letters),
  };
}

const latin = evidenceOf(LATIN);
const cyrillic = evidenceOf(CYRILLIC);

const WORD = /[\p{L}\p{M}]+/gu;
const NON_ASCII_LETTER = /[^\x00-\x7f]/g;
const LONG_WORD = 5;
/** Of ordinary prose, a third and more of the words are common ones; below this share, confidence shrinks. */
const COMMON_SHARE = 0.2;

function byWords({ words, endings, letters }: Evidence, text: string, share: number): Guess {
  const scores = new Map<string, number>();
  const vote = (languages: readonly string[] | undefined, weight: number): boolean => {
    for (const language of languages ?? [])
      scores.set(language, (scores.get(language) ?? 0) + weight / (languages?.length ?? 1));
    return languages !== undefined;
  };
  const read = text.normalize('NFC').toLowerCase().match(WORD) ?? [];
  if (read.length < LEAST_WORDS) return UNKNOWN;
  let known = 0;
  for (const word of read) {
    if (vote(words.get(word), 1)) known++;
    else if (word.length >= LONG_WORD) {
      for (const length of [2, 3, 4, 5]) vote(endings.get(word.slice(-length)), 0.5);
    }
    for (const letter of word.match(NON_ASCII_LETTER) ?? []) vote(letters.get(letter), 0.5);
  }
  const ranked = [...scores].sort((a, b) => b[1] - a[1]);
  const [best] = ranked;
  if (best === undefined || best[1] < 1) return UNKNOWN;
  const total = ranked.slice(0, 2).reduce((sum, [, score]) => sum + score, 0);
  const common = Math.min(1, (known + best[1]) / (2 * COMMON_SHARE * read.length));
  return { language: best[0], confidence: (best[1] / total) * common * share };
}
