import type { KindDescriptor } from './descriptor.ts';
import schema from './schemas/Wallet.schema.json' with { type: 'json' };

export const wallet: KindDescriptor = {
  kind: 'Wallet',
  noun: 'wallet',
  scope: 'org',
  origin: 'generated',
  environments: 'none',
  layout: { type: 'named', folder: 'wallets', names: 'name' },
  protects: 'balance',
  schema,
};
