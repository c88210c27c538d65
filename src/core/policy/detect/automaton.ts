/** Many terms in one automaton (Aho and Corasick, 1975), over UTF-16 code units: one pass of a text finds them all. */
export interface Automaton {
  /** The class of each code unit that terms are made of, from 1 on; 0 for every other. */
  readonly classes: Uint16Array;
  /** Where a state goes on to: open addressing by state and class, whose product may be beyond 32 bits. */
  readonly keys: Float64Array;
  readonly targets: Int32Array;
  readonly width: number;
  /** The state of the longest proper end of what a state has read that terms begin with. */
  readonly fallback: Int32Array;
  /** How long the longest term is that ends in a state; 0 where none does. */
  readonly ends: Int32Array;
  /** How long the longest end of what a state has read is that a longer term begins with; 0 where none does. */
  readonly begun: Int32Array;
}

const SPREAD = 0x9e3779b1;
const FREE = -1;

/** Makes the automaton of some terms; its size is that of all their letters. */
export function automatonOf(terms: readonly string[]): Automaton {
  const classes = new Uint16Array(65_536);
  let width = 1;
  let letters = 1;
  for (const term of terms) {
    letters += term.length;
    for (let at = 0; at < term.length; at++) classes[term.charCodeAt(at)] ||= width++;
  }
  const size = 2 ** Math.ceil(Math.log2(letters * 2));
  const automaton: Automaton = {
    classes,
    keys: new Float64Array(size).fill(FREE),
    targets: new Int32Array(size),
    width,
    fallback: new Int32Array(letters),
    ends: new Int32Array(letters),
    begun: new Int32Array(letters),
  };
  link(automaton, plant(automaton, terms));
  return automaton;
}

/** The states in the order of their depth, each with its parent and its class. */
type Planted = readonly (readonly [state: number, parent: number, unitClass: number])[];

function plant(automaton: Automaton, terms: readonly string[]): Planted {
  const levels: [number, number, number][][] = [];
  let count = 1;
  for (const term of terms) {
    let state = 0;
    for (let at = 0; at < term.length; at++) {
      const unitClass = automaton.classes[term.charCodeAt(at)] ?? 0;
      const slot = slotOf(automaton, state, unitClass);
      automaton.begun[state] = at;
      if (automaton.keys[slot] === FREE) {
        automaton.keys[slot] = state * automaton.width + unitClass;
        automaton.targets[slot] = count;
        levels[at] ??= [];
        levels[at]?.push([count, state, unitClass]);
        count++;
      }
      state = automaton.targets[slot] ?? 0;
    }
    automaton.ends[state] = term.length;
  }
  return levels.flat();
}

function link(automaton: Automaton, planted: Planted): void {
  const { fallback, ends, begun } = automaton;
  for (const [state, parent, unitClass] of planted) {
    if (parent !== 0) fallback[state] = after(automaton, fallback[parent] ?? 0, unitClass);
    ends[state] ||= ends[fallback[state] ?? 0] ?? 0;
    begun[state] ||= begun[fallback[state] ?? 0] ?? 0;
  }
}

/** Where an edge stands in the table, or would. */
function slotOf({ keys, width }: Automaton, state: number, unitClass: number): number {
  const key = state * width + unitClass;
  const mask = keys.length - 1;
  let slot = (Math.imul(key, SPREAD) >>> 7) & mask;
  while (keys[slot] !== key && keys[slot] !== FREE) slot = (slot + 1) & mask;
  return slot;
}

function after(automaton: Automaton, from: number, unitClass: number): number {
  let state = from;
  for (;;) {
    const slot = slotOf(automaton, state, unitClass);
    if (automaton.keys[slot] !== FREE) return automaton.targets[slot] ?? 0;
    if (state === 0) return 0;
    state = automaton.fallback[state] ?? 0;
  }
}

/** Calls `found` for each place where terms end, with the longest of them. Answers how much of the end of the text begins a term. */
export function scan(automaton: Automaton, text: string, found: (start: number, end: number) => void): number {
  const { classes, ends, begun } = automaton;
  let state = 0;
  for (let at = 0; at < text.length; at++) {
    const unitClass = classes[text.charCodeAt(at)] ?? 0;
    state = unitClass === 0 ? 0 : after(automaton, state, unitClass);
    const length = ends[state] ?? 0;
    if (length > 0) found(at + 1 - length, at + 1);
  }
  return begun[state] ?? 0;
}
