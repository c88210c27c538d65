import type { FileFacts, GatewayIdentity, JsonObject } from '../../core/model/index.ts';
import { TrustError } from '../error.ts';
import { metadataFile, sha256Of } from '../layout.ts';
import { checkFloor, type Floors, floorUnder } from './floors.ts';
import type { VerifyLimits } from './limits.ts';
import {
  checkRootIdentity,
  checkRootKeys,
  checkTargets,
  type MetadataFile,
  type NamedFacts,
  namedSnapshot,
  namedTargets,
  roleFacts,
  signedAt,
} from './metadata.ts';

// What is asked of each metadata file, in the order in which tuf-js asks for files and before it verifies their
// signatures. Many of these tuf-js would find too; each is here so that what is pinned does not hang on its way to say so.

/** A day: a signed time further ahead of the present than this is refused (TRUST_CLOCK). */
const MOST_AHEAD_MS = 86_400_000;

/** What a file is judged by. */
export interface Judging {
  readonly identity: GatewayIdentity;
  readonly floors: Floors;
  readonly limits: VerifyLimits;
  /** The `signed` part of the newest root. */
  readonly root: JsonObject;
  readonly nowMs: number;
}

/** Everything that is asked of a root, pinned or fetched: identity before keys. */
export function checkRoot(signed: JsonObject, identity: GatewayIdentity): void {
  checkRootIdentity(signed, identity);
  checkRootKeys(signed);
}

/** A further root: of this gateway's org, with the version of its name, at its floor the known bytes. */
export function checkNextRoot(
  path: string,
  { signed, sha256 }: MetadataFile,
  { identity, floors }: Pick<Judging, 'identity' | 'floors'>,
): void {
  checkRoot(signed, identity);
  const { version } = roleFacts(signed, 'root');
  if (path !== metadataFile('root', version))
    throw new TrustError('TRUST_VERSION', `expected the version of ${path}, found ${version}`);
  if (version === floors.root.version) checkFloor('root', floors.root, { version, sha256 });
}

/** The root that all else hangs on is the newest known and has not expired; then the timestamp itself. Gives what it names. */
export function checkTimestamp(
  { signed, sha256 }: MetadataFile,
  { identity, floors, limits, root, nowMs }: Judging,
): NamedFacts {
  const rootFacts = roleFacts(root, 'root');
  if (rootFacts.version < floors.root.version) {
    throw new TrustError(
      'TRUST_ROLLBACK',
      `expected root version ${floors.root.version} or higher, found ${rootFacts.version}`,
    );
  }
  checkExpiry('root', rootFacts.expiresMs, nowMs);
  const { version, expiresMs } = roleFacts(signed, 'timestamp');
  // Whose it is comes first: another org's timestamp is not an old one of this org.
  const ahead = signedAt(signed, identity) - nowMs;
  const snapshot = namedSnapshot(signed);
  checkFloor('timestamp', floorUnder(floors, 'timestamp', root), { version, sha256 });
  checkFloor('snapshot', floorUnder(floors, 'snapshot', root), snapshot);
  checkSize('snapshot', snapshot.length, limits.snapshotBytes);
  checkExpiry('timestamp', expiresMs, nowMs);
  if (ahead > MOST_AHEAD_MS)
    throw new TrustError('TRUST_CLOCK', `expected a signing time near the present, found ${ahead} ms ahead`);
  return snapshot;
}

/** The targets file that a snapshot names, and gives, is not below the floor and not endless; the snapshot has not expired. */
export function checkSnapshot(
  { signed }: MetadataFile,
  { floors, limits, root, nowMs }: Pick<Judging, 'floors' | 'limits' | 'root' | 'nowMs'>,
): NamedFacts {
  const targets = namedTargets(signed);
  checkFloor('targets', floorUnder(floors, 'targets', root), targets);
  checkSize('targets', targets.length, limits.targetsBytes);
  checkExpiry('snapshot', roleFacts(signed, 'snapshot').expiresMs, nowMs);
  return targets;
}

/** Every target has a length and a SHA-256, nothing is delegated, and the file has not expired. */
export function checkTargetsFile({ signed }: MetadataFile, nowMs: number): void {
  checkTargets(signed);
  checkExpiry('targets', roleFacts(signed, 'targets').expiresMs, nowMs);
}

/** TRUST_EXPIRED at the instant of expiry and after. */
export function checkExpiry(what: string, expiresMs: number, nowMs: number): void {
  if (nowMs >= expiresMs) {
    throw new TrustError(
      'TRUST_EXPIRED',
      `expected ${what} that has not expired, found one that did ${nowMs - expiresMs} ms ago`,
    );
  }
}

/** TRUST_LENGTH above the limit. */
export function checkSize(what: string, bytes: number, limit: number): void {
  if (bytes > limit) throw new TrustError('TRUST_LENGTH', `expected at most ${limit} bytes of ${what}, found ${bytes}`);
}

/** TRUST_LENGTH off the signed length, TRUST_HASH off the signed hash: before anything of the file is read. */
export function checkExact(what: string, bytes: Uint8Array, facts: FileFacts): void {
  if (bytes.length !== facts.length) {
    throw new TrustError('TRUST_LENGTH', `expected ${facts.length} bytes of ${what}, found ${bytes.length}`);
  }
  const sha256 = sha256Of(bytes);
  if (sha256 !== facts.sha256)
    throw new TrustError('TRUST_HASH', `expected ${what} with SHA-256 ${facts.sha256}, found ${sha256}`);
}
