import { MARKINGS, SECRETS } from '../detect/secrets.ts';
import type { PolicyDlpFilter } from '../generated/types.ts';
import { validatePolicyDlpFilter } from '../generated/validators.js';
import schema from './dlp-filter.schema.json' with { type: 'json' };
import { policyKind } from './kind.ts';
import { FUZZY_NOTE, patternDetectors, scanningStep, termDetectors } from './scanning.ts';

const BUILT_IN = { standard: [], high: MARKINGS, restricted: [...MARKINGS, ...SECRETS] } as const;

export const dlpFilter = policyKind<PolicyDlpFilter>({
  kind: 'dlp-filter',
  phases: ['input', 'output'],
  namespace: 'dlp',
  controls: ['OWASP LLM 2026/02'],
  schema,
  validate: validatePolicyDlpFilter,
  notes: [
    'Looks for `blocked_terms` (literally, inside words too, without regard to case) and `detect_patterns`, and with the default `sensitivity_level: standard` for nothing else. A match becomes `[REDACTED]`, or blocks.',
    'Filters requests and responses, whole and streamed. `sensitivity_level: high` also looks for markings of classified papers in capitals (CONFIDENTIAL, STRICTLY CONFIDENTIAL, TOP SECRET, SECRET//NOFORN, RESTRICTED, PROPRIETARY, INTERNAL USE ONLY and the like).',
    '`sensitivity_level: restricted` also looks for secrets of machines. **The reference contradicts itself on whether there is a catalogue of them; here it is at this level only:** keys with the prefix of AWS, GitHub, GitLab, Slack, Stripe, OpenAI, Anthropic, OpenRouter, Groq, xAI, Perplexity, Replicate, Hugging Face, Google, npm, PyPI, Docker, SendGrid, HashiCorp Vault, Databricks, Shopify, DigitalOcean and our own tokens, JSON Web Tokens, private keys in PEM and OpenPGP armour, passwords that stand before the host of a URL, and 12 to 120 characters with letters and digits of high entropy (3.5 bits each) after a name that ends with `password`, `passphrase`, `secret`, `token`, `credential` or a key (`api`, `access`, `account`, `auth`, `encryption`, `master`, `private`, `secret`, `shared`, `signing`), or after `Bearer`, `Basic` or the scheme of an `Authorization` header. A secret without prefix and keyword is not seen, nor one that goes over several lines outside of armour.',
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
          ...BUILT_IN[config.sensitivity_level ?? 'standard'],
          ...patternDetectors(config.detect_patterns, 'detect_patterns', context),
        ],
        action: config.action ?? 'redact',
        render: () => '[REDACTED]',
      },
      reasonCode: 'dlp.detected',
      message: 'The text holds confidential data.',
    }),
});
