import { agentFirewall } from './agent-firewall.ts';
import { auditLogger } from './audit-logger.ts';
import { botDetector } from './bot-detector.ts';
import { dataRoutingPolicy } from './data-routing-policy.ts';
import { dlpFilter } from './dlp-filter.ts';
import { entityListFilter } from './entity-list-filter.ts';
import { externalModeration } from './external-moderation.ts';
import { financialCompliance } from './financial-compliance.ts';
import { flaggedReview } from './flagged-review.ts';
import { healthcareCompliance } from './healthcare-compliance.ts';
import { hipaaPhiDetector } from './hipaa-phi-detector.ts';
import { humanOversight } from './human-oversight.ts';
import type { PolicyKind } from './kind.ts';
import { languageValidator } from './language-validator.ts';
import { piiDetector } from './pii-detector.ts';
import { promptInjection } from './prompt-injection.ts';
import { rbac } from './rbac.ts';
import { requestRewriter } from './request-rewriter.ts';
import { responseRewriter } from './response-rewriter.ts';
import { safetyFilter } from './safety-filter.ts';
import { toolBudget } from './tool-budget.ts';
import { toolSecurity } from './tool-security.ts';
import { toolValidation } from './tool-validation.ts';

/** The kinds that run. A new one is its file, its schema and its line here. */
const supported: readonly PolicyKind[] = [
  promptInjection,
  piiDetector,
  hipaaPhiDetector,
  dlpFilter,
  safetyFilter,
  entityListFilter,
  rbac,
  dataRoutingPolicy,
  toolValidation,
  toolSecurity,
  toolBudget,
  agentFirewall,
  botDetector,
  languageValidator,
  financialCompliance,
  healthcareCompliance,
  requestRewriter,
  responseRewriter,
  externalModeration,
  flaggedReview,
  humanOversight,
  auditLogger,
];

const byName: ReadonlyMap<string, PolicyKind> = new Map(supported.map((kind) => [kind.kind, kind]));

/** The implementation of a kind, or undefined where there is none. */
export function kindOf(name: string): PolicyKind | undefined {
  return byName.get(name);
}
