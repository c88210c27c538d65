import type { OrgSlug } from '../../core/model/index.ts';
import type { LedgerEntry, Page, WalletBalance } from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { count, limitOf, numberAfter, text } from './rows.ts';
import type { Row, Sql } from './statements.ts';

/** The wallet, period and currency that an amount belongs to: a late settlement books to the period of its lease. */
export interface Account {
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
}

export type NewEntry = Omit<LedgerEntry, 'sequence'>;

const APPEND = `INSERT INTO ledger (org, sequence, wallet, period, currency, from_account, to_account, amount_micros,
  reason, gateway, slice_id, reference, at_ms) VALUES (?,
  (SELECT coalesce(max(sequence), 0) + 1 FROM ledger WHERE org = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const BALANCE = `SELECT leased_micros, spent_micros FROM balances
  WHERE org = ? AND wallet = ? AND period = ? AND currency = ?`;
const SET_BALANCE = `INSERT INTO balances (org, wallet, period, currency, leased_micros, spent_micros)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (org, wallet, period, currency)
  DO UPDATE SET leased_micros = excluded.leased_micros, spent_micros = excluded.spent_micros`;
const BALANCES = 'SELECT * FROM balances WHERE org = ? ORDER BY wallet, period, currency';
const PAGE = 'SELECT * FROM ledger WHERE org = ? AND sequence > ? ORDER BY sequence LIMIT ?';

/** Appends one double entry and moves the running balance with it; nothing for an amount of 0. */
export function post(sql: Sql, org: OrgSlug, entry: NewEntry): void {
  const { wallet, period, currency, from, to, amountMicros } = entry;
  if (requireCount('The amount', amountMicros) === 0) return;
  const before = balanceOf(sql, org, entry);
  const moved = (account: LedgerEntry['from']) =>
    to === account ? amountMicros : from === account ? -amountMicros : 0;
  const leased = requireCount('The leased balance', before.leasedMicros + moved('leased'));
  const spent = requireCount('The spent balance', before.spentMicros + moved('spent'));
  const { reason, gateway, sliceId, reference, at } = entry;
  sql.run(APPEND, org, org, wallet, period, currency, from, to, amountMicros, reason, gateway, sliceId, reference, at);
  sql.run(SET_BALANCE, org, wallet, period, currency, leased, spent);
}

/** What is leased and spent of one wallet in one period; zeros when nothing was booked. */
export function balanceOf(sql: Sql, org: OrgSlug, account: Account): WalletBalance {
  const { wallet, period, currency } = account;
  const row = sql.get(BALANCE, org, wallet, period, currency);
  const leasedMicros = row === undefined ? 0 : count(row, 'leased_micros');
  const spentMicros = row === undefined ? 0 : count(row, 'spent_micros');
  return { wallet, period, currency, leasedMicros, spentMicros };
}

export function allBalances(sql: Sql, org: OrgSlug): readonly WalletBalance[] {
  return sql.all(BALANCES, org).map((row) => ({
    wallet: text(row, 'wallet'),
    period: text(row, 'period'),
    currency: text(row, 'currency'),
    leasedMicros: count(row, 'leased_micros'),
    spentMicros: count(row, 'spent_micros'),
  }));
}

export function ledgerPage(sql: Sql, org: OrgSlug, page: Page): readonly LedgerEntry[] {
  return sql.all(PAGE, org, numberAfter(page, 0), limitOf(page)).map(entryOf);
}

function entryOf(row: Row): LedgerEntry {
  return {
    sequence: count(row, 'sequence'),
    wallet: text(row, 'wallet'),
    period: text(row, 'period'),
    currency: text(row, 'currency'),
    from: text(row, 'from_account'),
    to: text(row, 'to_account'),
    amountMicros: count(row, 'amount_micros'),
    reason: text(row, 'reason'),
    gateway: text(row, 'gateway'),
    sliceId: text(row, 'slice_id'),
    reference: text(row, 'reference'),
    at: count(row, 'at_ms'),
  };
}
