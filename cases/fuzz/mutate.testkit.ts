/** Uniform in [0, 1). */
export type Draw = () => number;

/** A whole number from 0 to below `below`. */
export const whole = (draw: Draw, below: number): number => Math.floor(draw() * below);

type Mutation = (bytes: Uint8Array, draw: Draw, other: Uint8Array) => Uint8Array;

const MOST_AT_ONCE = 16;

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
const span = (bytes: Uint8Array, draw: Draw): readonly [from: number, to: number] => {
  const from = whole(draw, bytes.length + 1);
  return [from, Math.min(bytes.length, from + 1 + whole(draw, MOST_AT_ONCE))];
};
const random = (draw: Draw): Uint8Array =>
  Uint8Array.from({ length: 1 + whole(draw, MOST_AT_ONCE) }, () => whole(draw, 256));

const written =
  (value: (before: number, draw: Draw) => number): Mutation =>
  (bytes, draw) => {
    const copy = bytes.slice();
    const at = whole(draw, copy.length);
    copy[at] = value(copy[at] ?? 0, draw);
    return copy;
  };

/** One digit of the text becomes another. */
const digit: Mutation = (bytes, draw) => {
  const digits = [...bytes.keys()].filter((at) => (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39);
  const copy = bytes.slice();
  const at = digits[whole(draw, digits.length)];
  if (at !== undefined) copy[at] = 0x30 + whole(draw, 10);
  return copy;
};

const mutations: readonly Mutation[] = [
  written((before, draw) => before ^ (1 << whole(draw, 8))),
  written((_, draw) => whole(draw, 256)),
  written((_, draw) => '{}[]":,\\ 0123456789eE+-.\n\t'.charCodeAt(whole(draw, 26))),
  digit,
  (bytes, draw) => {
    const [from, to] = span(bytes, draw);
    return joined(bytes.subarray(0, from), bytes.subarray(to));
  },
  (bytes, draw) => {
    const [from] = span(bytes, draw);
    return joined(bytes.subarray(0, from), random(draw), bytes.subarray(from));
  },
  (bytes, draw) => {
    const [from, to] = span(bytes, draw);
    return joined(bytes.subarray(0, to), bytes.subarray(from, to), bytes.subarray(to));
  },
  (bytes, draw) => bytes.subarray(0, whole(draw, bytes.length)),
  (bytes, draw, other) => {
    const [from, to] = span(bytes, draw);
    const [otherFrom, otherTo] = span(other, draw);
    return joined(bytes.subarray(0, from), other.subarray(otherFrom, otherTo), bytes.subarray(to));
  },
  (_bytes, _draw, other) => other,
];

/** The bytes with one to three mutations; `other` is where foreign parts come from. Never the bytes as they were. */
export function mutate(bytes: Uint8Array, draw: Draw, other: Uint8Array): Uint8Array {
  for (;;) {
    let mutated = bytes;
    for (let times = 1 + whole(draw, 3); times > 0; times -= 1) {
      mutated = mutations[whole(draw, mutations.length)]?.(mutated, draw, other) ?? mutated;
    }
    if (!Buffer.from(mutated).equals(Buffer.from(bytes))) return mutated;
  }
}
