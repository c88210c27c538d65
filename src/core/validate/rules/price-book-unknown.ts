import { finding } from '../../model/index.ts';
import type { SharedRule } from '../rule.ts';

export const priceBookUnknown: SharedRule = {
  code: 'PRICE_BOOK_UNKNOWN',
  needs: 'shared',
  decide: ({ fleet, placeOf, priceBooks }) => {
    const { prices } = fleet.spec;
    if (priceBooks.includes(prices)) return [];
    return [
      finding('PRICE_BOOK_UNKNOWN', {
        place: placeOf('/spec/prices'),
        message: `fleet.yaml charges by price book ${prices}, which does not exist`,
        expected: priceBooks.length === 0 ? `a file prices/${prices}.yaml` : `one of ${priceBooks.join(', ')}`,
        found: prices,
      }),
    ];
  },
};
