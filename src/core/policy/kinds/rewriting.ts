import { compilePattern, patternDetector, reachOf, type UserPattern } from '../detect/pattern.ts';
import { isAnchored } from '../detect/program.ts';
import { type Replacement, readReplacement, replaceDetector } from '../detect/replace.ts';
import {
  ANY_OPENING,
  appendEdit,
  containsGuard,
  type Guard,
  matchGuard,
  type Opening,
  prependEdit,
  replaceEdit,
  type TextEdit,
} from '../text/edit.ts';
import type { CompileContext } from './kind.ts';
import { checkPattern } from './scanning.ts';

/** One rule of a rewriter as a document states it. */
export interface RewriteRule {
  readonly pattern: string;
  readonly replacement: string;
  readonly position?: 'replace' | 'prepend' | 'append';
  readonly condition?: string;
}

/** A rule whose condition is not decided yet. */
export interface RuleEdit {
  readonly edit: TextEdit;
  /** The text must hold this, or the rule does nothing; null where the edit sees to it. */
  readonly condition: string | null;
}

interface RulePlace {
  /** Of the rule, relative to the document. */
  readonly pointer: string;
  readonly report: CompileContext['report'];
  /** Answers come in pieces, so what a rule does must be decided by a bounded part of them. */
  readonly streamed: boolean;
}

/** The rules that can run, in order; each of the others gets a finding. */
export function compileRules(
  rules: readonly RewriteRule[],
  { pointer, report }: CompileContext,
  streamed: boolean,
): readonly RuleEdit[] {
  return rules.flatMap((rule, index): readonly RuleEdit[] => {
    const place = { pointer: `${pointer}/rules/${index}`, report, streamed };
    const edit = (rule.position ?? 'replace') === 'replace' ? replacing(rule, place) : adding(rule, place);
    return edit === null ? [] : [edit];
  });
}

function replacing(rule: RewriteRule, place: RulePlace): RuleEdit | null {
  const { pointer, report, streamed } = place;
  const pattern = checkPattern(compilePattern(rule.pattern, false), {
    pointer: `${pointer}/pattern`,
    report,
    bounded: streamed,
  });
  const replacement = replacementOf(rule, pattern?.engine.groupCount() ?? 99, place);
  if (streamed && rule.condition !== undefined) return undecided(place, 'condition', 'the rest of the answer');
  if (pattern === null || replacement === null) return null;
  return { edit: replaceEdit(() => replaceDetector(pattern, replacement)), condition: rule.condition ?? null };
}

function adding(rule: RewriteRule, place: RulePlace): RuleEdit | null {
  const { pointer, report, streamed } = place;
  const written = replacementOf(rule, -1, place);
  const compiled = compilePattern(rule.pattern, false);
  const isAlways = 'fault' in compiled && compiled.always;
  const pattern = isAlways
    ? null
    : checkPattern(compiled, { pointer: `${pointer}/pattern`, report, bounded: streamed });
  if (written === null || (pattern === null && !isAlways)) return null;
  const addition = written.join('');
  if (rule.position === 'prepend') return prepending(rule, { addition, pattern }, place);
  const guards = pattern === null ? [] : [matchGuard(patternDetector(pattern, 'GUARD'))];
  const conditions: readonly Guard[] = rule.condition === undefined ? [] : [containsGuard(rule.condition)];
  return { edit: appendEdit(addition, [...guards, ...conditions]), condition: null };
}

interface Prepended {
  readonly addition: string;
  /** Null when the rule always applies. */
  readonly pattern: UserPattern | null;
}

function prepending(rule: RewriteRule, { addition, pattern }: Prepended, place: RulePlace): RuleEdit | null {
  if (place.streamed && rule.condition !== undefined) return undecided(place, 'condition', 'the rest of the answer');
  if (place.streamed && pattern !== null && !isAnchored(pattern.engine)) {
    return undecided(place, 'pattern', 'a match anywhere in the answer');
  }
  const edit = prependEdit(addition, pattern === null ? ANY_OPENING : openingOf(pattern));
  return { edit, condition: rule.condition ?? null };
}

/** Of a stream the pattern is anchored, so that nothing but the beginning decides. */
const openingOf = (pattern: UserPattern): Opening => ({
  test: (text) => pattern.engine.test(text),
  isDecided: (text) => pattern.live(text, 0) > 0,
  decidedBy: reachOf(pattern),
});

function undecided({ pointer, report }: RulePlace, key: string, found: string): null {
  report('POLICY_RULE_UNDECIDED', `${pointer}/${key}`, {
    message: 'The first words of a streamed answer leave before this rule can be decided.',
    expected: key === 'condition' ? 'a condition with position append only' : 'a pattern that begins with ^',
    found,
  });
  return null;
}

/** `groups` is how many the pattern has; -1 where the text is added and stands for no match. */
function replacementOf(rule: RewriteRule, groups: number, { pointer, report }: RulePlace): Replacement | null {
  const replacement = readReplacement(rule.replacement, groups);
  if (!('unknown' in replacement)) return replacement;
  report('POLICY_REPLACEMENT_GROUP', `${pointer}/replacement`, {
    message: 'The replacement names a group that does not exist.',
    expected: groups < 0 ? 'no group: the text is added, not put in the place of a match' : `$0 to $${groups}`,
    found: replacement.unknown,
  });
  return null;
}
