import type { Acknowledgement, OrgSlug } from '../../core/model/index.ts';
import type { AckRow } from '../../ports/index.ts';
import { requireCount } from './error.ts';
import { count, text, textOrNull } from './rows.ts';
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
