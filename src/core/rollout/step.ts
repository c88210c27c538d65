import type { Rollout, RolloutCode, RolloutMember, RolloutReason, RolloutRing, RolloutState } from '../model/index.ts';
import { isOpen, type Seen, sumOf } from './facts.ts';
import { judge, type Verdict } from './judge.ts';

/** What an operator may say to a rollout. */
export const VERBS = ['pause', 'resume', 'skip', 'abort'] as const;
export type Verb = (typeof VERBS)[number];

/** What happened: somebody looked, or an operator spoke. */
export type RolloutEvent =
  | { readonly type: 'observed'; readonly seen: Seen }
  | { readonly type: Verb; readonly seen: Seen; readonly by: string; readonly words: string };

/** What the flow must do about it, beside keeping the state. */
export type RolloutAction =
  /** Other gateways than before get new content. */
  | { readonly type: 'publish' }
  /** Every member goes back to, or stays on, what it had. */
  | { readonly type: 'rollBack'; readonly members: readonly RolloutMember[]; readonly reason: RolloutReason };

export interface RolloutStep {
  readonly rollout: Rollout;
  readonly actions: readonly RolloutAction[];
}

/** Content may grow by any factor up to this size. */
const GROWTH_FLOOR_BYTES = 32 * 1024;

/** One step: the same state, event and moment give the same answer, and what changed nothing answers the same state. */
export function step(rollout: Rollout, event: RolloutEvent, nowMs: number): RolloutStep {
  if (!isOpen(rollout)) return { rollout, actions: [] };
  switch (event.type) {
    case 'observed':
      return advance(rollout, event.seen, nowMs);
    case 'pause':
      return rollout.state === 'running'
        ? { rollout: stopped(rollout, 'paused', operator(rollout, event, nowMs)), actions: [] }
        : { rollout, actions: [] };
    case 'resume':
      return rollout.state === 'running'
        ? { rollout, actions: [] }
        : advance(excused(rollout, event.seen, nowMs), event.seen, nowMs);
    case 'skip':
      return advance(skipped(rollout), event.seen, nowMs);
    case 'abort':
      return rolledBack(rollout, 'aborted', operator(rollout, event, nowMs));
  }
}

function operator(
  rollout: Rollout,
  { by, words }: { readonly by: string; readonly words: string },
  at: number,
): RolloutReason {
  return { code: 'ROLLOUT_OPERATOR', ring: currentRing(rollout)?.terms.name ?? null, words, by, at };
}

const isEnded = ({ state }: RolloutRing): boolean => state === 'done' || state === 'skipped' || state === 'empty';

/** The ring that the rollout stands at: the first that has not ended. */
function currentRing({ rings }: Rollout): RolloutRing | undefined {
  return rings.find((ring) => !isEnded(ring));
}

function stopped(rollout: Rollout, state: 'paused' | 'halted', reason: RolloutReason): Rollout {
  return { ...rollout, state, reason };
}

function ended(rollout: Rollout, state: RolloutState, reason: RolloutReason | null, nowMs: number): Rollout {
  return { ...rollout, state, reason, endedAt: nowMs };
}

function rolledBack(rollout: Rollout, state: 'aborted' | 'rolled-back', reason: RolloutReason): RolloutStep {
  const members = rollout.rings.flatMap((ring) => ring.members);
  return {
    rollout: ended(rollout, state, reason, reason.at),
    actions: [{ type: 'rollBack', members, reason }],
  };
}

/** Running again, after somebody looked: the present ring is judged by what comes from now on. */
function excused(rollout: Rollout, seen: Seen, nowMs: number): Rollout {
  const current = currentRing(rollout);
  const running: Rollout = { ...rollout, state: 'running', reason: null };
  if (current === undefined || rollout.state === 'paused') return running;
  const traffic = sumOf(current.members.flatMap(({ gateway }) => seen.get(gateway)?.now ?? []));
  const members = current.members.map((member) => (member.since === null ? member : { ...member, since: nowMs }));
  return withRing(running, current, { ...current, isExcused: true, excused: traffic, members });
}

/** The present ring is taken as done, and a halt or pause as over. */
function skipped(rollout: Rollout): Rollout {
  const current = currentRing(rollout);
  const running: Rollout = { ...rollout, state: 'running', reason: null };
  if (current === undefined) return running;
  return withRing(running, current, { ...current, state: 'skipped' });
}

function withRing(rollout: Rollout, from: RolloutRing, to: RolloutRing): Rollout {
  return { ...rollout, rings: rollout.rings.map((ring) => (ring === from ? to : ring)) };
}

