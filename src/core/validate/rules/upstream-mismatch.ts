import type { DesiredRule } from '../rule.ts';
import { policyTargets } from './policy-targets.ts';

export const upstreamMismatch: DesiredRule = {
  code: 'UPSTREAM_MISMATCH',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((gateway) => {
      const { policy, upstreams } = gateway.document.spec;
      const found = org.named('Policy', policy).find(({ id }) => id.environment === gateway.id.environment);
      const targets = new Map(
        (found === undefined ? [] : policyTargets(org, found)).map((target) => [target.id, target]),
      );
      return upstreams.flatMap(({ id, secret }, index) => {
        const used = targets.get(id)?.secret ?? null;
        if (found === undefined || used === null) return [];
        if (used.env === secret.env && used.store === secret.store) return [];
        return [
          org.report(
            'UPSTREAM_MISMATCH',
            { object: gateway, pointer: `/spec/upstreams/${index}/secret` },
            {
              message: `gateway ${gateway.id.name} declares another secret for target ${id} than policy ${policy} uses`,
              expected: `the secret_key_ref of target ${id}`,
              found: 'another reference',
              related: [org.placeOf({ object: found, pointer: targets.get(id)?.pointer ?? '/spec/document' })],
            },
          ),
        ];
      });
    }),
};
