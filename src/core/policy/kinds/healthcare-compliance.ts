import { HEALTH_DISCLAIMERS } from '../detect/compliance.ts';
import type { PolicyHealthcareCompliance } from '../generated/types.ts';
import { validatePolicyHealthcareCompliance } from '../generated/validators.js';
import { COMPLIANCE_NOTES, complianceStep } from './compliance.ts';
import schema from './healthcare-compliance.schema.json' with { type: 'json' };
import { policyKind } from './kind.ts';

export const healthcareCompliance = policyKind<PolicyHealthcareCompliance>({
  kind: 'healthcare-compliance',
  phases: ['output'],
  namespace: 'healthcare',
  controls: [],
  schema,
  validate: validatePolicyHealthcareCompliance,
  notes: [
    ...COMPLIANCE_NOTES,
    'Without `required_disclaimers` (or with an empty list) a built-in one is required, chosen by `fda_class` (`II` by default); that is all the class decides, and beside `required_disclaimers` it decides nothing (`POLICY_FIELD_WITHOUT_EFFECT`, for information).',
    ...Object.entries(HEALTH_DISCLAIMERS).map(([name, text]) => `Class ${name}: "${text}"`),
  ],
  compile: (
    { blocked_patterns: blocked = [], required_disclaimers: required = [], fda_class: deviceClass },
    context,
  ) => {
    if (deviceClass !== undefined && required.length > 0) {
      context.report('POLICY_FIELD_WITHOUT_EFFECT', `${context.pointer}/fda_class`, {
        message: 'The class chooses the built-in disclaimer, and required_disclaimers stand in its place.',
        expected: 'fda_class or required_disclaimers',
        found: 'both',
        at: 'key',
      });
    }
    return complianceStep(
      {
        blocked,
        disclaimers: required.length === 0 ? [HEALTH_DISCLAIMERS[deviceClass ?? 'II']] : required,
        namespace: 'healthcare',
        message: 'The answer holds medical advice that is blocked here.',
      },
      context,
    );
  },
});
