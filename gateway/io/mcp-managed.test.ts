import { readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DecisionEvent } from '../../src/core/model/index.ts';
import { formatToken, tokenDigest } from '../../src/trust/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { type Offer, startWithSessions, type TestToolServer } from './mcp.testkit.ts';
import { ORG, sampleData, startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { type Running, runManaged } from './run.ts';
import { sendJson, startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

// An enrolled gateway: tokens at tool servers, and receivers that the signed document names.

const SECRET = new Uint8Array(32).fill(7);
const OTHER = formatToken('tok2', SECRET);

let plane: TestPlane;
let server: TestToolServer;
let receiver: TestUpstream;
let running: Running | undefined;
let host: TestHost;
let folder: string;

beforeEach(async () => {
  const offer: Offer = { tools: [{ name: 'search', description: 'Finds' }], answer: () => ({ content: [] }) };
  plane = await startPlane();
  server = await startWithSessions(offer);
  receiver = await startUpstream();
  receiver.script = (_, response) => sendJson(response, 200, {});
  host = makeTestHost();
});
afterEach(async () => {
  await running?.stop(200);
  await plane.close();
  await server.close();
  await receiver.close();
  rmSync(folder, { recursive: true, force: true });
});

const policy = (callbacks: readonly object[]): string =>
  JSON.stringify({
    pack: { name: 'p', version: '1.0.0', enabled: true },
    policies: { chain: ['audit-logger'] },
    policy: { 'audit-logger': {} },
    providers: { targets: [{ id: 'main', provider: 'openai', model: 'gpt-4o', secret_key_ref: { env: 'KEY' } }] },
    tool_servers: [{ id: 'docs', url: server.url, allowed_tools: ['search'] }],
    ...(callbacks.length === 0 ? {} : { callbacks }),
  });

async function boot(scopes: readonly string[], callbacks: readonly object[] = []): Promise<void> {
  const [token] = sampleData().tokens;
  if (token === undefined) throw new Error('no token');
  const credential = { id: 'tok2', digest: tokenDigest(ORG, 'tok2', SECRET), notBeforeMs: 0, notAfterMs: 4e12 };
  const tokens = [
    { ...token, scopes },
    { ...token, name: 'other', scopes: ['mcp'], credentials: [credential] },
  ] as ReturnType<typeof sampleData>['tokens'];
  await plane.publish(policy(callbacks), { tokens });
  folder = plane.enrolledState();
  await restart();
}

async function restart(): Promise<void> {
  const sinks = { gatherMs: 5, retryMs: 20, stopMs: 50 };
  const options = { stateDir: folder, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5, sinks };
  running = await runManaged(options, host);
  await until(() => running?.service.snapshot !== null, 'a snapshot');
}

function send(token: string | null, method: string, headers: Record<string, string> = {}): Promise<Response> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  return fetch(`${running?.url}/mcp/docs`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  });
}

const shown = async (headers: { readonly [name: string]: string }): Promise<number> =>
  (await fetch(`${running?.url}/tenantry/tools`, { headers })).status;

const delivered = (): readonly DecisionEvent[] =>
  receiver.received.flatMap(({ body }) => (body['events'] as { event: DecisionEvent }[]).map(({ event }) => event));

test('a token needs the scope mcp, and a session is of the token that opened it alone', async () => {
  await boot(['chat', 'mcp']);
  expect((await send(null, 'initialize')).status).toBe(401);
  expect([await shown({}), await shown({ authorization: `Bearer ${TOKEN}` })]).toEqual([401, 200]);
  const opened = await send(TOKEN, 'initialize');
  expect(opened.status).toBe(200);
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  expect((await send(TOKEN, 'tools/list', session)).status).toBe(200);
  expect((await send(OTHER, 'tools/list', session)).status).toBe(404);
  await until(
    () => plane.lines.some(({ event }) => event.type === 'decision' && event.token === 'other'),
    'the decision',
  );
  await running?.shipping?.drain();
  const decisions = plane.lines.flatMap(({ event }) => (event.type === 'decision' ? [event] : []));
  expect(decisions.map(({ token, tool }) => [token, tool?.method])).toEqual([
    ['bot', 'initialize'],
    ['bot', 'tools/list'],
    ['other', null],
  ]);
});

