import { type Clock, type Finding, fails, type Hash, type ObservedOrg, type OrgSlug } from '../../core/model/index.ts';
import type { Fence, OrgStore, Publisher, RuntimeStore, Signer } from '../../ports/index.ts';
import type { FirstRoots } from '../../trust/index.ts';
import type { Lanes } from '../lanes.ts';

export interface PublishParts {
  readonly fleet: string;
  readonly store: OrgStore;
  readonly runtime: RuntimeStore;
  readonly publisher: Publisher;
  readonly signer: Signer;
  /** Where the first root of a new org comes from. */
  readonly firstRoots: FirstRoots;
  readonly hash: Hash;
  readonly clock: Clock;
  /** Tells whoever waits in a long poll; does nothing where no server runs. */
  readonly wake: (org: ObservedOrg['uid']) => void;
  readonly lanes: Lanes;
  /** The lease under which this process writes; one that was overtaken writes nothing (STORE_FENCED). Absent: reads only. */
  readonly fence: Fence | undefined;
}

export interface PublishedOrg {
  readonly org: OrgSlug;
  readonly generation: number;
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly signatures: number;
  readonly findings: readonly Finding[];
}

/** Something keeps what is applied from being published. */
export function isHeld({ findings }: PublishedOrg): boolean {
  return findings.some(fails);
}

export function unpublished(org: OrgSlug, generation: number, findings: readonly Finding[]): PublishedOrg {
  return { org, generation, changed: [], removed: [], signatures: 0, findings };
}
