import { checkedInstantMs, finding } from '../../model/index.ts';
import type { SharedRule } from '../rule.ts';

const DAY_MS = 86_400_000;
/** A season at most: a year mistyped holds every change of every customer, and nothing that is applied can lift it. */
const MOST_DAYS = 92;

export const freezeWindow: SharedRule = {
  code: 'FREEZE_WINDOW',
  needs: 'shared',
  decide: ({ fleet, placeOf }) =>
    (fleet.spec.freeze ?? []).flatMap(({ from, to }, index) => {
      const days = (checkedInstantMs(to) - checkedInstantMs(from)) / DAY_MS;
      if (days > 0 && days <= MOST_DAYS) return [];
      const place = placeOf(`/spec/freeze/${index}/to`);
      const message =
        days > 0
          ? 'a freeze holds everything for a very long time'
          : 'a freeze ends before it begins, and holds nothing';
      const expected = `an end after ${from}, and at most ${MOST_DAYS} days after it`;
      return [finding('FREEZE_WINDOW', { place, message, expected, found: to })];
    }),
};
