import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Token.schema.json' with { type: 'json' };

export const token: KindDescriptor = {
  kind: 'Token',
  noun: 'token',
  scope: 'org',
  origin: 'generated',
  environments: 'none',
  layout: { type: 'named', folder: 'tokens', names: 'name' },
  protects: 'last',
  schema,
};
