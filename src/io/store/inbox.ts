import type { Acknowledgement, OrgSlug } from '../../core/model/index.ts';
import type { AckRow, EscalationRow, Page } from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { count, limitOf, text, textOrNull, wrongCursor } from './rows.ts';
import type { Sql } from './statements.ts';

// The same again is no news: `received_at_ms` stays.
const PUT_ACK = `INSERT INTO acks (org, gateway, sequence, generation, content_digest, state, code, at_ms, received_at_ms,
  heard_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (org, gateway) DO UPDATE SET sequence = excluded.sequence, generation = excluded.generation,
  content_digest = excluded.content_digest, state = excluded.state, code = excluded.code, at_ms = excluded.at_ms,
  heard_at_ms = excluded.heard_at_ms, received_at_ms = iif(acks.at_ms = excluded.at_ms AND acks.state = excluded.state
  AND acks.code IS excluded.code AND acks.generation = excluded.generation
  AND acks.content_digest IS excluded.content_digest, acks.received_at_ms, excluded.received_at_ms)`;
const ACKS = 'SELECT * FROM acks WHERE org = ? ORDER BY gateway';
const PUT_ESCALATION = `INSERT INTO escalations (org, id, gateway, queue, request_id, reason_code, state, outcome,
  created_at_ms, due_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (org, id) DO UPDATE SET queue = excluded.queue, reason_code = excluded.reason_code,
  state = excluded.state, outcome = excluded.outcome, due_at_ms = excluded.due_at_ms
  WHERE escalations.state <> 'resolved' AND escalations.gateway = excluded.gateway`;
const CREATED = 'SELECT created_at_ms FROM escalations WHERE org = ? AND id = ?';
const PAGE = `SELECT * FROM escalations WHERE org = ? AND (created_at_ms, id) < (?, ?)
  ORDER BY created_at_ms DESC, id DESC LIMIT ?`;

/** What a gateway said last of itself. */
export interface ReceivedAck {
  readonly ack: Acknowledgement;
  readonly sequence: number;
  readonly receivedAt: number;
}

export function putAck(sql: Sql, org: OrgSlug, { ack, sequence, receivedAt }: ReceivedAck): void {
  const { gateway, generation, contentDigest, state, code, at } = ack;
  for (const number of [sequence, generation, at, receivedAt]) requireCount('A number of the acknowledgement', number);
  sql.run(PUT_ACK, org, gateway, sequence, generation, contentDigest, state, code, at, receivedAt, receivedAt);
}

export function allAcks(sql: Sql, org: OrgSlug): readonly AckRow[] {
  return sql.all(ACKS, org).map((row) => ({
    org: text(row, 'org'),
    gateway: text(row, 'gateway'),
    sequence: count(row, 'sequence'),
    generation: count(row, 'generation'),
    contentDigest: textOrNull(row, 'content_digest'),
    state: text(row, 'state'),
    code: textOrNull(row, 'code'),
    at: count(row, 'at_ms'),
    receivedAt: count(row, 'received_at_ms'),
    heardAt: count(row, 'heard_at_ms'),
  }));
}

export function putEscalation(sql: Sql, org: OrgSlug, row: Omit<EscalationRow, 'org'>): void {
  const { id, gateway, queue, requestId, reasonCode, state, outcome, createdAt, dueAt } = row;
  for (const time of [createdAt, dueAt]) requireCount('A time of the escalation', time);
  sql.run(PUT_ESCALATION, org, id, gateway, queue, requestId, reasonCode, state, outcome, createdAt, dueAt);
}

export function escalationPage(sql: Sql, org: OrgSlug, page: Page): readonly EscalationRow[] {
  const before = page.after === undefined ? Number.MAX_SAFE_INTEGER : createdAt(sql, org, page.after);
  return sql.all(PAGE, org, before, page.after ?? '', limitOf(page)).map((row) => ({
    org: text(row, 'org'),
    id: text(row, 'id'),
    gateway: text(row, 'gateway'),
    queue: text(row, 'queue'),
    requestId: text(row, 'request_id'),
    reasonCode: text(row, 'reason_code'),
    state: text(row, 'state'),
    outcome: textOrNull(row, 'outcome'),
    createdAt: count(row, 'created_at_ms'),
    dueAt: count(row, 'due_at_ms'),
  }));
}

function createdAt(sql: Sql, org: OrgSlug, id: string): number {
  const row = sql.get(CREATED, org, id);
  if (row === undefined) throw wrongCursor('the id of the last row seen', id);
  return count(row, 'created_at_ms');
}
