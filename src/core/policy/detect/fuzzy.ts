import type { Detector, Match, Stretch } from './detector.ts';
import { before, isWordAt, lettersOf, widthAt, wordEnd } from './letters.ts';
import { compareOnce, deletionsOf, editsOf, type NearIndex, nearIndexOf, newWork, type Work } from './near.ts';

// Terms whose words are nearly written. All words of all terms are one index, and the terms are paths through a tree of its
// words, so that what a word of a text costs does not grow with the number of terms.

/** Between two words of a match stand one to this many other characters of one line. */
const MOST_BETWEEN = 4;
/** Comparisons of words that a text may cost, and so many more for each code unit; a text that needs more is an error: a block. */
const COMPARISONS_PER_TEXT = 100_000;
const COMPARISONS_PER_UNIT = 4;
/** The most entries of an index: what is left of all words of a list without one or two letters. */
export const MOST_ENTRIES = 500_000;

const WORD = /[\p{L}\p{M}\p{N}]+/gu;
const wordsOf = (term: string): readonly Int32Array[] => (term.match(WORD) ?? []).map(lettersOf);

/** How many entries an index of these terms has. */
export function indexSizeOf(terms: readonly string[], distance: number): number {
  const words = terms.flatMap(wordsOf);
  return words.reduce((sum, word) => sum + deletionsOf(word.length, editsOf(word.length, distance)), 0);
}

/**
 * A detector of terms whose words may each differ by up to `distance` letters, without regard to case: never by more than a
 * quarter of them. Terms without any word are left to an exact search.
 */
export function fuzzyDetector(terms: readonly string[], type: string, distance: number): Detector {
  let index: TermIndex | undefined;
  const reach = Math.max(1, ...terms.map((term) => reachOf(wordsOf(term), distance)));
  const search = (stretch: Stretch, found: (match: Match) => void): number => {
    // Made for the first text that needs it: a check asks for none.
    index ??= termIndexOf(terms, distance);
    const most = COMPARISONS_PER_TEXT + COMPARISONS_PER_UNIT * (stretch.until - stretch.from);
    return findTerms(index, stretch, { work: newWork(most), found });
  };
  const findAll = (stretch: Stretch, found: (match: Match) => void): number => {
    search(stretch, found);
    return stretch.until;
  };
  return {
    type,
    reach,
    gate: () => true,
    find: (text, from) => {
      const found: Match[] = [];
      findAll({ text, from, until: text.length }, (match) => found.push(match));
      return found.sort((a, b) => a.start - b.start)[0] ?? null;
    },
    findAll,
    liveFrom: (text) => search({ text, from: Math.max(0, text.length - reach + 1), until: text.length }, () => {}),
  };
}

/** Letters beyond the Basic Multilingual Plane have two code units, as has a letter with a mark of its own. */
const widthOf = (letters: number, edits: number): number => 2 * (letters + edits);

function reachOf(words: readonly Int32Array[], distance: number): number {
  const widths = words.map(({ length }) => widthOf(length, editsOf(length, distance)));
  // One more on each side tells that the words end there.
  return widths.reduce((sum, width) => sum + width, 0) + MOST_BETWEEN * Math.max(0, words.length - 1) + 2;
}

/** Where a path through the words of terms has come to. */
interface Node {
  readonly next: Map<number, Node>;
  isTerm: boolean;
}

export interface TermIndex {
  readonly words: NearIndex;
  /** The longest form of each word in a text, in UTF-16 code units. */
  readonly widths: readonly number[];
  readonly root: Node;
  readonly widest: number;
}

export function termIndexOf(terms: readonly string[], distance: number): TermIndex {
  const numbers = new Map<string, number>();
  const words: Int32Array[] = [];
  const root: Node = { next: new Map(), isTerm: false };
  for (const term of terms) {
    let node = root;
    for (const letters of wordsOf(term)) {
      const key = letters.join();
      const number = numbers.get(key) ?? words.push(letters) - 1;
      numbers.set(key, number);
      const next: Node = node.next.get(number) ?? { next: new Map(), isTerm: false };
      node.next.set(number, next);
      node = next;
    }
    if (node !== root) node.isTerm = true;
  }
  const widths = words.map(({ length }) => widthOf(length, editsOf(length, distance)));
  return { words: nearIndexOf(words, distance), widths, root, widest: Math.max(0, ...widths) };
}

/** A term that has begun. */
interface Begun {
  readonly start: number;
  readonly node: Node;
}

interface Search {
  readonly work: Work;
  readonly found: (match: Match) => void;
}

/**
 * Finds every term that starts in a stretch of a text, and answers where one may begin that goes on behind the text; its end where
 * none does. @throws RangeError when that needs more work than `search` allows.
 */
export function findTerms(index: TermIndex, { text, from, until }: Stretch, { work, found }: Search): number {
  let begun: readonly Begun[] = [];
  let previousEnd = -1;
  let live = text.length;
  let at = wordStart(text, from);
  while (at < text.length && (at < until || begun.length > 0)) {
    if (!isWordAt(text, at)) {
      at += widthAt(text, at);
      continue;
    }
    const start = at;
    at = wordEnd(text, at);
    const isNext = previousEnd >= 0 && isGap(text.slice(previousEnd, start));
    const open = [...(isNext ? begun : []), ...(start < until ? [{ start, node: index.root }] : [])];
    // There may be more of the last word.
    if (at === text.length && at - start <= index.widest) live = Math.min(live, open[0]?.start ?? live);
    begun =
      open.length === 0 || at - start > index.widest ? [] : goOn(index, open, { word: text.slice(start, at), work });
    for (const term of begun) if (term.node.isTerm) found({ start: term.start, valueStart: term.start, end: at });
    previousEnd = at;
  }
  const longer = begun.find(({ node }) => node.next.size > 0);
  if (longer === undefined || at < text.length || !isGap(text.slice(previousEnd))) return live;
  return Math.min(live, longer.start);
}

function goOn(
  { words, widths }: TermIndex,
  open: readonly Begun[],
  { word, work }: { readonly word: string; readonly work: Work },
): readonly Begun[] {
  const near = words.near(lettersOf(word), work);
  if (near.length === 0) return [];
  const next: Begun[] = [];
  for (const { start, node } of open) {
    for (const number of near) {
      if (word.length > (widths[number] ?? 0)) continue;
      compareOnce(work);
      const child = node.next.get(number);
      if (child !== undefined) next.push({ start, node: child });
    }
  }
  return next;
}

/** Where the first whole word at or after `from` may begin: a word that began before it is no match of what is left of it. */
function wordStart(text: string, from: number): number {
  return from > 0 && isWordAt(text, before(text, from)) ? wordEnd(text, from) : from;
}

function isGap(between: string): boolean {
  return between.length <= MOST_BETWEEN && !between.includes('\n');
}
