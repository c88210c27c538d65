// Whether orgs meet is decided over all of them, and almost none do. So each org leaves marks: short numbers for the texts
// that could meet another org's. Equal texts have equal marks, so orgs whose marks do not meet have nothing in common; where
// marks meet, the texts themselves decide. A mark that two texts share by chance costs that second look and hides nothing.

/** A text as a number below 2 ** 30 (FNV-1a with the last mixing steps of MurmurHash3). */
export function markOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 2;
}

/** The marks of one org. */
export interface OrgMarks {
  /** Of the buckets of its facts that can bring about a collision; twice of one in which it collides with itself. */
  readonly keys: readonly number[];
  /** Of buckets in which it collides only with the key of another. */
  readonly uses: readonly number[];
  /** Of the words that its objects have beside those of its template. */
  readonly words: readonly number[];
  /** Of the values that identify it. */
  readonly values: readonly ValueMarks[];
}

export interface ValueMarks {
  /** Of the whole value, folded. */
  readonly mark: number;
  /** Of its words. */
  readonly words: readonly number[];
}

/** A place for each mark, so that facts about marks are kept in plain arrays; made once for at most so many marks. */
export interface MarkTable {
  /** Places are below this. */
  readonly size: number;
  readonly add: (mark: number) => number;
  /** -1 for a mark that was never added. */
  readonly find: (mark: number) => number;
}

export function markTable(most: number): MarkTable {
  let size = 16;
  while (size < 2 * most) size *= 2;
  const held = new Int32Array(size);
  const placeOf = (mark: number): number => {
    let place = mark & (size - 1);
    while (held[place] !== 0 && held[place] !== mark + 1) place = (place + 1) & (size - 1);
    return place;
  };
  return {
    size,
    add(mark) {
      const place = placeOf(mark);
      held[place] = mark + 1;
      return place;
    },
    find(mark) {
      const place = placeOf(mark);
      return held[place] === 0 ? -1 : place;
    },
  };
}
