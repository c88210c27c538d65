import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DecisionEvent } from '../../src/core/model/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { type Running, runManaged } from './run.ts';
import { sendJson, startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

// What a wallet holds bounds what a provider may be asked for, whatever fields a caller finds; what it settles is what the
// provider surely worked on.

let provider: TestUpstream;
let plane: TestPlane;
let host: TestHost;
let running: Running | undefined;
let folder = '';

beforeEach(async () => {
  provider = await startUpstream();
  host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-planted-in-env-0123456789');
  plane = await startPlane(host.nowMs);
});
afterEach(async () => {
  await running?.stop(500);
  running = undefined;
  await plane.close();
  await provider.close();
  rmSync(folder, { recursive: true, force: true });
});

/** One token costs one micro-unit. */
const PRICE = {
  model: 'm',
  currency: 'EUR',
  fromMs: 0,
  inputMicrosPerMillion: 1_000_000,
  outputMicrosPerMillion: 1_000_000,
};

const start = async (target: object = { model: 'm' }): Promise<void> => {
  await plane.publish(documentOf({ targets: [target] } as never, [provider.url]), { prices: [PRICE] } as never);
  folder = plane.enrolledState();
  running = await runManaged({ host: '127.0.0.1', port: 0, simulator: null, stateDir: folder, pollSeconds: 5 }, host);
  await until(() => running?.service.snapshot !== null);
};

const ask = async (path: string, body: object | string, headers: object = {}): Promise<number> => {
  const answer = await fetch(`${running?.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}`, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  await answer.arrayBuffer();
  return answer.status;
};

const CHAT = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'hi' }];
const answering = (usage: object, message: object = { role: 'assistant', content: 'x' }) => {
  provider.script = (_request, response) =>
    sendJson(response, 200, {
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message, finish_reason: 'stop' }],
      usage,
    });
};

const decided = async (): Promise<DecisionEvent> => {
  const find = (): DecisionEvent | undefined =>
    plane.lines.map(({ event }) => event).find((event): event is DecisionEvent => event.type === 'decision');
  await until(async () => {
    await running?.shipping?.drain();
    return find() !== undefined;
  });
  return find() as DecisionEvent;
};

describe('a request that a wallet pays', () => {
  test.each([
    ['another field', { max_output_tokens: 1 }],
    ['a name that the provider does not read', { max_completion_tokens: 1 }],
  ])('has its limit where the provider reads it, not in %s', async (_, limit) => {
    await start({ model: 'm', provider: 'ollama', format: 'openai' });
    answering({ prompt_tokens: 20, completion_tokens: 1 });
    expect(await ask(CHAT, { model: 'm', messages, ...limit })).toBe(200);
    expect(provider.received[0]?.body).toEqual({ model: 'm', messages, max_tokens: 1 });
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
    await start();
    expect(await ask(CHAT, body)).toBe(422);
    expect(provider.received).toEqual([]);
  });

  test('is refused where its price has no bound, by a field or a beta', async () => {
    await start({ model: 'm', provider: 'anthropic' });
    const body = { model: 'm', messages, max_tokens: 5 };
    expect(
      await ask('/v1/messages', { ...body, mcp_servers: [{ type: 'url', url: 'https://x.example', name: 'x' }] }),
    ).toBe(402);
    expect(await ask('/v1/messages', body, { 'anthropic-beta': 'context-1m-2025-08-07' })).toBe(402);
    expect(await ask('/v1/messages', body, { 'anthropic-beta': 'tools-1,fast-mode-2026-02-01' })).toBe(402);
    expect(provider.received).toEqual([]);
    provider.script = (_request, response) =>
      sendJson(response, 400, { type: 'error', error: { type: 'x', message: 'x' } });
    expect(await ask('/v1/messages', body, { 'anthropic-beta': 'prompt-caching-2024-07-31' })).toBe(400);
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
    await start();
    provider.script = (_request, response) => sendJson(response, status, { error: { message: 'x' } });
    expect(await ask(CHAT, { model: 'm', messages, max_tokens: 50 })).toBeGreaterThan(399);
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
    await start();
    answering(usage, message);
    expect(await ask(CHAT, { model: 'm', messages, max_tokens: 50 })).toBe(200);
    const decision = await decided();
    expect(decision.usageFlag).toBe('unknown');
    expect(decision.wallets[0]?.settledMicros).toBe(decision.wallets[0]?.heldMicros);
  });

  test('of an answer that is really empty is what was counted', async () => {
    await start();
    answering({ prompt_tokens: 5, completion_tokens: 0 }, { role: 'assistant', content: '' });
    expect(await ask(CHAT, { model: 'm', messages, max_tokens: 50 })).toBe(200);
    expect((await decided()).wallets[0]?.settledMicros).toBe(5);
  });
});

test('an answer with a key twice goes out as it was read', async () => {
  await start();
  provider.script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(
      '{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"one","content":"two"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}',
    );
  };
  const answer = await fetch(`${running?.url}${CHAT}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ model: 'm', messages }),
  });
  expect(await answer.text()).not.toContain('one');
});
