import type {
  Acknowledgement,
  AdjustmentKind,
  CommitId,
  DesiredObject,
  EscalationEnd,
  EscalationEvent,
  EscalationReason,
  EscalationState,
  FindingCode,
  GatewayEvent,
  GatewayTraffic,
  JournalLine,
  Json,
  JsonObject,
  LeaseAnswer,
  ObjectId,
  ObservedOrg,
  OrgSlug,
  OrgUid,
  Override,
  Publication,
  Release,
  Review,
  Rollout,
  Settlement,
  Sha256Hex,
} from '../core/model/index.ts';

/**
 * What a driver throws when it refuses (an Error with these fields); whatever else it throws is our bug. A method that
 * refuses has written nothing.
 */
export interface StoreError extends Error {
  readonly code: Extract<FindingCode, `STORE_${string}` | 'EVENT_CHAIN_BROKEN'>;
  readonly expected: string;
  readonly found: string;
  /** In the imperative. */
  readonly fix: string;
}

/** One org in one line: what a no-op pass compares. */
export interface OrgHead {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly generation: number;
  readonly contentDigest: Sha256Hex;
  readonly commit: CommitId;
  readonly appliedAtMs: number;
  /** `name@version` of the template that was rendered; empty for the reserved org of fleet settings. */
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
    | 'rotate';
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

/** What Git wants a gateway to run from now on, with its content. */
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
  /** Inserts or replaces the org's head; refuses STORE_GENERATION_FELL below the highest one, and STORE_UID_CHANGED. */
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
  /** The next generation of the head's uid, above every one it had, without touching the head (STORE_HEAD_MISSING without one). */
  allocateGeneration(): Promise<number>;
  /** Inserts or replaces the rollout of its generation, under the head's uid; of ended ones the newest fifty stay. */
  putRollout(rollout: Rollout): Promise<void>;
  /** Inserts or replaces the override of its id, under the head's uid. */
  putOverride(override: Override): Promise<void>;
  /**
   * Keeps what each gateway is to run from `generation` on. Of each gateway the newest twenty stay, and the contents that
   * the newest rollout or an active override leads back to.
   */
  putReleases(generation: number, releases: readonly NewRelease[]): Promise<void>;
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
   * Takes or renews the controller's lease. A holder renews its own under the same fence; a free or expired one is
   * taken under a higher fence; a fence that another holder has overtaken is never granted again.
   */
  acquireLease(name: string, holder: string, nowMs: number, ttlMs: number): Promise<LeaseGrant>;
  releaseLease(name: string, holder: string): Promise<void>;
  close(): void;
}

export type LeaseGrant =
  | { readonly granted: true; readonly fence: number }
  | { readonly granted: false; readonly holder: string; readonly expiresAt: number };

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

export interface EnrolledGateway {
  readonly org: OrgSlug;
  readonly gateway: string;
  /** Raw Ed25519 public key, hex. */
  readonly publicKey: string;
  readonly enrolledAt: number;
  readonly revokedAt: number | null;
  /** Highest sequence of a POST accepted under this key; a new key starts at 0. */
  readonly sequence: number;
}

export interface AckRow extends Acknowledgement {
  readonly org: OrgSlug;
  readonly sequence: number;
  /** When it was received first. */
  readonly receivedAt: number;
  /** When it was said last: later than `receivedAt` where it was said again, unchanged. */
  readonly heardAt: number;
}

export interface EventRow {
  readonly org: OrgSlug;
  /** Counts the org's events in the order they were received, over all gateways; the cursor of pages. */
  readonly position: number;
  readonly gateway: string;
  /** Which journal of the gateway: the enrolment under which it began, since a gateway enrolled anew may begin anew. */
  readonly chain: number;
  readonly sequence: number;
  readonly previous: Sha256Hex;
  readonly hash: Sha256Hex;
  readonly event: GatewayEvent;
}

