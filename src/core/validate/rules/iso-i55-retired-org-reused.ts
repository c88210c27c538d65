import { type Finding, finding } from '../../model/index.ts';
import type { SharedRule } from '../rule.ts';

export const i55RetiredOrgReused: SharedRule = {
  code: 'ISO_I55_RETIRED_ORG_REUSED',
  needs: 'shared',
  decide: ({ fleet, placeOf, orgs }) => {
    const bySlug = new Map(orgs.map((item) => [item.org as string, item]));
    const byUid = new Map(orgs.flatMap((item) => (item.uid === null ? [] : [[item.uid as string, item] as const])));
    return (fleet.spec.retiredOrgs ?? []).flatMap(({ org, uid, retired }, index): readonly Finding[] => {
      const back = byUid.get(uid) ?? bySlug.get(org);
      if (back === undefined) return [];
      const what = back.uid === uid ? 'uid' : 'org';
      return [
        finding('ISO_I55_RETIRED_ORG_REUSED', {
          org: back.org,
          object: `Organization/${back.org}`,
          place: placeOf(`/spec/retiredOrgs/${index}/${what}`),
          message: `org ${back.org} has the ${what === 'uid' ? 'uid' : 'name'} of an org that was retired at ${retired}`,
          expected: 'a name and a uid that no org ever had',
          found: what === 'uid' ? uid : org,
        }),
      ];
    });
  },
};
