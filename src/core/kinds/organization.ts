import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Organization.schema.json' with { type: 'json' };

export const organization: KindDescriptor = {
  kind: 'Organization',
  noun: 'organization',
  scope: 'org',
  origin: 'written',
  environments: 'none',
  layout: { type: 'single', file: 'org.yaml', name: null },
  protects: 'last',
  schema,
};
