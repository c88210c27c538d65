import { createPublicKey, verify } from 'node:crypto';
import { Key } from '@tufjs/models';
import type { OrgUid, Publication } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { keyIdOf, tufKey } from '../key.ts';
import { OWN_FIELD, sha256Of } from '../layout.ts';
import { type OrgTrust, signingFor } from './context.ts';
import { assertRootNames, type RootFile, rootJson } from './root.ts';
import { assertSigned, publishedRoot } from './roots.ts';

// Evidence of an org is signed with its targets key: who has pinned the org's first root, as every gateway has, can say from the
// roots alone whose signature that is. What is signed is a list of checksums, whose first character is `#`; metadata is JSON and
// begins with `{`, so that neither can be passed off as the other.

/** The key that signs evidence. */
export interface EvidenceKey {
  readonly keyId: string;
  /** The Ed25519 public key as PEM, as openssl takes it. */
  readonly pem: string;
}

/** Every root of the org, oldest first. Throws PUBLISH_ROOT_MISSING and PUBLISH_ROOT_CHANGED. */
export async function evidenceRoots(
  trust: Pick<OrgTrust, 'publisher' | 'org'>,
  { roots, rootVersion }: Pick<Publication, 'roots' | 'rootVersion'>,
): Promise<readonly RootFile[]> {
  const files: RootFile[] = [];
  for (let version = 1; version <= rootVersion; version += 1) files.push(await publishedRoot(trust, roots, version));
  return files;
}

/** The targets key that the newest of these roots names. Throws PUBLISH_SIGNER where another is at hand. */
export async function evidenceKey(
  trust: OrgTrust,
  { epochs }: Pick<Publication, 'epochs'>,
  newest: RootFile,
): Promise<EvidenceKey> {
  await assertRootNames(signingFor(trust, epochs), newest, ['targets']);
  const key = await trust.signer.publicKey('targets', trust.org, epochs.targets);
  return { keyId: tufKey(key).keyID, pem: pemOf(key) };
}

/** The 64 bytes of a signature over a list of checksums. Throws RangeError for what is none. */
export async function signEvidence(
  { signer, org }: Pick<OrgTrust, 'signer' | 'org'>,
  { epochs }: Pick<Publication, 'epochs'>,
  sums: string,
): Promise<Uint8Array> {
  const bytes = new TextEncoder().encode(sums);
  if (bytes[0] !== HASH_SIGN) throw new RangeError('expected a list of checksums, which begins with a #');
  return signer.sign('targets', org, epochs.targets, bytes);
}

/** Who may be believed to have signed evidence, and from which root on. */
export interface EvidenceSigner {
  readonly keyId: string;
  readonly rootVersion: number;
  /** Keys of the first root: whoever reads the evidence has to know them from elsewhere. */
  readonly firstRoot: { readonly sha256: string; readonly keyIds: readonly string[] };
}

/**
 * Whose signature over checksums it is, by roots alone, oldest first: the first has signed itself, each signed the next, all are
 * of this org, and the newest names the key. Each is judged before the next is asked for, and two are kept. Throws
 * PUBLISH_ROOT_MISSING without one, PUBLISH_DAMAGED for what is no root, PUBLISH_ROOT_CHANGED for roots that do not follow one
 * another or are another's, and TRUST_SIGNATURE.
 */
export async function evidenceSigner(
  org: OrgUid,
  roots: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { sums, signature }: { readonly sums: Uint8Array; readonly signature: Uint8Array },
): Promise<EvidenceSigner> {
  let ends: { readonly first: RootFile; readonly newest: RootFile } | undefined;
  for await (const bytes of roots) {
    const root: RootFile = { version: (ends?.newest.version ?? 0) + 1, bytes, sha256: sha256Of(bytes) };
    const signed = rootJson(root);
    if (signed.version !== root.version || signed[OWN_FIELD].org !== org)
      throw new TrustError('PUBLISH_ROOT_CHANGED', `expected root ${root.version} of ${org}, found another root`);
    assertSigned({ org }, root, ends?.newest);
    ends = { first: ends?.first ?? root, newest: root };
  }
  if (ends === undefined) throw new TrustError('PUBLISH_ROOT_MISSING', `expected the roots of ${org}, found none`);
  const { first, newest } = ends;
  const { keys, roles } = rootJson(newest);
  for (const keyId of roles.targets.keyids) {
    const key = keys[keyId];
    if (key === undefined || keyIdOf(key) !== keyId) continue;
    if (!isSignedWith(Key.fromJSON(keyId, key), sums, signature)) continue;
    const firstRoot = { sha256: first.sha256, keyIds: rootJson(first).roles.root.keyids };
    return { keyId, rootVersion: newest.version, firstRoot };
  }
  throw new TrustError(
    'TRUST_SIGNATURE',
    `expected a signature by the targets key that root ${newest.version} of ${org} names, found another`,
  );
}

/** A root may name keys of any kind; evidence is signed with Ed25519. */
function isSignedWith({ keyType, keyVal }: Key, bytes: Uint8Array, signature: Uint8Array): boolean {
  const raw = Buffer.from(keyVal['public'] ?? '', 'hex');
  if (keyType !== 'ed25519' || raw.length !== KEY_BYTES || bytes[0] !== HASH_SIGN) return false;
  return verify(null, bytes, pemOf(raw), signature);
}

const KEY_BYTES = 32;

const HASH_SIGN = 0x23;

/** A raw Ed25519 public key as PEM; throws for what is none. */
function pemOf(raw: Uint8Array): string {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw).toString('base64url') };
  return String(createPublicKey({ key: jwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }));
}
