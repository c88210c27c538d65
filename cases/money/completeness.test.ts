import { afterEach, expect, it } from 'vitest';
import { GATEWAYS, MINUTE_MS, type MoneyWorld, openWorld } from './world.testkit.ts';

// Done when: with kill -9, a full disk and a day without control plane, every request that went out has its intent and one
// decision, and the chain verifies. `conclude` proves it with `verifyEvidence` and with what this side knows was sent.

let world: MoneyWorld;
afterEach(() => world.close());

async function endAll(): Promise<void> {
  for (const { gateway, request } of world.running.splice(0))
    await world.gateways[gateway]?.end(request, { inputTokens: 0, outputTokens: request.boundMicros });
}

it('a day without control plane loses nothing: what slices still pay goes on, and all of it is delivered afterwards', async () => {
  world = await openWorld('first-that-can-pay');
  for (const index of GATEWAYS.keys()) await world.begin(index, 'org', 1);
  world.isAway = true;
  let refused = 0;
  let answered = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    for (const index of GATEWAYS.keys()) {
      const code = await world.begin(index, 'org', 1);
      if (code === undefined) answered += 1;
      else expect(code).toBe('wallet_unavailable');
      refused += code === undefined ? 0 : 1;
      expect(await world.gateways[index]?.ship()).toBe(false);
    }
    await endAll();
    if (hour === 12) for (const index of GATEWAYS.keys()) await world.killGateway(index);
    world.nowMs += (hour === 0 ? 1 : 60) * MINUTE_MS;
  }
  // Leased slices pay for fourteen minutes; after that a hard wallet is closed, not open (rule 13).
  expect([answered > 0, refused > 0]).toEqual([true, true]);
  world.isAway = false;
  await world.expire();
  const { decided } = await world.conclude();
  // Those that were let out here and in the conclusion; what was refused before it was held has a decision of its own kind.
  expect(decided).toBe(3 + answered + 3);
});

it('a full disk refuses before anything is sent, and keeps the decision of what was sent until it can be written', async () => {
  world = await openWorld('first-that-can-pay');
  await world.begin(0, 'org', 5);
  const [one] = world.gateways;
  if (one === undefined) throw new Error('expected a gateway');
  one.isDiskFull = true;
  const [sent] = world.running.splice(0);
  if (sent === undefined) throw new Error('expected a request');
  expect(await one.end(sent.request, { inputTokens: 0, outputTokens: 5 })).toBe(false);
  expect(await world.begin(0, 'org', 5)).toBe('journal_unavailable');
  const held = [...one.purse().slices.values()].reduce((sum, { heldMicros }) => sum + heldMicros, 0);
  expect(held).toBe(5);
  one.isDiskFull = false;
  const { decided, balances } = await world.conclude();
  expect([decided, balances.reduce((sum, { spentMicros }) => sum + spentMicros, 0)]).toEqual([1 + 3, 5]);
});

it('credited presumed spending does not keep the truth from being delivered', async () => {
  world = await openWorld('first-that-can-pay');
  await world.begin(0, 'org', 300);
  world.nowMs += 80 * MINUTE_MS;
  await world.expire();
  // Of the slice that was asked for, and of another, a hundredth, where one was fetched ahead; more than is spent is refused.
  for (const micros of [300, 30]) await world.adjust('org', 'credit', micros);
  const [sent] = world.running.splice(0);
  expect(await world.gateways[0]?.end(sent?.request as never, { inputTokens: 0, outputTokens: 40 })).toBe(true);
  expect(await world.gateways[0]?.ship()).toBe(true);
  const { ledger, balances } = await world.conclude();
  expect(ledger.filter(({ reason }) => reason === 'excess').map(({ amountMicros }) => amountMicros)).toEqual([40]);
  expect(balances.reduce((sum, { spentMicros }) => sum + spentMicros, 0)).toBe(40);
});

it('kills in every round leave one decision of each request that went out', async () => {
  world = await openWorld('all-must-pass');
  for (let round = 0; round < 4; round += 1) {
    for (const index of GATEWAYS.keys()) {
      await Promise.all([1, 2, 3].map((micros) => world.begin(index, 'team', micros)));
      const [item] = world.running.splice(0, 1);
      if (item !== undefined)
        await world.gateways[item.gateway]?.end(item.request, { inputTokens: 0, outputTokens: 1 });
      await world.killGateway(index);
    }
    await world.killPlane();
  }
  const { ledger } = await world.conclude();
  expect(ledger.filter(({ reason }) => reason === 'excess')).toEqual([]);
});
