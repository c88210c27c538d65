import { SAFE_HARBOR } from '../detect/health.ts';
import { HEALTH, PERSONAL } from '../detect/personal.ts';
import type { PolicyHipaaPhiDetector } from '../generated/types.ts';
import { validatePolicyHipaaPhiDetector } from '../generated/validators.js';
import schema from './hipaa-phi-detector.schema.json' with { type: 'json' };
import { policyKind } from './kind.ts';
import { scanningStep } from './scanning.ts';

export const hipaaPhiDetector = policyKind<PolicyHipaaPhiDetector>({
  kind: 'hipaa-phi-detector',
  phases: ['input', 'output'],
  namespace: 'hipaa_phi',
  controls: ['OWASP LLM 2026/02'],
  schema,
  validate: validatePolicyHipaaPhiDetector,
  notes: [
    'Of the eighteen identifiers of Safe Harbor it sees those that have a shape: dates but for the year (DATE), ZIP codes after a state or their keyword (ZIP_CODE), phone and fax numbers (PHONE), EMAIL, SSN, URL, IP_ADDRESS, vehicle identification numbers with a valid check digit (VEHICLE_ID); and those that stand next to their keyword: MRN, NPI, INSURANCE_ID, ACCOUNT_NUMBER, LICENSE_NUMBER, DEVICE_ID, licence plates, ages over 89 (AGE), and names after `patient:` or `patient name` (PATIENT_NAME).',
    '**It does not see** names elsewhere, addresses other than a ZIP code, biometric identifiers, photographs, and numbers without their keyword. What it leaves is not de-identified by that.',
    'A match becomes `[TYPE]`, or blocks; requests and responses, whole and streamed. `safe_harbor_method` is refused.',
  ],
  compile: (config) =>
    scanningStep({
      filter: {
        detectors: [...PERSONAL, ...HEALTH, ...SAFE_HARBOR],
        action: config.action ?? 'redact',
        render: (type) => `[${type}]`,
      },
      reasonCode: 'hipaa_phi.detected',
      message: 'The text holds protected health information.',
    }),
});
