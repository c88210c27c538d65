import type { EscalationAnswer, EscalationEndEvent, EscalationEvent, OrgSlug, OrgUid } from '../../core/model/index.ts';
import { ofKind, type Review } from '../../core/model/index.ts';
import type { EscalationQueue, EscalationRow, RuntimeTransaction } from '../../ports/index.ts';
import type { AuthenticatedGateway } from './authenticate.ts';
import { NOT_FOUND } from './authenticate.ts';
import { type Answer, type Away, answer, type ControlPlane } from './context.ts';

// What gateways tell of escalations, and what they are answered. What people do with them is in escalations.ts.

/** The longest a long poll is held open. */
const MAX_WAIT_MS = 60_000;

type Told = EscalationEvent | EscalationEndEvent;

/** The review queue of an org: its first Review by name, as it is applied. */
export async function reviewOf(
  { orgs }: Pick<ControlPlane, 'orgs'>,
  org: OrgSlug,
): Promise<Review['spec'] | undefined> {
  const objects = (await orgs.observe(org))?.objects ?? [];
  return ofKind(objects, 'Review')[0]?.document.spec;
}

/** What stores escalation events inside the transaction of their lines; looks at the org's objects only where one begins. */
export async function escalationKeeper(
  plane: ControlPlane,
  caller: AuthenticatedGateway,
  told: readonly Told[],
): Promise<(tx: RuntimeTransaction) => Promise<void>> {
  const { gateway } = caller.row;
  const begins = told.some(({ type }) => type === 'escalation');
  const review = begins ? await reviewOf(plane, caller.head.org) : undefined;
  const nowMs = plane.clock.nowMs();
  return async (tx) => {
    for (const event of told) {
      if (event.type === 'escalation') await tx.putEscalation(newEscalation(event, { gateway, nowMs, review }));
      else await tx.endEscalation(gateway, { id: event.id, outcome: event.outcome, at: event.at, nowMs });
    }
  };
}

interface Terms {
  readonly gateway: string;
  readonly nowMs: number;
  readonly review: Review['spec'] | undefined;
}

function newEscalation(event: EscalationEvent, { gateway, nowMs, review }: Terms) {
  const { type: _type, at, timeoutMs, ...facts } = event;
  // A gateway whose clock is ahead gets no more time by that.
  const createdAt = Math.min(at, nowMs);
  const times = { createdAt, receivedAt: nowMs };
  return { ...facts, ...times, gateway, review: review === undefined ? null : queueOf(review, times, timeoutMs) };
}

/** However late it came, people have at least so long, or the whole time where that is shorter. */
const LEAST_MS = 5 * 60_000;

/**
 * When it is due, and what time decides. The time runs from when it was made, but nobody decides on what nobody could see:
 * who is late, because the control plane was away or a clock is behind, leaves people some of it, and what was due before it
 * was received is never approved by time.
 */
function queueOf(
  { queue, slaMinutes, onTimeout, notifications }: Review['spec'],
  { createdAt, receivedAt }: { readonly createdAt: number; readonly receivedAt: number },
  timeoutMs: number | null,
): EscalationQueue {
  const wholeMs = Math.min(slaMinutes * 60_000, timeoutMs ?? Number.POSITIVE_INFINITY);
  const dueAt = Math.max(createdAt + wholeMs, receivedAt + Math.min(wholeMs, LEAST_MS));
  const isLate = createdAt + wholeMs <= receivedAt;
  return { name: queue, dueAt, onTimeout: isLate ? 'deny' : onTimeout, channels: notifications };
}

/** Ends the long polls that wait for these. */
export function wakeFor(plane: Pick<ControlPlane, 'decisions'>, org: OrgUid, ids: readonly string[]): void {
  for (const id of ids) plane.decisions.wake(`${org}/${id}`);
}

/** Writes down what is due in an org, and tells who waits for it: whoever reads escalations calls this first. */
export async function noticeOverdue(
  plane: Pick<ControlPlane, 'runtime' | 'clock' | 'decisions'>,
  { org, uid }: { readonly org: OrgSlug; readonly uid: OrgUid },
): Promise<void> {
  wakeFor(plane, uid, await plane.runtime.expireEscalations(org, plane.clock.nowMs()));
}

export interface EscalationPoll {
  readonly id: string;
  /** From `Prefer: wait=<s>`. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly away: Away;
}

/**
 * GET /api/v1/gateway/escalations/<id>: how one stands that this gateway told; held back while it is not resolved, until
 * it is, or is due, or the wait is over.
 */
export async function escalationAnswer(
  plane: ControlPlane,
  { head, row: { gateway } }: AuthenticatedGateway,
  { id, waitMs, signal, away }: EscalationPoll,
): Promise<Answer<EscalationAnswer>> {
  const look = async (): Promise<EscalationRow | undefined> => {
    await noticeOverdue(plane, head);
    const row = (await plane.runtime.escalation(head.org, id))?.row;
    return row?.gateway === gateway ? row : undefined;
  };
  const first = await look();
  if (first === undefined) return NOT_FOUND;
  if (first.state === 'resolved' || waitMs === 0) return answer(answerOf(first));
  const enough = new AbortController();
  const left = Math.max(0, first.dueAt - plane.clock.nowMs());
  const most = Math.min(waitMs, MAX_WAIT_MS, left);
  const woken = plane.decisions.wait(`${head.uid}/${id}`, most, AbortSignal.any([signal, enough.signal]));
  try {
    // Waiting has begun, so that nothing that happens between this look and the wait is missed.
    const second = await look();
    if (second?.state !== 'resolved') await away(() => woken);
    const last = second?.state === 'resolved' ? second : await look();
    return answer(answerOf(last ?? first));
  } finally {
    enough.abort();
  }
}

function answerOf({ id, state, outcome, reason, dueAt }: EscalationRow): EscalationAnswer {
  return { id, state, outcome, reason, dueAt };
}
