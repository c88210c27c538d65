import type { AdjustmentKind, LeaseAnswer } from '../core/model/index.ts';

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
 * available, of presumed spending first · charge: available to spent.
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
  | {
      readonly ok: true;
      readonly repeated: boolean;
      readonly balance: WalletBalance;
      /** Thresholds that it reached. */
      readonly crossed: readonly Crossing[];
    }
  /**
   * The id is booked with other content · a credit above what is spent, a take-back above what was added, or any other
   * above what a balance can hold.
   */
  | { readonly ok: false; readonly reason: 'conflict' | 'too-much'; readonly mostMicros: number };

/** A threshold of a wallet that its spending reached: once per period, however limits and spending move afterwards. */
export interface Crossing {
  /** Counts the org's crossings. */
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

/** What became of a batch of settlements; a refused one spoils no other, and is never booked. */
export interface SettleReport {
  readonly booked: number;
  /** Already booked under the same id with the same content. */
  readonly repeated: number;
  readonly refused: readonly {
    readonly id: string;
    /**
     * No such slice of this gateway · the id is booked with other content · an amount is no whole number from 0 · the
     * balance of the wallet cannot hold it, also of a slice that is given back, whose id it is then.
     */
    readonly reason: 'unknown-slice' | 'conflict' | 'amount' | 'balance';
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

/** What ran out, and the thresholds that it reached. */
export interface ExpiryReport {
  readonly expired: readonly ExpiredSlice[];
  readonly crossed: readonly Crossing[];
}

/** What the gateway is answered, and the thresholds that its wallet has reached by the limit of this lease. */
export interface LeaseReport {
  readonly answer: LeaseAnswer;
  readonly crossed: readonly Crossing[];
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
