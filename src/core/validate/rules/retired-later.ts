import { checkedInstantMs } from '../../model/index.ts';
import type { DesiredRule } from '../rule.ts';

/** Clocks differ, and a day may be meant where somebody's has begun. */
const DAY_MS = 86_400_000;

export const retiredLater: DesiredRule = {
  code: 'RETIRED_LATER',
  needs: 'desired',
  decide: (org) => {
    const [object] = org.all('Organization');
    const retired = object?.document.spec.retired;
    if (object === undefined || retired === undefined || checkedInstantMs(retired) <= org.nowMs + DAY_MS) return [];
    return [
      org.report(
        'RETIRED_LATER',
        { object, pointer: '/spec/retired' },
        {
          message: `${org.org} is to be retired on a day to come, and would be at once`,
          expected: 'the time at which this change is made',
          found: retired,
        },
      ),
    ];
  },
};
