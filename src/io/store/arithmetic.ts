import type { AdjustmentKind } from '../../core/model/index.ts';
import type { LedgerAccount, LedgerEntry } from '../../ports/index.ts';
import { isCount } from './error.ts';

/** The share of what is left that one gateway gets where that is less than its slice. */
const TAIL_SHARE = 8;

/**
 * What a lease is granted of `leftMicros`: the slice, or near the limit an eighth of what is left, so that one gateway does
 * not sit on what others need; at the very end just what is needed, request by request (ai-gateways 7, rule 10). 0: nothing.
 */
export function grantOf(
  leftMicros: number,
  ask: { readonly sliceMicros: number; readonly needMicros: number },
): number {
  const shrunk = Math.min(ask.sliceMicros, Math.ceil(leftMicros / TAIL_SHARE));
  const granted = Math.max(shrunk, ask.needMicros);
  return granted <= leftMicros ? granted : 0;
}

/** So that no limit that a wallet can have (core/wallet, parseMoney) goes above 2^53 - 1 with what was added to it. */
const MOST_ADDED = 2 ** 52;

export interface Sums {
  readonly leasedMicros: number;
  readonly spentMicros: number;
  readonly addedMicros: number;
}

/**
 * The sums after an entry, or undefined where they would leave what JavaScript and SQLite hold exactly. What is leased and
 * spent together stays in it too, so that no slice can run out, settle or be corrected out of it.
 */
export function movedSums(
  sums: Sums,
  { from, to, amountMicros }: Pick<LedgerEntry, 'from' | 'to' | 'amountMicros'>,
): Sums | undefined {
  const moved = (account: LedgerAccount): number =>
    to === account ? amountMicros : from === account ? -amountMicros : 0;
  const leasedMicros = sums.leasedMicros + moved('leased');
  const spentMicros = sums.spentMicros + moved('spent');
  const addedMicros = sums.addedMicros - moved('outside');
  const areHeld = [leasedMicros, spentMicros, addedMicros, leasedMicros + spentMicros].every(isCount);
  return areHeld ? { leasedMicros, spentMicros, addedMicros } : undefined;
}

/**
 * What an adjustment may be at most: a take-back what was added, a credit what was spent. A charge may go above the limit, as
 * real spending that was missed may; it and a top-up have no bound but what a balance can hold.
 */
export function mostAdjustable(kind: AdjustmentKind, balance: Sums): number {
  switch (kind) {
    case 'take-back':
      return balance.addedMicros;
    case 'credit':
      return balance.spentMicros;
    case 'top-up':
      return Math.max(0, MOST_ADDED - balance.addedMicros);
    case 'charge':
      return Number.MAX_SAFE_INTEGER - balance.spentMicros - balance.leasedMicros;
  }
}

/** Between which accounts of the ledger each kind moves. */
export const ADJUSTMENT_MOVES: {
  readonly [kind in AdjustmentKind]: { readonly from: LedgerAccount; readonly to: LedgerAccount };
} = {
  'top-up': { from: 'outside', to: 'available' },
  'take-back': { from: 'available', to: 'outside' },
  credit: { from: 'spent', to: 'available' },
  charge: { from: 'available', to: 'spent' },
};

/** Has spending reached this percentage of the limit? Exact also where the product is above 2^53; nothing of nothing is not. */
export function isReached(percent: number, spentMicros: number, limitMicros: number): boolean {
  return spentMicros > 0 && BigInt(spentMicros) * 100n >= BigInt(percent) * BigInt(limitMicros);
}
