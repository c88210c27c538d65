import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Waiver.schema.json' with { type: 'json' };

export const waiver: KindDescriptor = {
  kind: 'Waiver',
  noun: 'waiver',
  scope: 'org',
  origin: 'written',
  environments: 'none',
  layout: { type: 'named', folder: 'waivers', names: 'name' },
  protects: null,
  schema,
};
