import type { Json } from '../../model/index.ts';
import type { PolicyRequestRewriter } from '../generated/types.ts';
import { validatePolicyRequestRewriter } from '../generated/validators.js';
import { withSystemMessage } from '../text/system.ts';
import { editTexts } from '../text/visit.ts';
import { ALLOW, type InputState, policyKind, type StepResult } from './kind.ts';
import schema from './request-rewriter.schema.json' with { type: 'json' };
import { compileRules, type RuleEdit } from './rewriting.ts';

const REWRITTEN = 'request_rewriter.rewritten';

export const requestRewriter = policyKind<PolicyRequestRewriter>({
  kind: 'request-rewriter',
  phases: ['input'],
  namespace: 'request_rewriter',
  controls: [],
  schema,
  validate: validatePolicyRequestRewriter,
  notes: [
    'Changes the request before it goes out; embeddings are left alone. `system_message` (text, or `content` of an object) comes before everything else, in the place that the endpoint reads: as the first message of role system, before `instructions` or `system`, before the prompt of completions. A request without a place for it (a prompt of token numbers) is refused with `request_rewriter.no_place`.',
    '`rules` run in order over each text that a caller wrote (any role but system, developer, assistant, tool and function, spelt so; each part for itself): not over system messages, answers of the model or results of tools. **The reference contradicts itself on `prepend` and `append`: here they add at the beginning and at the end of the text,** when the pattern matches anywhere in it and the text holds `condition` letter for letter.',
    '`$0` is the match, `$1` to `$99` a group, `$$` a dollar sign; any other group is `POLICY_REPLACEMENT_GROUP`. A rule that makes a text longer by more than a mebibyte, or matches more than 10,000 times in it, refuses the request.',
    'A changed request is a redaction with the reason `request_rewriter.rewritten`; `redactions` counts the changes.',
  ],
  compile: (config, context) => {
    const { system_message: system } = config;
    const message = typeof system === 'string' ? system : system?.content;
    const rules = compileRules(config.rules ?? [], context, false);
    return { input: (state) => rewrite(state, message, rules) };
  },
});

function rewrite({ facts, body }: InputState, message: string | undefined, rules: readonly RuleEdit[]): StepResult {
  if (facts.path === '/v1/embeddings') return ALLOW;
  let edits = 0;
  let edited: Json | null = editTexts(body, 'input', (text, role) => {
    if (role !== 'user') return text;
    const made = applyRules(text, rules);
    edits += made.edits;
    return made.text;
  });
  if (message !== undefined) {
    edited = withSystemMessage(edited, message, facts.path);
    edits++;
  }
  if (edited === null) return noPlace;
  if (edits === 0) return ALLOW;
  return { verdict: 'redact', reasonCode: REWRITTEN, redactions: edits, body: edited };
}

const noPlace: StepResult = {
  verdict: 'block',
  reasonCode: 'request_rewriter.no_place',
  redactions: 0,
  message: 'The request has no place for the system message of this gateway.',
};

function applyRules(text: string, rules: readonly RuleEdit[]): { readonly text: string; readonly edits: number } {
  let made = { text, edits: 0 };
  for (const { edit, condition } of rules) {
    if (condition !== null && !made.text.includes(condition)) continue;
    const next = edit.whole([made.text]);
    made = { text: next.texts[0] ?? made.text, edits: made.edits + next.edits };
  }
  return made;
}
