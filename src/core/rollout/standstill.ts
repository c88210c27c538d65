import type { Override, Rollout, RolloutReason, RolloutRing } from '../model/index.ts';
import { holdOf } from './deliveries.ts';

/** A rollout that takes the place of another one which brings the same. */
interface Taking {
  readonly made: Rollout;
  readonly former: Rollout;
  /** Those that have not ended. */
  readonly overrides: readonly Override[];
  readonly nowMs: number;
}

/** True for a rollout that waits because nobody is left to judge its content by, which a newer change brings along. */
export function isUnjudged({ reason }: Rollout): boolean {
  return reason?.code === 'ROLLOUT_HELD';
}

/**
 * The rollout as it goes on where only overrides changed, or gateways left: who stopped it meant this change, so it stands as it
 * stood. And where no gateway is left of a ring that was still to be judged, no later ring opens without that judgement.
 */
export function goingOn(taking: Taking): Rollout {
  const { made, former, nowMs } = taking;
  const stop = stopOf(taking);
  if (stop === null) return made;
  const rings = made.rings.map((ring): RolloutRing => {
    const open = former.rings.find(({ terms, state }) => state === 'open' && terms.name === ring.terms.name);
    if (open === undefined) return ring;
    const { isExcused, excused } = open;
    const members = ring.members.map((member) => ({ ...member, since: member.since ?? nowMs }));
    return { ...ring, state: 'open', isExcused, excused, members };
  });
  return { ...made, ...stop, rings };
}

function stopOf({ made, former, overrides, nowMs }: Taking): Pick<Rollout, 'state' | 'reason'> | null {
  const { state, reason } = former;
  const names = new Set(made.rings.map(({ terms }) => terms.name));
  const isStillHeld = !isUnjudged(former) || !names.has(reason?.ring ?? '');
  if (state !== 'running' && isStillHeld) return { state, reason };
  const held = heldRing(former, names);
  return held === undefined ? null : { state: 'paused', reason: heldReason(held, overrides, nowMs) };
}

/** A ring that was still to be judged and has nobody left, with a later one that has. */
function heldRing({ rings }: Rollout, names: ReadonlySet<string>): RolloutRing | undefined {
  return rings.find(
    ({ terms, state }, index) =>
      terms.isJudged &&
      (state === 'open' || state === 'waiting') &&
      !names.has(terms.name) &&
      rings.slice(index + 1).some((later) => names.has(later.terms.name)),
  );
}

function heldReason({ terms, members }: RolloutRing, overrides: readonly Override[], at: number): RolloutReason {
  const holds = members.flatMap(({ gateway }) => holdOf(overrides, gateway) ?? []);
  const ids = [...new Set(holds.map(({ id }) => id))].join(', ');
  const why = holds.length === 0 ? 'they left the repository' : `${ids} holds them`;
  const words = `no gateway of ring ${terms.name} is left to judge it by: ${why}`;
  return { code: 'ROLLOUT_HELD', ring: terms.name, words, by: holds.at(-1)?.actor ?? 'controller', at };
}
