import type { Finding } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

const DAYS_OF_WEEK = 7;

export const walletPeriod: DesiredRule = {
  code: 'WALLET_PERIOD',
  needs: 'desired',
  decide: (org) =>
    org.all('Wallet').flatMap((object): readonly Finding[] => {
      const { kind, anchorDay } = object.document.spec.period;
      const said = (expected: string): readonly Finding[] => [
        org.report(
          'WALLET_PERIOD',
          { object, pointer: '/spec/period/anchorDay' },
          {
            message: `the period of wallet ${object.id.name} cannot begin on day ${anchorDay}`,
            expected,
            found: `${anchorDay}`,
          },
        ),
      ];
      if (kind === 'week' && anchorDay > DAYS_OF_WEEK) return said('1 (Monday) to 7');
      return (kind === 'day' || kind === 'total') && anchorDay !== 1
        ? said(`1, since a period of kind ${kind} has no first day`)
        : [];
    }),
};
