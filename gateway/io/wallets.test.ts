import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BundleWallet, DecisionEvent } from '../../src/core/model/index.ts';
import { LEASE_MS, LONGEST_ANSWER_MS } from '../../src/core/wallet/index.ts';
import { forTest, outcomeOf, type Published, say, startEnrolled } from './enrolled.testkit.ts';
import { sampleData } from './plane.testkit.ts';
import { documentOf, startRouted } from './routing.testkit.ts';
import { chunk, eventsOf, sendJson, streamOf, type TestUpstream, until } from './upstream.testkit.ts';

// Which money an enrolled gateway pays from: when documents change, after a restart, and while nobody can be asked.

/** The sample wallet with these changes; its price is in its currency. */
function published(wallet: Partial<BundleWallet> = {}, providers: object = {}): Published {
  const { wallets, prices } = sampleData();
  const { currency = 'EUR' } = wallet;
  return {
    policy: documentOf({ targets: [{}], providers }),
    data: {
      wallets: wallets.map((item) => ({ ...item, ...wallet })),
      prices: prices.map((price) => ({ ...price, currency })),
    },
  };
}

async function boot(wallet: Partial<BundleWallet> = {}, providers: object = {}) {
  const gateway = await startEnrolled(published(wallet, providers));
  const { plane } = gateway;
  const decisions = async (): Promise<readonly DecisionEvent[]> => {
    await gateway.delivered();
    return gateway.events('decision');
  };
  return {
    ...gateway,
    decisions,
    outcome: async () => outcomeOf(await gateway.ask()),
    /** What decisions say of money: slice, currency, settled, excess. */
    paid: async (): Promise<readonly string[]> =>
      (await decisions()).flatMap(({ wallets }) =>
        wallets.map(({ sliceId, currency, settledMicros, excessMicros = 0 }) =>
          [sliceId ?? 'none', currency, settledMicros, ...(excessMicros === 0 ? [] : [excessMicros])].join(' '),
        ),
      ),
    leases: (): number => plane.counts.get('/api/v1/gateway/wallets/lease') ?? 0,
    isOpen: (id: string): boolean | undefined => plane.slices.get(id)?.open,
  };
}

describe('a wallet whose currency changes', () => {
  test('is paid from slices of the new one; those of the old one are given back when the document holds', async () => {
    const { plane, change, outcome, paid, isOpen } = await boot();
    expect(await outcome()).toBe('200');
    plane.currency = 'USD';
    await change(published({ currency: 'USD' }));
    await until(() => isOpen('s1') === false, 'the old slice to be given back');
    expect(await outcome()).toBe('200');
    expect(await paid()).toEqual(['s1 EUR 18', 's2 USD 18']);
  });

  test('pays nothing from a slice of a currency that the document does not name, and asks for no other at once', async () => {
    const { plane, host, outcome, leases, isOpen, delivered } = await boot();
    plane.currency = 'USD';
    expect(await outcome()).toBe('503 wallet_unavailable');
    expect(leases()).toBe(1);
    await delivered();
    expect(isOpen('s1')).toBe(false);
    plane.currency = 'EUR';
    host.aheadMs += 1000;
    expect(await outcome()).toBe('200');
  });
});

describe('a wallet that nobody pays from here any more', () => {
  const paidFrom = (name: string | null): Published => ({
    ...published(),
    data: {
      wallets: name === null ? [] : sampleData().wallets.map((wallet) => ({ ...wallet, name })),
      tokens: sampleData().tokens.map((token) => ({ ...token, wallet: name })),
    },
  });
  type Booted = Awaited<ReturnType<typeof boot>>;

  test.each<[string, (gateway: Booted) => Promise<unknown>]>([
    ['its tokens pay from nothing', ({ change }) => change(paidFrom(null))],
    ['its tokens pay from another one', ({ change }) => change(paidFrom('desk'))],
    ['the gateway is published no more', ({ plane }) => plane.delist()],
  ])('has its slices back when %s', async (_, end) => {
    const gateway = await boot();
    const { outcome, isOpen, running } = gateway;
    expect(await outcome()).toBe('200');
    await gateway.delivered();
    await end(gateway);
    await until(() => isOpen('s1') === false && running().service.desk?.keptSlices().length === 0, 'the slice');
  });
});

