import type { Publication, PublishedTarget, Sha256Hex, SignedFacts } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { factsOf, metadataFile, sha256Of, TIMESTAMP_FILE, type VersionedRole } from '../layout.ts';
import type { Signing } from './context.ts';
import { type NamedFile, signedFile, snapshotModel, targetsModel, timestampModel } from './metadata.ts';
import { assertNotOvertaken } from './overtaken.ts';
import { isTaken, presentAt } from './present.ts';

/** Versions tried before giving up; each is one that an interrupted or a second publisher has used. */
const MOST_TRIES = 1000;

/** Allocates a timestamp version that was never used: max(last + 1, Unix seconds), in the store (rulings 11). */
export type NextTimestamp = (nowMs: number) => Promise<number>;

/** What a publish did. */
export interface PublishOutcome {
  readonly publication: Publication;
  readonly signatures: number;
  /** Gateways with new content, and gateways that dropped out. */
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** Targets, snapshot and timestamp as they stand while a publish goes on. */
export interface Chain {
  readonly targets: NamedFile;
  readonly snapshot: NamedFile;
  readonly timestampVersion: number;
  readonly signedAt: Publication['signedAt'];
  /** SHA-256 of the timestamp that readers see, or that it is too long to be read, null when there is none: the one that may be replaced. */
  readonly over: Sha256Hex | 'overlong' | null;
}

/**
 * The chain that a publication stands for, versions 0 before the first one, and the timestamp that is there now.
 * PUBLISH_OVERTAKEN when that leads to a higher generation than the one to publish.
 */
export async function openChain(
  signing: Signing,
  own: { readonly publication: Publication | undefined; readonly generation: number },
): Promise<Chain> {
  const timestamp = await presentAt(signing, TIMESTAMP_FILE);
  // As any that was damaged it says nothing, and no reader takes it.
  if (timestamp === 'overlong') return { ...chainOver(own.publication, undefined), over: 'overlong' };
  await assertNotOvertaken(signing, timestamp, own);
  return chainOver(own.publication, timestamp);
}

/** The chain that a publication stands for, to be seen in the place of the timestamp that is there. */
export function chainOver(publication: Publication | undefined, timestamp: Uint8Array | undefined): Chain {
  const none: SignedFacts = { ...factsOf(new Uint8Array(0)), expiresAt: 0 };
  return {
    over: timestamp === undefined ? null : sha256Of(timestamp),
    targets: { version: publication?.targetsVersion ?? 0, facts: publication?.meta.targets ?? none },
    snapshot: { version: publication?.snapshotVersion ?? 0, facts: publication?.meta.snapshot ?? none },
    timestampVersion: publication?.timestampVersion ?? 0,
    signedAt: publication?.signedAt ?? { targets: 0, snapshot: 0, timestamp: 0 },
  };
}

/** Signs and puts a new targets file; readers do not see it before a timestamp leads to it. */
export async function putTargets(
  signing: Signing,
  chain: Chain,
  targets: ReadonlyMap<string, PublishedTarget>,
): Promise<Chain> {
  const file = await putNext(signing, 'targets', chain.targets.version, (version) =>
    targetsModel(signing, version, targets),
  );
  return { ...chain, targets: file, signedAt: { ...chain.signedAt, targets: signing.nowMs } };
}

/** Signs and puts a new snapshot that names the chain's targets file. */
export async function putSnapshot(signing: Signing, chain: Chain): Promise<Chain> {
  const file = await putNext(signing, 'snapshot', chain.snapshot.version, (version) =>
    snapshotModel(signing, version, chain.targets),
  );
  return { ...chain, snapshot: file, signedAt: { ...chain.signedAt, snapshot: signing.nowMs } };
}

/**
 * Signs and replaces the timestamp: the moment at which readers see the chain. PUBLISH_CONFLICT when another one is there
 * than when the chain was opened: of two publishers that race, one is seen and the other changes nothing.
 */
export async function putTimestamp(signing: Signing, chain: Chain, next: NextTimestamp): Promise<Chain> {
  const version = await next(signing.nowMs);
  const bytes = await signedFile(signing, 'timestamp', timestampModel(signing, version, chain.snapshot));
  await signing.publisher.putMutable(signing.org, TIMESTAMP_FILE, bytes, chain.over);
  const signedAt = { ...chain.signedAt, timestamp: signing.nowMs };
  return { ...chain, timestampVersion: version, signedAt, over: sha256Of(bytes) };
}

/** The chain's numbers as the store keeps them. */
export function chainFields(chain: Chain) {
  const meta: Publication['meta'] = {
    targets: chain.targets.facts,
    snapshot: chain.snapshot.facts,
  };
  return {
    targetsVersion: chain.targets.version,
    snapshotVersion: chain.snapshot.version,
    timestampVersion: chain.timestampVersion,
    signedAt: chain.signedAt,
    meta,
  };
}

/**
 * Puts the next version of a role. A version that a crashed run left behind is skipped, never rewritten: a reader may
 * have seen it, and gaps cost nothing.
 */
async function putNext(
  signing: Signing,
  role: Exclude<VersionedRole, 'root'>,
  last: number,
  model: (version: number) => Parameters<typeof signedFile>[2],
): Promise<NamedFile> {
  for (let version = last + 1; version <= last + MOST_TRIES; version += 1) {
    const path = metadataFile(role, version);
    if (await isTaken(signing, path)) continue;
    const bytes = await signedFile(signing, role, model(version));
    try {
      await signing.publisher.putImmutable(signing.org, new Map([[path, bytes]]));
      return { version, facts: { ...factsOf(bytes), expiresAt: signing.nowMs + signing.lifetimes[role] } };
    } catch (error) {
      // Somebody put this version a moment ago.
      if ((error as { readonly code?: unknown }).code !== 'PUBLISH_CONFLICT') throw error;
    }
  }
  throw new TrustError(
    'PUBLISH_CONFLICT',
    `expected a free version of ${role} after ${last}, found ${MOST_TRIES} taken`,
  );
}