test('what a token listens on ends when another configuration comes, and is not opened again without it', async () => {
  await boot(['mcp']);
  const opened = await send(TOKEN, 'initialize');
  const headers = {
    accept: 'text/event-stream',
    authorization: `Bearer ${TOKEN}`,
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
  };
  const stream = await fetch(`${running?.url}/mcp/docs`, { headers });
  expect(stream.status).toBe(200);
  await plane.publish(policy([]), { tokens: [] });
  expect(await stream.text()).toBe('');
  expect((await fetch(`${running?.url}/mcp/docs`, { headers })).status).toBe(401);
});

test('one token listens on a quarter of the streams, and leaves the others to other tokens', async () => {
  await boot(['mcp']);
  const listen = async (token: string): Promise<number> => {
    const opened = await send(token, 'initialize');
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${token}`, ...session };
    const answer = await fetch(`${running?.url}/mcp/docs`, { headers });
    if (answer.status !== 200) await answer.body?.cancel();
    return answer.status;
  };
  for (let left = 24; left > 0; left -= 1) running?.service.tools.streams.set(new AbortController(), 'bot');
  expect([await listen(TOKEN), await listen(TOKEN), await listen(OTHER)]).toEqual([200, 429, 200]);
});

test('a token without it is refused before anybody is asked', async () => {
  await boot(['chat']);
  const refused = await send(TOKEN, 'initialize');
  expect([refused.status, (await refused.text()).includes('scope_missing')]).toEqual([403, true]);
  expect((await fetch(`${running?.url}/mcp/none`, { headers: { authorization: `Bearer ${TOKEN}` } })).status).toBe(403);
  expect(await shown({ authorization: `Bearer ${TOKEN}` })).toBe(403);
  expect(server.received).toHaveLength(0);
});

test('a webhook that was away gets what was decided meanwhile, over a restart, and no request waited for it', async () => {
  receiver.script = (_, response) => sendJson(response, 503, {});
  await boot(['mcp'], [{ type: 'webhook', url: receiver.url }]);
  expect((await send(TOKEN, 'initialize')).status).toBe(200);
  await until(() => receiver.received.length > 0, 'an attempt');
  await running?.shipping?.drain();
  // Delivered to the control plane, and kept for who has not got it.
  expect(running?.journal?.after(0, 10)).toHaveLength(2);
  await running?.stop(200);
  receiver.received.length = 0;
  receiver.script = (_, response) => sendJson(response, 200, {});
  await restart();
  await until(() => delivered().length > 0, 'a delivery');
  expect(delivered().map(({ tool }) => tool?.method)).toEqual(['initialize']);
  expect(receiver.received[0]?.body).toMatchObject({ org: ORG, gateway: 'desk' });
  await plane.publish(policy([]), { tokens: sampleData().tokens });
  await until(() => readdirSync(join(folder, 'sinks')).length === 0, 'a cursor that goes with its receiver');
});

test('a gateway whose evidence cannot be written is not ready, and is again when it can', async () => {
  await boot(['mcp']);
  const ready = async (): Promise<number> => (await fetch(`${running?.url}/readyz`)).status;
  expect(await ready()).toBe(200);
  const journal = join(folder, 'journal');
  renameSync(journal, `${journal}.away`);
  expect((await send(TOKEN, 'initialize')).status).toBe(503);
  expect([await ready(), await ready()]).toEqual([503, 503]);
  expect(server.received).toHaveLength(0);
  renameSync(`${journal}.away`, journal);
  host.aheadMs = 6000;
  expect(await ready()).toBe(200);
  expect((await send(TOKEN, 'initialize')).status).toBe(200);
});
