import type { Clock, Hash } from '../../core/model/index.ts';
import type { Custody, KeyHolder, OrgStore, Publisher, Signer } from '../../ports/index.ts';

/** Where a rehearsal takes place: made for it, and removed after it. */
export interface DrillGround {
  /** What the org publishes in this rehearsal. */
  readonly published: Publisher;
  /** What the thief publishes: he sits between, or writes to the host of the files. */
  readonly taken: Publisher;
  /** Replaces what the thief has by a copy of what is published now. */
  mirror(): Promise<void>;
  /** The seeds of this rehearsal. */
  readonly custody: Custody;
  /** A copy of the seeds that a holder has now, and nothing else. */
  steal(holder: KeyHolder): Promise<Signer>;
  /** A new folder for the state of a gateway. */
  stateDir(name: string): string;
}

export interface DrillParts {
  readonly fleet: string;
  /** Read, never written. */
  readonly store: OrgStore;
  readonly hash: Hash;
  readonly clock: Clock;
  readonly ground: DrillGround;
}
