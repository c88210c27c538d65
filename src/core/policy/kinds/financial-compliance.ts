import { FINANCIAL_DISCLAIMER } from '../detect/compliance.ts';
import type { PolicyFinancialCompliance } from '../generated/types.ts';
import { validatePolicyFinancialCompliance } from '../generated/validators.js';
import { COMPLIANCE_NOTES, complianceStep } from './compliance.ts';
import schema from './financial-compliance.schema.json' with { type: 'json' };
import { policyKind } from './kind.ts';

export const financialCompliance = policyKind<PolicyFinancialCompliance>({
  kind: 'financial-compliance',
  phases: ['output'],
  namespace: 'financial',
  controls: [],
  schema,
  validate: validatePolicyFinancialCompliance,
  notes: [
    ...COMPLIANCE_NOTES,
    `Without \`required_disclaimers\` (or with an empty list) the built-in one is required: "${FINANCIAL_DISCLAIMER}"`,
  ],
  compile: ({ blocked_patterns: blocked = [], required_disclaimers: required = [] }, context) =>
    complianceStep(
      {
        blocked,
        disclaimers: required.length === 0 ? [FINANCIAL_DISCLAIMER] : required,
        namespace: 'financial',
        message: 'The answer holds financial advice that is blocked here.',
      },
      context,
    ),
});
