import type {
  Acknowledgement,
  EscalationEnd,
  GatewayTraffic,
  JournalLine,
  JsonObject,
  OrgSlug,
  Settlement,
  Sha256Hex,
} from '../core/model/index.ts';
import type {
  AskedState,
  EscalationMove,
  EscalationMoved,
  EscalationRow,
  EscalationStep,
  LoggedStep,
  NewEscalation,
  NotificationEnd,
  NotificationRow,
  NotificationState,
} from './escalations.ts';
import type {
  Adjustment,
  AdjustmentOutcome,
  Crossing,
  ExpiryReport,
  LeaseReport,
  LeaseTerms,
  LedgerEntry,
  SettleReport,
  WalletBalance,
} from './ledger.ts';
import type { Page } from './store.ts';

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

/** One identity of a gateway, with what it said of itself last. */
export interface Enrolment extends EnrolledGateway {
  /** Counts the identities of a gateway from 1 on. */
  readonly enrolment: number;
  /** Null: nothing. */
  readonly ack: AckRow | null;
}

/**
 * A line of a gateway's journal as it is stored, unread: what was damaged comes out too, and nothing that a gateway wrote into
 * it stops a page. `text` is the line byte for byte, of which `hash` was made when it came.
 */
export interface LineRow {
  /** Counts the org's events in the order they were received, over all gateways; the cursor of pages. */
  readonly position: number;
  readonly gateway: string;
  /** Which journal of the gateway: the enrolment under which it began, since a gateway enrolled anew may begin anew. */
  readonly chain: number;
  readonly sequence: number;
  readonly hash: Sha256Hex;
  readonly text: string;
}

/** Lines are as long as their gateway made them: with `most`, a page also ends with the line with which their texts come to that. */
export interface LinePage extends Page {
  /** In UTF-16 units. */
  readonly most?: number;
}

/** Where a journal of a gateway ends, kept beside its lines so that a cut end, or a journal that is gone, shows. */
export type ChainRow = Pick<LineRow, 'gateway' | 'chain' | 'sequence' | 'hash'>;

/** Where an org's evidence ends; 0 where there is none. */
export interface EvidenceEnd {
  /** Of the last line. */
  readonly position: number;
  /** The sequence of the last entry of the ledger. */
  readonly entry: number;
}

/** A signed request of a gateway that was not taken. */
export interface Refusal {
  readonly code: 'SEQUENCE_USED' | 'EVENT_CHAIN_BROKEN';
  readonly at: number;
  /** Of the request. */
  readonly sequence: number;
  /** The last line that it brought; null for one that brought none. */
  readonly through: { readonly sequence: number; readonly hash: Sha256Hex } | null;
}

/** What was refused of a gateway last. */
export interface RefusalRow extends Omit<Refusal, 'through'> {
  readonly gateway: string;
  /** Under which identity. */
  readonly enrolment: number;
  /** The last line of the first delivery that was refused and is not stored; null where there is none. */
  readonly missing: Refusal['through'];
}

/** Who shows a one-time code, and when. */
export interface EnrolmentUse {
  readonly codeHash: Sha256Hex;
  readonly gateway?: string;
  readonly publicKey: string;
  readonly nowMs: number;
}

