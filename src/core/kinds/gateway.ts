import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Gateway.schema.json' with { type: 'json' };

export const gateway: KindDescriptor = {
  kind: 'Gateway',
  noun: 'gateway',
  scope: 'org',
  origin: 'generated',
  environments: 'required',
  layout: { type: 'named', folder: 'gateways', names: 'name' },
  protects: 'last',
  schema,
};
