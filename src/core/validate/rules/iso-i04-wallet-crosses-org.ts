import type { DesiredRule } from '../rule.ts';
import { crossings } from './reference-verdict.ts';

export const i04WalletCrossesOrg: DesiredRule = {
  code: 'ISO_I04_WALLET_CROSSES_ORG',
  needs: 'desired',
  decide: (org) =>
    crossings(
      'ISO_I04_WALLET_CROSSES_ORG',
      org,
      ({ from, kind }) => from.id.kind === 'Wallet' || (kind === 'Wallet' && from.id.kind !== 'Token'),
    ),
};
