import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Credentials.schema.json' with { type: 'json' };

export const credentials: KindDescriptor = {
  kind: 'Credentials',
  noun: 'credentials',
  scope: 'org',
  origin: 'written',
  environments: 'none',
  layout: { type: 'single', file: 'credentials.yaml', name: 'credentials' },
  protects: null,
  schema,
};
