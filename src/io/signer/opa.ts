import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { Signer } from '../../ports/index.ts';
import { signerError } from './refusal.ts';

const FILE_LIMIT_BYTES = 4096;
const KEY_ID_DIGITS = 16;

/**
 * Signs bundles for OPA with a P-256 key in PEM (PKCS #8) of its own, for the whole fleet: `scope` in the signature says whose
 * a bundle is. The key is read when first needed. Refused with SIGNER_SEED_MISSING or SIGNER_SEED_UNUSABLE when it is not there, not such a key, or open to others.
 */
export function opaSigningKey(path: string): NonNullable<Signer['opa']> {
  let known: KeyObject | undefined;
  const keyOf = (): KeyObject => {
    known ??= readKey(path);
    return known;
  };
  return {
    keyId: async () => {
      const spki = createPublicKey(keyOf()).export({ format: 'der', type: 'spki' });
      return createHash('sha256').update(spki).digest('hex').slice(0, KEY_ID_DIGITS);
    },
    sign: async (bytes) => new Uint8Array(sign('sha256', bytes, { key: keyOf(), dsaEncoding: 'ieee-p1363' })),
  };
}

function readKey(path: string): KeyObject {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch {
    throw signerError('SIGNER_SEED_MISSING', `expected a P-256 key for OPA in ${path}, found none`);
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile() || (facts.mode & 0o077) !== 0 || facts.size > FILE_LIMIT_BYTES) throw unusable(path);
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw unusable(path);
    return key;
  } catch {
    // What was read may be a secret, and says nothing here.
    throw unusable(path);
  } finally {
    closeSync(file);
  }
}

function unusable(path: string): Error {
  return signerError(
    'SIGNER_SEED_UNUSABLE',
    `expected a P-256 key in PEM with mode 0600 at ${path}, found another file`,
  );
}
