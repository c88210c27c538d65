import type { JsonObject, OrgSlug } from '../../core/model/index.ts';
import type { RuntimeStore, RuntimeTransaction } from '../../ports/index.ts';
import { type Connection, type Lifetime, lifetime } from './connection.ts';
import { type Identity, identityOf } from './enrolment.ts';
import { isCount, storeError } from './error.ts';
import { endEscalation, putEscalation } from './escalations.ts';
import { appendEvents } from './events.ts';
import { putAck } from './inbox.ts';
import { json, text } from './rows.ts';
import { expiredSlices, leaseSlice, settleSlices } from './slices.ts';
import type { Sql } from './statements.ts';

type Key = Parameters<RuntimeStore['once']>[1];
type Answered = Awaited<ReturnType<RuntimeStore['once']>>;

/** Answers kept per gateway: far more than requests that a gateway may have under way. */
export const KEPT_ANSWERS = 64;

const ANSWER = 'SELECT body_digest, answer FROM answers WHERE org = ? AND gateway = ? AND sequence = ?';
const KEEP = 'INSERT INTO answers (org, gateway, sequence, body_digest, answer) VALUES (?, ?, ?, ?, ?)';
const PRUNE = `DELETE FROM answers WHERE org = ? AND gateway = ? AND sequence <= (SELECT sequence FROM answers
  WHERE org = ? AND gateway = ? ORDER BY sequence DESC LIMIT 1 OFFSET ?)`;
const RAISE = 'UPDATE gateways SET sequence = ? WHERE org = ? AND gateway = ? AND enrolment = ?';

/** Runs inside a write transaction: the effects of `answer`, the stored answer and the sequence are one commit. */
export async function answerOnce(
  connection: Connection,
  org: OrgSlug,
  key: Key,
  answer: (tx: RuntimeTransaction) => Promise<JsonObject>,
): Promise<Answered> {
  const { sql } = connection;
  const identity = identityOf(sql, org, key.gateway);
  if (identity === undefined) return { ok: false, reason: 'unknown' };
  if (identity.revokedAt !== null) return { ok: false, reason: 'revoked' };
  if (!isCount(key.sequence) || key.sequence <= identity.sequence) return storedAnswer(sql, org, key);
  const life = lifetime();
  try {
    const value = await answer(runtimeTransaction(sql, identity, life));
    keepAnswer(sql, identity, key, value);
    return { ok: true, answer: value, repeated: false };
  } finally {
    life.end();
  }
}

function storedAnswer(sql: Sql, org: OrgSlug, { gateway, sequence, bodyDigest }: Key): Answered {
  const row = isCount(sequence) ? sql.get(ANSWER, org, gateway, sequence) : undefined;
  if (row === undefined || text(row, 'body_digest') !== bodyDigest) return { ok: false, reason: 'replayed' };
  return { ok: true, answer: json<JsonObject>(row, 'answer'), repeated: true };
}

function keepAnswer(sql: Sql, { org, gateway, enrolment }: Identity, key: Key, value: JsonObject): void {
  sql.run(KEEP, org, gateway, key.sequence, key.bodyDigest, JSON.stringify(value));
  sql.run(PRUNE, org, gateway, org, gateway, KEPT_ANSWERS);
  sql.run(RAISE, key.sequence, org, gateway, enrolment);
}

function runtimeTransaction(sql: Sql, identity: Identity, { during }: Lifetime): RuntimeTransaction {
  const { org } = identity;
  const own = <T>(gateway: string, work: () => T): Promise<T> =>
    during(() => {
      if (gateway === identity.gateway) return work();
      throw storeError('STORE_OTHER_GATEWAY', {
        message: 'A gateway writes under its own name alone',
        expected: identity.gateway,
        found: gateway,
      });
    });
  return {
    putAck: (ack, sequence, receivedAt) => own(ack.gateway, () => putAck(sql, identity, { ack, sequence, receivedAt })),
    appendEvents: (gateway, lines) => own(gateway, () => appendEvents(sql, identity, lines)),
    putEscalation: (row) => own(row.gateway, () => putEscalation(sql, org, row)),
    endEscalation: (gateway, end) => own(gateway, () => endEscalation(sql, org, gateway, end)),
    lease: (terms) => own(terms.gateway, () => leaseSlice(sql, org, terms)),
    expiredSlices: (gateway) => own(gateway, () => expiredSlices(sql, org, gateway)),
    settle: (gateway, settlements, closed, nowMs) =>
      own(gateway, () => settleSlices(sql, org, { gateway, settlements, closed, nowMs })),
  };
}
