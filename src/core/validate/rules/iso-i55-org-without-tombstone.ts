import { finding } from '../../model/index.ts';
import type { ChangeRule } from '../rule.ts';

export const i55OrgWithoutTombstone: ChangeRule = {
  code: 'ISO_I55_ORG_WITHOUT_TOMBSTONE',
  needs: 'change',
  decide: ({ orgs, retired }) =>
    orgs
      .filter(({ uidBefore, uidAfter }) => uidBefore !== null && uidAfter === null && !retired.has(uidBefore))
      .map(({ org, uidBefore, uidPlace, wasLive }) => {
        const other = orgs.find(({ uidAfter }) => uidAfter === uidBefore)?.org;
        const live = wasLive ? '; it still had tokens or gateways' : '';
        return finding('ISO_I55_ORG_WITHOUT_TOMBSTONE', {
          org,
          place: uidPlace,
          message:
            other === undefined
              ? `org ${org} is gone and its uid is not kept from use${live}`
              : `org ${org} is gone and org ${other} has its uid${live}`,
          expected:
            other === undefined
              ? `an entry with uid ${uidBefore} in retiredOrgs of fleet.yaml`
              : `the directory orgs/${org}, whose name is part of every path and key; displayName is what may change`,
          found: other === undefined ? 'none' : `orgs/${other}`,
        });
      }),
};
