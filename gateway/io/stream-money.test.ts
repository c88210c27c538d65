import { rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BundlePrice, DecisionEvent } from '../../src/core/model/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { type Running, runManaged } from './run.ts';
import { completion, sendJson, startUpstream, type TestUpstream, USAGE, until } from './upstream.testkit.ts';

// What streams are settled by: the counters of the provider itself, or what was sent and what came when they are missing.

let upstream: TestUpstream;
let plane: TestPlane;
let host: TestHost;
let running: Running | undefined;
let folder = '';
beforeEach(async () => {
  upstream = await startUpstream();
  host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-upstream');
  plane = await startPlane(host.nowMs);
});
afterEach(async () => {
  await running?.stop(500);
  running = undefined;
  await plane.close();
  await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A token is a micro-unit, so that what is settled is the tokens. */
const PRICE: BundlePrice = {
  model: 'm',
  currency: 'EUR',
  fromMs: 0,
  inputMicrosPerMillion: 1_000_000,
  outputMicrosPerMillion: 1_000_000,
};

async function boot(provider: string, document: object = {}, providers: object = {}): Promise<string> {
  await plane.publish(documentOf({ targets: [{ model: 'm', provider }], document, providers }, [upstream.url]), {
    prices: [PRICE],
  });
  folder = plane.enrolledState();
  running = await runManaged({ host: '127.0.0.1', port: 0, simulator: null, stateDir: folder, pollSeconds: 5 }, host);
  await until(() => running?.service.snapshot !== null);
  return running.url;
}

function streamOf(events: readonly object[], last: string | null): void {
  upstream.script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    if (last !== null) response.end(last);
  };
}

const post = (url: string, path: string, more: object = {}, signal?: AbortSignal): Promise<Response> =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true, ...more }),
    ...(signal === undefined ? {} : { signal }),
  });

/** Reads until `text` came, and leaves. */
async function leaveAfter(url: string, path: string, text: string, more: object): Promise<void> {
  const leaving = new AbortController();
  const { body } = await post(url, path, more, leaving.signal);
  const reader = body?.getReader();
  let got = '';
  while (!got.includes(text)) got += Buffer.from((await reader?.read())?.value ?? []).toString();
  leaving.abort();
}

/** The one decision, with what its wallet held and paid. */
async function decided(): Promise<DecisionEvent & { readonly held: number; readonly paid: number }> {
  const found = (): DecisionEvent | undefined =>
    plane.lines.map(({ event }) => event).find((event): event is DecisionEvent => event.type === 'decision');
  await until(async () => {
    await running?.shipping?.drain();
    return found() !== undefined;
  }, 'the decision');
  const decision = found() as DecisionEvent;
  const [entry] = decision.wallets;
  return { ...decision, held: entry?.heldMicros ?? Number.NaN, paid: entry?.settledMicros ?? Number.NaN };
}

