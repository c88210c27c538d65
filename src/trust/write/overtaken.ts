import { createPublicKey, verify } from 'node:crypto';
import { type JsonObject, type Publication, parseJson } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { tufBytes, tufKey } from '../key.ts';
import { metadataFile, sha256Of, TIMESTAMP_FILE, type VersionedRole } from '../layout.ts';
import type { Signing } from './context.ts';
import { presentAt } from './present.ts';

/**
 * Throws PUBLISH_OVERTAKEN when what readers see is of a higher generation than what is about to be published: another
 * publisher with another store, or one that went on while this one slept, is ahead, and must not be written over. Costs
 * two reads, and only where the timestamp leads to another snapshot than the store says: after an interrupted run, too.
 * Only what the present targets key signed counts: what a stolen key pushed up stands in nobody's way after rotation.
 */
export async function assertNotOvertaken(
  signing: Signing,
  timestamp: Uint8Array | undefined,
  own: { readonly publication: Publication | undefined; readonly generation: number },
): Promise<void> {
  const snapshot = namedBy(timestamp, 'snapshot');
  if (snapshot === undefined || snapshot.sha256 === own.publication?.meta.snapshot.sha256) return;
  const targets = namedBy(await named(signing, 'snapshot', snapshot), 'targets');
  const seen = targets === undefined ? 0 : await signedGeneration(signing, await named(signing, 'targets', targets));
  if (seen <= own.generation) return;
  throw new TrustError(
    'PUBLISH_OVERTAKEN',
    `expected ${TIMESTAMP_FILE} of ${signing.org} at generation ${own.generation} or lower, found ${seen}`,
  );
}

interface Named {
  readonly version: number;
  readonly sha256: string;
}

/** The file, when it is the one that was named: what somebody damaged says nothing. */
async function named(signing: Signing, role: VersionedRole, file: Named): Promise<Uint8Array | undefined> {
  const bytes = await presentAt(signing, metadataFile(role, file.version));
  return bytes instanceof Uint8Array && sha256Of(bytes) === file.sha256 ? bytes : undefined;
}

export function namedBy(bytes: Uint8Array | undefined, role: VersionedRole): Named | undefined {
  const entry = parsed(bytes)?.signed?.meta?.[`${role}.json`];
  const { version, hashes } = entry ?? {};
  return Number.isSafeInteger(version) ? { version: Number(version), sha256: String(hashes?.sha256) } : undefined;
}

/** The highest generation that the file names, 0 where the org's present targets key did not sign it. */
async function signedGeneration(signing: Signing, bytes: Uint8Array | undefined): Promise<number> {
  const { signed, signatures = [] } = parsed(bytes) ?? {};
  const publicKey = await signing.signer.publicKey('targets', signing.org, signing.epochs.targets);
  const { keyID } = tufKey(publicKey);
  const signature = Array.isArray(signatures) ? signatures.find(({ keyid }) => keyid === keyID)?.sig : undefined;
  if (signed === undefined || typeof signature !== 'string') return 0;
  const key = createPublicKey({
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(publicKey).toString('base64url') },
    format: 'jwk',
  });
  if (!verify(null, tufBytes(signed), key, Buffer.from(signature, 'hex'))) return 0;
  const generations = Object.values(signed.targets ?? {}).map((target) => Number(target.custom?.generation));
  return Math.max(0, ...generations.filter(Number.isSafeInteger));
}

/** As far as it is looked at, and as far as it is there: no field is taken for granted. */
interface Written {
  readonly signed?: SignedPart;
  readonly signatures?: readonly { readonly keyid?: unknown; readonly sig?: unknown }[];
}

interface SignedPart extends JsonObject {
  readonly meta?: {
    readonly [file: string]: { readonly version?: number; readonly hashes?: { readonly sha256?: string } };
  };
  readonly targets?: { readonly [path: string]: { readonly custom?: { readonly generation?: number } } };
}

function parsed(bytes: Uint8Array | undefined): Written | null {
  try {
    return parseJson(new TextDecoder().decode(bytes)) as Written | null;
  } catch {
    return null;
  }
}
