import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Template.schema.json' with { type: 'json' };

export const template: KindDescriptor = {
  kind: 'Template',
  noun: 'template',
  scope: 'repository',
  origin: 'written',
  environments: 'none',
  layout: { type: 'versioned', folder: 'templates', file: 'template.yaml' },
  protects: null,
  schema,
};
