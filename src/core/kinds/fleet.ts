import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Fleet.schema.json' with { type: 'json' };

export const fleet: KindDescriptor = {
  kind: 'Fleet',
  noun: 'fleet',
  scope: 'repository',
  origin: 'written',
  environments: 'none',
  layout: { type: 'single', file: 'fleet.yaml', name: 'fleet' },
  protects: null,
  schema,
};
