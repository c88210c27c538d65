import type { Hash } from '../../core/model/index.ts';

/** Ids of all requests of an org, however many. */
export interface IdSet {
  has(id: string): boolean;
  /** False where it was there before. */
  add(id: string): boolean;
}

/** Words of 32 bits that stand for an id. */
const WORDS = 4;
const FIRST_SLOTS = 1024;
/** A table fuller than that is made twice as large. */
const FULL = 0.7;

/**
 * A set of the first 128 bits of the SHA-256 of each id, in one flat table: between 23 and 46 bytes for an id, and half as much
 * again while the table grows, where a set of texts takes some hundred and ends at 2^24 of them. Two ids that share 128 bits
 * are not to be met, by chance or by trying.
 */
export function createIdSet(hash: Hash): IdSet {
  let table = new Uint32Array(FIRST_SLOTS * WORDS);
  let size = 0;
  const key = new Uint32Array(WORDS);
  const read = (id: string): void => {
    const hex = hash.sha256(id);
    for (let word = 0; word < WORDS; word += 1) key[word] = Number.parseInt(hex.slice(word * 8, word * 8 + 8), 16);
    // Nothing but zeros is a free slot.
    if (key.every((word) => word === 0)) key[0] = 1;
  };
  const put = (): boolean => {
    const at = slotOf(table, key);
    if (isTaken(table, at)) return false;
    table.set(key, at);
    return true;
  };
  const grow = (): void => {
    const before = table;
    table = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      if (!isTaken(before, at)) continue;
      key.set(before.subarray(at, at + WORDS));
      put();
    }
  };
  return {
    has(id) {
      read(id);
      return isTaken(table, slotOf(table, key));
    },
    add(id) {
      if (size >= (table.length / WORDS) * FULL) grow();
      read(id);
      const isNew = put();
      if (isNew) size += 1;
      return isNew;
    },
  };
}

/** Where the key is, or the free slot in which it would be. */
function slotOf(table: Uint32Array, key: Uint32Array): number {
  const slots = table.length / WORDS;
  for (let slot = (key[0] ?? 0) % slots; ; slot = (slot + 1) % slots) {
    const at = slot * WORDS;
    if (!isTaken(table, at) || key.every((word, index) => table[at + index] === word)) return at;
  }
}

function isTaken(table: Uint32Array, at: number): boolean {
  for (let word = 0; word < WORDS; word += 1) if (table[at + word] !== 0) return true;
  return false;
}
