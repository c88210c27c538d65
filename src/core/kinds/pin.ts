import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Pin.schema.json' with { type: 'json' };

export const pin: KindDescriptor = {
  kind: 'Pin',
  noun: 'pin',
  scope: 'org',
  origin: 'written',
  environments: 'none',
  layout: { type: 'named', folder: 'pins', names: 'name' },
  protects: null,
  schema,
};
