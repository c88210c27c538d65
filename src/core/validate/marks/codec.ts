import type { OrgMarks } from './mark.ts';

// A cache keeps the marks of each org as one text of five characters for each number: the lengths of the four lists, the
// lists, and a sum over all of it. Reading those of a large fleet is one pass into one array.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** What a character of no number counts as: it spoils the sum. */
const FOREIGN = 0xff;
const WIDTH = 5;
const LISTS = 4;
const VALUES: Uint8Array = valuesOf(ALPHABET);

/** The four lists of marks; `values` is flat: of each value its mark, the count of its words, their marks. */
const KEYS = 0;
const USES = 1;
const WORDS = 2;
const FLAT_VALUES = 3;
export const LIST = { keys: KEYS, uses: USES, words: WORDS, values: FLAT_VALUES } as const;
export type List = (typeof LIST)[keyof typeof LIST];

/** The marks of many orgs, by their number in the order given. */
export interface FleetMarks {
  readonly count: number;
  /** How many numbers the lists of all orgs have. */
  readonly length: (list: List) => number;
  readonly list: (org: number, list: List) => Int32Array;
}

export function encodedMarks({ keys, uses, words, values }: OrgMarks): string {
  const flat = values.flatMap((value) => [value.mark, value.words.length, ...value.words]);
  const lists = [keys, uses, words, flat];
  const numbers = [...lists.map(({ length }) => length), ...lists.flat()];
  return [...numbers, sumOf(numbers, 0, numbers.length)].map(textOf).join('');
}

/** undefined where one of the texts is not what `encodedMarks` made. */
export function decodedMarks(texts: readonly string[]): FleetMarks | undefined {
  const numbers = new Int32Array(texts.reduce((sum, { length }) => sum + Math.ceil(length / WIDTH), 0));
  const starts: number[] = [];
  let end = 0;
  for (const text of texts) {
    starts.push(end);
    const start = end;
    end = decodeInto(numbers, start, text);
    if (!isWhole(numbers, start, end) || text.length !== (end - start) * WIDTH) return undefined;
  }
  return {
    count: texts.length,
    length: (list) => starts.reduce((sum, start) => sum + (numbers[start + list] ?? 0), 0),
    list: (org, list) => {
      const start = starts[org] ?? 0;
      let from = start + LISTS;
      for (let before = 0; before < list; before += 1) from += numbers[start + before] ?? 0;
      return numbers.subarray(from, from + (numbers[start + list] ?? 0));
    },
  };
}

function decodeInto(numbers: Int32Array, start: number, text: string): number {
  let place = start;
  for (let at = 0; at + WIDTH <= text.length; at += WIDTH) {
    let number = 0;
    for (let next = at; next < at + WIDTH; next += 1)
      number = (number << 6) | (VALUES[text.charCodeAt(next)] ?? FOREIGN);
    numbers[place] = number;
    place += 1;
  }
  return place;
}

function isWhole(numbers: Int32Array, start: number, end: number): boolean {
  let length = LISTS + 1;
  for (let list = 0; list < LISTS; list += 1) length += numbers[start + list] ?? 0;
  return end - start === length && numbers[end - 1] === sumOf(numbers, start, end - 1);
}

/** Not against forgery: who can write the cache can write the program. Against a cache that was damaged. */
function sumOf(numbers: ArrayLike<number>, start: number, end: number): number {
  let sum = end - start;
  for (let at = start; at < end; at += 1) sum = Math.imul(sum ^ (numbers[at] ?? 0), 0x01000193) ^ (sum >>> 15);
  return sum >>> 2;
}

function textOf(number: number): string {
  let text = '';
  for (let shift = 24; shift >= 0; shift -= 6) text += ALPHABET[(number >> shift) & 63] ?? '';
  return text;
}

function valuesOf(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(FOREIGN);
  for (const [value, character] of [...alphabet].entries()) values[character.charCodeAt(0)] = value;
  return values;
}