describe('a wallet whose slices are smaller than a request', () => {
  test('is asked for what requests need, and for no more than a slice beside them', async () => {
    const { plane, outcome, leases, running } = await boot();
    plane.sliceMicros = 10;
    expect(await outcome()).toBe('200');
    await until(() => leases() === 2, 'the next slice');
    await until(() => running().service.desk?.keptSlices().length === 2, 'its answer');
    // A request of the sample may cost 222.
    expect([...plane.slices.values()].map(({ granted }) => granted)).toEqual([222, 10]);
  });
});

describe('without control plane', () => {
  test.each<[BundleWallet['whenExhausted'], string]>([
    ['allow', '200'],
    ['block', '503 wallet_unavailable'],
    ['hold', '503 wallet_unavailable'],
  ])('a wallet that says %s and has no slice answers %s', async (whenExhausted, code) => {
    const { plane, outcome, paid } = await boot({ whenExhausted });
    plane.away = true;
    expect(await outcome()).toBe(code);
    plane.away = false;
    expect(await paid()).toEqual(code === '200' ? ['none EUR 0 18'] : []);
  });

  test('who allows waits for nobody after the first failure, and leases again when somebody answers', async () => {
    const { plane, host, outcome, paid } = await boot({ whenExhausted: 'allow' });
    plane.away = true;
    expect(await outcome()).toBe('200');
    plane.away = false;
    let answer: () => void = () => {};
    plane.leasing = new Promise((resolve) => {
      answer = resolve;
    });
    host.aheadMs += 1000;
    expect([await outcome(), await outcome()]).toEqual(['200', '200']);
    answer();
    await until(() => plane.slices.size === 1, 'a lease');
    await until(async () => (await outcome()) === '200' && (await paid()).at(-1) === 's1 EUR 18', 'a slice that pays');
    expect((await paid()).slice(0, 3)).toEqual(['none EUR 0 18', 'none EUR 0 18', 'none EUR 0 18']);
  });
});

describe('after a restart', () => {
  const CHECKPOINT = 'wallets.json';

  test.each<[string, Partial<BundleWallet>, string]>([
    ['a limit that was lowered', { limitMicros: 60 }, '402 budget_exceeded'],
    ['a currency that was changed', { currency: 'USD' }, '200'],
  ])('%s meanwhile holds as if there had been none', async (_, changed, code) => {
    const { plane, running, start, stop, publish, outcome, leases, isOpen, delivered } = await boot();
    expect(await outcome()).toBe('200');
    await delivered();
    await stop();
    plane.limitMicros = changed.limitMicros ?? plane.limitMicros;
    plane.currency = changed.currency ?? plane.currency;
    await publish(published(changed));
    await start();
    const isThere = ({ limitMicros, currency }: BundleWallet): boolean =>
      limitMicros === (changed.limitMicros ?? limitMicros) && currency === (changed.currency ?? currency);
    await until(() => [...(running().service.snapshot?.tenant?.wallets.values() ?? [])].every(isThere), 'the change');
    expect(await outcome()).toBe(code);
    expect(leases()).toBe(2);
    await delivered();
    expect(isOpen('s1')).toBe(false);
  });

  test('slices whose terms still hold pay on, also without control plane', async () => {
    const { plane, start, stop, outcome, paid, delivered } = await boot();
    expect(await outcome()).toBe('200');
    await delivered();
    await stop();
    plane.away = true;
    await start();
    expect(await outcome()).toBe('200');
    plane.away = false;
    expect(await paid()).toEqual(['s1 EUR 18', 's1 EUR 18']);
  });

  test('a checkpoint of before, which does not say the limit, opens; its slices are given back and others leased', async () => {
    const { folder, start, stop, outcome, paid, isOpen } = await boot();
    expect(await outcome()).toBe('200');
    await stop();
    const path = join(folder, CHECKPOINT);
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { slices: { limitMicros?: number }[] };
    expect(kept.slices.map(({ limitMicros }) => limitMicros)).toEqual([1_000_000]);
    const before = kept.slices.map(({ limitMicros: _limit, ...slice }) => slice);
    writeFileSync(path, JSON.stringify({ ...kept, slices: before }));
    await start();
    expect(await outcome()).toBe('200');
    expect(await paid()).toEqual(['s1 EUR 18', 's2 EUR 18']);
    expect(isOpen('s1')).toBe(false);
  });
});

