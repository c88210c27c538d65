import { RE2JS } from 're2js';
import type { Detector, TextView } from './detector.ts';
import { type LiteralIndex, literalIndexOf, SHORTEST_LITERAL } from './literals.ts';
import { patternDetector, type UserPattern } from './pattern.ts';
import { literalOf } from './program.ts';

/** Below so many patterns, each asks for itself: it takes a tenth of the time of a pass for all. */
const FEW_PATTERNS = 10;
const FEW_WITHOUT_LITERAL = 24;

/** Which of a list of patterns may match in a text, worked out once for each text. */
interface Prefilter {
  readonly literals: LiteralIndex;
  /** For each pattern, the number of its literal; null for one that has none. */
  readonly literalOf: readonly (number | null)[];
  /** True where one of those without a literal may match. */
  readonly others: (text: string) => boolean;
}

/** Tells for each of a list of patterns whether it may match; worked out once for each text. */
function candidatesOf(patterns: readonly UserPattern[]): (view: TextView) => readonly boolean[] {
  let prefilter: Prefilter | undefined;
  const known = new WeakMap<TextView, readonly boolean[]>();
  return (view) => {
    const before = known.get(view);
    if (before !== undefined) return before;
    // Made for the first text that needs it: a check asks for none.
    prefilter ??= prefilterOf(patterns);
    const found = prefilter.literals.findAll(view);
    const others = prefilter.others(view.text);
    const made = prefilter.literalOf.map((literal) => (literal === null ? others : found.has(literal)));
    known.set(view, made);
    return made;
  };
}

/**
 * Detectors of a user's list of patterns, which find what each of them alone would: in one pass of a text, the literals that the
 * matches must hold and one program of all patterns without any tell which of them need to be asked.
 */
export function patternDetectors(patterns: readonly UserPattern[], type: string): readonly Detector[] {
  const alone = patterns.map((pattern) => patternDetector(pattern, type));
  if (patterns.length < FEW_PATTERNS) return alone;
  const candidates = candidatesOf(patterns);
  return alone.map((detector, index) => ({
    ...detector,
    gate: (view) => candidates(view)[index] === true && detector.gate(view),
  }));
}

/** Tells whether one of the patterns matches in a text, without asking where. */
export function patternsTest(patterns: readonly UserPattern[]): (view: TextView) => boolean {
  if (patterns.length < FEW_PATTERNS) return ({ text }) => patterns.some((pattern) => pattern.gate(text));
  const candidates = candidatesOf(patterns);
  return (view) => {
    const may = candidates(view);
    return patterns.some((pattern, index) => may[index] === true && pattern.gate(view.text));
  };
}

function prefilterOf(patterns: readonly UserPattern[]): Prefilter {
  const literals: string[] = [];
  const numbers = patterns.map(({ engine }) => {
    const literal = literalOf(engine);
    return literal === null || literal.length < SHORTEST_LITERAL ? null : literals.push(literal) - 1;
  });
  return {
    literals: literalIndexOf(literals),
    literalOf: numbers,
    others: anyOf(patterns.filter((_, index) => numbers[index] === null)),
  };
}

/** True where at least one of the patterns matches, by one program; always, where there are few or the program is too large. */
function anyOf(patterns: readonly UserPattern[]): (text: string) => boolean {
  const [first] = patterns;
  if (first === undefined || patterns.length < FEW_WITHOUT_LITERAL) return () => true;
  try {
    const all = RE2JS.compile(patterns.map(({ engine }) => `(?:${engine.pattern()})`).join('|'), first.engine.flags());
    return (text) => all.test(text);
  } catch {
    return () => true;
  }
}
