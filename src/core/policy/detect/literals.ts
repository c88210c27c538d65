import type { TextView } from './detector.ts';
import { foldText } from './fold.ts';

// Which of many literals stand in a text, in one pass that looks at three code units at a time: a table tells in one step that no
// literal has these three at its chosen place, and that is so nearly everywhere.

export interface LiteralIndex {
  /** The numbers of the literals that stand in a text, without regard to case. */
  readonly findAll: (view: TextView) => ReadonlySet<number>;
  readonly holdsAny: (view: TextView) => boolean;
}

/** Shorter ones cannot be chosen three code units of. */
export const SHORTEST_LITERAL = 3;

interface Chosen {
  readonly literal: string;
  readonly number: number;
  /** Where the chosen code units end in the literal. */
  readonly end: number;
}

// Five bits each, so that what a code unit adds is shifted out by the third after it.
const SHIFT = 5;
const MASK = 0x7fff;
/** The bit that tells small ASCII letters from capitals: with it set, no text needs to be folded that is ASCII. */
const CASE = 0x20;
const COMMON = /[a-z ]/g;

/** Indexes folded literals. One that is shorter than SHORTEST_LITERAL counts as standing in every text. */
export function literalIndexOf(literals: readonly string[]): LiteralIndex {
  const table = new Uint8Array(MASK + 1);
  const chosen = new Map<number, Chosen[]>();
  const short: number[] = [];
  for (const [number, literal] of literals.entries()) {
    if (literal.length < SHORTEST_LITERAL) {
      short.push(number);
      continue;
    }
    const end = rarestEnd(literal);
    const hash = hashAt(literal, end);
    table[hash] = 1;
    chosen.set(hash, [...(chosen.get(hash) ?? []), { literal, number, end }]);
  }
  /** Ends early when `found` answers true; answers false when the text has to be folded first. */
  const scan = (text: string, isFolded: boolean, found: (number: number) => boolean): boolean => {
    let hash = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit > 0x7f && !isFolded) return false;
      hash = ((hash << SHIFT) ^ (unit | CASE)) & MASK;
      if (table[hash] === 0) continue;
      for (const { literal, number, end } of chosen.get(hash) ?? []) {
        const start = at + 1 - end;
        const isThere = start >= 0 && foldText(text.slice(start, start + literal.length)) === literal;
        if (isThere && found(number)) return true;
      }
    }
    return true;
  };
  const scanView = (view: TextView, found: (number: number) => boolean): void => {
    if (!scan(view.text, false, found)) scan(view.folded, true, found);
  };
  return {
    findAll: (view) => {
      const numbers = new Set(short);
      scanView(view, (number) => numbers.add(number).size === literals.length);
      return numbers;
    },
    holdsAny: (view) => {
      let holds = short.length > 0;
      if (!holds)
        scanView(view, () => {
          holds = true;
          return true;
        });
      return holds;
    },
  };
}

function hashAt(literal: string, end: number): number {
  let hash = 0;
  for (let at = end - SHORTEST_LITERAL; at < end; at++)
    hash = ((hash << SHIFT) ^ (literal.charCodeAt(at) | CASE)) & MASK;
  return hash;
}

/** The place of the three code units of which the fewest are letters of prose; the last of several. */
function rarestEnd(literal: string): number {
  let best = literal.length;
  let fewest = SHORTEST_LITERAL + 1;
  for (let end = literal.length; end >= SHORTEST_LITERAL; end--) {
    const common = literal.slice(end - SHORTEST_LITERAL, end).match(COMMON)?.length ?? 0;
    if (common < fewest) {
      fewest = common;
      best = end;
    }
  }
  return best;
}
