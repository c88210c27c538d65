import { finding } from '../../model/index.ts';
import type { ChangeRule } from '../rule.ts';

export const i55OrgWithoutTombstone: ChangeRule = {
  code: 'ISO_I55_ORG_WITHOUT_TOMBSTONE',
  needs: 'change',
  decide: ({ orgs, retired }) =>
    orgs
      .filter(({ uidBefore, uidAfter }) => uidBefore !== null && uidAfter === null && !retired.has(uidBefore))
      .map(({ org, uidBefore, uidPlace, wasLive }) =>
        finding('ISO_I55_ORG_WITHOUT_TOMBSTONE', {
          org,
          place: uidPlace,
          message: `org ${org} is gone and its uid is not kept from use${wasLive ? '; it still had tokens or gateways' : ''}`,
          expected: `an entry with uid ${uidBefore} in retiredOrgs of fleet.yaml`,
          found: 'none',
        }),
      ),
};
