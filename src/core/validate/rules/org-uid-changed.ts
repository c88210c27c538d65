import { finding } from '../../model/index.ts';
import type { ChangeRule } from '../rule.ts';

export const orgUidChanged: ChangeRule = {
  code: 'ORG_UID_CHANGED',
  needs: 'change',
  decide: ({ orgs }) =>
    orgs
      .filter(({ uidBefore, uidAfter }) => uidBefore !== null && uidAfter !== null && uidBefore !== uidAfter)
      .map(({ org, uidBefore, uidAfter, uidPlace }) =>
        finding('ORG_UID_CHANGED', {
          org,
          object: `Organization/${org}`,
          place: uidPlace,
          message: `org ${org} has another uid than before`,
          expected: uidBefore ?? '',
          found: uidAfter ?? '',
        }),
      ),
};
