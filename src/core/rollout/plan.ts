import type { Content, Override, Release, RingTerms, Rollout, Sha256Hex } from '../model/index.ts';
import { beginRollout, type Had, settledContents, superseded } from './begin.ts';
import { type Delivered, deliveries, holdOf } from './deliveries.ts';
import { isOpen, type Seen } from './facts.ts';
import { type AppliedFacts, type GitPin, renewOverrides } from './overrides.ts';
import { goingOn, isUnjudged } from './standstill.ts';
import { step } from './step.ts';

/** Everything that decides which content each gateway of one org gets now. */
export interface PlanInput {
  /** What Git wants each gateway to run. */
  readonly wanted: ReadonlyMap<string, Content>;
  readonly applied: Omit<AppliedFacts, 'wanted'>;
  readonly rollout: Rollout | null;
  readonly overrides: readonly Override[];
  /** The newest that ended. */
  readonly ended: readonly Override[];
  readonly releases: readonly Release[];
  /** Gateway to the digest that is published for it. */
  readonly published: ReadonlyMap<string, Sha256Hex>;
  readonly terms: readonly RingTerms[];
  readonly ringOf: (gateway: string) => string;
  /** What gateways said of themselves, for whatever rollout is looked at. */
  readonly seenOf: (rollout: Rollout) => Seen;
  /** The generation of whatever is new. */
  readonly generation: number;
  readonly nowMs: number;
}

export interface DeliveryPlan {
  readonly delivered: ReadonlyMap<string, Delivered>;
  readonly overrides: readonly Override[];
  /** Rows to keep, in this order; none where nothing but content changed. */
  readonly rollouts: readonly Rollout[];
  readonly changedOverrides: readonly Override[];
  /** Gateways of which Git wants something else than it did. */
  readonly released: readonly string[];
  readonly unknownPins: readonly GitPin[];
}

/**
 * Who gets what: overrides are renewed; where Git wants something else than before, or an override ended, a rollout
 * begins and takes the place of an open one. What would be done at once is no rollout.
 */
export function planDelivery(input: PlanInput): DeliveryPlan {
  const { wanted, rollout, releases, generation, nowMs } = input;
  const digests = digestsOf(wanted);
  const applied = { ...input.applied, wanted: digests };
  const renewed = renewOverrides({ active: input.overrides, ended: input.ended, applied, releases, generation, nowMs });
  const before = newest(releases);
  const released = [...wanted.keys()].filter((gateway) => before.get(gateway)?.digest !== wanted.get(gateway)?.digest);
  const isSame =
    released.length === 0 &&
    !renewed.changed.some(({ kind }) => kind === 'rollback') &&
    !isHeld(rollout, renewed.active) &&
    !isLeft(rollout, wanted);
  const next = isSame
    ? { current: rollout, rollouts: [] }
    : begun(input, { overrides: renewed.active, before, released });
  return {
    delivered: deliveries({ wanted: digests, rollout: next.current, overrides: renewed.active }),
    overrides: renewed.active,
    rollouts: next.rollouts,
    changedOverrides: renewed.changed,
    released,
    unknownPins: renewed.unknown,
  };
}

/** True when an override decides for a gateway that an open rollout means to bring something. */
function isHeld(rollout: Rollout | null, overrides: readonly Override[]): boolean {
  if (!isOpen(rollout)) return false;
  return rollout.rings.some((ring) => ring.members.some(({ gateway }) => holdOf(overrides, gateway) !== undefined));
}

/** True when a gateway that an open rollout waits for has left the repository: it refuses what it is listed in no more. */
function isLeft(rollout: Rollout | null, wanted: PlanInput['wanted']): boolean {
  return isOpen(rollout) && rollout.rings.some((ring) => ring.members.some(({ gateway }) => !wanted.has(gateway)));
}

function digestsOf(contents: ReadonlyMap<string, Content>): ReadonlyMap<string, Sha256Hex> {
  return new Map([...contents].map(([gateway, { digest }]) => [gateway, digest]));
}

/** What Git wanted each gateway to run last. */
export function newest(releases: readonly Release[]): ReadonlyMap<string, Content> {
  const sorted = releases.toSorted((a, b) => a.generation - b.generation);
  return new Map(sorted.map(({ gateway, contentDigest, bytes }) => [gateway, { digest: contentDigest, bytes }]));
}

interface Beginning {
  readonly overrides: readonly Override[];
  readonly before: ReadonlyMap<string, Content>;
  readonly released: readonly string[];
}

interface Begun {
  readonly current: Rollout | null;
  readonly rollouts: readonly Rollout[];
}

function begun(input: PlanInput, { overrides, before, released }: Beginning): Begun {
  const { rollout, generation, nowMs, terms, ringOf } = input;
  const free = [...input.wanted].filter(([gateway]) => holdOf(overrides, gateway) === undefined);
  const anew = beginRollout({
    generation,
    wanted: new Map(free),
    settled: settledContents(rollout, hadOf(input, before)),
    terms,
    ringOf,
    former: rollout,
    nowMs,
  });
  const ended = isOpen(rollout) ? [superseded(rollout, nowMs)] : [];
  if (anew === null) return { current: null, rollouts: ended };
  const isGoingOn = isOpen(rollout) && (released.length === 0 || isUnjudged(rollout));
  const made = isGoingOn ? goingOn({ made: anew, former: rollout, overrides, nowMs }) : anew;
  const looked = step(made, { type: 'observed', seen: input.seenOf(made) }, nowMs).rollout;
  // Done at the first look: nobody waited for anybody.
  if (looked.state === 'done') return { current: null, rollouts: ended };
  // Failed at the first look: whoever looks next takes it back, with all that belongs to that.
  const first = isOpen(looked) ? looked : made;
  return { current: first, rollouts: [...ended, first] };
}

/** What each published gateway has, by what decided on it until now. */
function hadOf(input: PlanInput, before: ReadonlyMap<string, Content>): ReadonlyMap<string, Had> {
  const { rollout, overrides, releases, published } = input;
  const had = deliveries({ wanted: digestsOf(before), rollout, overrides });
  const sizes = new Map(releases.map(({ contentDigest, bytes }) => [contentDigest, bytes]));
  return new Map(
    [...had].flatMap(([gateway, { digest }]) => {
      const digestOut = published.get(gateway);
      if (digestOut === undefined) return [];
      const bytes = sizes.get(digest) ?? input.wanted.get(gateway)?.bytes ?? 0;
      return [[gateway, { digest, bytes, published: digestOut }] as const];
    }),
  );
}
