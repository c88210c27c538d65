import type { OrgSlug, Settlement } from '../../core/model/index.ts';
import type { Crossing, ExpiryReport, LeaseReport, LeaseTerms, SettleReport } from '../../ports/index.ts';
import type { Account } from './accounts.ts';
import { grantOf } from './arithmetic.ts';
import { isCount, requireCount } from './error.ts';
import { type Booking, type NewEntry, openBooking } from './ledger.ts';
import { count, text } from './rows.ts';
import type { Bind, Row, Sql } from './statements.ts';

/** A granted slice as the store keeps it. */
interface Slice extends Account {
  readonly id: string;
  readonly gateway: string;
  /** Granted and not yet settled or released. */
  readonly remainingMicros: number;
  /** Booked as spent when the slice ran out, and not yet settled or released. */
  readonly presumedMicros: number;
  readonly state: 'open' | 'expired' | 'closed';
}

const OPEN = `INSERT INTO slices (org, id, gateway, wallet, period, currency, remaining_micros, presumed_micros,
  expires_at_ms, state) VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, 'open')`;
const SLICE = 'SELECT * FROM slices WHERE org = ? AND id = ? AND gateway = ?';
const UPDATE = 'UPDATE slices SET remaining_micros = ?, presumed_micros = ?, state = ? WHERE org = ? AND id = ?';
const RUN_OUT = `SELECT * FROM slices WHERE org = ? AND state = 'open' AND expires_at_ms <= ? ORDER BY expires_at_ms, id`;
const EXPIRED = `SELECT id, expires_at_ms FROM slices WHERE org = ? AND gateway = ? AND state = 'expired'
  ORDER BY expires_at_ms, id`;
const PRESUMED = `SELECT * FROM slices WHERE org = ? AND wallet = ? AND period = ? AND currency = ?
  AND presumed_micros > 0 ORDER BY expires_at_ms, id`;
const SETTLED = 'SELECT document FROM settlements WHERE org = ? AND id = ?';
const KEEP = 'INSERT INTO settlements (org, id, slice_id, document)';

/** Grants what `grantOf` gives of what is left, else refuses with what is left; keeps the terms either way. */
export function leaseSlice(sql: Sql, org: OrgSlug, terms: LeaseTerms): LeaseReport {
  const { wallet, period, currency, gateway, sliceId, limitMicros, thresholds, needMicros, expiresAt, nowMs } = terms;
  requireCount('The limit', limitMicros);
  requireCount('The slice size', terms.sliceMicros);
  requireCount('The need', needMicros);
  requireCount('The end of the slice', expiresAt);
  const booking = openBooking(sql, org);
  const { leasedMicros, spentMicros, addedMicros } = booking.balanceOf(terms);
  const mostMicros = Math.min(limitMicros + addedMicros, Number.MAX_SAFE_INTEGER);
  const leftMicros = Math.max(0, mostMicros - spentMicros - leasedMicros);
  const grantedMicros = grantOf(leftMicros, terms);
  booking.setTerms(terms, { limitMicros, thresholds }, nowMs);
  if (grantedMicros > 0) {
    sql.run(OPEN, org, sliceId, gateway, wallet, period, currency, grantedMicros, expiresAt);
    booking.post({
      ...{ wallet, period, currency, gateway, sliceId, reference: sliceId, at: nowMs, ...NOBODY },
      ...{ from: 'available', to: 'leased', amountMicros: grantedMicros, reason: 'lease' },
    });
  }
  const crossed = booking.write();
  return grantedMicros === 0
    ? { answer: { granted: false, reason: 'exhausted', leftMicros, periodEnd: terms.periodEnd }, crossed }
    : {
        answer: { granted: true, slice: { id: sliceId, wallet, period, currency, grantedMicros, expiresAt } },
        crossed,
      };
}

/** What gateways cause has no author. */
const NOBODY = { author: null, note: null } as const;

/** One batch of a gateway. */
export interface SettleBatch {
  readonly gateway: string;
  readonly settlements: readonly Settlement[];
  readonly closed: readonly string[];
  readonly nowMs: number;
}

/**
 * Books each settlement once, then releases the rests of closed slices; closing twice does nothing. Slices and balances are
 * read and written once for the batch.
 */
