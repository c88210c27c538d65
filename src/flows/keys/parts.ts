import type { FindingCode, OrgSlug, OrgUid } from '../../core/model/index.ts';
import type {
  Custody,
  Fence,
  HeldSeed,
  KeyHolder,
  Log,
  OrgStore,
  PresignedRoots,
  Publisher,
} from '../../ports/index.ts';
import type { PublishParts } from '../publish/index.ts';

export interface RotateParts extends Pick<PublishParts, 'fleet' | 'runtime' | 'clock' | 'wake' | 'lanes'> {
  readonly store: OrgStore;
  readonly publisher: Publisher;
  readonly custody: Custody;
  readonly roots: PresignedRoots;
  readonly log: Log;
  /** Who rotates: a name for the history. */
  readonly actor: string;
  /** The lease under which this process writes (STORE_FENCED once it is overtaken). */
  readonly fence: Fence | undefined;
}

export interface RotateAsk {
  readonly holder: KeyHolder;
  /** null: every published org. */
  readonly orgs: readonly OrgSlug[] | null;
  /** After a theft: keys of the next epoch come from a new seed. Who has a seed has every epoch that is derived from it. */
  readonly withNewSeed: boolean;
  /** Root alone: another threshold, and another number of seeds with `withNewSeed`; as before by default. */
  readonly threshold?: number;
  readonly rootSeeds?: number;
  /** Folders with root seeds; new ones are written there. */
  readonly rootDirs?: readonly string[];
  /** Why, for the history: 3 to 1000 characters. */
  readonly reason?: string;
}

export interface RotatedOrg {
  readonly org: OrgSlug;
  readonly outcome: 'rotated' | 'already' | 'held';
  readonly rootVersion: number;
  readonly signatures: number;
  readonly code: FindingCode | null;
  readonly message: string | null;
}

export interface Rotation {
  readonly holder: KeyHolder;
  readonly epoch: number;
  /** True when it went on with one that was interrupted. */
  readonly resumed: boolean;
  readonly orgs: readonly RotatedOrg[];
  /** The seeds of this epoch and where they lie, with a new seed; none else. */
  readonly seeds: readonly HeldSeed[];
  /** Pre-signed roots that name former keys; they were taken away. */
  readonly withdrawn: readonly OrgUid[];
}