/** An escalation as a gateway told it. */
export interface NewEscalation extends Omit<EscalationEvent, 'type' | 'at' | 'timeoutMs'> {
  readonly gateway: string;
  readonly createdAt: number;
  /** The review queue of the org as it is then; without one the escalation is denied at once. */
  readonly review: EscalationQueue | null;
}

export interface EscalationQueue {
  readonly name: string;
  readonly dueAt: number;
  readonly onTimeout: 'approve' | 'deny';
  /** Who is told that it came, and that it is resolved. */
  readonly channels: readonly NotificationChannel[];
}

/** As a Review names it. */
export type NotificationChannel = Review['spec']['notifications'][number];

export interface EscalationRow extends Omit<NewEscalation, 'review'> {
  readonly org: OrgSlug;
  /** Null without a review queue. */
  readonly queue: string | null;
  readonly dueAt: number;
  readonly onTimeout: 'approve' | 'deny';
  readonly state: EscalationState;
  /** Null until it is resolved. */
  readonly outcome: 'approved' | 'denied' | null;
  readonly reason: EscalationReason | null;
  /** The token that has it claimed, or resolved it. */
  readonly claimedBy: string | null;
  readonly claimedAt: number | null;
  readonly resolvedAt: number | null;
  /** Of the reviewer who resolved it. */
  readonly note: string | null;
  /** What the gateway did in the end, once it said so. */
  readonly ended: EscalationEnd | null;
}

/** One transition of an escalation. Append-only. */
export interface EscalationStep {
  /** Counts from 1. */
  readonly number: number;
  readonly at: number;
  /** `token <name>`, `gateway <name>`, or `control plane`. */
  readonly actor: string;
  readonly what: 'queued' | 'claimed' | 'unclaimed' | 'resolved' | 'ended';
  /** Of `resolved` and `ended`. */
  readonly outcome: EscalationEnd | null;
  readonly note: string | null;
}

/** What a reviewer does with an escalation. */
export type EscalationMove = {
  readonly id: string;
  /** The name of the token. */
  readonly by: string;
  /** The same key with the same content again does nothing; null where the caller has none. */
  readonly key: string | null;
  readonly note: string | null;
  readonly nowMs: number;
} & ({ readonly verb: 'claim' | 'unclaim' } | { readonly verb: 'resolve'; readonly outcome: 'approved' | 'denied' });

export type EscalationMoved =
  | { readonly ok: true; readonly row: EscalationRow; readonly repeated: boolean }
  | {
      readonly ok: false;
      /**
       * No such escalation · it is over · another has it claimed · it must be claimed first · the key was used for
       * something else.
       */
      readonly reason: 'unknown' | 'resolved' | 'claimed' | 'unclaimed' | 'key-used';
      readonly row: EscalationRow | null;
    };

/** A message that is to be delivered, of any org; it is due when `nextAt` has come. */
export interface NotificationRow {
  readonly org: OrgSlug;
  /** Counts the messages of the org. */
  readonly position: number;
  readonly event: 'escalation.created' | 'escalation.resolved';
  readonly channel: NotificationChannel;
  readonly escalation: EscalationRow;
  /** Tries that failed so far. */
  readonly attempts: number;
  readonly nextAt: number;
}

/** How a message stands after a try: delivered, given up, or to be tried again. */
export type NotificationEnd =
  | { readonly state: 'sent' }
  | { readonly state: 'failed'; readonly error: string }
  | { readonly state: 'waiting'; readonly error: string; readonly nextAt: number };

/** What became of the messages of one escalation. */
export interface NotificationState {
  readonly event: NotificationRow['event'];
  readonly kind: NotificationChannel['kind'];
  readonly to: string;
  readonly state: NotificationEnd['state'];
  readonly attempts: number;
  readonly error: string | null;
}

/** Balance of one wallet in one period, derived from the ledger's entries. */
export interface WalletBalance {
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly leasedMicros: number;
  readonly spentMicros: number;
  /** What people added to the limit of this period alone; available = limit + added - leased - spent. */
  readonly addedMicros: number;
}

