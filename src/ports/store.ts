import type {
  Acknowledgement,
  CommitId,
  DesiredObject,
  GatewayEvent,
  JournalLine,
  Json,
  JsonObject,
  LeaseAnswer,
  ObjectId,
  ObservedOrg,
  OrgSlug,
  OrgUid,
  Publication,
  Settlement,
  Sha256Hex,
} from '../core/model/index.ts';

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
  readonly action: 'apply' | 'heal' | 'publish' | 'offboard' | 'enrol' | 'revoke';
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

/** Writing inside one org's transaction; every method is of that org alone. */
export interface OrgTransaction {
  observe(): Promise<ObservedOrg | undefined>;
  putObject(object: DesiredObject, generation: number): Promise<void>;
  deleteObject(id: ObjectId): Promise<void>;
  /** Inserts or replaces the org's head; refuses STORE_GENERATION_FELL when the generation does not rise or stay. */
  putHead(head: OrgHead): Promise<void>;
  deleteHead(): Promise<void>;
  /** Appends; sequence, previous and hash are the store's to fill. */
  appendHistory(entry: Omit<HistoryEntry, 'org' | 'sequence' | 'previous' | 'hash'>): Promise<HistoryEntry>;
  /** Appends a version when the digest differs from the lineage's newest. */
  addPolicyVersion(version: Omit<PolicyVersion, 'org' | 'version'>): Promise<void>;
  publication(): Promise<Publication | undefined>;
  putPublication(publication: Publication): Promise<void>;
}

/** Desired state, history and publications: written by the controller alone (rulings 11). */
export interface OrgStore {
  /** All heads, sorted by org: the one fleet-wide read. */
  heads(): Promise<readonly OrgHead[]>;
  observe(org: OrgSlug): Promise<ObservedOrg | undefined>;
  publication(org: OrgSlug): Promise<Publication | undefined>;
  /** Published generation per org, for every org that has a publication: the other fleet-wide read. */
  publishedGenerations(): Promise<ReadonlyMap<OrgSlug, number>>;
  /** Newest first. */
  history(org: OrgSlug, page: Page): Promise<readonly HistoryEntry[]>;
  /** Walks the chain from the first entry; the sequence of the first broken link, or null. */
  verifyHistory(org: OrgSlug): Promise<number | null>;
  policyVersions(org: OrgSlug, page: Page): Promise<readonly PolicyVersion[]>;
  /** All or nothing; transactions queue, one open at a time; `work` does no I/O but the transaction. */
  transact<T>(org: OrgSlug, work: (tx: OrgTransaction) => Promise<T>): Promise<T>;
  /** Takes or renews the controller's lease; a fence that another holder has overtaken is never granted again. */
  acquireLease(name: string, holder: string, nowMs: number, ttlMs: number): Promise<LeaseGrant>;
  releaseLease(name: string, holder: string): Promise<void>;
  close(): void;
}

export type LeaseGrant =
  | { readonly granted: true; readonly fence: number }
  | { readonly granted: false; readonly holder: string; readonly expiresAt: number };

/** `after` is the sequence (or offset key) of the last row seen; rows come in the method's stated order. */
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
  /** Highest sequence of a POST accepted. */
  readonly sequence: number;
}

export interface AckRow extends Acknowledgement {
  readonly org: OrgSlug;
  readonly sequence: number;
  readonly receivedAt: number;
}

export interface EventRow {
  readonly org: OrgSlug;
  readonly gateway: string;
  readonly sequence: number;
  readonly hash: Sha256Hex;
  readonly event: GatewayEvent;
}

export interface EscalationRow {
  readonly org: OrgSlug;
  readonly id: string;
  readonly gateway: string;
  readonly queue: string;
  readonly requestId: string;
  readonly reasonCode: string;
  readonly state: 'queued' | 'claimed' | 'resolved';
  readonly outcome: 'approved' | 'denied' | 'expired' | null;
  readonly createdAt: number;
  readonly dueAt: number;
}

/** Balance of one wallet in one period, derived from the ledger's entries. */
export interface WalletBalance {
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly leasedMicros: number;
  readonly spentMicros: number;
}

