import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Policy.schema.json' with { type: 'json' };

export const policy: KindDescriptor = {
  kind: 'Policy',
  noun: 'policy',
  scope: 'org',
  origin: 'generated',
  environments: 'required',
  layout: { type: 'named', folder: 'policies', names: 'name' },
  protects: null,
  schema,
};
