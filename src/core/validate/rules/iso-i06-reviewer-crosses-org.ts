import type { DesiredRule } from '../rule.ts';
import { crossings } from './reference-verdict.ts';

export const i06ReviewerCrossesOrg: DesiredRule = {
  code: 'ISO_I06_REVIEWER_CROSSES_ORG',
  needs: 'desired',
  decide: (org) => crossings('ISO_I06_REVIEWER_CROSSES_ORG', org, ({ from }) => from.id.kind === 'Review'),
};
