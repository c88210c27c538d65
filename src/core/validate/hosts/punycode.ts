// RFC 3492: how a label of any script is written in ASCII, so that two spellings of one name compare equal.

const BASE = 36;
const FIRST = 128;

/** The label as `xn--…` when it holds more than ASCII; else itself. The label is normalised and in lower case already. */
export function asciiLabel(label: string): string {
  const points = Array.from(label, (character) => character.codePointAt(0) ?? 0);
  if (points.every((point) => point < FIRST)) return label;
  const basic = points.filter((point) => point < FIRST);
  const state = { delta: 0, bias: 72, next: FIRST, handled: basic.length, basic: basic.length };
  let out = String.fromCodePoint(...basic) + (basic.length > 0 ? '-' : '');
  while (state.handled < points.length) {
    const least = Math.min(...points.filter((point) => point >= state.next));
    state.delta += (least - state.next) * (state.handled + 1);
    state.next = least;
    out += encodeLevel(points, state);
    state.delta += 1;
    state.next += 1;
  }
  return `xn--${out}`;
}

interface State {
  delta: number;
  bias: number;
  next: number;
  handled: number;
  readonly basic: number;
}

/** What is written for every place of the code point `state.next`. */
function encodeLevel(points: readonly number[], state: State): string {
  let out = '';
  for (const point of points) {
    if (point < state.next) state.delta += 1;
    if (point !== state.next) continue;
    out += variableLength(state.delta, state.bias);
    state.bias = adapted(state);
    state.delta = 0;
    state.handled += 1;
  }
  return out;
}

function variableLength(delta: number, bias: number): string {
  let out = '';
  let rest = delta;
  for (let at = BASE; ; at += BASE) {
    const threshold = at <= bias ? 1 : Math.min(at - bias, 26);
    if (rest < threshold) return out + digit(rest);
    out += digit(threshold + ((rest - threshold) % (BASE - threshold)));
    rest = Math.floor((rest - threshold) / (BASE - threshold));
  }
}

function adapted({ delta, handled, basic }: State): number {
  let scaled = handled === basic ? Math.floor(delta / 700) : Math.floor(delta / 2);
  scaled += Math.floor(scaled / (handled + 1));
  let steps = 0;
  while (scaled > 455) {
    scaled = Math.floor(scaled / 35);
    steps += BASE;
  }
  return steps + Math.floor((36 * scaled) / (scaled + 38));
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? value + 97 : value + 22);
}
