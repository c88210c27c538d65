import type { FindingCode, RolloutCode, RolloutRing, Traffic } from '../model/index.ts';
import { beyond, type MemberSeen, type Seen, sumOf } from './facts.ts';

/** How an open ring stands. */
export type Verdict =
  | { readonly type: 'failed'; readonly code: RolloutCode; readonly words: string }
  /** Nobody of it is enrolled. */
  | { readonly type: 'empty' }
  /** Every gateway that counts runs the new content. */
  | { readonly type: 'steady' }
  | { readonly type: 'unsteady' };

interface Judged {
  readonly gateway: string;
  readonly seen: MemberSeen;
  readonly fault: { readonly code: 'ROLLOUT_REJECTED' | 'ROLLOUT_SILENT'; readonly words: string } | null;
}

/** Judges an open ring by what its gateways say and by its traffic; `before` is the ring before it, where there is one. */
export function judge(ring: RolloutRing, before: RolloutRing | undefined, seen: Seen, nowMs: number): Verdict {
  const members = ring.members.flatMap((member): Judged[] => {
    const facts = seen.get(member.gateway);
    if (facts?.isEnrolled !== true) return [];
    const fault = faultOf(facts, { since: member.since ?? nowMs, answerMs: ring.terms.answerMs, nowMs });
    return [{ gateway: member.gateway, seen: facts, fault }];
  });
  if (members.length === 0) return { type: 'empty' };
  return faultsOf(ring, members) ?? trafficFault(ring, before, seen) ?? steadiness(members);
}

/**
 * Refusals that say something of the way to a gateway or of its disk, and nothing of the content: it asks again by itself, and
 * who can disturb one connection must not be able to take a change back. A gateway that stays so is silent.
 */
const OF_THE_WAY: ReadonlySet<string> = new Set<FindingCode>([
  'TRUST_SLOW',
  'TRUST_DEADLINE',
  'TRUST_REDIRECT',
  'TRUST_ENCODING',
  'TRUST_NOT_ASKED',
  'TRUST_MISSING',
  'TRUST_DISK',
]);

function faultOf(
  seen: MemberSeen,
  { since, answerMs, nowMs }: { readonly since: number; readonly answerMs: number; readonly nowMs: number },
): Judged['fault'] {
  if (seen.isRunning) return null;
  const { refusal } = seen;
  if (refusal !== null && refusal.at >= since && !OF_THE_WAY.has(refusal.code))
    return { code: 'ROLLOUT_REJECTED', words: refusal.code };
  const isLate = seen.hasSpoken && nowMs - Math.max(since, seen.askedAt) > answerMs;
  return isLate ? { code: 'ROLLOUT_SILENT', words: 'no acknowledgement' } : null;
}

const MOST_NAMED = 5;

function faultsOf({ terms }: RolloutRing, members: readonly Judged[]): Verdict | null {
  const faulty = members.filter(({ fault }) => fault !== null);
  if (faulty.length <= terms.failures) return null;
  const named = faulty.slice(0, MOST_NAMED).map(({ gateway, fault }) => `${gateway}: ${fault?.words ?? ''}`);
  const more = faulty.length > MOST_NAMED ? `, and ${faulty.length - MOST_NAMED} more` : '';
  const code = faulty.some(({ fault }) => fault?.code === 'ROLLOUT_REJECTED') ? 'ROLLOUT_REJECTED' : 'ROLLOUT_SILENT';
  const words = `${faulty.length} of ${members.length} gateways failed, allowed are ${terms.failures} (${named.join(', ')}${more})`;
  return { type: 'failed', code, words };
}

/** Gateways within the budget of failures are not waited for; one that has not answered yet is. */
function steadiness(members: readonly Judged[]): Verdict {
  const isDone = members.every(({ seen, fault }) => seen.isRunning || fault !== null);
  return { type: isDone && members.some(({ seen }) => seen.isRunning) ? 'steady' : 'unsteady' };
}

/** A rise of errors or blocks that the ring does not allow. */
function trafficFault(ring: RolloutRing, before: RolloutRing | undefined, seen: Seen): Verdict | null {
  const { health, name } = ring.terms;
  const now = newTraffic(ring, seen);
  if (now.requests < Math.max(1, health.requests)) return null;
  for (const [what, code, allowed] of [
    ['errors', 'ROLLOUT_ERRORS', health.errorPoints],
    ['blocked', 'ROLLOUT_BLOCKS', health.blockPoints],
  ] as const) {
    const rise = riseOf(ring, seen, what) - Math.max(0, before === undefined ? 0 : riseOf(before, seen, what));
    if (rise <= allowed) continue;
    const share = pointsOf(now, what).toFixed(1);
    const words = `${share} of 100 requests in ring ${name} were ${what === 'errors' ? 'answered with errors' : 'blocked'}, ${rise.toFixed(1)} points more than expected; allowed are ${allowed}`;
    return { type: 'failed', code, words };
  }
  return null;
}

/**
 * By how many points a share rose in a ring: against the same gateways before; without traffic of theirs, all of it.
 * A ring with too little traffic to say anything has risen by nothing.
 */
function riseOf(ring: RolloutRing, seen: Seen, what: 'errors' | 'blocked'): number {
  const now = newTraffic(ring, seen);
  if (now.requests < Math.max(1, ring.terms.health.requests)) return 0;
  const former = sumOf(ring.members.flatMap(({ gateway }) => seen.get(gateway)?.former ?? []));
  return pointsOf(now, what) - pointsOf(former, what);
}

function newTraffic(ring: RolloutRing, seen: Seen): Traffic {
  return beyond(ring.excused, sumOf(ring.members.flatMap(({ gateway }) => seen.get(gateway)?.now ?? [])));
}

function pointsOf(traffic: Traffic, what: 'errors' | 'blocked'): number {
  return traffic.requests === 0 ? 0 : (traffic[what] / traffic.requests) * 100;
}
