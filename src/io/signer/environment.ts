import type { Signer } from '../../ports/index.ts';
import { derivingSigner, type SeedName, seedFrom } from './derive.ts';
import { signerError } from './refusal.ts';

const VARIABLE: { readonly [name in SeedName]: string } = {
  root: 'TENANTRY_ROOT_SEED',
  publish: 'TENANTRY_PUBLISH_SEED',
  online: 'TENANTRY_ONLINE_SEED',
};

/** Signs with seeds from environment variables, 64 hex digits each; a role whose variable is unset cannot sign. */
export function environmentSigner(environment: Readonly<Record<string, string | undefined>>): Signer {
  return derivingSigner(async (name) => {
    const text = environment[VARIABLE[name]];
    if (text === undefined || text === '') {
      throw signerError('SIGNER_SEED_MISSING', `expected the seed in ${VARIABLE[name]}, found nothing`);
    }
    return seedFrom(text, VARIABLE[name]);
  });
}
