import { pointerStep } from '../../model/index.ts';
import type { Detector } from '../detect/detector.ts';
import { BANK, NATIONAL } from '../detect/identity.ts';
import { HEALTH, PAYMENT, PERSONAL } from '../detect/personal.ts';
import type { PolicyPiiDetector } from '../generated/types.ts';
import { validatePolicyPiiDetector } from '../generated/validators.js';
import type { DetectorFilter } from '../text/filter.ts';
import { type CompileContext, policyKind } from './kind.ts';
import schema from './pii-detector.schema.json' with { type: 'json' };
import { patternDetectors, scanningStep } from './scanning.ts';

/** Every type that this kind reports, as markers and custom_markers name it. */
export const PII_TYPES: readonly string[] = [
  ...new Set([...PERSONAL, ...NATIONAL, ...PAYMENT, ...BANK, ...HEALTH].map((detector) => detector.type)),
  'CUSTOM',
];

export const piiDetector = policyKind<PolicyPiiDetector>({
  kind: 'pii-detector',
  phases: ['input', 'output'],
  namespace: 'pii',
  controls: ['OWASP LLM 2026/02'],
  schema,
  validate: validatePolicyPiiDetector,
  notes: [
    'Types: SSN, PHONE (North America; elsewhere with +), EMAIL, IP_ADDRESS (4 and 6), NATIONAL_ID; with `pci_mode`, which is on unless it is false, CREDIT_CARD (Visa, Mastercard, American Express, Discover, with a valid check digit), IBAN (length of its country, remainder by 97), CVV and CARDHOLDER_NAME next to their keyword; with `healthcare_mode`, which is off unless it is true, MRN, NPI and INSURANCE_ID next to their keyword; CUSTOM for `detect_patterns`.',
    'NATIONAL_ID, which the reference does not name: DNI and NIE (Spain), codice fiscale (Italy), CPF with its dots (Brazil), NIR (France), personnummer with its sign (Sweden), each with valid check digits; the national insurance number (United Kingdom) by its form; next to their keyword Steuer-ID (Germany), PESEL (Poland), BSN (Netherlands), SIN (Canada), Aadhaar (India), CPF, with valid check digits. **Other countries are not seen.** `npm run bench -- detectors` prints precision and recall over the sets in the repository.',
    'Built-in detectors, of other kinds too, read full-width forms, digits of Arabic and Persian and spaces of any width like those of ASCII. Between the groups of a number stands one space, dot, hyphen, dash, minus sign or mark without width, in a card number also a tab: numbers in the columns of a table are no other number. Digits of other scripts, and numbers that are written in words or spread over several texts, are not seen.',
    '`marker_format`: `label` writes `[TYPE]`, `asterisk` writes `***`, `partial` keeps the first and the last two characters of a match of eight or more. `preserve_length` makes the replacement as long as the match. `custom_markers` (with `label`) is keyed by the type, in any case.',
    'It filters requests and, by its mere presence, responses: whole ones and streams. `include_metadata` is accepted as `true` only: evidence always carries the number of redactions.',
  ],
  compile: (config, context) => {
    const detectors: readonly Detector[] = [
      ...PERSONAL,
      ...NATIONAL,
      ...((config.pci_mode ?? true) ? [...PAYMENT, ...BANK] : []),
      ...((config.healthcare_mode ?? false) ? HEALTH : []),
      ...patternDetectors(config.detect_patterns, 'detect_patterns', context),
    ];
    return scanningStep({
      filter: { detectors, action: config.action ?? 'redact', render: renderOf(config.redaction ?? {}, context) },
      reasonCode: 'pii.detected',
      message: 'The text holds personal data.',
    });
  },
});

type Redaction = NonNullable<PolicyPiiDetector['redaction']>;

function renderOf(redaction: Redaction, { pointer, report }: CompileContext): DetectorFilter['render'] {
  const markers = new Map(
    Object.entries(redaction.custom_markers ?? {}).map(([type, text]) => [type.toUpperCase(), text]),
  );
  for (const type of Object.keys(redaction.custom_markers ?? {})) {
    if (PII_TYPES.includes(type.toUpperCase())) continue;
    report('POLICY_MARKER_UNKNOWN', `${pointer}/redaction/custom_markers/${pointerStep(type)}`, {
      message: 'No detector reports this type.',
      expected: PII_TYPES.join(', '),
      found: type,
      at: 'key',
    });
  }
  const keepLength = redaction.preserve_length ?? false;
  switch (redaction.marker_format ?? 'label') {
    case 'asterisk':
      return (_, matched) => (keepLength ? '*'.repeat(matched.length) : '***');
    case 'partial':
      return (_, matched) => partial(matched, keepLength);
    case 'label':
      return (type, matched) => {
        const marker = markers.get(type) ?? `[${type}]`;
        return keepLength ? marker.slice(0, matched.length).padEnd(matched.length, '*') : marker;
      };
  }
}

/** The first and the last two characters; nothing of a match too short to stay hidden that way. */
function partial(matched: string, keepLength: boolean): string {
  const letters = [...matched];
  const hidden = letters.length < 8 ? letters.length : letters.length - 3;
  const stars = keepLength ? '*'.repeat(hidden) : '***';
  return letters.length < 8 ? stars : `${letters[0]}${stars}${letters.slice(-2).join('')}`;
}
