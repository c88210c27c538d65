import { checkedInstantMs } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

export const i60WaiverExpired: DesiredRule = {
  code: 'ISO_I60_WAIVER_EXPIRED',
  needs: 'desired',
  decide: (org) =>
    org.all('Waiver').flatMap((waiver) => {
      const { expires, code, object } = waiver.document.spec;
      if (checkedInstantMs(expires) > org.nowMs) return [];
      return [
        org.report(
          'ISO_I60_WAIVER_EXPIRED',
          { object: waiver, pointer: '/spec/expires' },
          {
            message: `the waiver of ${code} for ${object} has expired`,
            expected: 'a time in the future',
            found: expires,
          },
        ),
      ];
    }),
};
