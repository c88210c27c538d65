import canonicalJson from '@tufjs/canonical-json';
import { Key } from '@tufjs/models';
import { sha256Of } from './layout.ts';

/** The key type and signature scheme of every Tenantry key. */
export const KEY_TYPE = 'ed25519';

/** A TUF key of a raw Ed25519 public key; its id is the SHA-256 of its canonical form. */
export function tufKey(publicKey: Uint8Array): Key {
  const fields = { keytype: KEY_TYPE, scheme: KEY_TYPE, keyval: { public: Buffer.from(publicKey).toString('hex') } };
  return Key.fromJSON(keyIdOf(fields), fields);
}

/** The id that a key's JSON must have. */
export function keyIdOf(fields: object): string {
  return sha256Of(tufBytes(fields));
}

/** TUF's canonical JSON: what is signed, and what a key id hashes (tuf-notes: not RFC 8785). */
export function tufBytes(value: object): Uint8Array {
  return new TextEncoder().encode(canonicalJson.canonicalize(value));
}
