import type { DesiredRule } from '../rule.ts';
import { crossings } from './reference-verdict.ts';

export const i03TokenCrossesOrg: DesiredRule = {
  code: 'ISO_I03_TOKEN_CROSSES_ORG',
  needs: 'desired',
  decide: (org) =>
    crossings(
      'ISO_I03_TOKEN_CROSSES_ORG',
      org,
      ({ from }) => from.id.kind === 'Token' || from.id.kind === 'Credentials',
    ),
};
