import type { OrgSlug } from '../../core/model/index.ts';
import type { Crossing, LedgerEntry, Page, WalletBalance } from '../../ports/index.ts';
import type { Account, KeptTerms, StoredBalance } from './accounts.ts';
import { movedSums } from './arithmetic.ts';
import { noteCrossings } from './crossings.ts';
import { requireCount, storeError } from './error.ts';
import { count, countOrNull, json, limitOf, numberAfter, text, textOrNull } from './rows.ts';
import type { Bind, Row, Sql } from './statements.ts';

export type NewEntry = Omit<LedgerEntry, 'sequence'>;

const LAST = 'SELECT coalesce(max(sequence), 0) AS sequence FROM ledger WHERE org = ?';
const APPEND = `INSERT INTO ledger (org, sequence, wallet, period, currency, from_account, to_account, amount_micros,
  reason, gateway, slice_id, reference, author, note, at_ms)`;
const BALANCE = `SELECT leased_micros, spent_micros, added_micros, limit_micros, thresholds FROM balances
  WHERE org = ? AND wallet = ? AND period = ? AND currency = ?`;
const SET_BALANCE = `INSERT INTO balances (org, wallet, period, currency, leased_micros, spent_micros, added_micros,
  limit_micros, thresholds) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org, wallet, period, currency)
  DO UPDATE SET leased_micros = excluded.leased_micros, spent_micros = excluded.spent_micros,
  added_micros = excluded.added_micros, limit_micros = excluded.limit_micros, thresholds = excluded.thresholds`;
const BALANCES = 'SELECT * FROM balances WHERE org = ? ORDER BY wallet, period, currency';
const PAGE = 'SELECT * FROM ledger WHERE org = ? AND sequence > ? ORDER BY sequence LIMIT ?';

/** Double entries of one org on their way, with the balances as they will be. Nothing is stored before `write`. */
export interface Booking {
  balanceOf(account: Account): StoredBalance;
  /** Keeps what a lease says of the wallet beside its balance, for thresholds. */
  setTerms(account: Account, terms: KeptTerms, at: number): void;
  /** Can the balance hold these entries, all of one account, one after the other? */
  fits(entries: readonly NewEntry[]): boolean;
  /** Adds one double entry and moves the balance with it; nothing for an amount of 0. Refuses what does not fit. */
  post(entry: NewEntry): void;
  /**
   * Appends the entries in their order and sets the balances that moved: few statements, however many entries. Gives the
   * thresholds that they reached.
   */
  write(): readonly Crossing[];
}

/** A balance on its way. */
interface Moving {
  readonly before: StoredBalance;
  readonly after: StoredBalance;
  /** Of the last move; undefined when nothing moved. */
  readonly at?: number;
}

/** Begins to book inside a write transaction, which nothing else may book in before `write`. */
export function openBooking(sql: Sql, org: OrgSlug): Booking {
  const balances = new Map<string, Moving>();
  const entries: NewEntry[] = [];
  const movingOf = (account: Account): Moving => {
    const known = balances.get(keyOf(account));
    if (known !== undefined) return known;
    const before = storedBalance(sql, org, account);
    const moving = { before, after: before };
    balances.set(keyOf(account), moving);
    return moving;
  };
  const move = (account: Account, change: Partial<StoredBalance>, at: number): void => {
    const { before, after } = movingOf(account);
    balances.set(keyOf(account), { before, after: { ...after, ...change }, at });
  };
  return {
    balanceOf: (account) => movingOf(account).after,
    setTerms(account, terms, at) {
      if (JSON.stringify(movingOf(account).after.terms) !== JSON.stringify(terms)) move(account, { terms }, at);
    },
    fits([first, ...rest]) {
      let sums = first === undefined ? undefined : movedSums(movingOf(first).after, first);
      for (const entry of rest) sums &&= movedSums(sums, entry);
      return sums !== undefined;
    },
    post(entry) {
      if (requireCount('The amount', entry.amountMicros) === 0) return;
      const sums = movedSums(movingOf(entry).after, entry);
      if (sums === undefined) throw notHeld(entry);
      move(entry, sums, entry.at);
      entries.push(entry);
    },
    write() {
      if (entries.length > 0) appendEntries(sql, org, entries);
      return [...balances.values()].flatMap(({ before, after, at }) => {
        if (at === undefined) return [];
        setBalance(sql, org, after);
        return noteCrossings(sql, org, { before, after, at });
      });
    },
  };
}

