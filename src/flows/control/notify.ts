import { instantText, type JsonObject } from '../../core/model/index.ts';
import type { NotificationEnd, NotificationRow, Notifier } from '../../ports/index.ts';
import type { ControlPlane } from './context.ts';
import { wakeFor } from './escalate.ts';

/** Messages of one pass, over all orgs; an org has few of them in a pass, so that none keeps the others waiting for long. */
const PER_PASS = 40;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** Pauses between tries, after which a message is given up: within about a day. */
export const RETRY_AFTER_MS: readonly number[] = [
  ...[5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, 16 * HOUR],
];

/**
 * 128 bits of what it says and of its place: receivers drop an id that they know, and a store that is put back from a backup
 * counts messages anew, which say something else.
 */
const ID_DIGITS = 32;

export interface NotifyReport {
  readonly sent: number;
  /** In words, for the log: messages that were given up. */
  readonly failed: readonly string[];
}

/**
 * One pass over what people are to be told: writes down what is due by time, then tries every message that is due. A message
 * counts as delivered once its receiver took it, and is tried again else; a crash between the two sends it twice, under the
 * same id.
 */
export async function notifyReviewers(
  plane: Pick<ControlPlane, 'runtime' | 'clock' | 'hash' | 'decisions' | 'directory'>,
  notifier: Notifier,
): Promise<NotifyReport> {
  for (const org of await plane.runtime.overdueEscalations(plane.clock.nowMs())) {
    const expired = await plane.runtime.expireEscalations(org, plane.clock.nowMs());
    // An org that was offboarded has no gateway that waits.
    const head = await plane.directory.bySlug(org);
    if (head !== undefined) wakeFor(plane, head.uid, expired);
  }
  const due = await plane.runtime.dueNotifications(plane.clock.nowMs(), PER_PASS);
  const failed: string[] = [];
  let sent = 0;
  await Promise.all(
    due.map(async (row) => {
      const end = await tried(plane, notifier, row);
      await plane.runtime.endNotification(row.org, row, end);
      if (end.state === 'sent') sent += 1;
      if (end.state === 'failed') failed.push(`${row.org}: ${row.event} to ${row.channel.kind}: ${end.error}`);
    }),
  );
  return { sent, failed };
}

async function tried(
  { clock, hash }: Pick<ControlPlane, 'clock' | 'hash'>,
  notifier: Notifier,
  row: NotificationRow,
): Promise<NotificationEnd> {
  const { kind, to, secretEnv } = row.channel;
  if (kind === 'email') return { state: 'failed', error: 'mail is not sent: use a webhook' };
  if (secretEnv === undefined)
    return { state: 'failed', error: 'the channel names no secret: nothing unsigned is sent' };
  const nowMs = clock.nowMs();
  const body = JSON.stringify(messageOf(row));
  const id = `msg_${hash.sha256(JSON.stringify([row.org, row.position, body])).slice(0, ID_DIGITS)}`;
  const answer = await notifier.send({ id, url: to, secretEnv, nowMs, body });
  if (answer.ok) return { state: 'sent' };
  const pause = RETRY_AFTER_MS[row.attempts];
  if (answer.gone || pause === undefined) return { state: 'failed', error: answer.error };
  return { state: 'waiting', error: answer.error, nextAt: nowMs + pause };
}

/**
 * The body of a message. Nothing of what was asked or answered, and no note of a reviewer: who is told may be another than
 * who may read.
 */
export function messageOf({ event, org, escalation }: NotificationRow): JsonObject {
  const { id, gateway, queue, requestId, phase, policy, reasonCode, team, model, tool, createdAt, dueAt } = escalation;
  const about = { id, org, gateway, queue, requestId, phase, policy, reasonCode, team, model };
  const facts = tool === undefined ? about : { ...about, tool: { ...tool } };
  const times = { createdAt: instantText(createdAt), dueAt: instantText(dueAt) };
  if (event === 'escalation.created') return { type: event, timestamp: times.createdAt, data: { ...facts, ...times } };
  const { outcome, reason, resolvedAt } = escalation;
  const at = instantText(resolvedAt ?? dueAt);
  return { type: event, timestamp: at, data: { ...facts, ...times, outcome, reason, resolvedAt: at } };
}
