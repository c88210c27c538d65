import { KEYWORDS } from '../detect/keywords.ts';
import type { PolicySafetyFilter } from '../generated/types.ts';
import { validatePolicySafetyFilter } from '../generated/validators.js';
import { policyKind } from './kind.ts';
import schema from './safety-filter.schema.json' with { type: 'json' };
import { FUZZY_NOTE, scanningStep, termDetectors } from './scanning.ts';

const REVIEWED = 'The text holds a keyword that a person has to look at.';

export const safetyFilter = policyKind<PolicySafetyFilter>({
  kind: 'safety-filter',
  phases: ['input'],
  namespace: 'safety',
  controls: [],
  schema,
  validate: validatePolicySafetyFilter,
  notes: [
    `A list of keywords, and nothing more: it finds the words of the list inside any text of a request, and no other words for the same thing. Built-in lists: ${Object.entries(
      KEYWORDS,
    )
      .map(([mode, words]) => `\`${mode}\` (${words.length})`)
      .join(', ')}. \`block_if\` **replaces** the list of the mode, so it must be complete on its own.`,
    FUZZY_NOTE,
    '`action: escalate` holds the request until a reviewer of the org decides (docs/escalations.md); nothing of it goes to a provider before. The reason is the same, `safety.detected`.',
    '`max_age` and other modes are refused.',
  ],
  compile: (config, context) => {
    const words = config.block_if ?? KEYWORDS[config.mode ?? 'critical_infrastructure'];
    const { input } = scanningStep({
      filter: {
        detectors: termDetectors({ terms: words, key: 'block_if', type: 'KEYWORD', how: config }, context),
        action: 'block',
        render: (_, matched) => matched,
      },
      reasonCode: 'safety.detected',
      message: 'The text holds a keyword that is blocked here.',
    });
    if (input === undefined) return {};
    if (config.action !== 'escalate') return { input };
    return {
      input: (state) => {
        const result = input(state);
        return result.verdict === 'block' ? { ...result, verdict: 'escalate', message: REVIEWED } : result;
      },
    };
  },
});