const chunk = (delta: object, finish: string | null = null): object => ({
  id: 'c',
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: finish }],
});
const message = (text: string, usage: object): readonly object[] => [
  {
    type: 'message_start',
    message: { id: 'm', type: 'message', role: 'assistant', model: 'm', content: [], ...usage },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
];
const ENDED = [
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
  { type: 'message_stop' },
];

test.each([
  ['no counters', []],
  ['nonsense', [{ id: 'c', choices: [], usage: { prompt_tokens: '900', completion_tokens: -400 } }]],
])('a translated stream of chunks with %s costs the whole hold', async (_, more) => {
  const url = await boot('openai');
  streamOf([chunk({ content: 'A long answer.' }), chunk({}, 'stop'), ...more], 'data: [DONE]\n\n');
  expect(await (await post(url, '/v1/messages', { max_tokens: 500 })).text()).toContain('message_stop');
  const { held, paid, usageFlag } = await decided();
  expect([paid, usageFlag]).toEqual([held, 'unknown']);
});

test.each([
  ['no counters', {}],
  ['counters of its start alone', { usage: { input_tokens: 3, output_tokens: 1 } }],
])('a translated stream of a message with %s costs the whole hold', async (_, usage) => {
  const url = await boot('anthropic');
  streamOf([...message('A long answer.', usage), ...ENDED], '');
  expect(await (await post(url, '/v1/chat/completions', { max_tokens: 500 })).text()).toContain('[DONE]');
  const { held, paid, usageFlag } = await decided();
  expect([paid, usageFlag]).toEqual([held, 'unknown']);
});

test('a stream with a count of nothing for its words costs the whole hold', async () => {
  const url = await boot('openai');
  const usage = { prompt_tokens: 5, completion_tokens: 0 };
  streamOf([chunk({ content: 'Some words.' }), chunk({}, 'stop'), { id: 'c', choices: [], usage }], 'data: [DONE]\n\n');
  expect(await (await post(url, '/v1/chat/completions', { max_tokens: 500 })).text()).toContain('[DONE]');
  const { held, paid, usageFlag } = await decided();
  expect([paid, usageFlag]).toEqual([held, 'unknown']);
});

test('a stream that its client leaves costs the bytes that came, also those that a policy took away', async () => {
  const filter = {
    policies: { chain: ['dlp-filter'] },
    policy: { 'dlp-filter': { detect_patterns: ['ACM-[0-9]{8}'], action: 'redact' } },
  };
  const url = await boot('openai', filter);
  streamOf([chunk({ content: `${'ꦲ'.repeat(200)} ACM-20419833 ACM-2` }), chunk({}, 'stop')], null);
  await leaveAfter(url, '/v1/chat/completions', '"stop"', { max_tokens: 4000 });
  expect(await decided()).toMatchObject({ reasonCode: 'dlp.detected', outputTokens: 600 + 13 + 6 });
});

test('a stream that its client leaves costs what came of it and not the frames, and the hold at most', async () => {
  const url = await boot('openai');
  streamOf([{ ...chunk({ content: 'Hello.' }), usage: null }], null);
  await leaveAfter(url, '/v1/chat/completions', 'Hello', { max_tokens: 4 });
  expect(await decided()).toMatchObject({ outputTokens: 4 });
});

test('a message that its client leaves costs the input that its start told, where that is more than was expected', async () => {
  const url = await boot('anthropic');
  streamOf(message('abc', { usage: { input_tokens: 5000, output_tokens: 1 } }), null);
  await leaveAfter(url, '/v1/messages', 'abc', { max_tokens: 500 });
  expect(await decided()).toMatchObject({ inputTokens: 5000, outputTokens: 3 });
});

test.each([
  ['an error in its place', JSON.stringify({ error: { message: 'overloaded' } })],
  ['half of one', '{"id":'],
  ['no event of a stream', 'data: {"error":{"message":"overloaded"}}\n\n'],
])(
  'an attempt that came to %s may have been billed and costs its whole hold, and the next one what it took',
  async (_, said) => {
    const retry_policy = { max_retries: 1, backoff: { strategy: 'fixed', delay_ms: 1 } };
    const url = await boot('openai', {}, { retry_policy });
    upstream.script = (_request, response) => {
      const isFirst = upstream.received.length === 1;
      if (!isFirst) return sendJson(response, 200, completion('fine'));
      const type = said.startsWith('data:') ? 'text/event-stream' : 'application/json';
      return void response.writeHead(200, { 'content-type': type }).end(said);
    };
    const answer = await post(url, '/v1/chat/completions', { max_tokens: 500, stream: said.startsWith('data:') });
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('fine')]);
    const { wallets } = await decided();
    const held = wallets[0]?.heldMicros ?? 0;
    expect(held).toBeGreaterThan(USAGE.total_tokens);
    expect(wallets.map(({ heldMicros, settledMicros }) => [heldMicros, settledMicros])).toEqual([
      [held, held],
      [held, USAGE.total_tokens],
    ]);
  },
);
