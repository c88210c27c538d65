import { type Detector, type Match, trailingRun } from './detector.ts';
import { termDetector } from './terms.ts';

// Words that are nearly the words of a term: Levenshtein distance, word by word.

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
/** Between two words of a match stand one to this many other characters of one line. */
const MOST_BETWEEN = 4;

interface TermWord {
  readonly letters: readonly string[];
  /** How many letters may be inserted, left out or exchanged. */
  readonly distance: number;
}

/**
 * A detector of a term whose words may each differ by up to `maxDistance` letters, without regard to case. A word of a
 * term may differ by at most a quarter of its letters, so that short words stay themselves: `IBM` is never `IBN`. A term
 * without any word is looked for as it is.
 */
export function fuzzyTermDetector(term: string, type: string, maxDistance: number): Detector {
  const words = (term.match(WORD) ?? []).map((word): TermWord => {
    const letters = lettersOf(word);
    return { letters, distance: Math.min(maxDistance, Math.floor(letters.length / 4)) };
  });
  if (words.length === 0) return termDetector(term, type);
  const longest = words.reduce((sum, { letters, distance }) => sum + 2 * (letters.length + distance), 0);
  // One more on each side tells that the words end there.
  const reach = longest + MOST_BETWEEN * (words.length - 1) + 2;
  return {
    type,
    reach,
    gate: () => true,
    find: (text, from) => findWords(words, text, from),
    liveFrom: (text) => trailingRun(text, reach),
  };
}

function findWords(words: readonly TermWord[], text: string, from: number): Match | null {
  const found: { readonly start: number; readonly end: number }[] = [];
  WORD.lastIndex = wordStart(text, from);
  for (let match = WORD.exec(text); match !== null; match = WORD.exec(text)) {
    found.push({ start: match.index, end: match.index + match[0].length });
    if (found.length > words.length) found.shift();
    const [first] = found;
    const last = found.at(-1);
    if (first === undefined || last === undefined || found.length < words.length) continue;
    if (isNear(words, text, found)) return { start: first.start, valueStart: first.start, end: last.end };
  }
  return null;
}

/** Where the first whole word at or after `from` may begin: a word that began before it is no match of what is left of it. */
function wordStart(text: string, from: number): number {
  let at = from;
  const isWithin = (place: number): boolean => /[\p{L}\p{M}\p{N}]/u.test(characterAt(text, place));
  if (at > 0 && isWithin(before(text, at))) while (at < text.length && isWithin(at)) at += characterAt(text, at).length;
  return at;
}

function characterAt(text: string, at: number): string {
  return String.fromCodePoint(text.codePointAt(at) ?? 0);
}

/** The place of the character that ends at `at`. */
function before(text: string, at: number): number {
  const isPair = at > 1 && /[\udc00-\udfff]/.test(text.charAt(at - 1)) && /[\ud800-\udbff]/.test(text.charAt(at - 2));
  return at - (isPair ? 2 : 1);
}

function isNear(
  words: readonly TermWord[],
  text: string,
  found: readonly { readonly start: number; readonly end: number }[],
): boolean {
  return words.every(({ letters, distance }, index) => {
    const here = found[index];
    const previous = found[index - 1];
    if (here === undefined || !(previous === undefined || isGap(text.slice(previous.end, here.start)))) return false;
    if (here.end - here.start > 2 * (letters.length + distance)) return false;
    return isWithin(letters, lettersOf(text.slice(here.start, here.end)), distance);
  });
}

function isGap(between: string): boolean {
  return between.length <= MOST_BETWEEN && !between.includes('\n');
}

function lettersOf(word: string): readonly string[] {
  return [...word.toLowerCase().normalize('NFC')];
}

/** True when two words are at most `most` edits apart; rows beyond that are not computed to their end. */
function isWithin(one: readonly string[], other: readonly string[], most: number): boolean {
  if (Math.abs(one.length - other.length) > most) return false;
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let line = 1; line <= one.length; line++) {
    const next = [line];
    for (let column = 1; column <= other.length; column++) {
      const exchange = (row[column - 1] ?? 0) + (one[line - 1] === other[column - 1] ? 0 : 1);
      next.push(Math.min(exchange, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
    if (Math.min(...row) > most) return false;
  }
  return (row[other.length] ?? 0) <= most;
}
