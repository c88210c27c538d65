import type { PolicyDlpFilter } from '../generated/types.ts';
import { validatePolicyDlpFilter } from '../generated/validators.js';
import schema from './dlp-filter.schema.json' with { type: 'json' };
import { policyKind } from './kind.ts';
import { patternDetectors, scanningStep, termDetectors } from './scanning.ts';

export const dlpFilter = policyKind<PolicyDlpFilter>({
  kind: 'dlp-filter',
  phases: ['input', 'output'],
  namespace: 'dlp',
  schema,
  validate: validatePolicyDlpFilter,
  notes: [
    'Looks for `blocked_terms` (literally, inside words too, without regard to case) and `detect_patterns`, and for nothing else: it ships no catalogue of secrets. A match becomes `[REDACTED]`, or blocks.',
    'Filters requests and responses, whole and streamed. `fuzzy_matching: false` and `sensitivity_level: standard` are accepted, because that is what it does; other values and `max_distance` are refused.',
  ],
  compile: (config, context) =>
    scanningStep({
      filter: {
        detectors: [
          ...termDetectors(config.blocked_terms, 'TERM'),
          ...patternDetectors(config.detect_patterns, 'detect_patterns', context),
        ],
        action: config.action ?? 'redact',
        render: () => '[REDACTED]',
      },
      reasonCode: 'dlp.detected',
      message: 'The text holds confidential data.',
    }),
});
