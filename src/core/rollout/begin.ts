import type { Content, RingTerms, Rollout, RolloutMember, RolloutRing, Sha256Hex } from '../model/index.ts';
import { isOpen, NO_TRAFFIC } from './facts.ts';

/** What a gateway has: the content as it was built, and the digest under which that is published. */
export interface Had extends Content {
  readonly published: Sha256Hex;
}

export interface BeginInput {
  readonly generation: number;
  /** What each gateway should come to run, without those that an override decides for. */
  readonly wanted: ReadonlyMap<string, Content>;
  /** What each has that is known to be good; a gateway that has nothing waits for nobody. */
  readonly settled: ReadonlyMap<string, Had>;
  readonly terms: readonly RingTerms[];
  readonly ringOf: (gateway: string) => string;
  /** The rollout whose place it takes. */
  readonly former: Rollout | null;
  readonly nowMs: number;
}

/** A rollout with every ring still closed; null when no gateway changes from anything to anything else. */
export function beginRollout(input: BeginInput): Rollout | null {
  const { generation, wanted, settled, terms, nowMs } = input;
  const out = isOpen(input.former) ? membersOf(input.former) : new Map<string, RolloutMember>();
  const members = [...wanted].flatMap(([gateway, to]): RolloutMember[] => {
    const had = settled.get(gateway);
    if (had === undefined || had.digest === to.digest) return [];
    const former = out.get(gateway);
    const since = former?.to.digest === to.digest ? former.since : null;
    return [{ gateway, from: contentOf(had), to: contentOf(to), before: had.published, since }];
  });
  const rings = terms.flatMap((ring): RolloutRing[] => {
    const own = members.filter(({ gateway }) => input.ringOf(gateway) === ring.name);
    return own.length === 0 ? [] : [closed(ring, own)];
  });
  if (rings.length === 0) return null;
  return { generation, startedAt: nowMs, endedAt: null, state: 'running', reason: null, rings };
}

function contentOf({ digest, bytes }: Content): Content {
  return { digest, bytes };
}

function closed(terms: RingTerms, members: readonly RolloutMember[]): RolloutRing {
  return { terms, state: 'waiting', steadyAt: null, isExcused: false, excused: NO_TRAFFIC, members };
}

function membersOf(rollout: Rollout): Map<string, RolloutMember> {
  return new Map(rollout.rings.flatMap((ring) => ring.members.map((member) => [member.gateway, member] as const)));
}

/**
 * What each gateway has that is known to be good: in rings of an open rollout that have not ended, what they had before
 * it. So content that was still being judged is judged again by the rollout that takes its place.
 */
export function settledContents(rollout: Rollout | null, has: ReadonlyMap<string, Had>): ReadonlyMap<string, Had> {
  if (!isOpen(rollout)) return has;
  const settled = new Map(has);
  for (const ring of rollout.rings) {
    if (ring.state !== 'waiting' && ring.state !== 'open') continue;
    for (const { gateway, from, before } of ring.members)
      if (has.has(gateway)) settled.set(gateway, { ...from, published: before });
  }
  return settled;
}

/** An open rollout that another change takes the place of. */
export function superseded(rollout: Rollout, nowMs: number): Rollout {
  return { ...rollout, state: 'superseded', endedAt: nowMs };
}
