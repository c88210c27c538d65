import type {
  Finding,
  Hold,
  ObservedOrg,
  OrgSlug,
  Rollout,
  RolloutMember,
  RolloutReason,
} from '../../core/model/index.ts';
import { generationOf, isOpen, type RolloutEvent, step, type Verb } from '../../core/rollout/index.ts';
import type { Delivery, OrgTransaction } from '../../ports/index.ts';
import { sideBySide } from '../lanes.ts';
import {
  type PublishParts,
  publishInLane,
  type SharedSettings,
  seenOf,
  sharedSettings,
  troubleOf,
  voicesOf,
} from '../publish/index.ts';

/** How long an automatic rollback holds, and one that an operator's abort makes. */
const HOLD_MS = 7 * 24 * 3_600_000;
/** Orgs that are looked at side by side. */
const ADVANCING_ORGS = 4;

/** What became of an org's rollout at one look. */
export interface Advanced {
  readonly org: OrgSlug;
  readonly rollout: Rollout | null;
  /** True when anything was stored or published. */
  readonly isMoved: boolean;
  /** What kept it from going on, or from being published; what was decided stands in the store, and is tried again. */
  readonly findings: readonly Finding[];
}

/**
 * One look at every org that time or its gateways can move: rollouts are judged, overrides are ended, and what was decided
 * and not published goes out. What stands in one org's way is its finding; the others go on.
 */
export async function advanceAll(parts: PublishParts): Promise<readonly Advanced[]> {
  const orgs = await parts.store.unsettled();
  if (orgs.length === 0) return [];
  const settings = await sharedSettings(parts);
  return sideBySide(orgs, ADVANCING_ORGS, (org) =>
    advanceOrg(parts, org, settings).catch((cause: unknown) => {
      const { findings } = troubleOf(org, cause);
      return { org, rollout: null, isMoved: false, findings };
    }),
  );
}

/** One look at one org. What it decides is stored before it is published. */
async function advanceOrg(parts: PublishParts, org: OrgSlug, settings: SharedSettings): Promise<Advanced> {
  return inLaneOf(parts, org, async (state) => {
    const { publication, delivery } = state;
    const isBehind = (publication?.generation ?? -1) < delivery.highest;
    if (isBehind || isOver(delivery, parts.clock.nowMs())) {
      const { findings } = await publishInLane(parts, org, settings);
      return { org, rollout: (await parts.store.delivery(org))?.rollout ?? null, isMoved: true, findings };
    }
    return moveBy(parts, state, { settings, eventOf: (seen) => ({ type: 'observed', seen }) });
  });
}

function isOver({ overrides }: Delivery, nowMs: number): boolean {
  return overrides.some(({ expiresAt }) => expiresAt <= nowMs);
}

/** What an operator says to an org's open rollout, and who says it why. */
export interface Told {
  readonly org: OrgSlug;
  readonly verb: Verb;
  readonly by: string;
  readonly reason: string;
}

/** An open rollout that was told something, with what kept the outcome from being published. */
export interface ToldRollout {
  readonly rollout: Rollout;
  readonly findings: readonly Finding[];
}

/** Pauses, resumes, skips or aborts the open rollout of an org; null where it has none. */
export async function tellRollout(parts: PublishParts, told: Told): Promise<ToldRollout | null> {
  const { org, verb, by, reason } = told;
  const settings = await sharedSettings(parts);
  return inLaneOf(parts, org, async (state) => {
    if (!isOpen(state.delivery.rollout)) return null;
    const { rollout, findings } = await moveBy(parts, state, {
      settings,
      eventOf: (seen) => ({ type: verb, seen, by, words: reason }),
      told,
    });
    return rollout === null ? null : { rollout, findings };
  });
}

interface Looked {
  readonly org: OrgSlug;
  readonly uid: ObservedOrg['uid'];
  readonly publication: Awaited<ReturnType<PublishParts['store']['publication']>>;
  readonly delivery: Delivery;
}

