import type { OrgSlug } from '../../core/model/index.ts';
import type { LedgerEntry, Page, WalletBalance } from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { count, limitOf, numberAfter, text } from './rows.ts';
import type { Bind, Row, Sql } from './statements.ts';

/** The wallet, period and currency that an amount belongs to: a late settlement books to the period of its lease. */
export interface Account {
  readonly wallet: string;
  readonly period: string;
  readonly currency: string;
}

export type NewEntry = Omit<LedgerEntry, 'sequence'>;

const LAST = 'SELECT coalesce(max(sequence), 0) AS sequence FROM ledger WHERE org = ?';
const APPEND = `INSERT INTO ledger (org, sequence, wallet, period, currency, from_account, to_account, amount_micros,
  reason, gateway, slice_id, reference, at_ms)`;
const BALANCE = `SELECT leased_micros, spent_micros FROM balances
  WHERE org = ? AND wallet = ? AND period = ? AND currency = ?`;
const SET_BALANCE = `INSERT INTO balances (org, wallet, period, currency, leased_micros, spent_micros)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (org, wallet, period, currency)
  DO UPDATE SET leased_micros = excluded.leased_micros, spent_micros = excluded.spent_micros`;
const BALANCES = 'SELECT * FROM balances WHERE org = ? ORDER BY wallet, period, currency';
const PAGE = 'SELECT * FROM ledger WHERE org = ? AND sequence > ? ORDER BY sequence LIMIT ?';

/** Double entries of one org on their way, with the balances as they will be. Nothing is stored before `write`. */
export interface Booking {
  balanceOf(account: Account): WalletBalance;
  /** Adds one double entry and moves the balance with it; nothing for an amount of 0. */
  post(entry: NewEntry): void;
  /** Appends the entries in their order and sets the balances that moved: few statements, however many entries. */
  write(): void;
}

/** Begins to book inside a write transaction, which nothing else may book in before `write`. */
export function openBooking(sql: Sql, org: OrgSlug): Booking {
  const balances = new Map<string, WalletBalance>();
  const moved = new Set<string>();
  const entries: NewEntry[] = [];
  const balanceOf = (account: Account): WalletBalance => {
    const key = keyOf(account);
    const known = balances.get(key) ?? storedBalance(sql, org, account);
    balances.set(key, known);
    return known;
  };
  return {
    balanceOf,
    post(entry) {
      const { from, to, amountMicros } = entry;
      if (requireCount('The amount', amountMicros) === 0) return;
      const before = balanceOf(entry);
      const move = (account: LedgerEntry['from']) =>
        to === account ? amountMicros : from === account ? -amountMicros : 0;
      const leasedMicros = requireCount('The leased balance', before.leasedMicros + move('leased'));
      const spentMicros = requireCount('The spent balance', before.spentMicros + move('spent'));
      balances.set(keyOf(entry), { ...before, leasedMicros, spentMicros });
      moved.add(keyOf(entry));
      entries.push(entry);
    },
    write() {
      if (entries.length === 0) return;
      const last = sql.get(LAST, org);
      const start = last === undefined ? 0 : count(last, 'sequence');
      sql.insert(
        APPEND,
        entries.map((entry, index) => rowOf(org, start + 1 + index, entry)),
      );
      for (const key of moved) {
        const balance = balances.get(key);
        if (balance !== undefined) setBalance(sql, org, balance);
      }
    },
  };
}

const keyOf = ({ wallet, period, currency }: Account): string => JSON.stringify([wallet, period, currency]);

function rowOf(org: OrgSlug, sequence: number, entry: NewEntry): readonly Bind[] {
  const { wallet, period, currency, from, to, amountMicros, reason, gateway, sliceId, reference, at } = entry;
  return [org, sequence, wallet, period, currency, from, to, amountMicros, reason, gateway, sliceId, reference, at];
}

function setBalance(sql: Sql, org: OrgSlug, balance: WalletBalance): void {
  const { wallet, period, currency, leasedMicros, spentMicros } = balance;
  sql.run(SET_BALANCE, org, wallet, period, currency, leasedMicros, spentMicros);
}

/** What is leased and spent of one wallet in one period; zeros when nothing was booked. */
function storedBalance(sql: Sql, org: OrgSlug, account: Account): WalletBalance {
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
