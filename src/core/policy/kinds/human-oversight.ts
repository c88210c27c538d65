import type { PolicyHumanOversight } from '../generated/types.ts';
import { validatePolicyHumanOversight } from '../generated/validators.js';
import schema from './human-oversight.schema.json' with { type: 'json' };
import { policyKind, type StepResult } from './kind.ts';

const DEFAULT_TIMEOUT_SECONDS = 3600;

export const humanOversight = policyKind<PolicyHumanOversight>({
  kind: 'human-oversight',
  phases: ['output'],
  namespace: 'human_oversight',
  controls: ['EU AI Act 14'],
  schema,
  validate: validatePolicyHumanOversight,
  notes: [
    'A switch, and no judgement: **every** answer that the entry applies to waits for a reviewer of the org (`human_oversight.review_required`). Which answers those are is what `when` and `targeting` of the chain entry say. The provider has been asked and paid by then. How an answer is held, and what a caller hears meanwhile, is in docs/escalations.md.',
    '`action: block` withholds the answer in place of asking (`human_oversight.blocked`); an answer is written and paid for all the same, because the kind looks at answers.',
    '`timeout_seconds` (3600 by default, at most a week) is how long the question may stand; `slaMinutes` of the Review may be less, and then holds. With `action: block` it is `POLICY_FIELD_WITHOUT_EFFECT`, for information.',
    'Policies after it run before anybody is asked: what they block is blocked, what they redact is redacted in what waits.',
    '`require_human_for` and `confidence_threshold` are refused by name: nothing here tells topics or measures a confidence. `default_assignee` is refused: who may decide is what the `Review` of the org says, not a policy.',
  ],
  compile: ({ action = 'escalate', timeout_seconds: seconds }, { pointer, report }) => {
    if (action === 'escalate') return { always: asks(seconds ?? DEFAULT_TIMEOUT_SECONDS), mayEscalate: true };
    if (seconds !== undefined) {
      report('POLICY_FIELD_WITHOUT_EFFECT', `${pointer}/timeout_seconds`, {
        message: 'An answer that is withheld waits for nobody.',
        expected: 'timeout_seconds together with action: escalate',
        found: 'timeout_seconds with action: block',
        at: 'key',
      });
    }
    return { always: WITHHELD };
  },
});

const asks = (seconds: number): StepResult => ({
  verdict: 'escalate',
  reasonCode: 'human_oversight.review_required',
  redactions: 0,
  message: 'A person has to approve this answer.',
  timeoutMs: seconds * 1000,
});

const WITHHELD: StepResult = {
  verdict: 'block',
  reasonCode: 'human_oversight.blocked',
  redactions: 0,
  message: 'Answers to this request are withheld.',
};
