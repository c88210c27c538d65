import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BundleWallet, DecisionEvent } from '../../src/core/model/index.ts';
import { LEASE_MS, LONGEST_ANSWER_MS } from '../../src/core/wallet/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { sampleData, startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { type Running, runManaged } from './run.ts';
import { startStandalone } from './standalone.testkit.ts';
import { chunk, eventsOf, sendJson, startUpstream, streamOf, type TestUpstream, until } from './upstream.testkit.ts';

// Which money an enrolled gateway pays from: when documents change, after a restart, and while nobody can be asked.

let upstream: TestUpstream;
let plane: TestPlane;
let host: TestHost;
let running: Running;
let folder = '';

beforeEach(async () => {
  upstream = await startUpstream();
  host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  plane = await startPlane(host.nowMs);
});
afterEach(async () => {
  await running.stop(500);
  await plane.close();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Publishes the sample wallet with these changes; its price is in its currency. */
async function publish(wallet: Partial<BundleWallet> = {}, providers: object = {}): Promise<void> {
  const { wallets, prices } = sampleData();
  const { currency = 'EUR' } = wallet;
  await plane.publish(documentOf({ targets: [{}], providers }, [upstream.url]), {
    wallets: wallets.map((item) => ({ ...item, ...wallet })),
    prices: prices.map((price) => ({ ...price, currency })),
  });
}

async function start(): Promise<void> {
  running = await runManaged({ stateDir: folder, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5 }, host);
  await until(() => running.service.snapshot !== null, 'a snapshot');
}

async function boot(wallet: Partial<BundleWallet> = {}, providers: object = {}): Promise<void> {
  await publish(wallet, providers);
  folder = plane.enrolledState();
  await start();
}

/** Publishes and waits until the gateway has it. */
async function change(wallet: Partial<BundleWallet>): Promise<void> {
  const before = running.service.snapshot;
  await publish(wallet);
  await until(() => running.service.snapshot !== before, 'the swap');
}

function request(more: object = {}): Promise<Response> {
  return fetch(`${running.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({
      model: 'gpt-4o-mini',
      max_tokens: 50,
      messages: [{ role: 'user', content: 'hi' }],
      ...more,
    }),
  });
}

async function ask(): Promise<string> {
  const response = await request();
  const { error } = (await response.json()) as { readonly error?: { readonly code: string } };
  return error === undefined ? String(response.status) : `${response.status} ${error.code}`;
}

async function decisions(): Promise<readonly DecisionEvent[]> {
  expect(await running.shipping?.drain()).toBe(true);
  return plane.lines.flatMap(({ event }): readonly DecisionEvent[] => (event.type === 'decision' ? [event] : []));
}

/** What decisions say of money: slice, currency, settled, excess. */
async function paid(): Promise<readonly string[]> {
  return (await decisions()).flatMap(({ wallets }) =>
    wallets.map(({ sliceId, currency, settledMicros, excessMicros = 0 }) =>
      [sliceId ?? 'none', currency, settledMicros, ...(excessMicros === 0 ? [] : [excessMicros])].join(' '),
    ),
  );
}

const leases = (): number => plane.counts.get('/api/v1/gateway/wallets/lease') ?? 0;
const isOpen = (id: string): boolean | undefined => plane.slices.get(id)?.open;

describe('a wallet whose currency changes', () => {
  test('is paid from slices of the new one; those of the old one are given back when the document holds', async () => {
    await boot();
    expect(await ask()).toBe('200');
    plane.currency = 'USD';
    await change({ currency: 'USD' });
    await until(() => isOpen('s1') === false, 'the old slice to be given back');
    expect(await ask()).toBe('200');
    expect(await paid()).toEqual(['s1 EUR 18', 's2 USD 18']);
  });

  test('pays nothing from a slice of a currency that the document does not name, and asks for no other at once', async () => {
    await boot();
    plane.currency = 'USD';
    expect(await ask()).toBe('503 wallet_unavailable');
    expect(leases()).toBe(1);
    await running.shipping?.drain();
    expect(isOpen('s1')).toBe(false);
    plane.currency = 'EUR';
    host.aheadMs += 1000;
    expect(await ask()).toBe('200');
  });
});

describe('without control plane', () => {
  test.each<[BundleWallet['whenExhausted'], string]>([
    ['allow', '200'],
    ['block', '503 wallet_unavailable'],
    ['hold', '503 wallet_unavailable'],
  ])('a wallet that says %s and has no slice answers %s', async (whenExhausted, outcome) => {
    await boot({ whenExhausted });
    plane.away = true;
    expect(await ask()).toBe(outcome);
    plane.away = false;
    expect(await paid()).toEqual(outcome === '200' ? ['none EUR 0 18'] : []);
  });

  test('who allows waits for nobody after the first failure, and leases again when somebody answers', async () => {
    await boot({ whenExhausted: 'allow' });
    plane.away = true;
    expect(await ask()).toBe('200');
    plane.away = false;
    let answer: () => void = () => {};
    plane.leasing = new Promise((resolve) => {
      answer = resolve;
    });
    host.aheadMs += 1000;
    expect([await ask(), await ask()]).toEqual(['200', '200']);
    answer();
    await until(() => plane.slices.size === 1, 'a lease');
    await until(async () => (await ask()) === '200' && (await paid()).at(-1) === 's1 EUR 18', 'a slice that pays');
    expect((await paid()).slice(0, 3)).toEqual(['none EUR 0 18', 'none EUR 0 18', 'none EUR 0 18']);
  });
});

describe('after a restart', () => {
  const CHECKPOINT = 'wallets.json';

  test.each<[string, Partial<BundleWallet>, string]>([
    ['a limit that was lowered', { limitMicros: 60 }, '402 budget_exceeded'],
    ['a currency that was changed', { currency: 'USD' }, '200'],
  ])('%s meanwhile holds as if there had been none', async (_, changed, outcome) => {
    await boot();
    expect(await ask()).toBe('200');
    await running.shipping?.drain();
    await running.stop(500);
    plane.limitMicros = changed.limitMicros ?? plane.limitMicros;
    plane.currency = changed.currency ?? plane.currency;
    await publish(changed);
    await start();
    const isThere = ({ limitMicros, currency }: BundleWallet): boolean =>
      limitMicros === (changed.limitMicros ?? limitMicros) && currency === (changed.currency ?? currency);
    await until(() => [...(running.service.snapshot?.tenant?.wallets.values() ?? [])].every(isThere), 'the change');
    expect(await ask()).toBe(outcome);
    expect(leases()).toBe(2);
    await running.shipping?.drain();
    expect(isOpen('s1')).toBe(false);
  });

  test('slices whose terms still hold pay on, also without control plane', async () => {
    await boot();
    expect(await ask()).toBe('200');
    await running.shipping?.drain();
    await running.stop(500);
    plane.away = true;
    await start();
    expect(await ask()).toBe('200');
    plane.away = false;
    expect(await paid()).toEqual(['s1 EUR 18', 's1 EUR 18']);
  });

  test('a checkpoint of before, which does not say the limit, opens; its slices are given back and others leased', async () => {
    await boot();
    expect(await ask()).toBe('200');
    await running.stop(500);
    const path = join(folder, CHECKPOINT);
    const kept = JSON.parse(readFileSync(path, 'utf8')) as { slices: { limitMicros?: number }[] };
    expect(kept.slices.map(({ limitMicros }) => limitMicros)).toEqual([1_000_000]);
    const before = kept.slices.map(({ limitMicros: _limit, ...slice }) => slice);
    writeFileSync(path, JSON.stringify({ ...kept, slices: before }));
    await start();
    expect(await ask()).toBe('200');
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
    await boot();
    upstream.script = begin;
    const response = await request({ stream: true });
    host.aheadMs += LONGEST_ANSWER_MS;
    const text = await response.text();
    expect(text).toContain('It begins.');
    expect(text).not.toContain('[DONE]');
    expect(JSON.parse(eventsOf(text).at(-1) ?? '')).toMatchObject({ error: { code: 'answer_too_long' } });
    expect(await decisions()).toMatchObject([{ status: 200, reasonCode: 'gateway.answer_too_long', stream: true }]);
    await until(() => upstream.aborted === 1, 'the end of the connection to the provider');
  });

  test('ends so for a client that does not read, too', async () => {
    await boot();
    const part = chunk({ content: 'x'.repeat(500_000) });
    upstream.script = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (let index = 0; index < 60; index += 1) response.write(part);
    };
    const response = await request({ stream: true });
    host.aheadMs += LONGEST_ANSWER_MS;
    await until(async () => (await decisions()).length === 1, 'the decision');
    expect(await decisions()).toMatchObject([{ reasonCode: 'gateway.answer_too_long' }]);
    await response.body?.cancel();
  });

  test('ends so where the answer comes in one piece, byte by byte', async () => {
    await boot();
    upstream.script = (_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{');
      host.aheadMs += LONGEST_ANSWER_MS;
    };
    expect(await ask()).toBe('504 answer_too_long');
    expect(await decisions()).toMatchObject([{ status: 504, reasonCode: 'gateway.answer_too_long' }]);
  });

  test('is not asked for again after it, and no silence is awaited beyond it', async () => {
    const retry = { max_retries: 5, backoff: { strategy: 'fixed', delay_ms: 1 } };
    await boot({}, { retry_policy: retry });
    upstream.script = (_request, response) => {
      if (upstream.received.length > 1) return;
      host.aheadMs += LONGEST_ANSWER_MS - 500;
      sendJson(response, 503, {});
    };
    expect(await ask()).toBe('504 answer_too_long');
    expect(upstream.received).toHaveLength(2);
    expect(await decisions()).toMatchObject([{ status: 504, reasonCode: 'gateway.answer_too_long' }]);
  });

  test('is held of no slice that may expire before: another is leased', async () => {
    await boot();
    expect(await ask()).toBe('200');
    host.aheadMs += LEASE_MS - LONGEST_ANSWER_MS - 2 * 60_000;
    expect(await ask()).toBe('200');
    expect(leases()).toBe(1);
    host.aheadMs += 60_000;
    expect(await ask()).toBe('200');
    expect(await paid()).toEqual(['s1 EUR 18', 's1 EUR 18', 's2 EUR 18']);
  });

  test('is all that ends so: a stream that nobody pays for is as long as it is', async () => {
    await boot();
    const alone = await startStandalone({
      document: documentOf({ targets: [{}] }, [upstream.url]),
      variables: { UPSTREAM_KEY: 'sk-upstream' },
    });
    let finish: () => void = () => {};
    upstream.script = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'It begins.' }));
      finish = () => response.end(streamOf(['It ends.']));
    };
    const message = { role: 'user', content: 'hi' };
    const response = await alone.post('/v1/chat/completions', {
      ...{ model: 'gpt-4o-mini', messages: [message], stream: true },
    });
    alone.host.aheadMs += 10 * LONGEST_ANSWER_MS;
    // Longer than a watch would take to look at the clock.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    finish();
    expect(await response.text()).toContain('[DONE]');
    await alone.close(200);
  });
});
