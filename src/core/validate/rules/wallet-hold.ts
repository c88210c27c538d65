import type { DesiredRule } from '../rule.ts';

export const walletHold: DesiredRule = {
  code: 'WALLET_HOLD_UNSUPPORTED',
  needs: 'desired',
  decide: (org) =>
    org.all('Wallet').flatMap((object) => {
      if (object.document.spec.whenExhausted !== 'hold') return [];
      return [
        org.report(
          'WALLET_HOLD_UNSUPPORTED',
          { object, pointer: '/spec/whenExhausted' },
          {
            message: `wallet ${object.id.name} is to hold requests for people, and nobody would be asked`,
            expected: 'block or allow',
            found: 'hold',
          },
        ),
      ];
    }),
};
