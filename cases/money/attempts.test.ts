import { afterEach, expect, it } from 'vitest';
import type { WalletBalance } from '../../src/ports/index.ts';
import { MINUTE_MS, type MoneyWorld, openWorld } from './world.testkit.ts';

// Courses of events in which money was once counted wrongly, or could be.

let world: MoneyWorld;
afterEach(() => world.close());

const held = (): number =>
  world.gateways[0] === undefined
    ? 0
    : [...world.gateways[0].purse().slices.values()].reduce((sum, one) => sum + one.heldMicros, 0);
const excess = async (): Promise<number> =>
  (await world.conclude()).ledger.reduce(
    (sum, { reason, amountMicros }) => sum + (reason === 'excess' ? amountMicros : 0),
    0,
  );

const spentOf = (balances: readonly WalletBalance[]): readonly number[] =>
  balances.map(({ spentMicros }) => spentMicros).filter((micros) => micros > 0);

it('a failed attempt that may be billed keeps its slice until the decision is durable', async () => {
  world = await openWorld('first-that-can-pay');
  await world.begin(0, 'team', 20);
  const [item] = world.running;
  const request = item?.request;
  if (request === undefined) throw new Error('expected a request');
  await world.gateways[0]?.again(request, false);
  // The slice of the first attempt is used up by now, and would be given back here.
  await world.gateways[0]?.ship();
  expect(held()).toBe(40);
  expect(await excess()).toBe(0);
});

it('what an attempt surely did not spend is free once the next intent says so, and not settled by a crash', async () => {
  world = await openWorld('first-that-can-pay');
  await world.begin(0, 'team', 20);
  const request = world.running[0]?.request;
  if (request === undefined) throw new Error('expected a request');
  await world.gateways[0]?.again(request, true);
  expect(held()).toBe(20);
  // Spends what the first attempt gave back.
  await world.begin(0, 'team', 20);
  await world.killGateway(0);
  const { balances, ledger } = await world.conclude();
  expect(ledger.filter(({ reason }) => reason === 'excess')).toEqual([]);
  expect(spentOf(balances)).toEqual([40]);
});

it('a slice that ran out while its gateway was off is given back when it starts', async () => {
  world = await openWorld('first-that-can-pay');
  await world.begin(0, 'team', 5);
  const [item] = world.running.splice(0);
  if (item !== undefined) await world.gateways[0]?.end(item.request, { inputTokens: 0, outputTokens: 5 });
  world.nowMs += 120 * MINUTE_MS;
  await world.expire();
  await world.killGateway(0);
  const { balances } = await world.conclude();
  expect(spentOf(balances)).toEqual([5]);
});

it('a lowered limit is in force for a gateway once it has adopted it, whatever it leased before', async () => {
  world = await openWorld('first-that-can-pay');
  expect(await world.begin(0, 'org', 10)).toBeUndefined();
  await world.setLimit('org', 0);
  // 30 were leased.
  expect(await world.begin(0, 'org', 10)).toBeUndefined();
  world.gateways[0]?.adopt();
  expect(await world.begin(0, 'org', 1)).toBe('budget_exceeded');
  await world.setLimit('org', 1000);
  world.nowMs += 3000;
  expect(await world.begin(0, 'org', 1)).toBeUndefined();
  expect(await excess()).toBe(0);
});

it('a clock in another period, or beyond the end of every lease, gets no money, and takes none from others', async () => {
  world = await openWorld('first-that-can-pay');
  for (const minutes of [24 * 60, 46]) {
    world.skewMs[0] = minutes * MINUTE_MS;
    world.nowMs += 2000;
    expect(await world.begin(0, 'team', 1)).toBe('wallet_unavailable');
  }
  world.skewMs[0] = 0;
  const { ledger } = await world.conclude();
  // Beside what the conclusion leases: one slice for the clock that is in the same day, which came back; none for the one that is not.
  expect(ledger.map(({ reason, amountMicros }) => `${reason} ${amountMicros}`)).toEqual(
    expect.arrayContaining(['lease 20', 'release 20']),
  );
  expect(ledger.filter(({ amountMicros }) => amountMicros === 20)).toHaveLength(2);
});
