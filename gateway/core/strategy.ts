import type { Routing, Strategy, Target } from '../../src/core/policy/index.ts';
import { latencyPercentile, type Measure, meanLatency, meanSpeed, type Span, usedTokens } from './measure.ts';

/** What is known of a target at the moment of choosing. */
export interface TargetView {
  readonly measure: Measure;
  /** Requests being answered. */
  readonly inFlight: number;
  /** The most tokens that those may take. */
  readonly tokensInFlight: number;
  /** Its breaker lets nothing through now. */
  readonly isOpen: boolean;
}

/** What choosing needs beside the targets. */
export interface Choice {
  readonly routing: Routing;
  readonly nowMs: number;
  readonly view: (target: Target) => TargetView;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly turns: Turns;
}

/**
 * Whose turn it is, for each strategy and set of targets with their weights: turns that were taken by other weights are nobody's
 * credit. Of one gateway, which serves one org. Changed in place by `orderTargets` and by nothing else.
 */
export interface Turns {
  readonly credits: ReadonlyMap<string, readonly number[]>;
}

/** A policy has few sets of eligible targets; above this number the oldest is forgotten and begins anew. */
const MOST_SETS = 1000;

export function createTurns(): Turns {
  return { credits: new Map() };
}

type Order = (targets: readonly Target[], choice: Choice) => readonly Target[];

const ORDERS: { readonly [S in Strategy]: Order } = {
  ordered: (targets) => targets,
  lowest_latency: (targets, choice) =>
    exploring(
      sortedBy(targets, (target) => known(meanLatency(choice.view(target).measure, spanOf(choice)))),
      choice,
    ),
  highest_throughput: (targets, choice) =>
    exploring(
      sortedBy(targets, (target) => known(negated(meanSpeed(choice.view(target).measure, spanOf(choice))))),
      choice,
    ),
  round_robin: (targets, choice) => inTurn(targets, choice, () => 1),
  weighted_round_robin: (targets, choice) => inTurn(targets, choice, (target) => target.weight),
  least_connections: (targets, choice) => sortedBy(targets, (target) => choice.view(target).inFlight),
  least_busy: (targets, choice) => sortedBy(targets, (target) => choice.view(target).tokensInFlight),
  random: (targets, choice) => shuffled(targets, choice, () => 1),
  simple_shuffle: (targets, choice) => shuffled(targets, choice, (target) => target.weight),
  usage_based: (targets, choice) =>
    sortedBy(targets, (target) => usedTokens(choice.view(target).measure, choice.nowMs, choice.routing.windowMs)),
};

/**
 * All of the targets, the one to try first in front: by the strategy, then those that were slower than preferred behind the
 * others, and behind them those whose breaker is open.
 */
export function orderTargets(targets: readonly Target[], choice: Choice): readonly Target[] {
  if (targets.length < 2) return targets;
  const { routing } = choice;
  const ordered = ORDERS[routing.strategy](targets, choice);
  const preferred = routing.preferredLatency;
  const quick =
    preferred === null
      ? ordered
      : lastWhere(ordered, (target) => {
          const latency = latencyPercentile(choice.view(target).measure, preferred.percentile, spanOf(choice));
          return latency !== null && latency > preferred.maxMs;
        });
  return routing.mayPassOver ? lastWhere(quick, (target) => choice.view(target).isOpen) : quick;
}

function spanOf({ routing, nowMs }: Choice): Span {
  return { nowMs, windowMs: routing.windowMs, minSamples: routing.minSamples };
}

/** A target that was not measured comes after those that were. */
function known(value: number | null): number {
  return value ?? Number.POSITIVE_INFINITY;
}

function negated(value: number | null): number | null {
  return value === null ? null : -value;
}

/** Ascending; equal ones stay in their order. */
function sortedBy(targets: readonly Target[], worth: (target: Target) => number): readonly Target[] {
  return targets
    .map((target) => ({ target, value: worth(target) }))
    .sort((a, b) => (a.value === b.value ? 0 : a.value - b.value))
    .map(({ target }) => target);
}

/** Some requests try any target first: one that was never tried would never be measured. */
function exploring(targets: readonly Target[], { routing, random }: Choice): readonly Target[] {
  if (random() >= routing.exploration) return targets;
  const chosen = targets[Math.floor(random() * targets.length)];
  return [...targets.filter((target) => target === chosen), ...targets.filter((target) => target !== chosen)];
}

/**
 * A random order in which weights are chances (Efraimidis and Spirakis, 2006). By the logarithm of their key `u ** (1 / weight)`,
 * which is nought for any draw where the weight is small.
 */
function shuffled(
  targets: readonly Target[],
  { random }: Choice,
  weightOf: (target: Target) => number,
): readonly Target[] {
  return sortedBy(targets, (target) => -Math.log(random()) / weightOf(target));
}

/** Smooth weighted round robin: each gains its weight, who has most is next and pays what all gained. */
function inTurn(
  targets: readonly Target[],
  { turns, routing }: Choice,
  weightOf: (target: Target) => number,
): readonly Target[] {
  const sets = turns.credits as Map<string, number[]>;
  const key = JSON.stringify([routing.strategy, targets.map((target) => [target.id, weightOf(target)])]);
  let credits = sets.get(key);
  if (credits === undefined) {
    const [oldest = ''] = sets.keys();
    if (sets.size >= MOST_SETS) sets.delete(oldest);
    credits = targets.map(() => 0);
    sets.set(key, credits);
  }
  const gained = targets.map((target, index) => ({ target, index, credit: (credits[index] ?? 0) + weightOf(target) }));
  const total = gained.reduce((sum, { target }) => sum + weightOf(target), 0);
  gained.sort((a, b) => (a.credit === b.credit ? a.index - b.index : b.credit - a.credit));
  for (const [place, { index, credit }] of gained.entries()) credits[index] = place === 0 ? credit - total : credit;
  return gained.map(({ target }) => target);
}

function lastWhere(targets: readonly Target[], isLast: (target: Target) => boolean): readonly Target[] {
  const last = targets.filter(isLast);
  return last.length === 0 ? targets : [...targets.filter((target) => !last.includes(target)), ...last];
}
