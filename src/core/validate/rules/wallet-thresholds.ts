import { parseMoney } from '../../wallet/index.ts';
import type { DesiredRule } from '../rule.ts';

export const walletThresholds: DesiredRule = {
  code: 'WALLET_THRESHOLDS',
  needs: 'desired',
  decide: (org) =>
    org.all('Wallet').flatMap((object) => {
      const { thresholds, limit, whenExhausted } = object.document.spec;
      if (thresholds.length > 0 || (whenExhausted !== 'block' && whenExhausted !== 'hold') || parseMoney(limit) === 0)
        return [];
      return [
        org.report(
          'WALLET_THRESHOLDS',
          { object, pointer: '/spec/thresholds' },
          {
            message: `nobody is told before wallet ${object.id.name} is used up`,
            expected: 'at least one percentage',
            found: 'none',
          },
        ),
      ];
    }),
};
