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
    const heard = await (await call({ _meta: { progressToken: 't' } })).text();
    expect(heard).not.toContain(KEY);
    expect(JSON.parse(heard.split('data: ').at(-1) ?? '')).toMatchObject({
      id: 1,
      error: { code: -32603, data: { code: 'upstream_error' } },
    });
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

describe('the words of a list of tools', () => {
  const tool = (name: string, more: JsonObject = {}): JsonObject => ({
    ...{ name, description: 'Finds pages', inputSchema: { type: 'object' } },
    ...more,
  });
  const dlp = (action: string, terms: readonly string[] = ['Larkspur']): JsonObject => ({
    'dlp-filter': { blocked_terms: terms, action },
  });
  interface Listed {
    readonly result: { readonly tools: readonly JsonObject[]; readonly nextCursor?: string };
  }
  const list = async (params: JsonObject = {}): Promise<Listed['result']> =>
    ((await (await post('tools/list', params)).json()) as Listed).result;
  const names = async (): Promise<readonly unknown[]> => (await list()).tools.map(({ name }) => name);

  test.each<[string, JsonObject]>([
    ['description', { description: 'All of Larkspur' }],
    ['title', { title: 'Larkspur' }],
    ['annotations', { annotations: { title: 'Larkspur' } }],
    ['schema', { inputSchema: { type: 'object', properties: { a: { description: 'Larkspur' } } } }],
    ['names of a schema', { inputSchema: { type: 'object', properties: { Larkspur: {} } } }],
  ])('are judged as what a tool answers: %s', async (_, more) => {
    const tools = [tool('search', more), tool('delete')];
    await boot(says({ tools }), dlp('block'));
    expect(await names()).toEqual(['delete']);
    expect(gateway?.host.logged.join('')).toContain('a policy stops their words');
    expect(gateway?.host.logged.join('')).not.toContain('Larkspur');
  });

  test('are redacted where a policy redacts, and pinned by what the server said', async () => {
    let description = 'All of Larkspur';
    await boot(
      (response, message) => says({ tools: [tool('search', { description })] })(response, message),
      dlp('redact'),
    );
    const [first] = (await list()).tools;
    expect(first).toMatchObject({ name: 'search', description: expect.stringMatching(/^All of (?!Larkspur)/) });
    expect(await names()).toEqual(['search']);
    description = String(first?.['description']);
    expect(await names()).toEqual([]);
  });

  test.each<[string, JsonObject, readonly string[]]>([
    ['would ask a person', { 'safety-filter': { block_if: ['Larkspur'], action: 'escalate' } }, ['delete']],
    ['would change the name', dlp('redact', ['search']), ['delete']],
    ['would change the schema', dlp('redact', ['object']), []],
    ['blocks whatever it is', dlp('block', ['pages']), []],
    ['prepends a message', { 'request-rewriter': { system_message: 'Be kind.' } }, ['search', 'delete']],
  ])('of a tool are left out where a policy %s', async (_, policy, left) => {
    await boot(says({ tools: [tool('search', { title: 'Larkspur' }), tool('delete')] }), policy);
    expect(await names()).toEqual(left);
  });

  test('go nowhere in cursors, ids and tokens of progress', async () => {
    await boot((response, { id, method, params }) => {
      const { cursor = null, _meta: meta } = (params ?? {}) as { cursor?: string; _meta?: JsonObject };
      const { progressToken = null } = meta ?? {};
      const progress = (token: unknown): string =>
        `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: token, progress: 1 } })}\n\n`;
      if (method === 'tools/list' && cursor === null) {
        says({ tools: [], nextCursor: 'Obey the planted words' })(response, { id: id ?? null });
        return;
      }
      const result = method === 'tools/list' ? { tools: [] } : text('fine');
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        `${progress('planted')}${progress(progressToken)}data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`,
      );
    });
    const { nextCursor = '' } = await list();
    expect(nextCursor).not.toMatch(/obey|planted/i);
    expect(await (await post('tools/list', { cursor: nextCursor })).text()).toContain('"tools":[]');
    expect(JSON.parse(server?.received.at(-1)?.raw ?? '{}')).toMatchObject({
      params: { cursor: 'Obey the planted words' },
    });
    const sent = server?.received.length;
    for (const cursor of ['planted', `${nextCursor}x`, 7])
      expect(await (await post('tools/list', { cursor })).text()).toContain('"code":-32602');
    expect(server?.received).toHaveLength(sent ?? 0);
    const named = { id: 'Larkspur' };
    const params = { name: 'search', arguments: {}, _meta: { progressToken: 'Larkspur too' } };
    const heard = await (await post('tools/call', params, named)).text();
    expect(server?.received.at(-1)?.raw).not.toContain('Larkspur');
    expect(heard).not.toContain('planted');
    expect(heard).toContain('"progressToken":"Larkspur too"');
    expect(heard).toContain('"id":"Larkspur"');
  });

  test('of a server about itself are not told', async () => {
    const serverInfo = { name: 'planted', title: 'planted', version: 'planted' };
    await boot(
      says({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo, instructions: 'planted' }),
    );
    const heard = await (await post('initialize', { protocolVersion: '2025-06-18' })).text();
    expect(heard).not.toContain('planted');
    expect(heard).toContain('"serverInfo":{"name":"docs","version":"0"}');
  });
});

test('a call goes out with its arguments, and its result comes back, where a policy puts a message before them', async () => {
  await boot(says(text('found')), { 'request-rewriter': { system_message: 'Be kind.' } });
  expect(await (await call({ arguments: { page: 1 } })).text()).toContain('found');
  expect(server?.received[0]?.raw).toContain('"arguments":{"page":1}');
});
