import { RE2JS } from 're2js';
import { type Detector, type Match, trailingRun } from './detector.ts';
import { gateOf, longestMatch, matchesAlways, matchesEmpty } from './program.ts';

/** The longest match that a pattern of a response-scanning policy may have, in UTF-16 code units. */
export const PATTERN_LENGTH_LIMIT = 512;

/** A user's pattern on the linear engine. */
export interface UserPattern {
  readonly engine: RE2JS;
  /** UTF-16 code units; null when matches have no upper length. */
  readonly longest: number | null;
  /** False only for a text without a match; worked out when the first text comes. */
  readonly gate: (text: string) => boolean;
}

export interface PatternFault {
  readonly fault: 'invalid' | 'too-wide';
  readonly reason: string;
  /** It matches in every text, so that it is no condition at all. */
  readonly always: boolean;
}

// One thing in common, and it is not a word that anybody would look for.
const PROBES = ['a', 'Z', '0', ' ', '-', '\u00e9', '\u65e5'];

// Orgs of one template share their patterns, and compiling one costs more than checking the rest of a document. What is kept is
// a function of the source alone, so keeping it shows in nothing but time.
const MOST_KEPT = 512;
const kept = new Map<string, UserPattern | PatternFault>();

/**
 * Compiles a user's pattern on the linear engine, or says why not: not RE2 syntax, or it matches the empty text or anything.
 * @param ignoreCase letters match in either case
 */
export function compilePattern(source: string, ignoreCase: boolean): UserPattern | PatternFault {
  const key = `${ignoreCase ? 'i' : '-'}${source}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const compiled = compileAnew(source, ignoreCase);
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(key, compiled);
  return compiled;
}

function compileAnew(source: string, ignoreCase: boolean): UserPattern | PatternFault {
  let engine: RE2JS;
  try {
    engine = RE2JS.compile(source, ignoreCase ? RE2JS.CASE_INSENSITIVE : 0);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'not a regular expression';
    return { fault: 'invalid', reason, always: false };
  }
  const always = PROBES.every((probe) => engine.test(probe));
  if (matchesEmpty(engine)) {
    return { fault: 'too-wide', reason: 'it matches the empty text', always: always || matchesAlways(engine) };
  }
  if (always) return { fault: 'too-wide', reason: 'it matches every text', always };
  let gate: UserPattern['gate'] | undefined;
  return {
    engine,
    longest: longestMatch(engine),
    gate: (text) => {
      gate ??= gateOf(engine);
      // Whether there is a match at all, the engine tells many times quicker than where it is.
      return gate(text) && engine.test(text);
    },
  };
}

/** UTF-16 code units of the longest match: one more character decides a word border or the end of the line after it. */
export const reachOf = (pattern: UserPattern): number => (pattern.longest ?? PATTERN_LENGTH_LIMIT) + 2;

/** A detector of a user's pattern. */
export function patternDetector(pattern: UserPattern, type: string): Detector {
  const { engine } = pattern;
  const reach = reachOf(pattern);
  return {
    type,
    reach,
    gate: ({ text }) => pattern.gate(text),
    find: (text, from): Match | null => {
      if (from > text.length) return null;
      const matcher = engine.matcher(text);
      for (let at = from; at <= text.length && matcher.find(at); at = matcher.end() + 1) {
        const start = matcher.start();
        if (matcher.end() > start) return { start, valueStart: start, end: matcher.end() };
      }
      return null;
    },
    liveFrom: (text) => trailingRun(text, reach),
  };
}
