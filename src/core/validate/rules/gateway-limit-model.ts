import type { DesiredRule } from '../rule.ts';
import { policyOf, policyTargets } from './policy-targets.ts';

export const gatewayLimitModel: DesiredRule = {
  code: 'GATEWAY_LIMIT_MODEL_UNKNOWN',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((gateway) => {
      const { policy, limits } = gateway.document.spec;
      const found = policyOf(org, gateway);
      const offered = new Set(found === undefined ? [] : policyTargets(org, found).map(({ model }) => model));
      // A policy without targets is refused as such.
      if (offered.size === 0) return [];
      return (limits.models ?? []).flatMap(({ model }, index) => {
        if (offered.has(model)) return [];
        return [
          org.report(
            'GATEWAY_LIMIT_MODEL_UNKNOWN',
            { object: gateway, pointer: `/spec/limits/models/${index}/model` },
            {
              message: `gateway ${gateway.id.name} limits a model that no target of policy ${policy} has`,
              expected: `one of ${[...offered].join(', ')}`,
              found: model,
            },
          ),
        ];
      });
    }),
};
