import { NAME } from '../leaks/values.ts';
import type { LeakRule } from '../rule.ts';

export const i43NameOfAnotherOrg: LeakRule = {
  code: 'ISO_I43_NAME_OF_ANOTHER_ORG',
  needs: 'leak',
  where: 'org',
  classes: NAME,
};
