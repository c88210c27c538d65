import { type FleetMarks, LIST } from './codec.ts';
import { type MarkTable, markTable } from './mark.ts';

// A value can only be in a text that has all of its words. So each value is kept under its rare words, and a text is asked
// word by word which values it could hold: linear in words, however many values there are.

/** A word that so many values have tells nothing: a value is kept under it only where it has no rarer one. */
const COMMON = 64;

/** Every value of a fleet, and where the words of values are in a table. */
export interface ValueTable {
  readonly words: MarkTable;
  /** By value: the org that it identifies, its mark, and where its words begin in `places`; one more start at the end. */
  readonly owners: readonly number[];
  readonly marks: readonly number[];
  readonly starts: readonly number[];
  readonly places: readonly number[];
  /** The values kept under each word, by its place. */
  readonly byWord: ReadonlyMap<number, readonly number[]>;
}

export function valueTable(fleet: FleetMarks): ValueTable {
  let most = 0;
  for (let org = 0; org < fleet.count; org += 1) most += fleet.list(org, LIST.values).length;
  const words = markTable(most);
  const counts = new Int32Array(words.size);
  const [owners, marks, starts, places]: [number[], number[], number[], number[]] = [[], [], [], []];
  for (let org = 0; org < fleet.count; org += 1) {
    const flat = fleet.list(org, LIST.values);
    for (let at = 0; at < flat.length; ) {
      owners.push(org);
      marks.push(flat[at] ?? 0);
      starts.push(places.length);
      const end = at + 2 + (flat[at + 1] ?? 0);
      for (let next = at + 2; next < end; next += 1) {
        const place = words.add(flat[next] ?? 0);
        counts[place] = (counts[place] ?? 0) + 1;
        places.push(place);
      }
      at = end;
    }
  }
  starts.push(places.length);
  return { words, owners, marks, starts, places, byWord: keptUnder({ starts, places }, counts) };
}

function keptUnder(
  { starts, places }: Pick<ValueTable, 'starts' | 'places'>,
  counts: Int32Array,
): ReadonlyMap<number, readonly number[]> {
  const byWord = new Map<number, number[]>();
  const keep = (place: number, value: number): void => {
    const known = byWord.get(place);
    if (known === undefined) byWord.set(place, [value]);
    else known.push(value);
  };
  for (let value = 0; value + 1 < starts.length; value += 1) {
    let rarest = -1;
    for (let at = starts[value] ?? 0; at < (starts[value + 1] ?? 0); at += 1) {
      const place = places[at] ?? 0;
      if (rarest < 0 || (counts[place] ?? 0) < (counts[rarest] ?? 0)) rarest = place;
      if ((counts[place] ?? 0) <= COMMON) keep(place, value);
    }
    if (rarest >= 0 && (counts[rarest] ?? 0) > COMMON) keep(rarest, value);
  }
  return byWord;
}

/** Asks one text after the other which values it could hold, by the marks of its words. */
export function openSearch(table: ValueTable): {
  /** The words that every text of a kind has, as `candidates` takes them. */
  readonly common: (words: Iterable<number>) => Uint8Array;
  /** The values all of whose words the text or its kind has, and one under which they are kept the text itself. */
  readonly candidates: (words: Iterable<number>, common: Uint8Array | null) => readonly number[];
} {
  const seen = new Int32Array(table.words.size);
  let round = 0;
  const isHeld = (value: number, common: Uint8Array | null): boolean => {
    for (let at = table.starts[value] ?? 0; at < (table.starts[value + 1] ?? 0); at += 1) {
      const place = table.places[at] ?? 0;
      if (seen[place] !== round && common?.[place] !== 1) return false;
    }
    return true;
  };
  return {
    common(words) {
      const flags = new Uint8Array(table.words.size);
      for (const mark of words) {
        const place = table.words.find(mark);
        if (place >= 0) flags[place] = 1;
      }
      return flags;
    },
    candidates(words, common) {
      round += 1;
      const known: number[] = [];
      for (const mark of words) {
        const place = table.words.find(mark);
        if (place < 0) continue;
        seen[place] = round;
        known.push(place);
      }
      const found = new Set<number>();
      for (const place of known)
        for (const value of table.byWord.get(place) ?? []) if (isHeld(value, common)) found.add(value);
      return [...found];
    },
  };
}
