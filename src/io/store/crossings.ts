import type { OrgSlug } from '../../core/model/index.ts';
import type { Crossing, Page } from '../../ports/index.ts';
import type { StoredBalance } from './accounts.ts';
import { isReached } from './arithmetic.ts';
import { count, limitOf, numberAfter, text } from './rows.ts';
import type { Row, Sql } from './statements.ts';

const LAST = 'SELECT coalesce(max(position), 0) AS position FROM crossings WHERE org = ?';
const ADD = `INSERT INTO crossings (org, position, wallet, period, currency, percent, limit_micros, spent_micros, at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org, wallet, period, currency, percent) DO NOTHING`;
const PAGE = 'SELECT * FROM crossings WHERE org = ? AND position < ? ORDER BY position DESC LIMIT ?';

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

export function crossingPage(sql: Sql, org: OrgSlug, page: Page): readonly Crossing[] {
  return sql.all(PAGE, org, numberAfter(page, Number.MAX_SAFE_INTEGER), limitOf(page)).map(crossingOf);
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
