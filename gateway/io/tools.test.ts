import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chainDocument, type Standalone, startStandalone, targetAt } from './standalone.testkit.ts';
import {
  chunk,
  completion,
  echo,
  eventsOf,
  sendJson,
  startUpstream,
  type TestUpstream,
  USAGE_CHUNK,
} from './upstream.testkit.ts';

// Policies for tool calls with real sockets on both sides.

let upstream: TestUpstream;
let gateway: Standalone | undefined;

beforeAll(async () => {
  upstream = await startUpstream();
});
afterAll(() => upstream.close());
afterEach(async () => {
  await gateway?.close();
  gateway = undefined;
  upstream.script = echo;
  upstream.received.length = 0;
});

async function start(policy: Record<string, unknown>): Promise<string> {
  gateway = await startStandalone({ document: chainDocument(policy, [targetAt(upstream.url)]) });
  return gateway.url;
}

async function ask(
  url: string,
  more: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Pay it' }], ...more }),
  });
  return { status: response.status, text: await response.text() };
}

const tools = (name: string): Record<string, unknown> => ({ tools: [{ type: 'function', function: { name } }] });

const VALIDATION = { 'tool-validation': { declared_tools: ['search'], schemas: { search: { required: ['q'] } } } };

/** Answers with one call, streamed in pieces or whole as asked. */
function answerCall(name: string, given: string): void {
  upstream.script = ({ body }, response) => {
    const call = { id: 'call_secret', type: 'function', function: { name, arguments: given } };
    if (body['stream'] !== true) {
      const message = { role: 'assistant', content: null, tool_calls: [call] };
      sendJson(response, 200, completion('', { choices: [{ index: 0, message, finish_reason: 'tool_calls' }] }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ role: 'assistant', content: 'One moment.' }));
    response.write(chunk({ tool_calls: [{ index: 0, ...call, function: { name, arguments: given.slice(0, 3) } }] }));
    response.write(chunk({ tool_calls: [{ index: 0, function: { arguments: given.slice(3) } }] }));
    response.end([chunk({}, 'tool_calls'), USAGE_CHUNK, 'data: [DONE]\n\n'].join(''));
  };
}

describe('a gateway with policies for tool calls', () => {
  test('refuses a request that offers a tool nobody declared, before any provider hears of it', async () => {
    const url = await start(VALIDATION);
    const refused = await ask(url, tools('wire_transfer'));
    expect([refused.status, JSON.parse(refused.text)]).toMatchObject([
      409,
      { error: { code: 'input_blocked', policy: 'tool-validation' } },
    ]);
    expect(upstream.received).toHaveLength(0);
    expect((await ask(url, tools('search'))).status).toBe(200);
  });

  test('withholds a whole answer with a call that is refused, and passes one that is not', async () => {
    const url = await start(VALIDATION);
    answerCall('wire_transfer', '{"to":"mallory"}');
    const refused = await ask(url);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.text)).toMatchObject({ error: { code: 'output_blocked', policy: 'tool-validation' } });
    expect(refused.text).not.toMatch(/wire|mallory|call_secret/);
    answerCall('search', '{"q":"tea"}');
    const passed = await ask(url);
    expect([passed.status, passed.text.includes('call_secret')]).toEqual([200, true]);
  });

  test('ends a stream before the first byte of a call that is refused, and streams one that is not', async () => {
    const url = await start(VALIDATION);
    answerCall('search', '{"secret":"mallory"}');
    const refused = eventsOf((await ask(url, { stream: true })).text);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toContain('One moment.');
    expect(JSON.parse(refused[1] ?? '')).toMatchObject({
      error: { code: 'output_blocked', policy: 'tool-validation' },
    });
    expect(refused.join('')).not.toMatch(/search|mallory|call_secret|DONE/);
    answerCall('search', '{"q":"tea"}');
    const passed = eventsOf((await ask(url, { stream: true })).text);
    expect(passed.at(-1)).toBe('[DONE]');
    expect(passed.filter((event) => event.includes('call_secret'))).toHaveLength(1);
    expect(JSON.parse(passed[1] ?? '')).toMatchObject({
      choices: [
        { delta: { tool_calls: [{ id: 'call_secret', function: { name: 'search', arguments: '{"q":"tea"}' } }] } },
      ],
    });
  });

  test('counts the calls of a conversation over requests, whole and streamed, until another one begins', async () => {
    const url = await start({ 'agent-firewall': { max_actions_per_session: 2 } });
    answerCall('search', '{"q":"tea"}');
    const inside = { 'x-conversation-id': 'c-1' };
    expect((await ask(url, {}, inside)).status).toBe(200);
    expect((await ask(url, { stream: true }, inside)).text).toContain('call_secret');
    const whole = await ask(url, {}, inside);
    expect([whole.status, JSON.parse(whole.text)]).toMatchObject([409, { error: { policy: 'agent-firewall' } }]);
    const streamed = await ask(url, { stream: true }, inside);
    expect(streamed.text).toContain('output_blocked');
    expect(streamed.text).not.toMatch(/call_secret|DONE/);
    expect((await ask(url, {}, { 'x-conversation-id': 'c-2' })).status).toBe(200);
  });
});
