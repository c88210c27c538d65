import type { PolicyDlpFilter } from '../generated/types.ts';
import { validatePolicyDlpFilter } from '../generated/validators.js';
import schema from './dlp-filter.schema.json' with { type: 'json' };
import { policyKind } from './kind.ts';
import { FUZZY_NOTE, patternDetectors, scanningStep, termDetectors } from './scanning.ts';

export const dlpFilter = policyKind<PolicyDlpFilter>({
  kind: 'dlp-filter',
  phases: ['input', 'output'],
  namespace: 'dlp',
  schema,
  validate: validatePolicyDlpFilter,
  notes: [
    'Looks for `blocked_terms` (literally, inside words too, without regard to case) and `detect_patterns`, and for nothing else: it ships no catalogue of secrets. A match becomes `[REDACTED]`, or blocks.',
    'Filters requests and responses, whole and streamed. `sensitivity_level: standard` is accepted, because that is what it does; other values are refused.',
    FUZZY_NOTE,
  ],
  compile: (config, context) =>
    scanningStep({
      filter: {
        detectors: [
          ...termDetectors(
            { terms: config.blocked_terms ?? [], key: 'blocked_terms', type: 'TERM', how: config },
            context,
          ),
          ...patternDetectors(config.detect_patterns, 'detect_patterns', context),
        ],
        action: config.action ?? 'redact',
        render: () => '[REDACTED]',
      },
      reasonCode: 'dlp.detected',
      message: 'The text holds confidential data.',
    }),
});
