import { finding } from '../../model/index.ts';
import type { ChangeRule } from '../rule.ts';

export const i52OtherOrgChanged: ChangeRule = {
  code: 'ISO_I52_OTHER_ORG_CHANGED',
  needs: 'change',
  decide: ({ orgs }) =>
    orgs
      .filter(({ written, isOtherContent, uidAfter }) => written.length === 0 && isOtherContent && uidAfter !== null)
      .map(({ org, uidPlace }) =>
        finding('ISO_I52_OTHER_ORG_CHANGED', {
          org,
          object: `Organization/${org}`,
          place: uidPlace,
          message: `org ${org} comes out differently, and nothing of it is in the change`,
          expected: 'the rendered objects of before, byte by byte',
          found: 'others',
        }),
      ),
};
