import { type FleetMarks, LIST } from './codec.ts';
import { type MarkTable, markTable } from './mark.ts';

// A value can only be in a text that has all of its words. So each value is kept under its rare words, and a text is asked
// word by word which values it could hold: linear in words, however many values there are.

/** A word that so many values have tells nothing: a value is kept under it only where it has no rarer one. */
const COMMON = 64;

/** Every value of a fleet, and where the words of values are in a table. Plain arrays: there are many of them in a large fleet. */
export interface ValueTable {
  readonly words: MarkTable;
  readonly count: number;
  /** By value: the org that it identifies, its mark, and where its words begin in `places`; one more start at the end. */
  readonly owners: Int32Array;
  readonly marks: Int32Array;
  readonly starts: Int32Array;
  readonly places: Int32Array;
  readonly kept: KeptValues;
}

/** The values kept under each word, as a chain of entries; -1: no more. */
interface KeptValues {
  /** By the place of the word. */
  readonly first: Int32Array;
  /** By entry. */
  readonly next: Int32Array;
  readonly values: Int32Array;
}

export function valueTable(fleet: FleetMarks): ValueTable {
  const most = fleet.length(LIST.values);
  const words = markTable(most);
  const [owners, marks, starts] = [new Int32Array(most), new Int32Array(most), new Int32Array(most + 1)];
  const places = new Int32Array(most);
  let [count, end] = [0, 0];
  for (let org = 0; org < fleet.count; org += 1) {
    const flat = fleet.list(org, LIST.values);
    for (let at = 0; at < flat.length; count += 1) {
      owners[count] = org;
      marks[count] = flat[at] ?? 0;
      starts[count] = end;
      const after = at + 2 + (flat[at + 1] ?? 0);
      for (at += 2; at < after; at += 1) {
        places[end] = words.add(flat[at] ?? 0);
        end += 1;
      }
    }
  }
  starts[count] = end;
  const table = { words, count, owners, marks, starts, places };
  return { ...table, kept: keptUnder(table) };
}

function keptUnder({ words, count, starts, places }: Omit<ValueTable, 'kept'>): KeptValues {
  const first = new Int32Array(words.size).fill(-1);
  const [next, values] = [new Int32Array(places.length), new Int32Array(places.length)];
  const counts = new Int32Array(words.size);
  const end = starts[count] ?? 0;
  for (let at = 0; at < end; at += 1) counts[places[at] ?? 0] = (counts[places[at] ?? 0] ?? 0) + 1;
  let entries = 0;
  const keep = (place: number, value: number): void => {
    values[entries] = value;
    next[entries] = first[place] ?? -1;
    first[place] = entries;
    entries += 1;
  };
  for (let value = 0; value < count; value += 1) {
    let rarest = -1;
    for (let at = starts[value] ?? 0; at < (starts[value + 1] ?? 0); at += 1) {
      const place = places[at] ?? 0;
      if (rarest < 0 || (counts[place] ?? 0) < (counts[rarest] ?? 0)) rarest = place;
      if ((counts[place] ?? 0) <= COMMON) keep(place, value);
    }
    if (rarest >= 0 && (counts[rarest] ?? 0) > COMMON) keep(rarest, value);
  }
  return { first, next, values };
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
      const { first, next, values } = table.kept;
      for (const place of known) {
        for (let entry = first[place] ?? -1; entry >= 0; entry = next[entry] ?? -1) {
          const value = values[entry] ?? 0;
          if (isHeld(value, common)) found.add(value);
        }
      }
      return [...found];
    },
  };
}