/** Judges the open ring and opens what may be opened, until something must be waited for. */
function advance(start: Rollout, seen: Seen, nowMs: number): RolloutStep {
  let rollout = start;
  let opened = start.rings.some((ring) => ring.state === 'skipped' && ring.members.some(({ since }) => since === null));
  for (;;) {
    const next = moved(rollout, seen, nowMs);
    if (next === null) break;
    opened ||= next.rollout.rings.some((ring, index) => isNewlyOpen(rollout.rings[index], ring));
    rollout = next.rollout;
    if (next.actions.length > 0) return next;
  }
  const given = opened ? putOut(rollout, nowMs) : rollout;
  return { rollout: given, actions: given !== start && opened ? [{ type: 'publish' }] : [] };
}

function isNewlyOpen(before: RolloutRing | undefined, ring: RolloutRing): boolean {
  return before?.state === 'waiting' && ring.state !== 'waiting';
}

/** Members of rings that are not waiting have the new content from now on, where they had it not before. */
function putOut(rollout: Rollout, nowMs: number): Rollout {
  const rings = rollout.rings.map((ring): RolloutRing => {
    if (ring.state === 'waiting' || ring.members.every(({ since }) => since !== null)) return ring;
    return { ...ring, members: ring.members.map((member) => ({ ...member, since: member.since ?? nowMs })) };
  });
  return { ...rollout, rings };
}

/** One move, or null when there is none. */
function moved(rollout: Rollout, seen: Seen, nowMs: number): RolloutStep | null {
  if (!isOpen(rollout) || rollout.state === 'halted') return null;
  const current = currentRing(rollout);
  if (current === undefined)
    return rollout.state === 'paused' ? null : { rollout: ended(rollout, 'done', null, nowMs), actions: [] };
  if (current.state === 'waiting') return rollout.state === 'paused' ? null : opening(rollout, current, nowMs);
  const index = rollout.rings.indexOf(current);
  // What an operator skipped, or nobody could answer in, is nothing to compare with.
  const before = rollout.rings.slice(0, index).findLast(({ state }) => state === 'done');
  return judged(rollout, current, judge(current, before, seen, nowMs), nowMs);
}

function opening(rollout: Rollout, ring: RolloutRing, nowMs: number): RolloutStep {
  const { terms } = ring;
  const grown = ring.members.find(
    ({ from, to }) => to.bytes > Math.max(GROWTH_FLOOR_BYTES, from.bytes * terms.health.growth),
  );
  if (terms.isJudged && grown !== undefined && !ring.isExcused) {
    const { from, to, gateway } = grown;
    const words = `the content of ${gateway} grew from ${from.bytes} to ${to.bytes} bytes; allowed are ${terms.health.growth} times as many`;
    return { rollout: stopped(rollout, 'halted', controller('ROLLOUT_SIZE', ring, words, nowMs)), actions: [] };
  }
  const members = ring.members.map((member) => ({ ...member, since: member.since ?? nowMs }));
  const open = { ...ring, members, state: terms.isJudged ? 'open' : 'done', steadyAt: null } as const;
  return { rollout: withRing(rollout, ring, open), actions: [] };
}

function controller(code: RolloutCode, ring: RolloutRing, words: string, at: number): RolloutReason {
  return { code, ring: ring.terms.name, words, by: 'controller', at };
}

function judged(rollout: Rollout, ring: RolloutRing, verdict: Verdict, nowMs: number): RolloutStep | null {
  switch (verdict.type) {
    case 'failed': {
      const reason = controller(verdict.code, ring, verdict.words, nowMs);
      if (ring.terms.onFailure === 'rollback') return rolledBack(rollout, 'rolled-back', reason);
      return { rollout: stopped(rollout, 'halted', reason), actions: [] };
    }
    case 'empty':
      return rollout.state === 'paused' ? null : moveTo(rollout, ring, { ...ring, state: 'empty' });
    case 'unsteady':
      return ring.steadyAt === null ? null : moveTo(rollout, ring, { ...ring, steadyAt: null });
    case 'steady': {
      if (ring.steadyAt === null) return moveTo(rollout, ring, { ...ring, steadyAt: nowMs });
      if (rollout.state === 'paused' || nowMs - ring.steadyAt < ring.terms.soakMs) return null;
      return moveTo(rollout, ring, { ...ring, state: 'done' });
    }
  }
}

function moveTo(rollout: Rollout, from: RolloutRing, to: RolloutRing): RolloutStep {
  return { rollout: withRing(rollout, from, to), actions: [] };
}
