import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto';
import type { OrgUid, TrustRole } from '../../core/model/index.ts';
import type { Signer } from '../../ports/index.ts';
import { signerError } from './refusal.ts';
import { HOLDER_OF, type SeedBox, seedFor } from './seeds.ts';

interface DerivedKey {
  readonly privateKey: KeyObject;
  readonly publicKey: Uint8Array;
}

/** The PKCS #8 frame of an Ed25519 private key (RFC 8410), before its 32 bytes. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const KEY_BYTES = 32;
/** Derived keys kept: four per org for a thousand orgs. */
const CACHE_LIMIT = 4096;

/**
 * A signer over the seeds of a box; `share` names one of several root seeds. Each seed is asked for when a role first needs
 * it, so an absent root seed stops root signing only (SIGNER_SEED_MISSING).
 */
export function derivingSigner(box: SeedBox, share = ''): Signer {
  const cache = new Map<string, DerivedKey>();
  const keyOf = async (role: TrustRole, org: OrgUid, epoch: number): Promise<DerivedKey> => {
    const info = `tenantry/v1/${role}/${org}/${epoch}`;
    const known = cache.get(info);
    if (known !== undefined) return known;
    const holder = HOLDER_OF[role];
    const seed = seedFor(await box.list(), { holder, share: holder === 'root' ? share : '', epoch });
    if (seed === undefined) {
      throw signerError(
        'SIGNER_SEED_MISSING',
        `expected a ${holder} seed for epoch ${epoch} in ${box.place}, found none`,
      );
    }
    const key = (await box.read(seed)).reveal((bytes) => derive(bytes, info));
    const oldest = cache.size >= CACHE_LIMIT ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
    cache.set(info, key);
    return key;
  };
  return {
    publicKey: async (role, org, epoch) => (await keyOf(role, org, epoch)).publicKey.slice(),
    sign: async (role, org, epoch, bytes) =>
      new Uint8Array(sign(null, bytes, (await keyOf(role, org, epoch)).privateKey)),
  };
}

/** HKDF-SHA256 with an empty salt: the seed is uniform, the info string separates role, org and epoch. */
function derive(seed: Uint8Array, info: string): DerivedKey {
  const material = new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), info, KEY_BYTES));
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, material]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: new Uint8Array(spki.subarray(-KEY_BYTES)) };
}
