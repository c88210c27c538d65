import fc from 'fast-check';
import { expect } from 'vitest';
import type { Fate, MoneyWorld } from './world.testkit.ts';
import { GATEWAYS, MINUTE_MS, MOST_JUMP_MINUTES } from './world.testkit.ts';

/** How far a clock jumps from the right time; 0: back to it. Slices last forty-five minutes, periods a day. */
const jump = fc.constantFrom(-MOST_JUMP_MINUTES, -46, -4, 0, 4, 46, MOST_JUMP_MINUTES);
const gateway = fc.nat(GATEWAYS.length - 1);
const wallet = fc.constantFrom('team' as const, 'org' as const);

/** What a world can go through. `cost` is in percent of what was held. */
export const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('ask' as const),
      gateway,
      wallet,
      micros: fc.integer({ min: 1, max: 400 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('crowd' as const),
      asks: fc.array(fc.record({ gateway, wallet, micros: fc.integer({ min: 1, max: 150 }) }), {
        minLength: 2,
        maxLength: 6,
      }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('end' as const),
      which: fc.nat(),
      cost: fc.constantFrom(0, 10, 50, 100, 100),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('overrun' as const),
      which: fc.nat(),
      cost: fc.constantFrom(101, 150, 20_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('retry' as const), which: fc.nat(), isUnbilled: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ship' as const), gateway }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill' as const), gateway }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('kill-plane' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 30, 50, 200, 900) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('skew' as const), gateway, minutes: jump }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('skew-plane' as const), minutes: jump }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('limit' as const),
      wallet,
      micros: fc.constantFrom(0, 700, 2000, 5000, 9000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('adopt' as const), gateway }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('top-up' as const, 'credit' as const),
      wallet,
      micros: fc.constantFrom(1, 30, 300),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('away' as const), isAway: fc.constantFrom(false, false, true) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('disk' as const), gateway, isFull: fc.constantFrom(false, false, true) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('wire' as const),
      fates: fc.array(fc.constantFrom<Fate>('delivered', 'lost', 'answer-lost'), { maxLength: 3 }),
    }),
  },
);

export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does one step. */
export async function take(world: MoneyWorld, act: Step): Promise<void> {
  switch (act.do) {
    case 'ask':
      await world.begin(act.gateway, act.wallet, act.micros);
      return;
    case 'crowd':
      await Promise.all(act.asks.map((ask) => world.begin(ask.gateway, ask.wallet, ask.micros)));
      return;
    case 'end':
    case 'overrun': {
      const [item] = world.running.splice(act.which % Math.max(1, world.running.length), 1);
      if (item === undefined) return;
      const outputTokens = Math.ceil((item.request.boundMicros * act.cost) / 100);
      await world.gateways[item.gateway]?.end(item.request, { inputTokens: 0, outputTokens });
      return;
    }
    case 'retry': {
      const index = act.which % Math.max(1, world.running.length);
      const item = world.running[index];
      // A request has two attempts here.
      if (item === undefined || item.request.exchange.ended.length > 0) return;
      const refused = await world.gateways[item.gateway]?.again(item.request, act.isUnbilled);
      if (refused !== undefined) world.running.splice(index, 1);
      return;
    }
    case 'ship':
      await world.gateways[act.gateway]?.ship();
      return;
    case 'kill':
      return world.killGateway(act.gateway);
    case 'kill-plane':
      return world.killPlane();
    case 'wait':
      world.nowMs += act.minutes * MINUTE_MS;
      return;
    case 'skew':
      world.skewMs[act.gateway] = act.minutes * MINUTE_MS;
      return;
    case 'skew-plane':
      world.planeSkewMs = act.minutes * MINUTE_MS;
      return;
    case 'expire':
      return world.expire();
    case 'limit':
      return world.setLimit(act.wallet, act.micros);
    case 'adopt':
      world.gateways[act.gateway]?.adopt();
      return;
    case 'top-up':
    case 'credit':
      return world.adjust(act.wallet, act.do, act.micros);
    case 'away':
      world.isAway = act.isAway;
      return;
    case 'disk': {
      const one = world.gateways[act.gateway];
      if (one !== undefined) one.isDiskFull = act.isFull;
      return;
    }
    case 'wire':
      world.fates.splice(0, world.fates.length, ...act.fates);
  }
}

/** Takes all steps, verifies after each, concludes; excess is 0 unless an upstream used more than what was held. */
export async function live(world: MoneyWorld, steps: readonly Step[]): Promise<void> {
  for (const act of steps) {
    // A refusal is believed for two seconds, and nobody is asked again for one after a failure.
    world.nowMs += 800;
    await take(world, act);
    await world.verify();
  }
  const { ledger } = await world.conclude();
  // The truth about presumed spending that was credited is excess too.
  if (steps.some((act) => act.do === 'overrun' || act.do === 'credit')) return;
  expect(ledger.filter(({ reason }) => reason === 'excess')).toEqual([]);
}
