import type { PolicyAuditLogger } from '../generated/types.ts';
import { validatePolicyAuditLogger } from '../generated/validators.js';
import schema from './audit-logger.schema.json' with { type: 'json' };
import { ALLOW, policyKind } from './kind.ts';

export const auditLogger = policyKind<PolicyAuditLogger>({
  kind: 'audit-logger',
  phases: ['input'],
  namespace: 'audit_logger',
  controls: ['EU AI Act 12', 'ISO/IEC 42001 A.6.2.8'],
  schema,
  validate: validatePolicyAuditLogger,
  notes: [
    'Never changes a verdict. Every decision of the gateway is journalled before its answer completes, numbered and hash-chained, without content, also where this kind is not in the chain; listing it puts that on record. It must be last.',
    '`immutable: true` and `log_all_access: true` are accepted, because that is how the journal works; `retention_days` and `hipaa_audit_controls` are refused by name: retention belongs to the control plane.',
  ],
  compile: () => ({ input: () => ALLOW }),
});
