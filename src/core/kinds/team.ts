import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Team.schema.json' with { type: 'json' };

export const team: KindDescriptor = {
  kind: 'Team',
  noun: 'team',
  scope: 'org',
  origin: 'generated',
  environments: 'none',
  layout: { type: 'named', folder: 'teams', names: 'name' },
  protects: null,
  schema,
};
