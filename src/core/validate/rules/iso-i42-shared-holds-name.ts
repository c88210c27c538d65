import { NAME } from '../leaks/values.ts';
import type { LeakRule } from '../rule.ts';

export const i42SharedHoldsName: LeakRule = {
  code: 'ISO_I42_SHARED_HOLDS_NAME',
  needs: 'leak',
  where: 'shared',
  classes: NAME,
};
