// An index of words by what is left of them when letters are taken out, for words that are nearly the same (the symmetric deletion
// of SymSpell). Two words that one edit makes equal have in common what is left of both without one letter; so a word is looked
// up by its own deletions, which are as many for a list of five words as for one of five thousand.

/** The most edits that are looked for. */
export const MOST_EDITS = 2;
/** Words with more letters have no edits: they are compared exactly. */
export const LONGEST_NEAR_WORD = 32;

/** How many letters of a word may be inserted, left out or exchanged: a quarter of them, so that short words stay themselves. */
export const editsOf = (letters: number, most: number): number =>
  letters > LONGEST_NEAR_WORD ? 0 : Math.min(most, Math.floor(letters / 4));

/** How many entries a word takes in the index. */
export function deletionsOf(letters: number, edits: number): number {
  if (edits === 0) return 1;
  return 1 + letters + (edits === 1 ? 0 : (letters * (letters - 1)) / 2);
}

/** What a search may still do, and what it did; it throws at the end of it, so that no text and no list make it endless. */
export interface Work {
  lookups: number;
  comparisons: number;
  readonly mostComparisons: number;
}

export const newWork = (mostComparisons: number): Work => ({ lookups: 0, comparisons: 0, mostComparisons });

/** @throws RangeError when more was compared than one text may cost. */
export function compareOnce(work: Work): void {
  work.comparisons++;
  if (work.comparisons > work.mostComparisons) throw new RangeError('expected a text that needs fewer comparisons');
}

export interface NearIndex {
  /** The numbers of the words that `letters` is near to. */
  readonly near: (letters: Int32Array, work: Work) => readonly number[];
}

const BASE = 0x01000193;
const SPREAD = 0x9e3779b1;

/** Indexes words, each with its own number of edits. */
export function nearIndexOf(words: readonly Int32Array[], mostEdits: number): NearIndex {
  const edits = words.map((word) => editsOf(word.length, mostEdits));
  const entries = words.reduce((sum, word, at) => sum + deletionsOf(word.length, edits[at] ?? 0), 0);
  const table = createTable(entries);
  const hashes = new Int32Array(MOST_DELETIONS);
  for (const [at, word] of words.entries()) {
    const count = writeDeletions(word, edits[at] ?? 0, hashes);
    for (let which = 0; which < count; which++) add(table, hashes[which] ?? 0, at);
  }
  const editsByLength = editsByLengthOf(words, edits);
  const compared = new Int32Array(words.length);
  let turn = 0;
  return {
    near: (letters, work) => {
      const most = editsByLength[letters.length] ?? -1;
      if (most < 0) return NONE;
      const count = writeDeletions(letters, most, hashes);
      work.lookups += count;
      // Several deletions may lead to one word; it is compared in one turn once.
      turn = (turn + 1) | 0;
      let found = NONE;
      for (let which = 0; which < count; which++) {
        const hash = hashes[which] ?? 0;
        for (let entry = firstOf(table, hash); entry >= 0; entry = table.nexts[entry] ?? -1) {
          const at = table.values[entry] ?? 0;
          if (table.hashes[entry] !== hash || compared[at] === turn) continue;
          compared[at] = turn;
          compareOnce(work);
          if (isNear(words[at] ?? NO_LETTERS, letters, edits[at] ?? 0)) found = [...found, at];
        }
      }
      return found;
    },
  };
}

const NONE: readonly number[] = [];
const NO_LETTERS = new Int32Array(0);
const MOST_DELETIONS = deletionsOf(LONGEST_NEAR_WORD + MOST_EDITS, MOST_EDITS);

/** For each length of a text's word, the most edits of any word that it can be near to; nothing where there is none. */
function editsByLengthOf(words: readonly Int32Array[], edits: readonly number[]): readonly (number | undefined)[] {
  const most: (number | undefined)[] = [];
  for (const [at, word] of words.entries()) {
    const allowed = edits[at] ?? 0;
    for (let length = word.length - allowed; length <= word.length + allowed; length++) {
      most[length] = Math.max(most[length] ?? 0, allowed);
    }
  }
  return most;
}

/** Entries by their hash, in chains. */
interface Table {
  readonly heads: Int32Array;
  readonly hashes: Int32Array;
  readonly values: Int32Array;
  readonly nexts: Int32Array;
  count: number;
}

function createTable(entries: number): Table {
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, entries * 2)));
  return {
    heads: new Int32Array(size).fill(-1),
    hashes: new Int32Array(entries),
    values: new Int32Array(entries),
    nexts: new Int32Array(entries),
    count: 0,
  };
}

const slotOf = ({ heads }: Table, hash: number): number => (Math.imul(hash, SPREAD) >>> 5) & (heads.length - 1);
const firstOf = (table: Table, hash: number): number => table.heads[slotOf(table, hash)] ?? -1;

function add(table: Table, hash: number, value: number): void {
  const slot = slotOf(table, hash);
  table.hashes[table.count] = hash;
  table.values[table.count] = value;
  table.nexts[table.count] = table.heads[slot] ?? -1;
  table.heads[slot] = table.count++;
}

const POWERS = (() => {
  const powers = new Int32Array(256);
  powers[0] = 1;
  for (let at = 1; at < powers.length; at++) powers[at] = Math.imul(powers[at - 1] ?? 0, BASE);
  return powers;
})();

const prefix = new Int32Array(POWERS.length);

/**
 * Writes a hash of the word, and of what is left of it without each letter and each two, and answers how many. A longer word than
 * any index has is only itself. Hashes are made of those of the parts of the word: no text is made.
 */
function writeDeletions(word: Int32Array, edits: number, hashes: Int32Array): number {
  const length = word.length;
  let hash = 0;
  for (let at = 0; at < length; at++) {
    hash = (Math.imul(hash, BASE) + (word[at] ?? 0)) | 0;
    if (at + 1 < prefix.length) prefix[at + 1] = hash;
  }
  hashes[0] = hash;
  if (edits === 0) return 1;
  let count = 1;
  for (let one = 0; one < length; one++) {
    const head = prefix[one] ?? 0;
    hashes[count++] = joined(head, one + 1, length);
    if (edits === 1) continue;
    for (let two = one + 1; two < length; two++) hashes[count++] = joined(joined(head, one + 1, two), two + 1, length);
  }
  return count;
}

/** The hash of some letters, of which `head` is the hash, with a part of the word after them. */
function joined(head: number, from: number, to: number): number {
  const power = POWERS[to - from] ?? 0;
  return (Math.imul(head, power) + (prefix[to] ?? 0) - Math.imul(prefix[from] ?? 0, power)) | 0;
}

/** True when at most `edits` letters inserted, left out or exchanged make the words equal (Levenshtein). */
export function isNear(one: Int32Array, other: Int32Array, edits: number): boolean {
  return isNearFrom({ one, other }, 0, 0, edits);
}

function isNearFrom(
  words: { readonly one: Int32Array; readonly other: Int32Array },
  fromOne: number,
  fromOther: number,
  edits: number,
): boolean {
  const { one, other } = words;
  let at = fromOne;
  let to = fromOther;
  while (at < one.length && to < other.length && one[at] === other[to]) {
    at++;
    to++;
  }
  const left = one.length - at;
  const right = other.length - to;
  if (left === 0 || right === 0) return left + right <= edits;
  if (edits === 0 || Math.abs(left - right) > edits) return false;
  return (
    isNearFrom(words, at + 1, to + 1, edits - 1) ||
    isNearFrom(words, at + 1, to, edits - 1) ||
    isNearFrom(words, at, to + 1, edits - 1)
  );
}
