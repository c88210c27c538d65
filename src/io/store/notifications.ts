import type { OrgSlug } from '../../core/model/index.ts';
import type {
  EscalationRow,
  NotificationChannel,
  NotificationEnd,
  NotificationRow,
  NotificationState,
} from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { count, json, text, textOrNull } from './rows.ts';
import type { Row, Sql } from './statements.ts';

// The outbox: a message stands here from the transaction on that it tells of, so that no crash loses one.

const CHANNELS = 'SELECT channels FROM escalations WHERE org = ? AND id = ?';
const PUT = `INSERT INTO notifications (org, position, escalation, event, channel, state, attempts, next_at_ms)
  SELECT ?1, coalesce(max(position), 0) + 1, ?2, ?3, ?4, 'waiting', 0, ?5 FROM notifications WHERE org = ?1`;
// Of each org its longest waiting few, so that one with many keeps no other waiting.
const DUE = `SELECT org, position, escalation, event, channel, attempts, next_at_ms FROM (
  SELECT *, row_number() OVER (PARTITION BY org ORDER BY next_at_ms, position) AS turn FROM notifications
  WHERE state = 'waiting' AND next_at_ms <= ?) WHERE turn <= 4 ORDER BY next_at_ms, org, position LIMIT ?`;
const END = `UPDATE notifications SET state = ?, attempts = attempts + 1, next_at_ms = ?, error = ?
  WHERE org = ? AND position = ? AND state = 'waiting' AND attempts = ?`;
const STATES = `SELECT event, channel, state, attempts, error FROM notifications WHERE org = ? AND escalation = ?
  ORDER BY position`;

/** One message for each channel that the escalation names; inside a write transaction. */
export function queueNotifications(
  sql: Sql,
  { org, id }: Pick<EscalationRow, 'org' | 'id'>,
  event: NotificationRow['event'],
  at: number,
): void {
  const row = sql.get(CHANNELS, org, id);
  const channels = row === undefined ? [] : json<readonly NotificationChannel[]>(row, 'channels');
  for (const channel of channels) sql.run(PUT, org, id, event, JSON.stringify(channel), at);
}

/** With the escalation of each, as `escalationOf` reads it. */
export function dueNotifications(
  sql: Sql,
  { nowMs, limit }: { readonly nowMs: number; readonly limit: number },
  escalationOf: (org: OrgSlug, id: string) => EscalationRow | undefined,
): readonly NotificationRow[] {
  return sql.all(DUE, requireCount('The time', nowMs), limit).flatMap((row) => {
    const org = text<OrgSlug>(row, 'org');
    const escalation = escalationOf(org, text(row, 'escalation'));
    return escalation === undefined ? [] : [read(row, org, escalation)];
  });
}

function read(row: Row, org: OrgSlug, escalation: EscalationRow): NotificationRow {
  return {
    org,
    position: count(row, 'position'),
    event: text(row, 'event'),
    channel: json<NotificationChannel>(row, 'channel'),
    escalation,
    attempts: count(row, 'attempts'),
    nextAt: count(row, 'next_at_ms'),
  };
}

/** False when it was ended, or tried by another, meanwhile. */
export function endNotification(
  sql: Sql,
  org: OrgSlug,
  { position, attempts }: { readonly position: number; readonly attempts: number },
  end: NotificationEnd,
): boolean {
  const nextAt = end.state === 'waiting' ? requireCount('The time of the next try', end.nextAt) : 0;
  const error = end.state === 'sent' ? null : end.error;
  return sql.run(END, end.state, nextAt, error, org, position, attempts) > 0;
}

export function notificationStates(sql: Sql, org: OrgSlug, escalation: string): readonly NotificationState[] {
  return sql.all(STATES, org, escalation).map((row) => {
    const { kind, to } = json<NotificationChannel>(row, 'channel');
    return {
      event: text<NotificationState['event']>(row, 'event'),
      kind,
      to,
      state: text<NotificationState['state']>(row, 'state'),
      attempts: count(row, 'attempts'),
      error: textOrNull(row, 'error'),
    };
  });
}
