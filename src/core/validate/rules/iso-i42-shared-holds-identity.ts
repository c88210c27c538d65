import { IDENTITY } from '../leaks/values.ts';
import type { LeakRule } from '../rule.ts';

export const i42SharedHoldsIdentity: LeakRule = {
  code: 'ISO_I42_SHARED_HOLDS_IDENTITY',
  needs: 'leak',
  where: 'shared',
  classes: IDENTITY,
};