export type EnrolmentVerdict =
  | { readonly ok: true; readonly gateway: string }
  | { readonly ok: false; readonly reason: 'unknown' | 'expired' | 'used' };

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
  redeemEnrolmentCode(org: OrgSlug, use: EnrolmentUse): Promise<EnrolmentVerdict>;
  /** What `redeemEnrolmentCode` would answer now; the code stays as it is. */
  judgeEnrolmentCode(org: OrgSlug, use: EnrolmentUse): Promise<EnrolmentVerdict>;
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
  /** Every identity of every gateway, those that were replaced or revoked included, sorted by gateway and number. */
  enrolments(org: OrgSlug): Promise<readonly Enrolment[]>;
  /**
   * Keeps that a request of this gateway was refused, in the place of the one before. Lines that were refused and are not
   * stored stay on record until they are, whatever is refused or taken later.
   */
  noteRefusal(org: OrgSlug, gateway: string, refusal: Refusal): Promise<void>;
  /** Of each gateway of which one is kept, sorted by name. */
  refusals(org: OrgSlug): Promise<readonly RefusalRow[]>;
  /** What each gateway said last under its newest identity, sorted by name; of one that was enrolled anew nothing until it speaks. */
  acks(org: OrgSlug): Promise<readonly AckRow[]>;
  /** Decisions of each gateway under each content that it named, sorted by gateway and digest. */
  traffic(org: OrgSlug): Promise<readonly GatewayTraffic[]>;
  /** Last received first; `after` is the position of the last row seen. */
  events(org: OrgSlug, page: LinePage): Promise<readonly LineRow[]>;
  /** The last line of each journal that ever was stored, by gateway and enrolment; it grows with the lines and never goes. */
  chains(org: OrgSlug): Promise<readonly ChainRow[]>;
  /** As `events`, first received first: for proofs and copies. `after` is the position of the last row seen. */
  lines(org: OrgSlug, page: LinePage): Promise<readonly LineRow[]>;
  /** Where lines and ledger of an org end at one moment: what one commit brought to both is in both, or in neither. */
  evidenceEnd(org: OrgSlug): Promise<EvidenceEnd>;
  /** Newest first, of one state, of all that are open or of all; `after` is the id of the last row seen. */
  escalations(org: OrgSlug, page: Page, state?: AskedState): Promise<readonly EscalationRow[]>;
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
   * Every transition of every escalation, also of those that have left the queue, by id and then by number; `after` is
   * `<number>:<id>` of the last row seen.
   */
  escalationLog(org: OrgSlug, page: Page): Promise<readonly LoggedStep[]>;
  /**
   * Queued -> claimed -> resolved, and back from claimed to queued, each in one transaction: of two who ask at once one
   * is refused. One that is due is resolved by time first.
   */
  moveEscalation(org: OrgSlug, move: EscalationMove): Promise<EscalationMoved>;
  /**
   * Queues again what a token has claimed that is none of these, and gives the ids; the log says so. Opens no transaction
   * where there is none.
   */
  releaseClaims(
    org: OrgSlug,
    by: { readonly reviewers: ReadonlySet<string>; readonly nowMs: number },
  ): Promise<readonly string[]>;
  /**
   * Resolves what is due, as its queue's `onTimeout` says, and gives the ids. Opens no transaction where nothing is.
   * Nothing else has to come in time: whoever reads calls this first.
   */
  expireEscalations(org: OrgSlug, nowMs: number): Promise<readonly string[]>;
  /** Orgs with an escalation that is due, sorted: a fleet-wide read. */
  overdueEscalations(nowMs: number): Promise<readonly OrgSlug[]>;
  /** Orgs with an escalation that was resolved until then, sorted: a fleet-wide read. */
  forgettableEscalations(untilMs: number): Promise<readonly OrgSlug[]>;
  /**
   * Takes out of the queue what was resolved until then and has no message that waits, the oldest few with their messages,
   * and says how many; 0: none is left. The same id is not queued again, and the number of no message is given again. What
   * the log and the lines of gateways say of them stays.
   */
  forgetEscalations(org: OrgSlug, untilMs: number): Promise<number>;
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
  /** Of one wallet in one period and currency, newest first: no more than it has thresholds. */
  crossings(org: OrgSlug, of: Pick<WalletBalance, 'wallet' | 'period' | 'currency'>): Promise<readonly Crossing[]>;
  /** What is booked under the id of an adjustment. */
  adjustment(org: OrgSlug, id: string): Promise<LedgerEntry | undefined>;
  /**
   * Books what a person decided, once per id, and gives the balance then. Refused where it would be below 0, or above what
   * a balance can hold. A credit takes presumed spending first, of the slices that ran out first: what the truth later
   * says of that is booked anew, and not given back twice.
   */
  adjust(org: OrgSlug, adjustment: Adjustment): Promise<AdjustmentOutcome>;
  /**
   * Books the unsettled rest of every open slice past its end as spent: a gateway that went silent may have used it. A
   * late settlement or closing corrects that with further entries. Opens no transaction when no slice has run out.
   */
  expireSlices(org: OrgSlug, nowMs: number): Promise<ExpiryReport>;
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
  lease(terms: LeaseTerms): Promise<LeaseReport>;
  /** Slices of the gateway that ran out and were not given back, oldest first. */
  expiredSlices(gateway: string): Promise<readonly { readonly id: string; readonly expiresAt: number }[]>;
  /**
   * Books settlements (once per settlement id), then gives the rests of closed slices back. `settledMicros` comes out of
   * the slice; `excessMicros`, and what the slice no longer holds, is booked on top as `excess`. Of numbers nothing
   * throws: what a balance cannot hold is refused alone, so that it never takes back what came with it.
   */
  settle(
    gateway: string,
    settlements: readonly Settlement[],
    closed: readonly string[],
    nowMs: number,
  ): Promise<SettleReport>;
}
