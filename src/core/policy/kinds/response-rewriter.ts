import type { PolicyResponseRewriter } from '../generated/types.ts';
import { validatePolicyResponseRewriter } from '../generated/validators.js';
import { editingStep } from './editing.ts';
import { policyKind } from './kind.ts';
import schema from './response-rewriter.schema.json' with { type: 'json' };
import { compileRules } from './rewriting.ts';

const REWRITTEN = 'response_rewriter.rewritten';

export const responseRewriter = policyKind<PolicyResponseRewriter>({
  kind: 'response-rewriter',
  phases: ['output'],
  namespace: 'response_rewriter',
  controls: [],
  schema,
  validate: validatePolicyResponseRewriter,
  notes: [
    'Changes the words of an answer, whole or streamed with the same result: not a refusal, not reasoning, not arguments of tools. An answer is the content of a choice, or one text of a message of Anthropic or of a response of OpenAI: a stream of them does not say whether another text follows. `output_text` beside the items of a response follows them. `preserve_structure` is accepted as `true` only, because that is what it does.',
    '`rules` run in order. `replace` puts `replacement` in the place of each match (`$0` the match, `$1` to `$99` a group, `$$` a dollar sign); the longest match must be bounded, as for every policy that scans streams. **The reference contradicts itself on `prepend` and `append`: here they add before the first and after the last word of an answer that has words,** when the pattern matches. On a stream `append` comes after the last chunk of the choice and before its `finish_reason`.',
    'What a stream cannot decide is refused as `POLICY_RULE_UNDECIDED`: `prepend` whose pattern does not begin with `^` (or match always, as `^` and `$` alone do), and `condition` with `replace` or `prepend`. `condition` with `append` looks for its letters in the whole answer.',
    'A rule that makes an answer longer by more than a mebibyte, or matches more than 10,000 times in it, ends it. A changed answer is a redaction with the reason `response_rewriter.rewritten`; `redactions` counts the changes.',
  ],
  compile: (config, context) =>
    editingStep({
      edits: compileRules(config.rules ?? [], context, true).map(({ edit }) => edit),
      changeCode: REWRITTEN,
    }),
});