export function settleSlices(
  sql: Sql,
  org: OrgSlug,
  { gateway, settlements, closed, nowMs }: SettleBatch,
): SettleReport {
  requireCount('The time', nowMs);
  const work = openSettling(sql, org, gateway, nowMs);
  const refused: SettleReport['refused'][number][] = [];
  let booked = 0;
  let repeated = 0;
  for (const settlement of settlements) {
    const outcome = settleOne(work, settlement);
    if (outcome === 'booked') booked += 1;
    else if (outcome === 'repeated') repeated += 1;
    else refused.push({ id: settlement.id, reason: outcome });
  }
  for (const id of closed) {
    const slice = work.sliceOf(id);
    if (slice !== undefined && !closeSlice(work, slice)) refused.push({ id, reason: 'balance' });
  }
  return { booked, repeated, refused, crossed: work.write() };
}

type Outcome = 'booked' | 'repeated' | SettleReport['refused'][number]['reason'];

/** A batch as it is being worked off: what it changed so far is here, and stored by `write`. */
interface Settling {
  readonly booking: Booking;
  readonly nowMs: number;
  sliceOf(id: string): Slice | undefined;
  put(slice: Slice): void;
  /** The document that is kept of a settlement, from the store or from earlier in this batch. */
  documentOf(id: string): string | undefined;
  keep(settlement: Settlement, document: string): void;
  write(): readonly Crossing[];
}

function openSettling(sql: Sql, org: OrgSlug, gateway: string, nowMs: number): Settling {
  const booking = openBooking(sql, org);
  const slices = new Map<string, Slice | undefined>();
  const changed = new Map<string, Slice>();
  const kept = new Map<string, readonly Bind[]>();
  const documents = new Map<string, string>();
  return {
    booking,
    nowMs,
    sliceOf(id) {
      if (!slices.has(id)) slices.set(id, sliceOf(sql, org, id, gateway));
      return slices.get(id);
    },
    put(slice) {
      slices.set(slice.id, slice);
      changed.set(slice.id, slice);
    },
    documentOf(id) {
      const row = documents.has(id) ? undefined : sql.get(SETTLED, org, id);
      return row === undefined ? documents.get(id) : text(row, 'document');
    },
    keep({ id, sliceId }, document) {
      documents.set(id, document);
      kept.set(id, [org, id, sliceId, document]);
    },
    write() {
      sql.insert(KEEP, [...kept.values()]);
      for (const slice of changed.values()) put(sql, org, slice);
      return booking.write();
    },
  };
}

function settleOne(work: Settling, settlement: Settlement): Outcome {
  const { id, sliceId, settledMicros, excessMicros } = settlement;
  if (!isCount(settledMicros) || !isCount(excessMicros)) return 'amount';
  const document = documentOf(settlement);
  const known = work.documentOf(id);
  if (known !== undefined) return known === document ? 'repeated' : 'conflict';
  const slice = work.sliceOf(sliceId);
  if (slice === undefined) return 'unknown-slice';
  const late = Math.min(settledMicros, slice.presumedMicros);
  const fromSlice = Math.min(settledMicros - late, slice.remainingMicros);
  const entry = entryOf(slice, id, work.nowMs);
  const over = settledMicros - late - fromSlice + excessMicros;
  const isBooked = postAll(work.booking, [
    { ...entry, from: 'spent', to: 'leased', amountMicros: late, reason: 'correct' },
    { ...entry, from: 'leased', to: 'spent', amountMicros: late + fromSlice, reason: 'settle' },
    { ...entry, from: 'available', to: 'spent', amountMicros: over, reason: 'excess' },
  ]);
  if (!isBooked) return 'balance';
  work.keep(settlement, document);
  const remainingMicros = slice.remainingMicros - fromSlice;
  work.put({ ...slice, remainingMicros, presumedMicros: slice.presumedMicros - late });
  return 'booked';
}

/** Books all of these entries of one slice, or none where its wallet's balance cannot hold them. */
function postAll(booking: Booking, entries: readonly NewEntry[]): boolean {
  if (!booking.fits(entries)) return false;
  for (const entry of entries) booking.post(entry);
  return true;
}

/** One text per content, whatever the order of its keys: what tells a repetition from a conflict. */
const documentOf = (settlement: Settlement): string => {
  const { id, sliceId, requestId, settledMicros, excessMicros, model, inputTokens, outputTokens, at } = settlement;
  return JSON.stringify({ id, sliceId, requestId, settledMicros, excessMicros, model, inputTokens, outputTokens, at });
};

