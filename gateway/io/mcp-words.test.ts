import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/model/index.ts';
import { startScripted, type TestToolServer } from './mcp.testkit.ts';
import { type RoutedGateway, startRouted } from './routing.testkit.ts';
import { sendJson } from './upstream.testkit.ts';

// What a tool server says on the way to whoever asked: its words pass the policies, and the key that it is asked with never.

let gateway: RoutedGateway | undefined;
let server: TestToolServer | undefined;
afterEach(async () => {
  await gateway?.close();
  await server?.close();
  gateway = undefined;
  server = undefined;
});

const KEY = 'key-planted-1234';

type Script = (response: ServerResponse, message: JsonObject) => void;

async function boot(script: Script, policy: JsonObject = {}): Promise<void> {
  server = await startScripted((response, message) => script(response, message as JsonObject));
  const one = { id: 'docs', url: server.url, allowed_tools: ['search', 'delete'], secret_key_ref: { env: 'DOCS_KEY' } };
  const chain = Object.keys(policy).length === 0 ? ['audit-logger'] : Object.keys(policy);
  const governed = { policies: { chain }, policy: Object.keys(policy).length === 0 ? { 'audit-logger': {} } : policy };
  gateway = await startRouted({ targets: [{}], document: { ...governed, tool_servers: [one] } });
  gateway.host.variables.set('DOCS_KEY', KEY);
}

const post = (method: string, params: JsonObject = {}, more: JsonObject = {}): Promise<Response> =>
  fetch(`${gateway?.url}/mcp/docs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params, ...more }),
  });
const call = (params: JsonObject = {}): Promise<Response> =>
  post('tools/call', { name: 'search', arguments: {}, ...params });
/** Answers each message with the result. */
const says =
  (result: JsonObject): Script =>
  (response, { id }) =>
    sendJson(response, 200, { jsonrpc: '2.0', id, result });
const text = (said: string): JsonObject => ({ content: [{ type: 'text', text: said }] });

describe('the key of a tool server', () => {
  const escaped = [...KEY].map((one) => `\\u00${one.charCodeAt(0).toString(16)}`).join('');
  const raw =
    (body: string): Script =>
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(body);
    };
  const events =
    (...said: readonly JsonObject[]): Script =>
    (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(said.map((one) => `data: ${JSON.stringify({ jsonrpc: '2.0', ...one })}\n\n`).join(''));
    };

  test.each<[string, Script]>([
    ['a result', says(text(`Bearer ${KEY}`))],
    ['a result that is an error', says({ ...text(KEY), isError: true })],
    ['a structured value', says({ content: [], structuredContent: { deep: [{ [KEY]: 1 }] } })],
    ['a field that does not go on', says({ ...text('fine'), _meta: { seen: KEY } })],
    [
      'an error',
      (response, { id }) => sendJson(response, 200, { jsonrpc: '2.0', id, error: { code: 1, message: KEY } }),
    ],
    [
      'an error with a status',
      (response) => sendJson(response, 400, { jsonrpc: '2.0', error: { code: 1, message: KEY } }),
    ],
    ['escapes', raw(`{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"${escaped}"}]}}`)],
  ])('is in nothing that a caller hears of %s', async (_, script) => {
    await boot(script);
    const answer = await call();
    expect(answer.status).toBe(502);
    expect(await answer.text()).toMatch(/upstream_error/);
    expect(gateway?.host.logged.join('')).toContain('a tool server repeats its key');
    expect(gateway?.host.logged.join('')).not.toContain(KEY);
  });

  test('ends a stream of events before it', async () => {
    const progress = (progressToken: string): JsonObject => ({
      ...{ method: 'notifications/progress', params: { progressToken, progress: 1 } },
    });
    await boot(events(progress('t'), { id: 1, result: text(KEY) }));
    const heard = await call({ _meta: { progressToken: 't' } })
      .then((answer) => answer.text())
      .catch(() => 'cut');
    expect(heard).toBe('cut');
    await server?.close();
    await gateway?.close();
    await boot(events(progress('t'), progress(KEY), progress('u')));
    const stream = await fetch(`${gateway?.url}/mcp/docs`, { headers: { accept: 'text/event-stream' } });
    expect(await stream.text()).not.toContain(KEY);
  });

  test('is not in the id of a session', async () => {
    await boot((response, { id }) => {
      response.setHeader('mcp-session-id', KEY);
      sendJson(response, 200, { jsonrpc: '2.0', id, result: { protocolVersion: '2025-06-18' } });
    });
    const answer = await post('initialize');
    expect([answer.status, answer.headers.get('mcp-session-id')]).toEqual([502, null]);
  });
});
