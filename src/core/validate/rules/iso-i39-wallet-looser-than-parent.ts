import type { Finding } from '../../model/index.ts';
import { parseMoney } from '../../wallet/index.ts';
import type { DesiredRule } from '../rule.ts';
import { withParents } from './wallet-chain.ts';

/** How long a period is, shortest first. */
const LENGTHS = ['day', 'week', 'month', 'total'] as const;

export const i39WalletLooserThanParent: DesiredRule = {
  code: 'ISO_I39_WALLET_LOOSER_THAN_PARENT',
  needs: 'desired',
  decide: (org) =>
    withParents(org).flatMap(({ wallet, parent }) => {
      const [own, above] = [wallet.document.spec, parent.document.spec];
      const said = (field: 'limit' | 'whenExhausted', expected: string): Finding =>
        org.report(
          'ISO_I39_WALLET_LOOSER_THAN_PARENT',
          { object: wallet, pointer: `/spec/${field}` },
          {
            message: `wallet ${wallet.id.name} allows more than its parent ${parent.id.name}`,
            expected,
            found: own[field],
            related: [org.placeOf({ object: parent, pointer: `/spec/${field}` })],
          },
        );
      const isWithin = LENGTHS.indexOf(own.period.kind) <= LENGTHS.indexOf(above.period.kind);
      return [
        ...(isWithin && own.currency === above.currency && (parseMoney(own.limit) ?? 0) > (parseMoney(above.limit) ?? 0)
          ? [said('limit', `at most ${above.limit}`)]
          : []),
        ...(own.whenExhausted === 'allow' && above.whenExhausted !== 'allow'
          ? [said('whenExhausted', above.whenExhausted)]
          : []),
      ];
    }),
};