async function inLaneOf<T>(parts: PublishParts, org: OrgSlug, work: (state: Looked) => Promise<T>): Promise<T> {
  const head = (await parts.store.heads()).find((item) => item.org === org);
  if (head === undefined) throw new Error(`expected an applied org, found ${org}`);
  return parts.lanes.inLane(head.uid, async () => {
    const [publication, delivery] = await Promise.all([parts.store.publication(org), parts.store.delivery(org)]);
    if (delivery === undefined) throw new Error(`expected an applied org, found ${org}`);
    return work({ org, uid: head.uid, publication, delivery });
  });
}

interface Move {
  readonly settings: SharedSettings;
  readonly eventOf: (seen: ReturnType<typeof seenOf>) => RolloutEvent;
  readonly told?: Told;
}

async function moveBy(parts: PublishParts, state: Looked, move: Move): Promise<Advanced> {
  const { org, delivery, publication } = state;
  const { rollout } = delivery;
  if (!isOpen(rollout)) return { org, rollout, isMoved: false, findings: [] };
  const seen = seenOf(rollout, publication, await voicesOf(parts.runtime, org));
  const next = step(rollout, move.eventOf(seen), parts.clock.nowMs());
  if (next.rollout === rollout) return { org, rollout, isMoved: false, findings: [] };
  await parts.store.transact(
    org,
    async (tx) => {
      await tx.putRollout(next.rollout);
      const generation = next.actions.length > 0 ? await tx.allocateGeneration() : delivery.highest;
      for (const action of next.actions)
        if (action.type === 'rollBack')
          await tx.putOverride(holdOf(action, { generation, before: rollout.generation, releases: delivery.releases }));
      if (isTold(rollout, next.rollout) || move.told !== undefined)
        await record(tx, { rollout: next.rollout, generation, at: parts.clock.nowMs(), told: move.told });
    },
    parts.fence,
  );
  const published =
    next.actions.length === 0
      ? null
      : await publishInLane(parts, org, move.settings).catch((cause: unknown) => troubleOf(org, cause));
  return { org, rollout: next.rollout, isMoved: true, findings: published?.findings ?? [] };
}

/** The history says how a rollout ended or stopped, not each ring that it passed. */
function isTold(before: Rollout, after: Rollout): boolean {
  return before.state !== after.state;
}

async function record(
  tx: OrgTransaction,
  what: {
    readonly rollout: Rollout;
    readonly generation: number;
    readonly at: number;
    readonly told: Told | undefined;
  },
): Promise<void> {
  const { rollout, generation, at, told } = what;
  const { state, reason } = rollout;
  const said = told === undefined ? {} : { told: told.verb, because: told.reason };
  const why = reason === null ? {} : { code: reason.code, ring: reason.ring, words: reason.words };
  await tx.appendHistory({
    at,
    actor: told?.by ?? 'controller',
    action: state === 'rolled-back' || state === 'aborted' ? 'rollback' : 'rollout',
    generation,
    commit: null,
    approval: null,
    changeDigest: null,
    planDigest: null,
    detail: { rollout: rollout.generation, state, ...why, ...said },
  });
}

/** The pin that a rollout which went back leaves: every member has, or keeps, what it had, until other content comes. */
function holdOf(
  { members, reason }: { readonly members: readonly RolloutMember[]; readonly reason: RolloutReason },
  at: { readonly generation: number; readonly before: number; readonly releases: Delivery['releases'] },
): Hold {
  const { generation, before, releases } = at;
  const contents = Object.fromEntries(members.map(({ gateway, from }) => [gateway, from.digest]));
  const against = Object.fromEntries(members.map(({ gateway, to }) => [gateway, to.digest]));
  return {
    kind: 'rollback',
    id: `rollback-${generation}`,
    generation,
    to: generationOf(releases, contents, before),
    contents,
    against,
    actor: reason.by,
    reason: reason.ring === null ? reason.words : `ring ${reason.ring}: ${reason.code}: ${reason.words}`,
    createdAt: reason.at,
    expiresAt: reason.at + HOLD_MS,
    isInGit: false,
    endedAt: null,
    endedWhy: null,
  };
}
