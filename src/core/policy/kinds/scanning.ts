import type { Json } from '../../model/index.ts';
import type { Detector } from '../detect/detector.ts';
import { fuzzyDetector, indexSizeOf, MOST_ENTRIES } from '../detect/fuzzy.ts';
import { LONGEST_NEAR_WORD, MOST_EDITS } from '../detect/near.ts';
import { compilePattern, PATTERN_LENGTH_LIMIT, type PatternFault, type UserPattern } from '../detect/pattern.ts';
import { patternDetectors as detectorsOf } from '../detect/patterns.ts';
import { termDetectors as exactDetectors } from '../detect/terms.ts';
import type { DetectorFilter } from '../text/filter.ts';
import { filterMember } from '../text/member.ts';
import { editTexts } from '../text/visit.ts';
import type { Phase } from '../types.ts';
import { ALLOW, type CompileContext, type CompiledStep, type StepResult } from './kind.ts';

interface ScanningStep {
  readonly filter: DetectorFilter;
  readonly reasonCode: string;
  readonly message: string;
}

/**
 * A step that filters every text of requests and answers, streamed or whole. What nothing can be put in the place of is blocked
 * where it would have to be redacted.
 */
export function scanningStep({ filter, reasonCode, message }: ScanningStep): CompiledStep {
  const scan = (body: Json, phase: Phase): StepResult => {
    let matches = 0;
    let mustBlock = filter.action === 'block';
    const edited = editTexts(body, phase, (text, _, { key, isFixed }) => {
      const filtered = filterMember(filter, text, key);
      matches += filtered.matches;
      mustBlock ||= isFixed === true && filtered.matches > 0;
      return filtered.text;
    });
    if (matches === 0) return ALLOW;
    if (mustBlock) return { verdict: 'block', reasonCode, redactions: 0, message };
    return { verdict: 'redact', reasonCode, redactions: matches, body: edited };
  };
  return {
    input: ({ body }) => scan(body, 'input'),
    output: (body) => scan(body, 'output'),
    filter,
    filterReason: { reasonCode, message },
  };
}

interface PatternRules {
  readonly sources: readonly string[];
  /** The list, relative to the document. */
  readonly pointer: string;
  readonly ignoreCase: boolean;
  readonly bounded: boolean;
}

/** The patterns of a list that compile; each of the others gets a finding. */
export function compilePatterns(rules: PatternRules, { report }: CompileContext): readonly UserPattern[] {
  return rules.sources.flatMap((source, index) => {
    const pointer = `${rules.pointer}/${index}`;
    const pattern = compilePattern(source, rules.ignoreCase);
    return checkPattern(pattern, { pointer, report, bounded: rules.bounded }) ?? [];
  });
}

interface PatternPlace {
  readonly pointer: string;
  readonly report: CompileContext['report'];
  /** Whether streams are held back for it, so that a longest match must exist. */
  readonly bounded: boolean;
}

/** The pattern, or null and a finding when it cannot be used. */
export function checkPattern(
  pattern: UserPattern | PatternFault,
  { pointer, report, bounded }: PatternPlace,
): UserPattern | null {
  if ('fault' in pattern) {
    const invalid = pattern.fault === 'invalid';
    report(invalid ? 'POLICY_PATTERN_INVALID' : 'POLICY_PATTERN_TOO_WIDE', pointer, {
      message: invalid
        ? 'The pattern does not compile on the linear engine.'
        : 'The pattern matches nothing in particular.',
      expected: invalid ? 'a regular expression in RE2 syntax' : 'a pattern that only some texts match',
      found: pattern.reason,
    });
    return null;
  }
  if (bounded && (pattern.longest === null || pattern.longest > PATTERN_LENGTH_LIMIT)) {
    reportUnbounded(pattern, pointer, report);
    return null;
  }
  return pattern;
}

function reportUnbounded(pattern: UserPattern, pointer: string, report: CompileContext['report']): void {
  report('POLICY_PATTERN_UNBOUNDED', pointer, {
    message: 'Responses are scanned with this pattern, and streams cannot be held back as long as its longest match.',
    expected: `a longest match of at most ${PATTERN_LENGTH_LIMIT} UTF-16 code units`,
    found: pattern.longest === null ? 'no longest match (*, + or {n,})' : `a longest match of ${pattern.longest}`,
  });
}

/** How words of a list are compared, as several kinds say it. */
interface Comparison {
  readonly fuzzy_matching?: boolean;
  readonly max_distance?: number;
}

interface TermList {
  readonly terms: readonly string[];
  /** Where the document states them, below the block. */
  readonly key: string;
  readonly type: string;
  readonly how: Comparison;
}

export const FUZZY_NOTE = `\`fuzzy_matching\` also finds words that differ by up to \`max_distance\` letters (1 by default, at most ${MOST_EDITS}; Levenshtein: inserted, left out, exchanged), word by word, beginning and ending with a word: never by more than a quarter of the letters of the listed word, so that short words stay themselves, and not at all in words of more than ${LONGEST_NEAR_WORD} letters. \`max_distance\` without it is \`POLICY_FIELD_WITHOUT_EFFECT\`, for information. A list that would need more than ${MOST_ENTRIES} entries of an index is \`POLICY_TERMS_TOO_MANY\`; a text made to be compared without end is refused.`;

/** Detectors of a list of literal terms, and where it is asked for of what is nearly one of them. */
export function termDetectors({ terms, key, type, how }: TermList, context: CompileContext): readonly Detector[] {
  const { pointer, report } = context;
  const exact = exactDetectors(terms, type);
  if (how.fuzzy_matching !== true) {
    if (how.max_distance !== undefined) reportNoDistance(context);
    return exact;
  }
  const distance = how.max_distance ?? 1;
  const size = indexSizeOf(terms, distance);
  if (size > MOST_ENTRIES) {
    report('POLICY_TERMS_TOO_MANY', `${pointer}/${key}`, {
      message: 'The index of words that are nearly these would be too large.',
      expected: `at most ${MOST_ENTRIES} entries`,
      found: `${size} entries`,
    });
  }
  return distance === 0 || size > MOST_ENTRIES ? exact : [...exact, fuzzyDetector(terms, type, distance)];
}

function reportNoDistance({ pointer, report }: CompileContext): void {
  report('POLICY_FIELD_WITHOUT_EFFECT', `${pointer}/max_distance`, {
    message: 'Words are compared exactly, so the distance between them does nothing.',
    expected: 'max_distance together with fuzzy_matching: true',
    found: 'max_distance alone',
    at: 'key',
  });
}

/** Detectors of a user's list of patterns that responses are scanned with. */
export function patternDetectors(
  sources: readonly string[] | undefined,
  key: string,
  context: CompileContext,
): readonly Detector[] {
  const rules = { sources: sources ?? [], pointer: `${context.pointer}/${key}`, ignoreCase: false, bounded: true };
  return detectorsOf(compilePatterns(rules, context), 'CUSTOM');
}
