import type {
  CommitId,
  DesiredObject,
  FindingCode,
  Json,
  ObjectId,
  ObservedOrg,
  OrgSlug,
  OrgUid,
  Override,
  Publication,
  Release,
  Rollout,
  Sha256Hex,
} from '../core/model/index.ts';

/**
 * What a driver throws when it refuses (an Error with these fields); whatever else it throws is our bug. A method that
 * refuses has written nothing.
 */
export interface StoreError extends Error {
  readonly code: Extract<FindingCode, `STORE_${string}` | 'EVENT_CHAIN_BROKEN'>;
  /** Of EVENT_CHAIN_BROKEN: where the gateway's journal ends here, so that it can go on from there. */
  readonly end?: ChainEnd;
  readonly expected: string;
  readonly found: string;
  /** In the imperative. */
  readonly fix: string;
}

/** Through which line a journal of a gateway is stored, and that line's hash; 0 and zeros for one that has not begun. */
export interface ChainEnd {
  /** The enrolment under which the journal began. */
  readonly chain: number;
  readonly through: number;
  readonly hash: Sha256Hex;
}

/** One org in one line: what a no-op pass compares. */
export interface OrgHead {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly generation: number;
  readonly contentDigest: Sha256Hex;
  readonly commit: CommitId;
  readonly appliedAtMs: number;
  /** `name@version` of the template that was rendered; empty for the reserved org of fleet settings, and for an org that is removed. */
  readonly template: string;
  /** Digest of everything the render of this org read (folder, template, renderer): equal means nothing to plan. */
  readonly inputDigest: Sha256Hex;
}

/** One link of an org's append-only, hash-chained history. `hash` = SHA-256 of RFC 8785 of all other fields. */
export interface HistoryEntry {
  readonly org: OrgSlug;
  readonly sequence: number;
  readonly previous: Sha256Hex;
  readonly hash: Sha256Hex;
  readonly at: number;
  /** Who: the commit's author for an apply, the operator for an override, `controller` for a heal. */
  readonly actor: string;
  /** `apply` of a commit, `offboard` of one that removes the org. */
  readonly action:
    | 'apply'
    | 'heal'
    | 'publish'
    | 'offboard'
    | 'enrol'
    | 'revoke'
    | 'rollout'
    | 'rollback'
    | 'deny'
    | 'end'
    | 'rotate'
    | 'take-over';
  readonly generation: number;
  readonly commit: CommitId | null;
  /** The Approval file that accepted hazards, if any. */
  readonly approval: string | null;
  readonly changeDigest: Sha256Hex | null;
  readonly planDigest: Sha256Hex | null;
  /** The changes in words, or the facts of the action; never a sensitive value. */
  readonly detail: Json;
}

/** One version of a policy lineage (org, environment, name). */
export interface PolicyVersion {
  readonly org: OrgSlug;
  readonly environment: string;
  readonly name: string;
  /** Counts from 1 and only rises. */
  readonly version: number;
  readonly generation: number;
  readonly commit: CommitId;
  readonly author: string;
  readonly changeDetail: string;
  readonly digest: Sha256Hex;
  readonly packVersion: string;
  readonly at: number;
}

/** Words of core/model, for those who meet them here. */
export type { Publication, PublishedTarget } from '../core/model/index.ts';

/** What decides which content each gateway of an org gets, beside the applied objects; of the uid of its head. */
export interface Delivery {
  /** The highest generation that was ever allocated; above the published one, a publish is due. */
  readonly highest: number;
  /** The newest rollout, ended or not. */
  readonly rollout: Rollout | null;
  /** Those that have not ended, oldest first. */
  readonly overrides: readonly Override[];
  /** What Git wanted, newest last, as far as it is kept. */
  readonly releases: readonly Release[];
}

/** The files of a bundle by name, as texts. */
export type KeptContent = { readonly [file: string]: string };

/** What Git wants a gateway to run from now on, with its content, which has no secrets of tokens. */
export interface NewRelease {
  readonly gateway: string;
  readonly contentDigest: Sha256Hex;
  readonly bytes: number;
  readonly files: KeptContent;
}

