import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Routing, Strategy, Target } from '../../src/core/policy/index.ts';
import { createMeasure, type Measure, noteLatency, noteSpeed, noteUse } from './measure.ts';
import { type Choice, createTurns, orderTargets, type TargetView } from './strategy.ts';

const STRATEGIES: readonly Strategy[] = [
  'ordered',
  'lowest_latency',
  'highest_throughput',
  'round_robin',
  'weighted_round_robin',
  'least_connections',
  'random',
  'simple_shuffle',
  'least_busy',
  'usage_based',
];
const NOW_MS = 1_000_000;

const targetOf = (id: string, weight = 1): Target => ({ id, weight }) as Target;
const routingOf = (more: Partial<Routing> = {}): Routing => ({
  strategy: 'ordered',
  windowMs: 60_000,
  minSamples: 1,
  exploration: 0,
  preferredLatency: null,
  mayPassOver: true,
  ...more,
});

interface Seen {
  readonly latencyMs?: number;
  readonly speed?: number;
  readonly used?: number;
  readonly inFlight?: number;
  readonly tokensInFlight?: number;
  readonly isOpen?: boolean;
}

function viewOf(seen: Seen): TargetView {
  const measure: Measure = createMeasure();
  if (seen.latencyMs !== undefined) noteLatency(measure, seen.latencyMs, NOW_MS);
  if (seen.speed !== undefined) noteSpeed(measure, seen.speed, NOW_MS);
  if (seen.used !== undefined) noteUse(measure, seen.used, { nowMs: NOW_MS, windowMs: 60_000 });
  const { inFlight = 0, tokensInFlight = 0, isOpen = false } = seen;
  return { measure, inFlight, tokensInFlight, isOpen };
}

function choiceOf(routing: Routing, seen: { readonly [id: string]: Seen } = {}, random = () => 0.5): Choice {
  const views = new Map(Object.entries(seen).map(([id, what]) => [id, viewOf(what)]));
  return { routing, nowMs: NOW_MS, random, turns: createTurns(), view: ({ id }) => views.get(id) ?? viewOf({}) };
}

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const idsOf = (targets: readonly Target[]): string => targets.map((target) => target.id).join('');
const abc = ['a', 'b', 'c'].map((id) => targetOf(id));
const ordered = (strategy: Strategy, seen: { readonly [id: string]: Seen }, more: Partial<Routing> = {}): string =>
  idsOf(orderTargets(abc, choiceOf(routingOf({ strategy, ...more }), seen)));

