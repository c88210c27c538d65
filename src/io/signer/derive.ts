import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign } from 'node:crypto';
import type { OrgUid, TrustRole } from '../../core/model/index.ts';
import type { Signer } from '../../ports/index.ts';
import { signerError } from './refusal.ts';
import { Secret } from './secret.ts';

/** Where the seed of a role lives: root offline, publish with the controller, online with the control plane (bundles.md). */
export type SeedName = 'root' | 'publish' | 'online';

/** Gives a seed, or throws SIGNER_SEED_MISSING or SIGNER_SEED_UNUSABLE. */
export type SeedSource = (name: SeedName) => Promise<Secret>;

interface DerivedKey {
  readonly privateKey: KeyObject;
  readonly publicKey: Uint8Array;
}

const SEED_OF: { readonly [role in TrustRole]: SeedName } = {
  root: 'root',
  targets: 'publish',
  snapshot: 'online',
  timestamp: 'online',
};
/** The PKCS #8 frame of an Ed25519 private key (RFC 8410), before its 32 bytes. */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
const SEED_HEX = /^[0-9a-f]{64}$/;
const KEY_BYTES = 32;
/** Derived keys kept: four per org for a thousand orgs. */
const CACHE_LIMIT = 4096;

/** A signer over seeds; each seed is asked for when a role first needs it, so an absent root seed stops root signing only. */
export function derivingSigner(seeds: SeedSource): Signer {
  const cache = new Map<string, DerivedKey>();
  const keyOf = async (role: TrustRole, org: OrgUid, epoch: number): Promise<DerivedKey> => {
    const info = `tenantry/v1/${role}/${org}/${epoch}`;
    const known = cache.get(info);
    if (known !== undefined) return known;
    const key = (await seeds(SEED_OF[role])).reveal((seed) => derive(seed, info));
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

/** The seed written as 64 hex digits, with at most one line end after it. */
export function seedFrom(text: string, where: string): Secret {
  const digits = text.replace(/\r?\n$/, '');
  if (!SEED_HEX.test(digits))
    throw signerError('SIGNER_SEED_UNUSABLE', `expected 64 lower-case hex digits in ${where}, found other text`);
  return new Secret(new Uint8Array(Buffer.from(digits, 'hex')));
}

/** HKDF-SHA256 with an empty salt: the seed is uniform, the info string separates role, org and epoch. */
function derive(seed: Uint8Array, info: string): DerivedKey {
  const material = new Uint8Array(hkdfSync('sha256', seed, new Uint8Array(0), info, KEY_BYTES));
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, material]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return { privateKey, publicKey: new Uint8Array(spki.subarray(-KEY_BYTES)) };
}
