import { type Automaton, automatonOf, scan } from './automaton.ts';
import type { Detector, Match, Stretch, TextView } from './detector.ts';
import { foldText } from './fold.ts';
import { type LiteralIndex, literalIndexOf } from './literals.ts';

/** A detector of one literal term, without regard to case (Unicode simple case folding). */
export function termDetector(term: string, type: string): Detector {
  const lower = foldText(term);
  const findAll = ({ text, from, until }: Stretch, found: (match: Match) => void): number => {
    // Folded once for all matches, and no further than one that starts before `until` may reach.
    const folded = foldText(text.slice(from, until + lower.length));
    let at = folded.indexOf(lower);
    let end = from;
    while (at >= 0 && from + at < until) {
      end = from + at + lower.length;
      found({ start: from + at, valueStart: from + at, end });
      at = folded.indexOf(lower, at + lower.length);
    }
    return end;
  };
  const find = (text: string, from: number): Match | null => {
    const start = foldText(text).indexOf(lower, from);
    return start < 0 ? null : { start, valueStart: start, end: start + lower.length };
  };
  return {
    type,
    reach: term.length + 1,
    gate: (view) => mayHold(view, lower),
    find,
    findAll,
    liveFrom: (text) => text.length - begunAt(foldText(text.slice(-lower.length)), lower),
  };
}

/** How much of the end of a text the term begins with, but for all of it. */
function begunAt(text: string, term: string): number {
  const most = Math.min(text.length, term.length - 1);
  for (let length = most; length > 0; length--) if (text.endsWith(term.slice(0, length))) return length;
  return 0;
}

const NON_ASCII = /[^\x00-\x7f]/;
// The one character that folds to ASCII (s) and that toLowerCase leaves alone; U+212A becomes k in both.
const LONG_S = '\u017f';

/** A term in ASCII needs no folded text to be ruled out. */
function mayHold(view: TextView, term: string): boolean {
  if (NON_ASCII.test(term)) return view.folded.includes(term);
  return view.lower.includes(term) || view.text.includes(LONG_S);
}

/** Below so many terms, one search for each is quicker than one automaton for all. */
const FEW_TERMS = 8;

/** Detectors of a list of literal terms, whose cost does not grow with the list. */
export function termDetectors(terms: readonly string[], type: string): readonly Detector[] {
  if (terms.length < FEW_TERMS) return terms.map((term) => termDetector(term, type));
  let automaton: Automaton | undefined;
  let literals: LiteralIndex | undefined;
  // Made for the first text that needs it: a check asks for none.
  const scanned = (text: string, found: (start: number, end: number) => void): number => {
    automaton ??= automatonOf(terms.map(foldText));
    return scan(automaton, foldText(text), found);
  };
  const findAll = ({ text, from, until }: Stretch, found: (match: Match) => void): number => {
    scanned(text.slice(from, until + longest), (start, end) => {
      if (from + start < until) found({ start: from + start, valueStart: from + start, end: from + end });
    });
    return until;
  };
  const longest = Math.max(...terms.map((term) => term.length));
  const find = (text: string, from: number): Match | null => {
    let first: Match | null = null;
    findAll({ text, from, until: text.length }, (match) => {
      if (first === null || match.start < first.start) first = match;
    });
    return first;
  };
  const gate = (view: TextView): boolean => {
    literals ??= literalIndexOf(terms.map(foldText));
    return literals.holdsAny(view);
  };
  const liveFrom = (text: string): number => text.length - scanned(text.slice(-longest), () => {});
  return [{ type, reach: longest + 1, gate, find, findAll, liveFrom }];
}
