import { acrossOrgs } from '../buckets.ts';
import type { FleetRule, RuleFact } from '../rule.ts';
import { isStaff } from './people.ts';

export const i19PersonInTwoOrgs: FleetRule = {
  code: 'ISO_I19_PERSON_IN_TWO_ORGS',
  needs: 'fleet',
  factsOf: (org) => {
    const seen = new Set<string>();
    return org.all('Team').flatMap((object) =>
      (['leads', 'members'] as const).flatMap((list) =>
        object.document.spec[list].flatMap((address, index): readonly RuleFact[] => {
          const value = address.toLowerCase();
          if (seen.has(value) || isStaff(org, value)) return [];
          seen.add(value);
          return [org.factAt({ object, pointer: `/spec/${list}/${index}` }, value)];
        }),
      ),
    );
  },
  collisions: acrossOrgs,
  say: ({ object, value }, others) => ({
    message: `${value} is in ${object} and in ${others}, and is not listed as staff`,
    expected: 'people of one customer, or staff listed in fleet.yaml',
    found: value,
  }),
};