const notHeld = ({ wallet, period, amountMicros, reason }: NewEntry) =>
  storeError('STORE_NUMBER_INVALID', {
    message: `The balance of ${wallet} in ${period} is out of range`,
    expected: 'sums from 0 to 9007199254740991',
    found: `an entry ${reason} of ${amountMicros}`,
  });

const keyOf = ({ wallet, period, currency }: Account): string => JSON.stringify([wallet, period, currency]);

function appendEntries(sql: Sql, org: OrgSlug, entries: readonly NewEntry[]): void {
  const last = sql.get(LAST, org);
  const start = last === undefined ? 0 : count(last, 'sequence');
  sql.insert(
    APPEND,
    entries.map((entry, index) => rowOf(org, start + 1 + index, entry)),
  );
}

function rowOf(org: OrgSlug, sequence: number, entry: NewEntry): readonly Bind[] {
  const { wallet, period, currency, from, to, amountMicros, reason, gateway, sliceId, reference, at } = entry;
  return [
    ...[org, sequence, wallet, period, currency, from, to, amountMicros, reason, gateway, sliceId, reference],
    ...[entry.author, entry.note, at],
  ];
}

function setBalance(sql: Sql, org: OrgSlug, balance: StoredBalance): void {
  const { wallet, period, currency, leasedMicros, spentMicros, addedMicros, terms } = balance;
  const kept = terms === null ? null : JSON.stringify(terms.thresholds);
  const limitMicros = terms?.limitMicros ?? null;
  sql.run(SET_BALANCE, org, wallet, period, currency, leasedMicros, spentMicros, addedMicros, limitMicros, kept);
}

/** What is leased, spent and added of one wallet in one period; zeros when nothing was booked. */
function storedBalance(sql: Sql, org: OrgSlug, account: Account): StoredBalance {
  const { wallet, period, currency } = account;
  const row = sql.get(BALANCE, org, wallet, period, currency);
  if (row === undefined)
    return { wallet, period, currency, leasedMicros: 0, spentMicros: 0, addedMicros: 0, terms: null };
  const limitMicros = countOrNull(row, 'limit_micros');
  return {
    ...{ wallet, period, currency },
    ...amountsOf(row),
    terms: limitMicros === null ? null : { limitMicros, thresholds: json<readonly number[]>(row, 'thresholds') },
  };
}

const amountsOf = (row: Row) => ({
  leasedMicros: count(row, 'leased_micros'),
  spentMicros: count(row, 'spent_micros'),
  addedMicros: count(row, 'added_micros'),
});

/** A balance without what only the store needs. */
export function publicBalance({ terms: _terms, ...balance }: StoredBalance): WalletBalance {
  return balance;
}

export function allBalances(sql: Sql, org: OrgSlug): readonly WalletBalance[] {
  return sql.all(BALANCES, org).map((row) => ({
    wallet: text(row, 'wallet'),
    period: text(row, 'period'),
    currency: text(row, 'currency'),
    ...amountsOf(row),
  }));
}

export function ledgerPage(sql: Sql, org: OrgSlug, page: Page): readonly LedgerEntry[] {
  return sql.all(PAGE, org, numberAfter(page, 0), limitOf(page)).map(entryFrom);
}

export function entryFrom(row: Row): LedgerEntry {
  return {
    sequence: count(row, 'sequence'),
    wallet: text(row, 'wallet'),
    period: text(row, 'period'),
    currency: text(row, 'currency'),
    from: text(row, 'from_account'),
    to: text(row, 'to_account'),
    amountMicros: count(row, 'amount_micros'),
    reason: text(row, 'reason'),
    gateway: textOrNull(row, 'gateway'),
    sliceId: textOrNull(row, 'slice_id'),
    reference: text(row, 'reference'),
    author: textOrNull(row, 'author'),
    note: textOrNull(row, 'note'),
    at: count(row, 'at_ms'),
  };
}
