import { CLAIMS, hostUse, isClaim, usesOfClaimed } from '../hosts/claims.ts';
import { mailHost } from '../hosts/host.ts';
import type { FleetRule, RuleFact } from '../rule.ts';
import type { OrgView, Spot } from '../view.ts';
import { isStaff } from './people.ts';

function personAt(org: OrgView, spot: Spot, address: string): readonly RuleFact[] {
  const host = isStaff(org, address) ? null : mailHost(address);
  return host === null ? [] : hostUse(org, spot, host);
}

export const i06PersonOfAnotherOrg: FleetRule = {
  code: 'ISO_I06_PERSON_OF_ANOTHER_ORG',
  needs: 'fleet',
  joins: CLAIMS,
  factsOf: (org) => [
    ...org
      .all('Team')
      .flatMap((object) =>
        (['leads', 'members'] as const).flatMap((list) =>
          object.document.spec[list].flatMap((address, index) =>
            personAt(org, { object, pointer: `/spec/${list}/${index}` }, address),
          ),
        ),
      ),
    ...org.all('Wallet').flatMap((object) => {
      const { user } = object.document.spec;
      return user === undefined ? [] : personAt(org, { object, pointer: '/spec/user' }, user);
    }),
  ],
  decisive: isClaim,
  collisions: usesOfClaimed,
  say: ({ object, org, detail }, others) => ({
    message: `${object} has a person at ${detail}, which is claimed by ${others}`,
    expected: `people of org ${org}, or staff listed in fleet.yaml`,
    found: detail ?? '',
  }),
};
