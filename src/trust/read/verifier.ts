import type { GatewayIdentity, Hash } from '../../core/model/index.ts';
import type { SignedTimes } from '../freshness.ts';
import { checkRoot } from './checks.ts';
import type { BundleFetcher } from './fetcher.ts';
import { nodeStateFiles, type StateFiles } from './files.ts';
import type { Floors } from './floors.ts';
import { DEFAULT_LIMITS, type VerifyLimits } from './limits.ts';
import { keyIdsOf, type MetadataFile, readMetadata, roleFacts } from './metadata.ts';
import { loadState, type StatePlace, type VerifiedTarget } from './state.ts';
import { type PollOptions, type PollResult, StoredVerifier } from './stored-verifier.ts';

export interface VerifierOptions {
  /** A folder of the verifier's own; one verifier at a time. */
  readonly stateDir: string;
  readonly identity: GatewayIdentity;
  /** The root pinned at enrolment. */
  readonly root: Uint8Array;
  readonly fetcher: BundleFetcher;
  readonly nowMs: () => number;
  readonly hash: Hash;
  readonly limits?: Partial<VerifyLimits>;
  /** The file layer; tests stop it at any step. */
  readonly files?: StateFiles;
}

/** A gateway's eyes: what it may believe of what the source says. */
export interface Verifier {
  /** The target that was committed last, from disk at start; null before the first and after a withdrawal. */
  lastKnownGood(): VerifiedTarget | null;
  /** Asks the source once. Never throws for what a source does; throws when the disk fails. */
  poll(options?: PollOptions): Promise<PollResult>;
  /** The latest signing time and expiry that the timestamp key in force signed of what is kept; null before the first. */
  times(): SignedTimes | null;
  /** How far the clock stands behind the newest signed time, in milliseconds; above 0 it was set back. */
  clockBehindMs(): number;
}

/**
 * Opens the state directory, or starts one from the pinned root. Throws TRUST_STATE or
 * TRUST_STATE_FOREIGN for state that cannot be used and the guard's codes for a pinned root that is not this gateway's.
 */
export async function openVerifier(options: VerifierOptions): Promise<Verifier> {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const root = readMetadata(options.root, 'root');
  checkRoot(root.signed, options.identity);
  const files = options.files ?? nodeStateFiles;
  const place: StatePlace = { dir: options.stateDir, files, hash: options.hash, bundleBytes: limits.bundleBytes };
  const { floors, slot } = await loadState(place, freshFloors(options.identity, root));
  return new StoredVerifier({ ...options, root, limits, place, floors, slot });
}

function freshFloors(identity: GatewayIdentity, { signed, sha256 }: MetadataFile): Floors {
  const { version } = roleFacts(signed, 'root');
  return {
    format: 'tenantry/floors/v1',
    identity,
    pinnedRoot: sha256,
    sequence: 0,
    root: { version, sha256, keyIds: keyIdsOf(signed, 'root') },
    timestamp: null,
    snapshot: null,
    targets: null,
    generation: 0,
    newestMs: 0,
    withdrawn: false,
  };
}
