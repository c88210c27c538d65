import type { OrgSlug } from '../../core/model/index.ts';
import type { Adjustment, AdjustmentOutcome, LedgerEntry } from '../../ports/index.ts';
import { ADJUSTMENT_MOVES, mostAdjustable } from './arithmetic.ts';
import { requireCount } from './error.ts';
import { entryFrom, openBooking, publicBalance } from './ledger.ts';
import { creditPresumed } from './slices.ts';
import type { Sql } from './statements.ts';

const BOOKED = 'SELECT * FROM ledger WHERE org = ? AND reference = ? AND author IS NOT NULL';

export function bookedAdjustment(sql: Sql, org: OrgSlug, id: string): LedgerEntry | undefined {
  const row = sql.get(BOOKED, org, id);
  return row === undefined ? undefined : entryFrom(row);
}

/** Books one adjustment, once per id: the same again is ok and books nothing, other content under the id is refused. */
export function bookAdjustment(sql: Sql, org: OrgSlug, adjustment: Adjustment): AdjustmentOutcome {
  const { id, kind, wallet, period, currency, author, note, at } = adjustment;
  const amountMicros = requireCount('The amount', adjustment.amountMicros);
  const booking = openBooking(sql, org);
  const before = booking.balanceOf(adjustment);
  const mostMicros = mostAdjustable(kind, before);
  const known = bookedAdjustment(sql, org, id);
  if (known !== undefined) {
    const same =
      known.wallet === wallet &&
      known.period === period &&
      known.currency === currency &&
      known.reason === kind &&
      known.amountMicros === amountMicros;
    return same
      ? { ok: true, repeated: true, balance: publicBalance(before), crossed: [] }
      : { ok: false, reason: 'conflict', mostMicros };
  }
  if (amountMicros > mostMicros) return { ok: false, reason: 'too-much', mostMicros };
  booking.post({
    ...{ wallet, period, currency, amountMicros, author, note, at, reason: kind, reference: id },
    ...ADJUSTMENT_MOVES[kind],
    gateway: null,
    sliceId: null,
  });
  if (kind === 'credit') creditPresumed(sql, org, adjustment, amountMicros);
  const crossed = booking.write();
  return { ok: true, repeated: false, balance: publicBalance(booking.balanceOf(adjustment)), crossed };
}
