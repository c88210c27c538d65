import type { PolicyDataRoutingPolicy } from '../generated/types.ts';
import { validatePolicyDataRoutingPolicy } from '../generated/validators.js';
import type { Target } from '../types.ts';
import schema from './data-routing-policy.schema.json' with { type: 'json' };
import { ALLOW, type CompileContext, policyKind, type StepResult } from './kind.ts';

const NONE = 'data-routing-policy.no_compliant_provider';

export const dataRoutingPolicy = policyKind<PolicyDataRoutingPolicy>({
  kind: 'data-routing-policy',
  phases: ['input'],
  namespace: 'data-routing-policy',
  controls: ['OWASP LLM 2026/02', 'ISO/IEC 42001 A.10'],
  schema,
  validate: validatePolicyDataRoutingPolicy,
  notes: [
    'Filters the targets before routing, and so before every fallback. A target without an explicit declaration (`data_policy`, or `zdr: true` for zero retention) is excluded. A document in which none complies is refused (`POLICY_ROUTING_EXCLUDES_ALL`); a request for a model that only other targets offer is refused with 451 `no_compliant_provider`. `on_no_compliant_provider` is accepted as `block` only.',
    '`log_provider_selection` is accepted as `true` only: evidence always names the target. The further requirements of the sister product (in-memory, sanitising, tokenising, local processing, egress) are refused by name.',
  ],
  compile: (config, context) => {
    const complies = complianceOf(config);
    if (context.inChain) reportExcluded(complies, context);
    return {
      input: ({ targets }) => {
        const left = targets.filter(complies);
        if (left.length === targets.length && left.length > 0) return ALLOW;
        if (left.length > 0) return { ...ALLOW, targets: left };
        return refused;
      },
    };
  },
});

const refused: StepResult = {
  verdict: 'block',
  reasonCode: NONE,
  redactions: 0,
  message: 'No provider complies with the data policy of this gateway.',
};

function complianceOf(config: PolicyDataRoutingPolicy): (target: Target) => boolean {
  const most = config.max_retention_days;
  return ({ dataPolicy }) => {
    if ((config.require_zero_data_retention ?? false) && dataPolicy?.zeroDataRetention !== true) return false;
    if ((config.require_no_training ?? false) && dataPolicy?.trainingOptOut !== true) return false;
    if (most === undefined) return true;
    const days = dataPolicy?.zeroDataRetention === true ? 0 : (dataPolicy?.retentionDays ?? null);
    return days !== null && days <= most;
  };
}

function reportExcluded(complies: (target: Target) => boolean, context: CompileContext): void {
  const { pointer, report } = context;
  const targets = context.targets();
  const left = targets.filter((target) => target.excludedBy === null);
  const excluded = left.filter((target) => !complies(target));
  if (excluded.length === left.length) {
    report('POLICY_ROUTING_EXCLUDES_ALL', pointer, {
      message: left.length === 0 ? 'There is no target to choose from.' : 'No target declares what is required.',
      expected: 'at least one target that complies',
      found: left.length === 0 ? 'no targets' : `excluded: ${excluded.map((target) => target.id).join(', ')}`,
    });
    return;
  }
  for (const target of excluded) {
    report('POLICY_TARGET_EXCLUDED', `/providers/targets/${targets.indexOf(target)}`, {
      message: `Requests are never sent to target ${target.id}.`,
      expected: 'a declaration that complies with data-routing-policy',
      found: target.dataPolicy === null ? 'no declaration' : 'a declaration that does not',
    });
  }
}
