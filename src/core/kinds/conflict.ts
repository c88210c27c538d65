import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Conflict.schema.json' with { type: 'json' };

export const conflict: KindDescriptor = {
  kind: 'Conflict',
  noun: 'conflict',
  scope: 'org',
  origin: 'written',
  environments: 'none',
  layout: { type: 'named', folder: 'conflicts', names: 'name' },
  protects: null,
  schema,
};
