// Generated from src/core/policy by `npm run generate`. Do not edit.

import type { PolicyAgentFirewall, PolicyAuditLogger, PolicyBotDetector, PolicyDataRoutingPolicy, PolicyDlpFilter, PolicyDocument, PolicyEntityListFilter, PolicyExternalModeration, PolicyFinancialCompliance, PolicyFlaggedReview, PolicyHealthcareCompliance, PolicyHipaaPhiDetector, PolicyHumanOversight, PolicyLanguageValidator, PolicyPiiDetector, PolicyPromptInjection, PolicyRbac, PolicyRequestRewriter, PolicyResponseRewriter, PolicySafetyFilter, PolicyToolBudget, PolicyToolSecurity, PolicyToolValidation } from './types.ts';

/** One thing that is wrong. It never holds the value itself, which may be a secret. */
export interface ValidationError {
  readonly keyword: string;
  /** JSON pointer into the data. */
  readonly instancePath: string;
  /** JSON pointer into the schema. */
  readonly schemaPath: string;
  readonly params: { readonly [name: string]: unknown };
  readonly propertyName?: string;
  readonly message?: string;
}

/** Is it valid? If not, `errors` holds all that is wrong, until the next call. */
export interface Validate<Type> {
  (data: unknown): data is Type;
  readonly errors?: readonly ValidationError[] | null;
}

export declare const validatePolicyAgentFirewall: Validate<PolicyAgentFirewall>;
export declare const validatePolicyAuditLogger: Validate<PolicyAuditLogger>;
export declare const validatePolicyBotDetector: Validate<PolicyBotDetector>;
export declare const validatePolicyDataRoutingPolicy: Validate<PolicyDataRoutingPolicy>;
export declare const validatePolicyDlpFilter: Validate<PolicyDlpFilter>;
export declare const validatePolicyEntityListFilter: Validate<PolicyEntityListFilter>;
export declare const validatePolicyExternalModeration: Validate<PolicyExternalModeration>;
export declare const validatePolicyFinancialCompliance: Validate<PolicyFinancialCompliance>;
export declare const validatePolicyFlaggedReview: Validate<PolicyFlaggedReview>;
export declare const validatePolicyHealthcareCompliance: Validate<PolicyHealthcareCompliance>;
export declare const validatePolicyHipaaPhiDetector: Validate<PolicyHipaaPhiDetector>;
export declare const validatePolicyHumanOversight: Validate<PolicyHumanOversight>;
export declare const validatePolicyLanguageValidator: Validate<PolicyLanguageValidator>;
export declare const validatePolicyPiiDetector: Validate<PolicyPiiDetector>;
export declare const validatePolicyPromptInjection: Validate<PolicyPromptInjection>;
export declare const validatePolicyRbac: Validate<PolicyRbac>;
export declare const validatePolicyRequestRewriter: Validate<PolicyRequestRewriter>;
export declare const validatePolicyResponseRewriter: Validate<PolicyResponseRewriter>;
export declare const validatePolicySafetyFilter: Validate<PolicySafetyFilter>;
export declare const validatePolicyToolBudget: Validate<PolicyToolBudget>;
export declare const validatePolicyToolSecurity: Validate<PolicyToolSecurity>;
export declare const validatePolicyToolValidation: Validate<PolicyToolValidation>;
export declare const validatePolicyDocument: Validate<PolicyDocument>;

/** Every validator by the kind that people write. */
export declare const validators: {
  readonly "agent-firewall": Validate<PolicyAgentFirewall>;
  readonly "audit-logger": Validate<PolicyAuditLogger>;
  readonly "bot-detector": Validate<PolicyBotDetector>;
  readonly "data-routing-policy": Validate<PolicyDataRoutingPolicy>;
  readonly "dlp-filter": Validate<PolicyDlpFilter>;
  readonly "entity-list-filter": Validate<PolicyEntityListFilter>;
  readonly "external-moderation": Validate<PolicyExternalModeration>;
  readonly "financial-compliance": Validate<PolicyFinancialCompliance>;
  readonly "flagged-review": Validate<PolicyFlaggedReview>;
  readonly "healthcare-compliance": Validate<PolicyHealthcareCompliance>;
  readonly "hipaa-phi-detector": Validate<PolicyHipaaPhiDetector>;
  readonly "human-oversight": Validate<PolicyHumanOversight>;
  readonly "language-validator": Validate<PolicyLanguageValidator>;
  readonly "pii-detector": Validate<PolicyPiiDetector>;
  readonly "prompt-injection": Validate<PolicyPromptInjection>;
  readonly "rbac": Validate<PolicyRbac>;
  readonly "request-rewriter": Validate<PolicyRequestRewriter>;
  readonly "response-rewriter": Validate<PolicyResponseRewriter>;
  readonly "safety-filter": Validate<PolicySafetyFilter>;
  readonly "tool-budget": Validate<PolicyToolBudget>;
  readonly "tool-security": Validate<PolicyToolSecurity>;
  readonly "tool-validation": Validate<PolicyToolValidation>;
  readonly "document": Validate<PolicyDocument>;
};
