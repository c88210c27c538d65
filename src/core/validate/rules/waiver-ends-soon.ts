import { checkedInstantMs } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

const DAY_MS = 86_400_000;
const AHEAD_DAYS = 14;

export const waiverEndsSoon: DesiredRule = {
  code: 'WAIVER_ENDS_SOON',
  needs: 'desired',
  decide: (org) =>
    org.all('Waiver').flatMap((waiver) => {
      const { expires, code, object } = waiver.document.spec;
      const leftMs = checkedInstantMs(expires) - org.nowMs;
      if (leftMs <= 0 || leftMs > AHEAD_DAYS * DAY_MS) return [];
      return [
        org.report(
          'WAIVER_ENDS_SOON',
          { object: waiver, pointer: '/spec/expires' },
          {
            message: `the waiver of ${code} for ${object} ends in ${Math.ceil(leftMs / DAY_MS)} days; then the finding counts again`,
            expected: `more than ${AHEAD_DAYS} days`,
            found: expires,
          },
        ),
      ];
    }),
};