/** Writing inside one org's transaction, of that org alone; refused after the end of `work` (STORE_TRANSACTION_OVER). */
export interface OrgTransaction {
  observe(): Promise<ObservedOrg | undefined>;
  putObject(object: DesiredObject, generation: number): Promise<void>;
  deleteObject(id: ObjectId): Promise<void>;
  /**
   * The highest generation ever written for this uid, 0 when none. It outlives the head, so that an org that comes back
   * after offboarding goes on above it.
   */
  highestGeneration(uid: OrgUid): Promise<number>;
  /**
   * Inserts or replaces the org's head; refuses STORE_GENERATION_FELL below the highest one, but for the generation that the head has,
   * and STORE_UID_CHANGED.
   */
  putHead(head: OrgHead): Promise<void>;
  /** Objects without a head are refused at the end of the transaction (STORE_HEAD_MISSING). */
  deleteHead(): Promise<void>;
  /** Appends; sequence, previous and hash are the store's to fill. */
  appendHistory(entry: Omit<HistoryEntry, 'org' | 'sequence' | 'previous' | 'hash'>): Promise<HistoryEntry>;
  /** Appends a version when the digest differs from the lineage's newest. */
  addPolicyVersion(version: Omit<PolicyVersion, 'org' | 'version'>): Promise<void>;
  publication(): Promise<Publication | undefined>;
  /**
   * For the uid of the head (STORE_HEAD_MISSING without one). Generation, versions and epochs may not fall
   * (STORE_VERSION_FELL), except the timestamp's: `nextTimestamp` renews it meanwhile, so the higher one stays.
   */
  putPublication(publication: Publication): Promise<void>;
  delivery(): Promise<Delivery | undefined>;
  /**
   * The next generation of the head's uid, above every one it had and above `above`, without touching the head
   * (STORE_HEAD_MISSING without one).
   */
  allocateGeneration(above?: number): Promise<number>;
  /** Inserts or replaces the rollout of its generation, under the head's uid; of ended ones the newest fifty stay. */
  putRollout(rollout: Rollout): Promise<void>;
  /** Inserts or replaces the override of its id, under the head's uid. */
  putOverride(override: Override): Promise<void>;
  /**
   * Keeps what each gateway is to run from `generation` on. Of each gateway the newest twenty stay, and the contents that
   * the newest rollout or an active override leads back to.
   */
  putReleases(generation: number, releases: readonly NewRelease[]): Promise<void>;
  /** As `RuntimeStore.revokeGateway`, with what else this transaction writes: a denial ends the identity of its gateway. */
  revokeGateway(name: string, nowMs: number): Promise<boolean>;
}

/** Desired state, history and publications: written by the controller alone (rulings 11). */
export interface OrgStore {
  /** All heads, sorted by org: the one fleet-wide read. */
  heads(): Promise<readonly OrgHead[]>;
  observe(org: OrgSlug): Promise<ObservedOrg | undefined>;
  /** What is published under the uid of the org's head. */
  publication(org: OrgSlug): Promise<Publication | undefined>;
  /** Published generation per org, for every org that has a publication: the other fleet-wide read. */
  publishedGenerations(): Promise<ReadonlyMap<OrgSlug, number>>;
  /** Orgs whose published generation is behind the highest allocated one, sorted: those with a publish due. */
  unpublished(): Promise<readonly OrgSlug[]>;
  /** Orgs with an open rollout or an override that has not ended, sorted: those that time or gateways can move. */
  unsettled(): Promise<readonly OrgSlug[]>;
  /** undefined for an org without a head. */
  delivery(org: OrgSlug): Promise<Delivery | undefined>;
  /** Overrides that have not ended, oldest first; none for an org without a head. */
  activeOverrides(org: OrgSlug): Promise<readonly Override[]>;
  /** Kept content of a gateway, under the uid of the org's head. */
  content(org: OrgSlug, gateway: string, contentDigest: Sha256Hex): Promise<KeptContent | undefined>;
  /** Newest first; `after` is the generation of the last row seen. */
  rollouts(org: OrgSlug, page: Page): Promise<readonly Rollout[]>;
  /** Ended ones too, newest first; `after` is the generation of the last row seen. */
  overrides(org: OrgSlug, page: Page): Promise<readonly Override[]>;
  /** Newest first; `after` is the sequence of the last row seen. */
  history(org: OrgSlug, page: Page): Promise<readonly HistoryEntry[]>;
  /** Walks the chain from the first entry; the sequence of the first broken link, or null. */
  verifyHistory(org: OrgSlug): Promise<number | null>;
  /** Newest first; `after` is `<environment>/<name>/<version>` of the last row seen. */
  policyVersions(org: OrgSlug, page: Page): Promise<readonly PolicyVersion[]>;
  /**
   * All or nothing; transactions queue, one open at a time; `work` does no I/O but the transaction, and calling the
   * store from inside it is refused (STORE_NESTED). With `under`, the transaction is refused (STORE_FENCED) when the
   * lease has another fence by then: a controller that slept through its lease writes nothing.
   */
  transact<T>(org: OrgSlug, work: (tx: OrgTransaction) => Promise<T>, under?: Fence): Promise<T>;
  /**
   * Takes a lease that is free or ran out, each time under a higher fence; a live one is refused, also to who says it has it:
   * two processes may have one name.
   */
  acquireLease(name: string, holder: string, nowMs: number, ttlMs: number): Promise<LeaseGrant>;
  /**
   * Prolongs a lease that was granted. One that ran out is the same lease as long as nobody took it, so that whoever slept
   * goes on under its fence; refused once somebody did, and after its release.
   */
  renewLease(lease: Fence, nowMs: number, ttlMs: number): Promise<LeaseGrant>;
  /** Ends a lease that was granted; nothing happens where it was taken over. */
  releaseLease(lease: Fence): Promise<void>;
  close(): void;
}

export type LeaseGrant =
  | { readonly granted: true; readonly fence: number }
  | { readonly granted: false; readonly holder: string; readonly fence: number; readonly expiresAt: number };

/** A lease as `acquireLease` granted it. */
export interface Fence {
  readonly name: string;
  readonly fence: number;
}

/**
 * `after` names the last row seen, in the method's form (STORE_CURSOR_INVALID else); rows come in the method's stated
 * order. At most 1,000 rows come back, whatever `limit` says.
 */
export interface Page {
  readonly limit: number;
  readonly after?: string;
}
