import type { AdjustmentKind } from '../../core/model/index.ts';
import type { LedgerAccount } from '../../ports/index.ts';

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

/**
 * What an adjustment may be at most: a take-back what was added, a credit what was spent. A top-up and a charge have no
 * bound; a charge may go above the limit, as real spending that was missed may.
 */
export function mostAdjustable(
  kind: AdjustmentKind,
  balance: { readonly spentMicros: number; readonly addedMicros: number },
): number {
  switch (kind) {
    case 'take-back':
      return balance.addedMicros;
    case 'credit':
      return balance.spentMicros;
    case 'top-up':
    case 'charge':
      return Number.MAX_SAFE_INTEGER;
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
