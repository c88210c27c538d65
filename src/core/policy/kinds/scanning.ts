import type { Json } from '../../model/index.ts';
import type { Detector } from '../detect/detector.ts';
import { compilePattern, PATTERN_LENGTH_LIMIT, patternDetector, type UserPattern } from '../detect/pattern.ts';
import { termDetector } from '../detect/terms.ts';
import { type DetectorFilter, filterText } from '../text/filter.ts';
import { editTexts } from '../text/visit.ts';
import { ALLOW, type CompileContext, type CompiledStep, type StepResult } from './kind.ts';

interface ScanningStep {
  readonly filter: DetectorFilter;
  readonly reasonCode: string;
  readonly message: string;
}

/** A step that filters every text of requests and answers, streamed or whole. */
export function scanningStep({ filter, reasonCode, message }: ScanningStep): CompiledStep {
  const scan = (body: Json): StepResult => {
    let matches = 0;
    const edited = editTexts(body, (text) => {
      const filtered = filterText(filter, text);
      matches += filtered.matches;
      return filtered.text;
    });
    if (matches === 0) return ALLOW;
    if (filter.action === 'block') return { verdict: 'block', reasonCode, redactions: 0, message };
    return { verdict: 'redact', reasonCode, redactions: matches, body: edited };
  };
  return { input: ({ body }) => scan(body), output: scan, filter, filterReason: { reasonCode, message } };
}

interface PatternRules {
  readonly sources: readonly string[];
  /** The list, relative to the document. */
  readonly pointer: string;
  readonly ignoreCase: boolean;
  /** Whether streams are held back for them, so that a longest match must exist. */
  readonly bounded: boolean;
}

/** The patterns of a list that compile; each of the others gets a finding. */
export function compilePatterns(rules: PatternRules, { report }: CompileContext): readonly UserPattern[] {
  const compiled: UserPattern[] = [];
  for (const [index, source] of rules.sources.entries()) {
    const pointer = `${rules.pointer}/${index}`;
    const pattern = compilePattern(source, rules.ignoreCase);
    if ('fault' in pattern) {
      const invalid = pattern.fault === 'invalid';
      report(invalid ? 'POLICY_PATTERN_INVALID' : 'POLICY_PATTERN_TOO_WIDE', pointer, {
        message: invalid
          ? 'The pattern does not compile on the linear engine.'
          : 'The pattern matches nothing in particular.',
        expected: invalid ? 'a regular expression in RE2 syntax' : 'a pattern that only some texts match',
        found: pattern.reason,
      });
      continue;
    }
    if (rules.bounded && (pattern.longest === null || pattern.longest > PATTERN_LENGTH_LIMIT))
      reportUnbounded(pattern, pointer, report);
    else compiled.push(pattern);
  }
  return compiled;
}

function reportUnbounded(pattern: UserPattern, pointer: string, report: CompileContext['report']): void {
  report('POLICY_PATTERN_UNBOUNDED', pointer, {
    message: 'Responses are scanned with this pattern, and streams cannot be held back as long as its longest match.',
    expected: `a longest match of at most ${PATTERN_LENGTH_LIMIT} UTF-16 code units`,
    found: pattern.longest === null ? 'no longest match (*, + or {n,})' : `a longest match of ${pattern.longest}`,
  });
}

/** Detectors of a list of literal terms. */
export function termDetectors(terms: readonly string[] | undefined, type: string): readonly Detector[] {
  return (terms ?? []).map((term) => termDetector(term, type));
}

/** Detectors of a user's list of patterns that responses are scanned with. */
export function patternDetectors(
  sources: readonly string[] | undefined,
  key: string,
  context: CompileContext,
): readonly Detector[] {
  const rules = { sources: sources ?? [], pointer: `${context.pointer}/${key}`, ignoreCase: false, bounded: true };
  return compilePatterns(rules, context).map((pattern) => patternDetector(pattern, 'CUSTOM'));
}
