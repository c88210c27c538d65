import { isJsonObject, type Json, type JsonObject, valueAt } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';
import { policyOf } from './policy-targets.ts';

/** The model of a target: by itself, or the last part of `family:chat:model`. */
function modelOf(target: Json): string {
  if (!isJsonObject(target)) return '';
  const { model, provider } = target;
  if (typeof model === 'string') return model;
  return typeof provider === 'string' ? provider.split(':').slice(2).join(':') : '';
}

export const gatewayLimitModel: DesiredRule = {
  code: 'GATEWAY_LIMIT_MODEL_UNKNOWN',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((gateway) => {
      const { policy, limits } = gateway.document.spec;
      const found = policyOf(org, gateway);
      const targets = found && valueAt(found.document as unknown as JsonObject, '/spec/document/providers/targets');
      if (!Array.isArray(targets)) return [];
      const offered = new Set(targets.map(modelOf));
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