describe('what wallets pay for', () => {
  const begin: TestUpstream['script'] = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ content: 'It begins.' }));
  };

  test('ends after the longest time: a stream by an error and without its end', async () => {
    const { upstream, host, ask, decisions } = await boot();
    upstream.script = begin;
    const response = await ask(say('hi', { stream: true }));
    host.aheadMs += LONGEST_ANSWER_MS;
    const text = await response.text();
    expect(text).toContain('It begins.');
    expect(text).not.toContain('[DONE]');
    expect(JSON.parse(eventsOf(text).at(-1) ?? '')).toMatchObject({ error: { code: 'answer_too_long' } });
    expect(await decisions()).toMatchObject([{ status: 200, reasonCode: 'gateway.answer_too_long', stream: true }]);
    await until(() => upstream.aborted === 1, 'the end of the connection to the provider');
  });

  test('ends so for a client that does not read, too', async () => {
    const { upstream, host, ask, decisions } = await boot();
    const part = chunk({ content: 'x'.repeat(500_000) });
    upstream.script = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let index = 0; index < 60; index += 1) response.write(part);
    };
    const response = await ask(say('hi', { stream: true }));
    host.aheadMs += LONGEST_ANSWER_MS;
    await until(async () => (await decisions()).length === 1, 'the decision');
    expect(await decisions()).toMatchObject([{ reasonCode: 'gateway.answer_too_long' }]);
    await response.body?.cancel();
  });

  test('ends so where the answer comes in one piece, byte by byte', async () => {
    const { upstream, host, outcome, decisions } = await boot();
    upstream.script = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{');
      host.aheadMs += LONGEST_ANSWER_MS;
    };
    expect(await outcome()).toBe('504 answer_too_long');
    expect(await decisions()).toMatchObject([{ status: 504, reasonCode: 'gateway.answer_too_long' }]);
  });

  test('is not asked for again after it, and no silence is awaited beyond it', async () => {
    const retry = { max_retries: 5, backoff: { strategy: 'fixed', delay_ms: 1 } };
    const { upstream, host, outcome, decisions } = await boot({}, { retry_policy: retry });
    upstream.script = (_request, response) => {
      if (upstream.received.length > 1) return;
      host.aheadMs += LONGEST_ANSWER_MS - 500;
      sendJson(response, 503, {});
    };
    expect(await outcome()).toBe('504 answer_too_long');
    expect(upstream.received).toHaveLength(2);
    expect(await decisions()).toMatchObject([{ status: 504, reasonCode: 'gateway.answer_too_long' }]);
  });

  test('is held of no slice that may expire before: another is leased', async () => {
    const { host, outcome, paid, leases } = await boot();
    expect(await outcome()).toBe('200');
    host.aheadMs += LEASE_MS - LONGEST_ANSWER_MS - 2 * 60_000;
    expect(await outcome()).toBe('200');
    expect(leases()).toBe(1);
    host.aheadMs += 60_000;
    expect(await outcome()).toBe('200');
    expect(await paid()).toEqual(['s1 EUR 18', 's1 EUR 18', 's2 EUR 18']);
  });

  test('is all that ends so: a stream that nobody pays for is as long as it is', async () => {
    const { upstreams, host, ask } = forTest(await startRouted({ targets: [{}] }));
    const [upstream] = upstreams as [TestUpstream];
    let finish: () => void = () => {};
    upstream.script = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'It begins.' }));
      finish = () => response.end(streamOf(['It ends.']));
    };
    const response = await ask({ stream: true });
    host.aheadMs += 10 * LONGEST_ANSWER_MS;
    // Longer than a watch would take to look at the clock.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    finish();
    expect(await response.text()).toContain('[DONE]');
  });
});