/**
 * One double entry: `amountMicros` (above 0) moves from one account of the wallet to another.
 * lease: available to leased · settle: leased to spent · release (slice closed): leased to available · excess (usage
 * above the hold or the slice): available to spent · expire (slice ran out unsettled, presumed spent): leased to spent ·
 * correct (what was presumed is settled or released after all): spent to leased, followed by that entry. By people, each
 * with its author and a note: top-up: outside to available · take-back: available to outside · credit: spent to
 * available · charge: available to spent.
 */
export interface LedgerEntry {
  readonly sequence: number;
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly from: LedgerAccount;
  readonly to: LedgerAccount;
  readonly amountMicros: number;
  readonly reason: 'lease' | 'settle' | 'release' | 'excess' | 'expire' | 'correct' | AdjustmentKind;
  /** Null for an adjustment, as is the slice. */
  readonly gateway: string | null;
  readonly sliceId: string | null;
  /** The settlement's id, or the slice's where no settlement caused it, or the adjustment's. */
  readonly reference: string;
  /** Who adjusted, and why; null for what gateways caused. */
  readonly author: string | null;
  readonly note: string | null;
  readonly at: number;
}

export type LedgerAccount = 'outside' | 'available' | 'leased' | 'spent';

/** What a person books: once per id. */
export interface Adjustment {
  readonly id: string;
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly kind: AdjustmentKind;
  /** Above 0. */
  readonly amountMicros: number;
  readonly author: string;
  readonly note: string;
  readonly at: number;
}

export type AdjustmentOutcome =
  | { readonly ok: true; readonly repeated: boolean; readonly balance: WalletBalance }
  /** The id is booked with other content · a credit above what is spent, or a take-back above what was added. */
  | { readonly ok: false; readonly reason: 'conflict' | 'too-much'; readonly mostMicros: number };

/** A threshold of a wallet that its spending reached: once per period, however limits and spending move afterwards. */
export interface Crossing {
  /** Counts the org's crossings; the cursor of pages. */
  readonly position: number;
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly percent: number;
  /** The limit, with what was added, and the spending when it was seen. */
  readonly limitMicros: number;
  readonly spentMicros: number;
  readonly at: number;
}

/** A line of a gateway's journal as it came, to be verified or copied. */
export interface LineRow extends Pick<EventRow, 'position' | 'gateway' | 'chain' | 'sequence' | 'hash'> {
  readonly text: string;
}

/** What became of a batch of settlements; a refused one spoils no other, and is never booked. */
export interface SettleReport {
  readonly booked: number;
  /** Already booked under the same id with the same content. */
  readonly repeated: number;
  readonly refused: readonly {
    readonly id: string;
    /** No such slice of this gateway · the id is booked with other content · an amount is no whole number from 0. */
    readonly reason: 'unknown-slice' | 'conflict' | 'amount';
  }[];
  /** Thresholds that this batch reached. */
  readonly crossed: readonly Crossing[];
}

/** A slice that ran out before its gateway closed it. */
export interface ExpiredSlice {
  readonly id: string;
  readonly wallet: string;
  readonly period: string;
  readonly gateway: string;
  /** The unsettled rest, booked as spent until the gateway says otherwise. */
  readonly presumedMicros: number;
}

/** What the control plane knows when it decides on a lease; limits come from the applied Wallet, never from the gateway. */
export interface LeaseTerms {
  readonly gateway: string;
  readonly wallet: string;
  readonly period: string;
  readonly periodEnd: number | null;
  readonly currency: string;
  readonly limitMicros: number;
  /** Percentages of the limit whose first crossing in a period is kept. */
  readonly thresholds: readonly number[];
  readonly needMicros: number;
  /** The largest slice; near the limit it shrinks. A grant is at least `needMicros`, or refused. */
  readonly sliceMicros: number;
  readonly sliceId: string;
  readonly nowMs: number;
  readonly expiresAt: number;
}

