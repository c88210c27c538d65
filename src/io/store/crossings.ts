import type { OrgSlug } from '../../core/model/index.ts';
import type { Crossing } from '../../ports/index.ts';
import type { Account, StoredBalance } from './accounts.ts';
import { isReached } from './arithmetic.ts';
import { count, text } from './rows.ts';
import type { Row, Sql } from './statements.ts';

const LAST = 'SELECT coalesce(max(position), 0) AS position FROM crossings WHERE org = ?';
const ADD = `INSERT INTO crossings (org, position, wallet, period, currency, percent, limit_micros, spent_micros, at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org, wallet, period, currency, percent) DO NOTHING`;
const OF = `SELECT * FROM crossings WHERE org = ? AND wallet = ? AND period = ? AND currency = ?
  ORDER BY position DESC`;

/**
 * Keeps the thresholds that a balance has reached and had not before, each once per period, and gives the new ones. None
 * is judged before a lease has said the limit.
 */
export function noteCrossings(
  sql: Sql,
  org: OrgSlug,
  { before, after, at }: { readonly before: StoredBalance; readonly after: StoredBalance; readonly at: number },
): readonly Crossing[] {
  const { wallet, period, currency, spentMicros } = after;
  const fresh = (after.terms?.thresholds ?? []).filter(
    (percent) => reached(after, percent) && !reached(before, percent),
  );
  return fresh.flatMap((percent) => {
    const last = sql.get(LAST, org);
    const position = (last === undefined ? 0 : count(last, 'position')) + 1;
    const limitMicros = limitOfPeriod(after);
    const added = sql.run(ADD, org, position, wallet, period, currency, percent, limitMicros, spentMicros, at);
    return added === 0 ? [] : [{ position, wallet, period, currency, percent, limitMicros, spentMicros, at }];
  });
}

function reached(balance: StoredBalance, percent: number): boolean {
  const isJudged = balance.terms?.thresholds.includes(percent) ?? false;
  return isJudged && isReached(percent, balance.spentMicros, limitOfPeriod(balance));
}

const limitOfPeriod = ({ terms, addedMicros }: StoredBalance): number => (terms?.limitMicros ?? 0) + addedMicros;

/** Of one account, newest first. */
export function crossingsOf(sql: Sql, org: OrgSlug, { wallet, period, currency }: Account): readonly Crossing[] {
  return sql.all(OF, org, wallet, period, currency).map(crossingOf);
}

const crossingOf = (row: Row): Crossing => ({
  position: count(row, 'position'),
  wallet: text(row, 'wallet'),
  period: text(row, 'period'),
  currency: text(row, 'currency'),
  percent: count(row, 'percent'),
  limitMicros: count(row, 'limit_micros'),
  spentMicros: count(row, 'spent_micros'),
  at: count(row, 'at_ms'),
});
