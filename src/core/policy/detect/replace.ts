import type { Detector, Match } from './detector.ts';
import { patternDetector, type UserPattern } from './pattern.ts';

/** The most UTF-16 code units by which the replacements of one rule may lengthen one text. */
export const GROWTH_LIMIT = 1_048_576;

/** The most matches of one rule in one text: telling the groups of a match takes some microseconds. */
export const REPLACEMENTS_LIMIT = 10_000;

/** What stands in the place of a match: literal text and the numbers of groups, 0 for the whole match. */
export type Replacement = readonly (string | number)[];

export interface ReplacementFault {
  /** What stands there and means nothing: `$3` of a pattern with two groups, `${name}`. */
  readonly unknown: string;
}

const REFERENCE = /\$(?:\$|\d{1,2}|[<{&`']|)/g;

/** Reads a replacement of a pattern with `groups` groups: `$1` to `$99` for a group, `$0` for the match, `$$` for a dollar sign. */
export function readReplacement(source: string, groups: number): Replacement | ReplacementFault {
  const parts: (string | number)[] = [];
  let at = 0;
  for (const { 0: written, index } of source.matchAll(REFERENCE)) {
    parts.push(source.slice(at, index));
    at = index + written.length;
    if (written === '$' || written === '$$') {
      parts.push('$');
      continue;
    }
    const two = Number(written.slice(1));
    // As in other languages: two digits where there is such a group, else one and a digit that is text.
    const isTwo = written.length === 3 && two <= groups;
    const group = isTwo ? two : Number(written.charAt(1));
    if (!(group <= groups)) return { unknown: written };
    if (!isTwo) at = index + 2;
    parts.push(group);
  }
  return [...parts, source.slice(at)].filter((part) => part !== '');
}

// A match and what stands beside it decide its groups: word borders and ends of lines look one character far.
const BESIDE = 2;

/**
 * A detector whose matches bring what stands in their place. It counts what it does, so it is for one text only.
 * @throws RangeError beyond GROWTH_LIMIT and REPLACEMENTS_LIMIT: a short text must become neither gigabytes nor seconds of work.
 */
export function replaceDetector(pattern: UserPattern, replacement: Replacement): Detector {
  const plain = patternDetector(pattern, 'REPLACED');
  let grown = 0;
  let count = 0;
  return {
    ...plain,
    find: (text, from) => {
      const match = plain.find(text, from);
      if (match === null) return null;
      const written = writeOut(pattern, replacement, text, match);
      grown += Math.max(0, written.length - (match.end - match.start));
      count++;
      if (grown > GROWTH_LIMIT || count > REPLACEMENTS_LIMIT) throw new RangeError('expected fewer replacements');
      return { ...match, replacement: written };
    },
  };
}

function writeOut({ engine }: UserPattern, replacement: Replacement, text: string, { start, end }: Match): string {
  if (replacement.every((part) => typeof part === 'string')) return replacement.join('');
  const first = Math.max(0, start - BESIDE);
  // Of the text only this much, so that the engine that tells groups does not walk through the rest for each match.
  const matcher = engine.matcher(text.slice(first, end + BESIDE));
  const found = matcher.find(start - first) && matcher.start() === start - first;
  return replacement
    .map((part) => {
      if (typeof part === 'string') return part;
      return part === 0 ? text.slice(start, end) : found ? (matcher.group(part) ?? '') : '';
    })
    .join('');
}
