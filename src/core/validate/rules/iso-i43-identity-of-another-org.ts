import { IDENTITY } from '../leaks/values.ts';
import type { LeakRule } from '../rule.ts';

export const i43IdentityOfAnotherOrg: LeakRule = {
  code: 'ISO_I43_IDENTITY_OF_ANOTHER_ORG',
  needs: 'leak',
  where: 'org',
  classes: IDENTITY,
};
