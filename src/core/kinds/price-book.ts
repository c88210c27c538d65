import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/PriceBook.schema.json' with { type: 'json' };

export const priceBook: KindDescriptor = {
  kind: 'PriceBook',
  noun: 'price book',
  scope: 'repository',
  origin: 'written',
  environments: 'none',
  layout: { type: 'named', folder: 'prices', names: 'name' },
  protects: null,
  schema,
};
