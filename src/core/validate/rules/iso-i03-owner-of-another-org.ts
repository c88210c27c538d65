import { CLAIMS, hostUse, isClaim, usesOfClaimed } from '../hosts/claims.ts';
import { mailHost } from '../hosts/host.ts';
import type { FleetRule } from '../rule.ts';
import { isStaff } from './people.ts';

export const i03OwnerOfAnotherOrg: FleetRule = {
  code: 'ISO_I03_OWNER_OF_ANOTHER_ORG',
  needs: 'fleet',
  joins: CLAIMS,
  factsOf: (org) =>
    org.all('Token').flatMap((object) => {
      const { owner } = object.document.spec;
      const host = isStaff(org, owner) ? null : mailHost(owner);
      return host === null ? [] : hostUse(org, { object, pointer: '/spec/owner' }, host);
    }),
  decisive: isClaim,
  collisions: usesOfClaimed,
  say: ({ object, org, detail }, others) => ({
    message: `the owner of ${object} is at ${detail}, which is claimed by ${others}`,
    expected: `a person of org ${org}, or staff listed in fleet.yaml`,
    found: detail ?? '',
  }),
};
