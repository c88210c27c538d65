import { CLAIMS, hostUse, isClaim, usesOfClaimed } from '../hosts/claims.ts';
import { canonicalHost } from '../hosts/host.ts';
import type { FleetRule } from '../rule.ts';

export const i22EgressOfAnotherOrg: FleetRule = {
  code: 'ISO_I22_EGRESS_OF_ANOTHER_ORG',
  needs: 'fleet',
  joins: CLAIMS,
  factsOf: (org) =>
    org
      .all('Gateway')
      .flatMap((object) =>
        object.document.spec.egress.flatMap((entry, index) =>
          hostUse(org, { object, pointer: `/spec/egress/${index}` }, canonicalHost(entry)),
        ),
      ),
  decisive: isClaim,
  collisions: usesOfClaimed,
  say: ({ object, detail }, others) => ({
    message: `${object} may reach ${detail}, which is claimed by ${others}`,
    expected: 'hosts of model providers and of this customer',
    found: detail ?? '',
  }),
};