/** One double entry: `amountMicros` moves from one account of the wallet to another. */
export interface LedgerEntry {
  readonly sequence: number;
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
  readonly from: 'available' | 'leased' | 'spent';
  readonly to: 'available' | 'leased' | 'spent';
  readonly amountMicros: number;
  readonly reason: 'lease' | 'settle' | 'release' | 'excess' | 'expire';
  readonly gateway: string;
  readonly sliceId: string;
  readonly reference: string;
  readonly at: number;
}

/** What the control plane knows when it decides on a lease; limits come from the applied Wallet, never from the gateway. */
export interface LeaseTerms {
  readonly gateway: string;
  readonly wallet: string;
  readonly period: string;
  readonly periodEnd: number | null;
  readonly currency: string;
  readonly limitMicros: number;
  readonly needMicros: number;
  /** The fixed slice size; a grant is at least `needMicros` and at most max(slice, need), or refused. */
  readonly sliceMicros: number;
  readonly sliceId: string;
  readonly nowMs: number;
  readonly expiresAt: number;
}

/** Run-time rows: written by the control plane alone (rulings 11). Org first, everywhere. */
export interface RuntimeStore {
  putEnrolmentCode(
    org: OrgSlug,
    code: { readonly gateway: string; readonly codeHash: Sha256Hex; readonly expiresAt: number },
  ): Promise<void>;
  /** Uses the code up and stores the key, in one transaction; a former identity of the gateway is replaced. */
  redeemEnrolmentCode(
    org: OrgSlug,
    use: { readonly codeHash: Sha256Hex; readonly publicKey: string; readonly nowMs: number },
  ): Promise<
    | { readonly ok: true; readonly gateway: string }
    | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'used' }
  >;
  gateways(org: OrgSlug): Promise<readonly EnrolledGateway[]>;
  gateway(org: OrgSlug, name: string): Promise<EnrolledGateway | undefined>;
  revokeGateway(org: OrgSlug, name: string, nowMs: number): Promise<boolean>;
  /**
   * Runs `answer` once per (gateway, sequence): a higher sequence runs it and stores the answer in the same transaction;
   * the same sequence with the same body digest gets the stored answer; anything else is refused (rulings 27).
   */
  once(
    org: OrgSlug,
    key: { readonly gateway: string; readonly sequence: number; readonly bodyDigest: Sha256Hex },
    answer: (tx: RuntimeTransaction) => Promise<JsonObject>,
  ): Promise<{ readonly ok: true; readonly answer: JsonObject; readonly repeated: boolean } | { readonly ok: false }>;
  acks(org: OrgSlug): Promise<readonly AckRow[]>;
  /** Newest first; `after` is `<gateway>:<sequence>` of the last row seen. */
  events(org: OrgSlug, page: Page): Promise<readonly EventRow[]>;
  escalations(org: OrgSlug, page: Page): Promise<readonly EscalationRow[]>;
  balances(org: OrgSlug): Promise<readonly WalletBalance[]>;
  /** Oldest first. */
  ledger(org: OrgSlug, page: Page): Promise<readonly LedgerEntry[]>;
  /** Allocates the next timestamp version, max(last + 1, unix seconds), and remembers when it was signed (rulings 11). */
  nextTimestamp(org: OrgSlug, nowMs: number): Promise<number>;
}

/** Writing inside one `once`; every method is of that org alone. */
export interface RuntimeTransaction {
  putAck(ack: Acknowledgement, sequence: number, receivedAt: number): Promise<void>;
  /** Appends the lines that follow the last stored one; refuses EVENT_CHAIN_BROKEN on a gap or a wrong link. Gives the last stored sequence. */
  appendEvents(
    gateway: string,
    lines: readonly { readonly line: JournalLine; readonly hash: Sha256Hex }[],
  ): Promise<number>;
  putEscalation(row: Omit<EscalationRow, 'org'>): Promise<void>;
  /** Decides and books a lease against spent + leased of the period, atomically. */
  lease(terms: LeaseTerms): Promise<LeaseAnswer>;
  /** Books settlements (idempotent by settlement id) and gives closed slices' rests back. */
  settle(gateway: string, settlements: readonly Settlement[], closed: readonly string[], nowMs: number): Promise<void>;
}
