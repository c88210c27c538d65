import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Approval.schema.json' with { type: 'json' };

export const approval: KindDescriptor = {
  kind: 'Approval',
  noun: 'approval',
  scope: 'repository',
  origin: 'written',
  environments: 'none',
  layout: { type: 'named', folder: 'approvals', names: 'digest' },
  protects: null,
  schema,
};
