import { describe, expect, test } from 'vitest';
import { pricesOf, say, startEnrolled } from './enrolled.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { echo, sendJson, type TestUpstream } from './upstream.testkit.ts';

// What a wallet holds bounds what a provider may be asked for, whatever fields a caller finds; what it settles is what the
// provider surely worked on.

const start = (script: TestUpstream['script'], target: object = {}) =>
  startEnrolled({
    policy: documentOf({ targets: [{ model: 'm', ...target }] }),
    data: { prices: pricesOf('m') },
    scripts: [script],
  });

const PLAIN = say('hi', { model: 'm' });
const { messages } = PLAIN;
const refusing =
  (status: number): TestUpstream['script'] =>
  (_request, response) =>
    sendJson(response, status, { type: 'error', error: { type: 'x', message: 'x' } });
const answering =
  (usage: object, message: object = { role: 'assistant', content: 'x' }): TestUpstream['script'] =>
  (_request, response) =>
    sendJson(response, 200, {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    });

describe('a request that a wallet pays', () => {
  test.each([
    ['another field', { max_output_tokens: 1 }],
    ['a name that the provider does not read', { max_completion_tokens: 1 }],
  ])('has its limit where the provider reads it, not in %s', async (_, limit) => {
    const target = { provider: 'ollama', format: 'openai' };
    const { ask, upstream } = await start(answering({ prompt_tokens: 20, completion_tokens: 1 }), target);
    expect((await ask({ model: 'm', messages, ...limit })).status).toBe(200);
    expect(upstream.received[0]?.body).toEqual({ model: 'm', messages, max_tokens: 1 });
  });

  test.each([
    ['a key twice', '{"model":"m","max_tokens":60000,"max_tokens":1,"messages":[{"role":"user","content":"hi"}]}'],
    ['a key twice deeper', '{"model":"m","messages":[{"role":"user","content":"a","content":"b"}]}'],
    [
      'a key in capitals',
      '{"model":"m","max_tokens":1,"MAX_TOKENS":60000,"messages":[{"role":"user","content":"hi"}]}',
    ],
    ['a limit that is text', '{"model":"m","max_tokens":"60000","messages":[{"role":"user","content":"hi"}]}'],
  ])('is refused with %s', async (_, body) => {
    const { ask, upstream } = await start(echo);
    expect((await ask(body)).status).toBe(422);
    expect(upstream.received).toEqual([]);
  });

  test('is refused where its price has no bound, by a field or a beta', async () => {
    const { send, upstream } = await start(refusing(400), { provider: 'anthropic' });
    const ask = async (more: object, headers = {}): Promise<number> =>
      (await send('/v1/messages', { model: 'm', messages, max_tokens: 5, ...more }, { headers })).status;
    expect(await ask({ mcp_servers: [{ type: 'url', url: 'https://x.example', name: 'x' }] })).toBe(402);
    expect(await ask({}, { 'anthropic-beta': 'context-1m-2025-08-07' })).toBe(402);
    expect(await ask({}, { 'anthropic-beta': 'tools-1,fast-mode-2026-02-01' })).toBe(402);
    const context_management = { edits: [{ type: 'compact_20260112' }] };
    expect(await ask({ context_management }, { 'anthropic-beta': 'compact-2026-01-12' })).toBe(402);
    expect(upstream.received).toEqual([]);
    expect(await ask({}, { 'anthropic-beta': 'prompt-caching-2024-07-31' })).toBe(400);
  });
});

describe('what is settled', () => {
  test.each([
    [408, true],
    [500, false],
    [502, true],
    [503, false],
    [504, true],
    [524, true],
    [429, false],
  ])('of a request that a provider answered with %i is the whole hold: %s', async (status, isWhole) => {
    const { ask, decided } = await start(refusing(status));
    expect((await ask(PLAIN)).status).toBeGreaterThan(399);
    const [entry] = (await decided()).wallets;
    expect(entry?.heldMicros).toBeGreaterThan(50);
    expect(entry?.settledMicros).toBe(isWhole ? entry?.heldMicros : 0);
  });

  test.each([
    ['no input', { prompt_tokens: 0, completion_tokens: 5 }, undefined],
    ['no output for words', { prompt_tokens: 5, completion_tokens: 0 }, undefined],
    [
      'no output for a call',
      { prompt_tokens: 5, completion_tokens: 0 },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'a', arguments: '{}' } }],
      },
    ],
  ])('of an answer with a count of %s is the whole hold', async (_, usage, message) => {
    const { ask, decided } = await start(answering(usage, message));
    expect((await ask(PLAIN)).status).toBe(200);
    const decision = await decided();
    expect(decision.usageFlag).toBe('unknown');
    expect(decision.wallets[0]?.settledMicros).toBe(decision.wallets[0]?.heldMicros);
  });

  test('of a message is what was summed up beside it too', async () => {
    const iterations = [
      { type: 'compaction', input_tokens: 180, output_tokens: 90 },
      { type: 'message', input_tokens: 20, output_tokens: 5 },
    ];
    const usage = { input_tokens: 20, output_tokens: 5, iterations };
    const { send, decided } = await start((_request, response) => sendJson(response, 200, { content: [], usage }), {
      provider: 'anthropic',
    });
    expect((await send('/v1/messages', { model: 'm', messages, max_tokens: 500 })).status).toBe(200);
    expect(await decided()).toMatchObject({ inputTokens: 200, outputTokens: 95 });
  });

  test('of an answer that is really empty is what was counted', async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 0 };
    const { ask, decided } = await start(answering(usage, { role: 'assistant', content: '' }));
    expect((await ask(PLAIN)).status).toBe(200);
    expect((await decided()).wallets[0]?.settledMicros).toBe(5);
  });
});

test('an answer with a key twice goes out as it was read', async () => {
  const { ask } = await start((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      '{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"one","content":"two"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
    );
  });
  const answer = await ask({ model: 'm', messages });
  expect(await answer.text()).not.toContain('one');
});
