import { type Automaton, automatonOf, scan } from './automaton.ts';
import { type Detector, type Match, type Stretch, type TextView, trailingRun } from './detector.ts';
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
  const reach = term.length + 1;
  return {
    type,
    reach,
    gate: (view) => mayHold(view, lower),
    find,
    findAll,
    liveFrom: (text) => trailingRun(text, reach),
  };
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
  const findAll = ({ text, from, until }: Stretch, found: (match: Match) => void): number => {
    // Made for the first text that needs it: a check asks for none.
    automaton ??= automatonOf(terms.map(foldText));
    scan(automaton, foldText(text.slice(from, until + longest)), (start, end) => {
      if (from + start < until) found({ start: from + start, valueStart: from + start, end: from + end });
    });
    return until;
  };
  const longest = Math.max(...terms.map((term) => term.length));
  const reach = longest + 1;
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
  return [{ type, reach, gate, find, findAll, liveFrom: (text) => trailingRun(text, reach) }];
}