/** Run-time rows: written by the control plane alone (rulings 11). Org first, everywhere. */
export interface RuntimeStore {
  /** Stores a one-time code; an unused former code of the same gateway ends. */
  putEnrolmentCode(
    org: OrgSlug,
    code: { readonly gateway: string; readonly codeHash: Sha256Hex; readonly expiresAt: number },
  ): Promise<void>;
  /**
   * Uses the code up and stores the key, in one transaction; a former identity of the gateway is revoked and its stored
   * answers go. The same code with the same key again is ok (the answer was lost on the way), with another key `used`.
   * With `gateway`, a code of another gateway is `unknown` and stays unused.
   */
  redeemEnrolmentCode(
    org: OrgSlug,
    use: {
      readonly codeHash: Sha256Hex;
      readonly gateway?: string;
      readonly publicKey: string;
      readonly nowMs: number;
    },
  ): Promise<
    | { readonly ok: true; readonly gateway: string }
    | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'used' }
  >;
  /** The newest identity of each gateway, revoked ones included, sorted by name. */
  gateways(org: OrgSlug): Promise<readonly EnrolledGateway[]>;
  gateway(org: OrgSlug, name: string): Promise<EnrolledGateway | undefined>;
  /** False when there is no such gateway or it is revoked already. */
  revokeGateway(org: OrgSlug, name: string, nowMs: number): Promise<boolean>;
  /**
   * Runs `answer` once per (gateway, sequence): a higher sequence runs it and stores the answer in the same transaction;
   * the same sequence with the same body digest gets the stored answer (kept for the newest 64 sequences of a gateway);
   * anything else is refused (rulings 27). When `answer` throws, nothing is written and the sequence stays unused.
   */
  once(
    org: OrgSlug,
    key: { readonly gateway: string; readonly sequence: number; readonly bodyDigest: Sha256Hex },
    answer: (tx: RuntimeTransaction) => Promise<JsonObject>,
  ): Promise<
    | { readonly ok: true; readonly answer: JsonObject; readonly repeated: boolean }
    | { readonly ok: false; readonly reason: 'unknown' | 'revoked' | 'replayed' }
  >;
  /** The newest of each gateway, sorted by name. */
  acks(org: OrgSlug): Promise<readonly AckRow[]>;
  /** Decisions of each gateway under each content that it named, sorted by gateway and digest. */
  traffic(org: OrgSlug): Promise<readonly GatewayTraffic[]>;
  /** Last received first; `after` is the position of the last row seen. */
  events(org: OrgSlug, page: Page): Promise<readonly EventRow[]>;
  /** First received first, as stored and unread: for proofs and copies. `after` is the position of the last row seen. */
  lines(org: OrgSlug, page: Page): Promise<readonly LineRow[]>;
  /** Newest first, of one state or of all; `after` is the id of the last row seen. */
  escalations(org: OrgSlug, page: Page, state?: EscalationState): Promise<readonly EscalationRow[]>;
  /** With its transitions, oldest first, and what became of its messages. */
  escalation(
    org: OrgSlug,
    id: string,
  ): Promise<
    | {
        readonly row: EscalationRow;
        readonly log: readonly EscalationStep[];
        readonly notifications: readonly NotificationState[];
      }
    | undefined
  >;
  /**
   * Queued -> claimed -> resolved, and back from claimed to queued, each in one transaction: of two who ask at once one
   * is refused. One that is due is resolved by time first.
   */
  moveEscalation(org: OrgSlug, move: EscalationMove): Promise<EscalationMoved>;
  /**
   * Resolves what is due, as its queue's `onTimeout` says, and gives the ids. Opens no transaction where nothing is.
   * Nothing else has to come in time: whoever reads calls this first.
   */
  expireEscalations(org: OrgSlug, nowMs: number): Promise<readonly string[]>;
  /** Orgs with an escalation that is due, sorted: a fleet-wide read. */
  overdueEscalations(nowMs: number): Promise<readonly OrgSlug[]>;
  /** Messages that are due, at most four of an org, those that wait longest first: a fleet-wide read. */
  dueNotifications(nowMs: number, limit: number): Promise<readonly NotificationRow[]>;
  /** Of one that still waits, and had no more than `attempts` tries; false else. */
  endNotification(
    org: OrgSlug,
    which: { readonly position: number; readonly attempts: number },
    end: NotificationEnd,
  ): Promise<boolean>;
  balances(org: OrgSlug): Promise<readonly WalletBalance[]>;
  /** Oldest first; `after` is the sequence of the last row seen. */
  ledger(org: OrgSlug, page: Page): Promise<readonly LedgerEntry[]>;
  /** Newest first; `after` is the position of the last row seen. */
  crossings(org: OrgSlug, page: Page): Promise<readonly Crossing[]>;
  /** Books what a person decided, once per id, and gives the balance then. Refused where it would be below 0. */
  adjust(org: OrgSlug, adjustment: Adjustment): Promise<AdjustmentOutcome>;
  /**
   * Books the unsettled rest of every open slice past its end as spent: a gateway that went silent may have used it. A
   * late settlement or closing corrects that with further entries. Opens no transaction when no slice has run out.
   */
  expireSlices(org: OrgSlug, nowMs: number): Promise<readonly ExpiredSlice[]>;
  /**
   * Allocates the next timestamp version, max(last + 1, unix seconds); it counts as signed once the publication that has
   * it is stored (rulings 11). STORE_HEAD_MISSING for an org without a head.
   */
  nextTimestamp(org: OrgSlug, nowMs: number): Promise<number>;
}

