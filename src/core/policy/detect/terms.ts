import { type Detector, type Match, type TextView, trailingRun } from './detector.ts';

// Decides between a plain search and Unicode case folding.
const NON_ASCII = /[^\x00-\x7f]/;
// The one character that folds to ASCII (s) and that toLowerCase leaves alone; U+212A becomes k in both.
const LONG_S = '\u017f';

/** A detector of one literal term, without regard to case (Unicode simple case folding). */
export function termDetector(term: string, type: string): Detector {
  const lower = term.toLowerCase();
  const plain = !NON_ASCII.test(term);
  // Compiled for the first text that needs it: a check asks for none.
  let compiled: RegExp | undefined;
  const foldingOf = (): RegExp => {
    compiled ??= new RegExp(term.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu');
    return compiled;
  };
  const find = (text: string, from: number): Match | null => {
    if (plain && !NON_ASCII.test(text)) {
      const start = text.toLowerCase().indexOf(lower, from);
      return start < 0 ? null : { start, valueStart: start, end: start + lower.length };
    }
    const folding = foldingOf();
    folding.lastIndex = from;
    const found = folding.exec(text);
    return found === null ? null : { start: found.index, valueStart: found.index, end: folding.lastIndex };
  };
  const gate = (view: TextView): boolean => !plain || view.lower.includes(lower) || view.text.includes(LONG_S);
  // A folded character may be longer than the one in the term.
  const reach = term.length * 2 + 1;
  return { type, reach, gate, find, liveFrom: (text) => trailingRun(text, reach) };
}
