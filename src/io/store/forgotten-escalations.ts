import type { OrgSlug } from '../../core/model/index.ts';
import { requireCount } from './error.ts';
import { text } from './rows.ts';
import type { Sql } from './statements.ts';

// Escalations that leave the queue when they have been over for long. What happened to them stays: each step in the log of
// escalations, which nothing deletes from, and what the gateway told in its chain.

/** Of one transaction, so that no other writer waits long. */
const MOST = 500;
// By state and creation there is an index, and nothing was resolved before it was created.
const ORGS = `SELECT DISTINCT org FROM escalations WHERE state = 'resolved' AND created_at_ms <= ?1
  AND coalesce(resolved_at_ms, due_at_ms) <= ?1 ORDER BY org`;
const IDS = `SELECT id FROM escalations WHERE org = ?1 AND state = 'resolved' AND created_at_ms <= ?2
  AND coalesce(resolved_at_ms, due_at_ms) <= ?2 AND NOT EXISTS (SELECT 1 FROM notifications AS n WHERE n.org = ?1
  AND n.escalation = escalations.id AND n.state = 'waiting') ORDER BY created_at_ms, id LIMIT ${MOST}`;
// Messages are counted from the newest row on, and a number is never given twice: it is in the id that receivers remember.
const MESSAGES = `DELETE FROM notifications WHERE org = ?1
  AND position < (SELECT max(position) FROM notifications WHERE org = ?1)
  AND NOT EXISTS (SELECT 1 FROM escalations AS e WHERE e.org = ?1 AND e.id = notifications.escalation)`;
const ROW = "DELETE FROM escalations WHERE org = ? AND id = ? AND state = 'resolved'";

/** Orgs with an escalation that was resolved until then, sorted. */
export function forgettableOrgs(sql: Sql, untilMs: number): readonly OrgSlug[] {
  return sql.all(ORGS, requireCount('The time', untilMs)).map((row) => text<OrgSlug>(row, 'org'));
}

/** Inside a write transaction: removes the oldest few with their messages; how many. */
export function forgetEscalations(sql: Sql, org: OrgSlug, untilMs: number): number {
  const ids = sql.all(IDS, org, requireCount('The time', untilMs)).map((row) => text(row, 'id'));
  for (const id of ids) sql.run(ROW, org, id);
  if (ids.length > 0) sql.run(MESSAGES, org);
  return ids.length;
}