describe('a strategy', () => {
  test('law: answers all of the targets, each once, whatever was measured', () => {
    const seen = fc.record({
      latencyMs: fc.option(fc.nat(5000), { nil: undefined }),
      speed: fc.option(fc.double({ min: 0, max: 1e6, noNaN: true }), { nil: undefined }),
      used: fc.option(fc.nat(1_000_000), { nil: undefined }),
      inFlight: fc.nat(50),
      tokensInFlight: fc.nat(100_000),
      isOpen: fc.boolean(),
    }) as fc.Arbitrary<Seen>;
    fc.assert(
      fc.property(
        fc.constantFrom(...STRATEGIES),
        fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { maxLength: 8 }),
        fc.array(seen, { minLength: 8, maxLength: 8 }),
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 9 }),
        (strategy, ids, views, draws) => {
          const mayPassOver = (draws[0] ?? 0) < 0.5;
          const targets = ids.map((id, index) => targetOf(id, 0.5 + index));
          let turn = 0;
          const random = (): number => draws[turn++ % draws.length] ?? 0;
          const preferredLatency = { maxMs: 1000, percentile: 90 };
          const routing = routingOf({ strategy, mayPassOver, exploration: 0.5, preferredLatency });
          const by = Object.fromEntries(ids.map((id, index) => [id, views[index] ?? {}]));
          const choice = { ...choiceOf(routing, {}, random), view: ({ id }: Target) => viewOf(by[id] ?? {}) };
          for (let round = 0; round < 3; round += 1) {
            const order = orderTargets(targets, choice);
            expect(new Set(order)).toEqual(new Set(targets));
            expect(order).toHaveLength(targets.length);
            const firstOpen = order.findIndex((target) => by[target.id]?.isOpen === true);
            // Nobody who lets requests pass comes after one who does not.
            if (mayPassOver && firstOpen !== -1) {
              expect(order.slice(firstOpen).every((target) => by[target.id]?.isOpen === true)).toBe(true);
            }
          }
        },
      ),
    );
  });

  test('ordered keeps the order; the others go by what was seen', () => {
    expect(ordered('ordered', { a: { inFlight: 9, latencyMs: 9, used: 9 } })).toBe('abc');
    expect(ordered('lowest_latency', { a: { latencyMs: 30 }, b: { latencyMs: 10 }, c: { latencyMs: 20 } })).toBe('bca');
    expect(ordered('lowest_latency', { c: { latencyMs: 900 } })).toBe('cab');
    expect(ordered('highest_throughput', { a: { speed: 30 }, b: { speed: 10 }, c: { speed: 50 } })).toBe('cab');
    expect(ordered('highest_throughput', { b: { speed: 0.1 } })).toBe('bac');
    expect(ordered('least_connections', { a: { inFlight: 2 }, b: { inFlight: 1, tokensInFlight: 99 } })).toBe('cba');
    expect(ordered('least_busy', { a: { inFlight: 0, tokensInFlight: 9 }, b: { inFlight: 5 } })).toBe('bca');
    expect(ordered('usage_based', { a: { used: 5 }, b: { used: 2 } })).toBe('cba');
  });

  test('too few or too old measurements are none', () => {
    const slow = { a: { latencyMs: 1 } };
    expect(ordered('lowest_latency', { b: { latencyMs: 5 }, ...slow }, { minSamples: 2 })).toBe('abc');
    const old = choiceOf(routingOf({ strategy: 'lowest_latency' }), { c: { latencyMs: 1 } });
    expect(idsOf(orderTargets(abc, { ...old, nowMs: NOW_MS + 60_000 }))).toBe('abc');
    expect(idsOf(orderTargets(abc, { ...old, nowMs: NOW_MS + 59_999 }))).toBe('cab');
  });

  test('exploration tries any target first, as often as it says', () => {
    const seen = { a: { latencyMs: 1 } };
    const draws = [0.19, 0.99, 0.2];
    const random = (): number => draws.shift() ?? 0;
    const choice = choiceOf(routingOf({ strategy: 'lowest_latency', exploration: 0.2 }), seen, random);
    expect(idsOf(orderTargets(abc, choice))).toBe('cab');
    expect(idsOf(orderTargets(abc, choice))).toBe('abc');
    expect(draws).toEqual([]);
  });

  test('law: in turn, each is first exactly as often as its weight says', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 5 }), (weights) => {
        const targets = weights.map((weight, index) => targetOf(`t${index}`, weight));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const choice = choiceOf(routingOf({ strategy: 'weighted_round_robin' }));
        const plain = choiceOf(routingOf({ strategy: 'round_robin' }));
        const firsts = targets.map(() => [0, 0] as [number, number]);
        const count = (order: readonly Target[], which: 0 | 1): void => {
          const at = firsts[targets.indexOf(order[0] as Target)];
          if (at !== undefined) at[which] += 1;
        };
        for (let round = 0; round < total; round += 1) count(orderTargets(targets, choice), 0);
        for (let round = 0; round < targets.length; round += 1) count(orderTargets(targets, plain), 1);
        expect(firsts).toEqual(weights.map((weight) => [weight, 1]));
      }),
    );
  });

  test('sets of targets take turns apart, and only so many are remembered', () => {
    const choice = choiceOf(routingOf({ strategy: 'round_robin' }));
    const firsts = [abc, abc.slice(1), abc, abc.slice(1)].map((set) => orderTargets(set, choice)[0]?.id);
    expect(firsts).toEqual(['a', 'b', 'b', 'c']);
    for (let set = 0; set < 2000; set += 1) orderTargets([targetOf(`x${set}`), targetOf('y')], choice);
    expect(choice.turns.credits.size).toBe(1000);
  });

  test("turns are those of a strategy and its weights: what was taken by others is nobody's credit", () => {
    const turns = createTurns();
    const firsts = (strategy: Strategy, weights: readonly number[], rounds: number): string => {
      const targets = weights.map((weight, index) => targetOf('ab'.charAt(index), weight));
      const choice = { ...choiceOf(routingOf({ strategy })), turns };
      return Array.from({ length: rounds }, () => orderTargets(targets, choice)[0]?.id).join('');
    };
    // Half of a round: b has not had its turn and is owed 499.
    expect(firsts('weighted_round_robin', [999, 1], 499)).toBe('a'.repeat(499));
    expect(firsts('weighted_round_robin', [1, 1], 6)).toBe('ababab');
    expect(firsts('round_robin', [999, 1], 6)).toBe('ababab');
    // The former weights come back, and go on where they were.
    expect(firsts('weighted_round_robin', [999, 1], 3)).toBe('aba');
  });

  test('law: a target is first of a shuffle as often as its weight says, however small the weights are', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(1e-9, 0.0001, 1, 1e6), (seed, scale) => {
        const random = seeded(seed);
        const choice = choiceOf(routingOf({ strategy: 'simple_shuffle' }), {}, random);
        const targets = [targetOf('0', scale), targetOf('1', 9 * scale)];
        let first = 0;
        for (let round = 0; round < 2000; round += 1) if (orderTargets(targets, choice)[0]?.id === '1') first += 1;
        // Of 2,000 draws 1,800 are expected; 80 are six standard deviations.
        expect(Math.abs(first - 1800)).toBeLessThan(80);
      }),
      { numRuns: 20 },
    );
  });

  test('weights are chances of a shuffle, and nothing to a random order', () => {
    const heavy = [targetOf('a', 0.001), targetOf('b', 1000)];
    const draws = [0.9, 0.5, 0.9, 0.5];
    const random = (): number => draws.shift() ?? 0;
    expect(idsOf(orderTargets(heavy, choiceOf(routingOf({ strategy: 'simple_shuffle' }), {}, random)))).toBe('ba');
    expect(idsOf(orderTargets(heavy, choiceOf(routingOf({ strategy: 'random' }), {}, random)))).toBe('ab');
  });

  test('who was slower than preferred comes last and is not left out', () => {
    const preferredLatency = { maxMs: 100, percentile: 50 };
    expect(ordered('ordered', { a: { latencyMs: 101 }, b: { latencyMs: 100 } }, { preferredLatency })).toBe('bca');
  });

  test('an open breaker is passed over, unless nobody else may answer', () => {
    expect(ordered('ordered', { a: { isOpen: true } })).toBe('bca');
    expect(ordered('ordered', { a: { isOpen: true } }, { mayPassOver: false })).toBe('abc');
  });
});
