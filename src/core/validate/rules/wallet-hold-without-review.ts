import type { DesiredRule } from '../rule.ts';

export const walletHoldWithoutReview: DesiredRule = {
  code: 'WALLET_HOLD_WITHOUT_REVIEW',
  needs: 'desired',
  decide: (org) =>
    org.all('Wallet').flatMap((object) => {
      if (object.document.spec.whenExhausted !== 'hold' || org.all('Review').length > 0) return [];
      return [
        org.report(
          'WALLET_HOLD_WITHOUT_REVIEW',
          { object, pointer: '/spec/whenExhausted' },
          {
            message: `wallet ${object.id.name} is to hold requests for people, and the org has no review that asks any`,
            expected: 'a Review in the org, or block or allow',
            found: 'hold',
          },
        ),
      ];
    }),
};
