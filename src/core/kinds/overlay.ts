import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Overlay.schema.json' with { type: 'json' };

export const overlay: KindDescriptor = {
  kind: 'Overlay',
  noun: 'overlay',
  scope: 'org',
  origin: 'written',
  environments: 'none',
  layout: { type: 'named', folder: 'overlays', names: 'name' },
  protects: null,
  schema,
};
