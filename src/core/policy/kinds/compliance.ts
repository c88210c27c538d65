import { patternDetectors } from '../detect/patterns.ts';
import { termDetector } from '../detect/terms.ts';
import { appendEdit, matchGuard, notGuard, type TextEdit } from '../text/edit.ts';
import { editingStep } from './editing.ts';
import type { CompileContext, CompiledStep } from './kind.ts';
import { compilePatterns } from './scanning.ts';

interface ComplianceRules {
  readonly blocked: readonly string[];
  readonly disclaimers: readonly string[];
  readonly namespace: string;
  readonly message: string;
}

/** A step that blocks answers with a pattern, and writes below the others each disclaimer that they lack. */
export function complianceStep(rules: ComplianceRules, context: CompileContext): CompiledStep {
  const pointer = `${context.pointer}/blocked_patterns`;
  const patterns = compilePatterns({ sources: rules.blocked, pointer, ignoreCase: true, bounded: true }, context);
  return editingStep({
    edits: rules.disclaimers.map(disclaimerEdit),
    changeCode: `${rules.namespace}.disclaimer_added`,
    forbidden: {
      filter: { detectors: patternDetectors(patterns, 'BLOCKED'), action: 'block', render: (_, matched) => matched },
      reasonCode: `${rules.namespace}.blocked`,
      message: rules.message,
    },
  });
}

function disclaimerEdit(disclaimer: string): TextEdit {
  return appendEdit(`\n\n${disclaimer}`, [notGuard(matchGuard(termDetector(disclaimer, 'DISCLAIMER')))]);
}

/** What both kinds say of themselves in docs/policy-compatibility.md. */
export const COMPLIANCE_NOTES: readonly string[] = [
  '`blocked_patterns` are regular expressions without regard to case, looked for in every text of an answer, refusals, reasoning and arguments of tools too; the longest match must be bounded. They are what you wrote and nothing more: no list of prohibited advice is shipped. A match blocks.',
  'Each of `required_disclaimers` that the words of an answer do not hold (without regard to case) is written below them after an empty line; on a stream after the last chunk of the choice and before its `finish_reason`. An answer without words (a call of a tool) gets none; each text of a message of Anthropic or of a response of OpenAI is an answer of its own, because a stream does not say whether another follows. Such an answer is a redaction whose reason ends in `disclaimer_added`.',
];
