import { expect, test } from 'vitest';
import type { DecisionEvent } from '../../src/core/model/index.ts';
import { type EnrolledGateway, pricesOf, say, startEnrolled } from './enrolled.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { chainOf } from './standalone.testkit.ts';
import { completion, sendJson, USAGE } from './upstream.testkit.ts';

// What streams are settled by: the counters of the provider itself, or what was sent and what came when they are missing.

/** A provider that streams these events and its last text; null: it does not end. */
const boot = (provider: string, events: readonly object[], last: string | null, document: object = {}) =>
  startEnrolled({
    policy: documentOf({ targets: [{ model: 'm', provider }], document }),
    data: { prices: pricesOf('m') },
    scripts: [
      (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
        if (last !== null) response.end(last);
      },
    ],
  });

const asking = (max_tokens: number): object => say('hi', { model: 'm', stream: true, max_tokens });

/** Reads until `text` came, and leaves. */
async function leaveAfter(gateway: EnrolledGateway, path: string, text: string, limit: number): Promise<void> {
  const leaving = new AbortController();
  const { body } = await gateway.send(path, asking(limit), { signal: leaving.signal });
  const reader = body?.getReader();
  let got = '';
  while (!got.includes(text)) got += Buffer.from((await reader?.read())?.value ?? []).toString();
  leaving.abort();
}

/** The one decision, with what its wallet held and paid. */
async function decided(
  gateway: EnrolledGateway,
): Promise<DecisionEvent & { readonly held: number; readonly paid: number }> {
  const decision = await gateway.decided();
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
const DONE = 'data: [DONE]\n\n';
const ENDED = [
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
  { type: 'message_stop' },
];

test.each([
  ['no counters', []],
  ['nonsense', [{ id: 'c', choices: [], usage: { prompt_tokens: '900', completion_tokens: -400 } }]],
])('a translated stream of chunks with %s costs the whole hold', async (_, more) => {
  const gateway = await boot('openai', [chunk({ content: 'A long answer.' }), chunk({}, 'stop'), ...more], DONE);
  expect(await (await gateway.send('/v1/messages', asking(500))).text()).toContain('message_stop');
  const { held, paid, usageFlag } = await decided(gateway);
  expect([paid, usageFlag]).toEqual([held, 'unknown']);
});

test.each([
  ['no counters', {}],
  ['counters of its start alone', { usage: { input_tokens: 3, output_tokens: 1 } }],
])('a translated stream of a message with %s costs the whole hold', async (_, usage) => {
  const gateway = await boot('anthropic', [...message('A long answer.', usage), ...ENDED], '');
  expect(await (await gateway.ask(asking(500))).text()).toContain('[DONE]');
  const { held, paid, usageFlag } = await decided(gateway);
  expect([paid, usageFlag]).toEqual([held, 'unknown']);
});

test('a stream with a count of nothing for its words costs the whole hold', async () => {
  const usage = { prompt_tokens: 5, completion_tokens: 0 };
  const gateway = await boot(
    'openai',
    [chunk({ content: 'Some words.' }), chunk({}, 'stop'), { id: 'c', choices: [], usage }],
    DONE,
  );
  expect(await (await gateway.ask(asking(500))).text()).toContain('[DONE]');
  const { held, paid, usageFlag } = await decided(gateway);
  expect([paid, usageFlag]).toEqual([held, 'unknown']);
});

const EARLY = { prompt_tokens: 5, completion_tokens: 1 };
const NONSENSE = { id: 'c', choices: [], usage: { prompt_tokens: -900, completion_tokens: '40' } };

test.each([
  ['before its last words', []],
  ['before nonsense', [NONSENSE]],
])('a stream that was counted %s costs the whole hold', async (_, more) => {
  const first = { ...chunk({ content: 'Some' }), usage: EARLY };
  const gateway = await boot('openai', [first, chunk({ content: ' words.' }), chunk({}, 'stop'), ...more], DONE);
  expect(await (await gateway.ask(asking(500))).text()).toContain('[DONE]');
  const { held, paid, usageFlag } = await decided(gateway);
  expect([paid, usageFlag]).toEqual([held, 'unknown']);
});

test('a stream that is cut off after words that its counters do not know costs the bytes that came', async () => {
  const first = { ...chunk({ content: 'Some' }), usage: { ...EARLY, prompt_tokens: 5000 } };
  const gateway = await boot('openai', [first, chunk({ content: ' words.' })], '');
  expect(await (await gateway.ask(asking(500))).text()).toContain('upstream_error');
  expect(await decided(gateway)).toMatchObject({ inputTokens: 5000, outputTokens: 11 });
});

test('a stream that its client leaves costs the bytes that came, also those that a policy took away', async () => {
  const filter = chainOf({ 'dlp-filter': { detect_patterns: ['ACM-[0-9]{8}'], action: 'redact' } });
  const gateway = await boot(
    'openai',
    [chunk({ content: `${'ꦲ'.repeat(200)} ACM-20419833 ACM-2` }), chunk({}, 'stop')],
    null,
    filter,
  );
  await leaveAfter(gateway, '/v1/chat/completions', '"stop"', 4000);
  expect(await decided(gateway)).toMatchObject({ reasonCode: 'dlp.detected', outputTokens: 600 + 13 + 6 });
});

test('a stream that its client leaves costs what came of it and not the frames, and the hold at most', async () => {
  const gateway = await boot('openai', [{ ...chunk({ content: 'Hello.' }), usage: null }], null);
  await leaveAfter(gateway, '/v1/chat/completions', 'Hello', 4);
  expect(await decided(gateway)).toMatchObject({ outputTokens: 4 });
});

test('a message that its client leaves costs the input that its start told, where that is more than was expected', async () => {
  const gateway = await boot('anthropic', message('abc', { usage: { input_tokens: 5000, output_tokens: 1 } }), null);
  await leaveAfter(gateway, '/v1/messages', 'abc', 500);
  expect(await decided(gateway)).toMatchObject({ inputTokens: 5000, outputTokens: 3 });
});

test.each([
  ['an error in its place', JSON.stringify({ error: { message: 'overloaded' } })],
  ['half of one', '{"id":'],
  ['no event of a stream', 'data: {"error":{"message":"overloaded"}}\n\n'],
])(
  'an attempt that came to %s may have been billed and costs its whole hold, and the next one what it took',
  async (_, said) => {
    const isStream = said.startsWith('data:');
    const retry_policy = { max_retries: 1, backoff: { strategy: 'fixed', delay_ms: 1 } };
    const gateway = await startEnrolled({
      policy: documentOf({ targets: [{ model: 'm' }], providers: { retry_policy } }),
      data: { prices: pricesOf('m') },
    });
    gateway.upstream.script = (_request, response) => {
      if (gateway.upstream.received.length > 1) return sendJson(response, 200, completion('fine'));
      const type = isStream ? 'text/event-stream' : 'application/json';
      return void response.writeHead(200, { 'content-type': type }).end(said);
    };
    const answer = await gateway.ask(say('hi', { model: 'm', stream: isStream, max_tokens: 500 }));
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('fine')]);
    const { wallets } = await decided(gateway);
    const held = wallets[0]?.heldMicros ?? 0;
    expect(held).toBeGreaterThan(USAGE.total_tokens);
    expect(wallets.map(({ heldMicros, settledMicros }) => [heldMicros, settledMicros])).toEqual([
      [held, held],
      [held, USAGE.total_tokens],
    ]);
  },
);