/**
 * The gateway says that nothing more comes: what is left, or was only presumed to be spent, is available again. Nothing
 * is left of a slice that is closed already. False where the balance cannot hold it: the slice stays as it is.
 */
function closeSlice(work: Settling, slice: Slice): boolean {
  const { presumedMicros, remainingMicros } = slice;
  const entry = entryOf(slice, slice.id, work.nowMs);
  const rest = presumedMicros + remainingMicros;
  const isBooked = postAll(work.booking, [
    { ...entry, from: 'spent', to: 'leased', amountMicros: presumedMicros, reason: 'correct' },
    { ...entry, from: 'leased', to: 'available', amountMicros: rest, reason: 'release' },
  ]);
  if (isBooked) work.put({ ...slice, remainingMicros: 0, presumedMicros: 0, state: 'closed' });
  return isBooked;
}

/**
 * Takes from what is presumed of the account's slices what a person credited, of those first that ran out first. So what
 * is presumed is always a part of what is spent, and no truth that comes later is corrected out of what is not there.
 */
export function creditPresumed(sql: Sql, org: OrgSlug, account: Account, creditMicros: number): void {
  let leftMicros = creditMicros;
  for (const row of sql.all(PRESUMED, org, account.wallet, account.period, account.currency)) {
    const slice = sliceFrom(row);
    const taken = Math.min(leftMicros, slice.presumedMicros);
    put(sql, org, { ...slice, presumedMicros: slice.presumedMicros - taken });
    leftMicros -= taken;
    if (leftMicros === 0) return;
  }
}

/** Those that were booked as spent when they ran out, and not given back since. */
export function expiredSlices(
  sql: Sql,
  org: OrgSlug,
  gateway: string,
): readonly { readonly id: string; readonly expiresAt: number }[] {
  return sql.all(EXPIRED, org, gateway).map((row) => ({ id: text(row, 'id'), expiresAt: count(row, 'expires_at_ms') }));
}

/** Is there a slice to expire? Asked before a write transaction is opened for it. */
export function anyRunOut(sql: Sql, org: OrgSlug, nowMs: number): boolean {
  return sql.get(`${RUN_OUT} LIMIT 1`, org, requireCount('The time', nowMs)) !== undefined;
}

/**
 * The conservative end of a slice whose gateway went silent (ai-gateways 7, rule 9): its unsettled rest counts as spent
 * until a late settlement or closing corrects it.
 */
export function expireSlices(sql: Sql, org: OrgSlug, nowMs: number): ExpiryReport {
  const booking = openBooking(sql, org);
  const expired = sql.all(RUN_OUT, org, requireCount('The time', nowMs)).map((row) => {
    const slice = sliceFrom(row);
    const { id, wallet, period, gateway, remainingMicros: presumedMicros } = slice;
    const entry = entryOf(slice, id, nowMs);
    booking.post({ ...entry, from: 'leased', to: 'spent', amountMicros: presumedMicros, reason: 'expire' });
    put(sql, org, { ...slice, remainingMicros: 0, presumedMicros, state: 'expired' });
    return { id, wallet, period, gateway, presumedMicros };
  });
  return { expired, crossed: booking.write() };
}

type EntryFrame = Omit<NewEntry, 'from' | 'to' | 'amountMicros' | 'reason'>;

const entryOf = ({ wallet, period, currency, gateway, id }: Slice, reference: string, at: number): EntryFrame => ({
  ...{ wallet, period, currency, gateway },
  sliceId: id,
  reference,
  at,
  ...NOBODY,
});

function sliceOf(sql: Sql, org: OrgSlug, id: string, gateway: string): Slice | undefined {
  const row = sql.get(SLICE, org, id, gateway);
  return row === undefined ? undefined : sliceFrom(row);
}

function put(sql: Sql, org: OrgSlug, { id, remainingMicros, presumedMicros, state }: Slice): void {
  sql.run(UPDATE, remainingMicros, presumedMicros, state, org, id);
}

function sliceFrom(row: Row): Slice {
  return {
    id: text(row, 'id'),
    gateway: text(row, 'gateway'),
    wallet: text(row, 'wallet'),
    period: text(row, 'period'),
    currency: text(row, 'currency'),
    remainingMicros: count(row, 'remaining_micros'),
    presumedMicros: count(row, 'presumed_micros'),
    state: text(row, 'state'),
  };
}
