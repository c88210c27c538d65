import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Review.schema.json' with { type: 'json' };

export const review: KindDescriptor = {
  kind: 'Review',
  noun: 'review queue',
  scope: 'org',
  origin: 'generated',
  environments: 'none',
  layout: { type: 'named', folder: 'reviews', names: 'name' },
  protects: 'last',
  schema,
};
