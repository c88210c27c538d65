import type { OrgSlug } from '../../core/model/index.ts';
import type { Refusal, RefusalRow } from '../../ports/index.ts';
import { identityOf } from './enrolment.ts';
import { requireCount } from './error.ts';
import { count, countOrNull, text, textOrNull } from './rows.ts';
import type { Row, Sql } from './statements.ts';

const ALL = 'SELECT * FROM refusals WHERE org = ? ORDER BY gateway';
const ONE = 'SELECT * FROM refusals WHERE org = ? AND gateway = ?';
const PUT = `INSERT INTO refusals (org, gateway, enrolment, code, at_ms, sequence, line_sequence, line_hash)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (org, gateway) DO UPDATE SET enrolment = excluded.enrolment,
  code = excluded.code, at_ms = excluded.at_ms, sequence = excluded.sequence, line_sequence = excluded.line_sequence,
  line_hash = excluded.line_hash`;
/** By the journals of the gateway, which are few, so that of each one row is looked at. */
const IS_STORED = `SELECT 1 FROM chains JOIN events ON events.org = chains.org AND events.gateway = chains.gateway
  AND events.chain = chains.chain AND events.sequence = ? WHERE chains.org = ? AND chains.gateway = ?
  AND events.hash = ?`;

type Line = NonNullable<RefusalRow['missing']>;

/** Inside a write transaction: the newest refusal, with the first line that was refused and is missing. */
export function noteRefusal(sql: Sql, org: OrgSlug, gateway: string, { code, at, sequence, through }: Refusal): void {
  for (const number of [at, sequence, through?.sequence ?? 0]) requireCount('A number of the refusal', number);
  const identity = identityOf(sql, org, gateway);
  if (identity === undefined) return;
  const row = sql.get(ONE, org, gateway);
  // Of two that run with one identity the other one's lines may be taken later: those that are missing stay until they are there.
  const line = (row === undefined ? null : missingOf(sql, org, row)) ?? through;
  sql.run(PUT, org, gateway, identity.enrolment, code, at, sequence, line?.sequence ?? null, line?.hash ?? null);
}

export function allRefusals(sql: Sql, org: OrgSlug): readonly RefusalRow[] {
  return sql.all(ALL, org).map((row) => ({
    gateway: text(row, 'gateway'),
    enrolment: count(row, 'enrolment'),
    code: text(row, 'code'),
    at: count(row, 'at_ms'),
    sequence: count(row, 'sequence'),
    missing: missingOf(sql, org, row),
  }));
}

/** The line that was refused, unless it was taken since. */
function missingOf(sql: Sql, org: OrgSlug, row: Row): Line | null {
  const sequence = countOrNull(row, 'line_sequence');
  const hash = textOrNull<Line['hash']>(row, 'line_hash');
  if (sequence === null || hash === null) return null;
  return sql.get(IS_STORED, sequence, org, text(row, 'gateway'), hash) === undefined ? { sequence, hash } : null;
}