/** Writing inside one `once`, of that org and that gateway alone (STORE_OTHER_GATEWAY else). */
export interface RuntimeTransaction {
  putAck(ack: Acknowledgement, sequence: number, receivedAt: number): Promise<void>;
  /**
   * Appends the lines, each as its `text`, that follow the last stored one and skips those stored with the same hash; refuses
   * EVENT_CHAIN_BROKEN on a gap, a wrong link or another hash. Gives the last stored sequence. After a new enrolment a
   * line 1 with 64 zeros begins a new chain.
   */
  appendEvents(
    gateway: string,
    lines: readonly { readonly line: JournalLine; readonly text: string; readonly hash: Sha256Hex }[],
  ): Promise<number>;
  /** Inserts it with its messages; one whose id is there already stays as it is. */
  putEscalation(escalation: NewEscalation): Promise<void>;
  /**
   * Keeps what this gateway did in the end, once; one that is not resolved by then is: nothing waits any more. False for
   * one that this gateway did not tell.
   */
  endEscalation(
    gateway: string,
    end: { readonly id: string; readonly outcome: EscalationEnd; readonly at: number; readonly nowMs: number },
  ): Promise<boolean>;
  /**
   * Decides and books a lease: spent + leased + grant <= limit + added. Grants the slice, of which near the limit only
   * an eighth of what is left (core/wallet, grantOf), or the need where that is more and fits; else refuses with what is
   * left (never below 0) and the period's end. The terms are kept: thresholds are judged by the newest.
   */
  lease(terms: LeaseTerms): Promise<LeaseAnswer>;
  /** Slices of the gateway that ran out and were not given back, oldest first. */
  expiredSlices(gateway: string): Promise<readonly { readonly id: string; readonly expiresAt: number }[]>;
  /**
   * Books settlements (once per settlement id), then gives the rests of closed slices back. `settledMicros` comes out of
   * the slice; `excessMicros`, and what the slice no longer holds, is booked on top as `excess`.
   */
  settle(
    gateway: string,
    settlements: readonly Settlement[],
    closed: readonly string[],
    nowMs: number,
  ): Promise<SettleReport>;
}
