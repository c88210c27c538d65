import type { Finding } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';
import type { OrgView, Spot } from '../view.ts';
import { policyOf, policyTargets } from './policy-targets.ts';

export const upstreamMismatch: DesiredRule = {
  code: 'UPSTREAM_MISMATCH',
  needs: 'desired',
  decide: (org) =>
    org.all('Gateway').flatMap((gateway) => {
      const { policy, upstreams } = gateway.document.spec;
      const found = policyOf(org, gateway);
      const targets = new Map(
        (found === undefined ? [] : policyTargets(org, found)).map((target) => [target.id, target]),
      );
      return upstreams.flatMap(({ id, secret }, index) => {
        if (found === undefined) return [];
        if (!targets.has(id))
          return [unknown(org, { object: gateway, pointer: `/spec/upstreams/${index}/id` }, policy)];
        const used = targets.get(id)?.secret ?? null;
        if (used === null) return [];
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

/** An account that no target uses is judged, and nothing runs with it: what was meant is another. */
function unknown(org: OrgView, spot: Spot, policy: string): Finding {
  return org.report('UPSTREAM_MISMATCH', spot, {
    message: `gateway ${spot.object.id.name} declares an upstream that policy ${policy} has no target for`,
    expected: `the id of a target of policy ${policy}`,
    found: 'another id',
  });
}
