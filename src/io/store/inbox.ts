import type { Acknowledgement, OrgSlug } from '../../core/model/index.ts';
import type { AckRow, Enrolment } from '../../ports/index.ts';
import { allIdentities, type Identity } from './enrolment.ts';
import { requireCount } from './error.ts';
import { count, text, textOrNull } from './rows.ts';
import type { Row, Sql } from './statements.ts';

// The same again is no news: `received_at_ms` stays.
const PUT_ACK = `INSERT INTO acks (org, gateway, enrolment, sequence, generation, content_digest, state, code, at_ms,
  received_at_ms, heard_at_ms)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (org, gateway, enrolment) DO UPDATE SET sequence = excluded.sequence, generation = excluded.generation,
  content_digest = excluded.content_digest, state = excluded.state, code = excluded.code, at_ms = excluded.at_ms,
  heard_at_ms = excluded.heard_at_ms, received_at_ms = iif(acks.at_ms = excluded.at_ms AND acks.state = excluded.state
  AND acks.code IS excluded.code AND acks.generation = excluded.generation
  AND acks.content_digest IS excluded.content_digest, acks.received_at_ms, excluded.received_at_ms)`;
const ALL = 'SELECT * FROM acks WHERE org = ? ORDER BY gateway, enrolment';
const ACKS = `SELECT * FROM acks WHERE org = ? AND enrolment = (SELECT max(enrolment) FROM gateways
  WHERE gateways.org = acks.org AND gateways.gateway = acks.gateway) ORDER BY gateway`;

/** What a gateway said last of itself. */
export interface ReceivedAck {
  readonly ack: Acknowledgement;
  readonly sequence: number;
  readonly receivedAt: number;
}

export function putAck(sql: Sql, { org, enrolment }: Identity, { ack, sequence, receivedAt }: ReceivedAck): void {
  const { gateway, generation, contentDigest, state, code, at } = ack;
  for (const number of [sequence, generation, at, receivedAt]) requireCount('A number of the acknowledgement', number);
  const said = [sequence, generation, contentDigest, state, code, at, receivedAt, receivedAt] as const;
  sql.run(PUT_ACK, org, gateway, enrolment, ...said);
}

export function allAcks(sql: Sql, org: OrgSlug): readonly AckRow[] {
  return sql.all(ACKS, org).map(ackFrom);
}

/** Every identity of every gateway, with what it said last. */
export function allEnrolments(sql: Sql, org: OrgSlug): readonly Enrolment[] {
  const acks = new Map(sql.all(ALL, org).map((row) => [`${text(row, 'gateway')} ${count(row, 'enrolment')}`, row]));
  return allIdentities(sql, org).map((identity) => {
    const row = acks.get(`${identity.gateway} ${identity.enrolment}`);
    return { ...identity, ack: row === undefined ? null : ackFrom(row) };
  });
}

function ackFrom(row: Row): AckRow {
  return {
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
  };
}
