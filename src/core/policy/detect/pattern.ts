import { RE2JS } from 're2js';
import { type Detector, type LiveScan, type Match, MOST_STEPS } from './detector.ts';
import { liveScans } from './live-program.ts';
import { gateOf, longestMatch, matchesAlways, matchesEmpty } from './program.ts';

/** The longest match that a pattern of a response-scanning policy may have, in UTF-16 code units. */
export const PATTERN_LENGTH_LIMIT = 512;

/** A user's pattern on the linear engine. */
export interface UserPattern {
  readonly engine: RE2JS;
  /** UTF-16 code units; null when matches have no upper length. */
  readonly longest: number | null;
  /** Whether the text has a match; made when the first text comes. */
  readonly gate: (text: string) => boolean;
  /** Where the first match from a place on may begin that the end of the text has not decided. */
  readonly live: (text: string, from: number) => number;
  /** The same, of a text that grows and of matches of at most `reach` code units; made when the first stream comes. */
  readonly scan: (reach: number) => LiveScan;
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
  let scans: UserPattern['scan'] | undefined;
  const scan: UserPattern['scan'] = (reach) => {
    scans ??= liveScans(engine);
    return scans(reach);
  };
  return {
    engine,
    longest: longestMatch(engine),
    gate: (text) => {
      gate ??= gateOf(engine);
      // Whether there is a match at all, the engine tells many times quicker than where it is.
      return gate(text) && engine.test(text);
    },
    scan,
    live: (text, from) => Math.max(from, scan(Number.POSITIVE_INFINITY).push(text, { steps: MOST_STEPS })),
  };
}

/** UTF-16 code units of the longest match: one more character decides a word border or the end of the line after it. */
export const reachOf = (pattern: UserPattern): number => (pattern.longest ?? PATTERN_LENGTH_LIMIT) + 2;

/** UTF-16 code units that are asked at once whether a match starts in them: a large window, and small ones in one that has some. */
const WINDOWS = [2048, 128] as const;
/** What stands before a match decides a word border and the beginning of a line. */
const CONTEXT = 2;

/** A detector of a user's pattern. */
export function patternDetector(pattern: UserPattern, type: string): Detector {
  const { engine, longest } = pattern;
  const reach = reachOf(pattern);
  return {
    type,
    reach,
    gate: ({ text }) => pattern.gate(text),
    find: (text, from) => {
      if (longest === null) return matchIn(engine, text, from);
      // Where a match is, the engine tells many times slower than whether there is one: so only near to one.
      return findNear({ engine, reach, text }, { from, to: text.length + 1 }, WINDOWS);
    },
    // By its length alone; the scan tells closer.
    liveFrom: (text) => Math.max(0, text.length - reach + 1),
    live: () => pattern.scan(reach),
  };
}

interface Searched {
  readonly engine: RE2JS;
  readonly reach: number;
  readonly text: string;
}

/** The leftmost match that starts in a range, looked for in windows of the first size, and in one that has some in the next. */
function findNear(
  { engine, reach, text }: Searched,
  { from, to }: { readonly from: number; readonly to: number },
  [size, ...smaller]: readonly number[],
): Match | null {
  if (size === undefined) {
    const first = Math.max(0, from - CONTEXT);
    const match = matchIn(engine, text.slice(first, to + reach), from - first);
    if (match === null || match.start + first >= to) return null;
    return { start: match.start + first, valueStart: match.start + first, end: match.end + first };
  }
  for (let at = from; at < to; at += size) {
    const end = Math.min(to, at + size);
    if (!engine.test(text.slice(Math.max(0, at - CONTEXT), end + reach))) continue;
    const match = findNear({ engine, reach, text }, { from: at, to: end }, smaller);
    if (match !== null) return match;
  }
  return null;
}

function matchIn(engine: RE2JS, text: string, from: number): Match | null {
  if (from > text.length) return null;
  const matcher = engine.matcher(text);
  for (let at = from; at <= text.length && matcher.find(at); at = matcher.end() + 1) {
    const start = matcher.start();
    if (matcher.end() > start) return { start, valueStart: start, end: matcher.end() };
  }
  return null;
}
