import type { DesiredRule } from '../rule.ts';

export const walletZone: DesiredRule = {
  code: 'WALLET_ZONE',
  needs: 'desired',
  decide: (org) =>
    org.all('Wallet').flatMap((object) => {
      const { timeZone } = object.document.spec.period;
      if (org.zoneOffset(timeZone, org.nowMs) !== undefined) return [];
      return [
        org.report(
          'WALLET_ZONE',
          { object, pointer: '/spec/period/timeZone' },
          {
            message: `the days of wallet ${object.id.name} begin in no time zone that exists`,
            expected: 'an IANA name such as Europe/Berlin',
            found: timeZone,
          },
        ),
      ];
    }),
};
