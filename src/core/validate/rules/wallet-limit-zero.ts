import { parseMoney } from '../../wallet/index.ts';
import type { DesiredRule } from '../rule.ts';

export const walletLimitZero: DesiredRule = {
  code: 'WALLET_LIMIT_ZERO',
  needs: 'desired',
  decide: (org) =>
    org.all('Wallet').flatMap((object) => {
      const { limit } = object.document.spec;
      if (parseMoney(limit) !== 0) return [];
      return [
        org.report(
          'WALLET_LIMIT_ZERO',
          { object, pointer: '/spec/limit' },
          { message: `wallet ${object.id.name} can never pay`, expected: 'an amount above 0', found: limit },
        ),
      ];
    }),
};
