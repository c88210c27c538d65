import { readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BundleToken, DecisionEvent } from '../../src/core/model/index.ts';
import { BOT, forTest, OTHER, OTHER_BOT, type Published, startEnrolled } from './enrolled.testkit.ts';
import { startWithSessions } from './mcp.testkit.ts';
import { ORG, TOKEN } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { sendJson, until } from './upstream.testkit.ts';

// An enrolled gateway: tokens at tool servers, and receivers that the signed document names.

/** A server of tools, two tokens of which the first has these scopes, and a receiver where callbacks are told. */
async function boot(scopes: BundleToken['scopes'], tellsReceiver = false) {
  const offer = { tools: [{ name: 'search', description: 'Finds' }], answer: () => ({ content: [] }) };
  const server = forTest(await startWithSessions(offer));
  const tool_servers = [{ id: 'docs', url: server.url, allowed_tools: ['search'] }];
  /** Without callbacks. */
  const quiet = (tokens: readonly BundleToken[]): Published => ({
    policy: documentOf({ targets: [{}], document: { tool_servers } }),
    data: { tokens },
  });
  const telling: Published['policy'] = ([url]) =>
    documentOf({ targets: [{}], document: { tool_servers, callbacks: [{ type: 'webhook', url }] } })([]);
  const gateway = await startEnrolled({
    ...quiet([
      { ...BOT, scopes },
      { ...OTHER_BOT, scopes: ['mcp'] },
    ]),
    ...(tellsReceiver ? { policy: telling } : {}),
    scripts: [(_, response) => sendJson(response, 200, {})],
    options: { sinks: { gatherMs: 5, retryMs: 20, stopMs: 50 } },
  });
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const accept = 'application/json, text/event-stream';
  return {
    ...{ ...gateway, server, quiet, receiver: gateway.upstream },
    call: (token: string | null, method: string, headers: Record<string, string> = {}) =>
      gateway.send('/mcp/docs', { jsonrpc: '2.0', id: 1, method, params }, { token, headers: { accept, ...headers } }),
    shown: async (token: string | null): Promise<number> =>
      (await gateway.send('/tenantry/tools', undefined, { token })).status,
  };
}

test('a token needs the scope mcp, and a session is of the token that opened it alone', async () => {
  const { events, delivered, call, shown } = await boot(['chat', 'mcp']);
  expect((await call(null, 'initialize')).status).toBe(401);
  expect([await shown(null), await shown(TOKEN)]).toEqual([401, 200]);
  const opened = await call(TOKEN, 'initialize');
  expect(opened.status).toBe(200);
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  expect((await call(TOKEN, 'tools/list', session)).status).toBe(200);
  expect((await call(OTHER, 'tools/list', session)).status).toBe(404);
  await until(() => events('decision').some(({ token }) => token === 'other'), 'the decision');
  await delivered();
  expect(events('decision').map(({ attempts }) => attempts)).toEqual([1, 1, 0]);
  expect(events('decision').map(({ token, tool }) => [token, tool?.method])).toEqual([
    ['bot', 'initialize'],
    ['bot', 'tools/list'],
    ['other', null],
  ]);
});

test('what a token listens on ends when another configuration comes, and is not opened again without it', async () => {
  const { publish, send, quiet, call } = await boot(['mcp']);
  const opened = await call(TOKEN, 'initialize');
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  const listen = () => send('/mcp/docs', undefined, { headers: { accept: 'text/event-stream', ...session } });
  const stream = await listen();
  expect(stream.status).toBe(200);
  await publish(quiet([]));
  expect(await stream.text()).toBe('');
  expect((await listen()).status).toBe(401);
});

test('one token listens on a quarter of the streams, and leaves the others to other tokens', async () => {
  const { running, send, call } = await boot(['mcp']);
  const listen = async (token: string): Promise<number> => {
    const opened = await call(token, 'initialize');
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    const headers = { accept: 'text/event-stream', ...session };
    const answer = await send('/mcp/docs', undefined, { token, headers });
    if (answer.status !== 200) await answer.body?.cancel();
    return answer.status;
  };
  for (let left = 24; left > 0; left -= 1) running().service.tools.streams.set(new AbortController(), 'bot');
  expect([await listen(TOKEN), await listen(TOKEN), await listen(OTHER)]).toEqual([200, 429, 200]);
});

test('a token without it is refused before anybody is asked', async () => {
  const { send, server, call, shown } = await boot(['chat']);
  const refused = await call(TOKEN, 'initialize');
  expect([refused.status, (await refused.text()).includes('scope_missing')]).toEqual([403, true]);
  expect((await send('/mcp/none')).status).toBe(403);
  expect(await shown(TOKEN)).toBe(403);
  expect(server.received).toHaveLength(0);
});

test('a webhook that was away gets what was decided meanwhile, over a restart, and no request waited for it', async () => {
  const { folder, running, start, stop, publish, delivered, receiver, quiet, call } = await boot(['mcp'], true);
  receiver.script = (_, response) => sendJson(response, 503, {});
  expect((await call(TOKEN, 'initialize')).status).toBe(200);
  await until(() => receiver.received.length > 0, 'an attempt');
  await delivered();
  // Delivered to the control plane, and kept for who has not got it.
  expect(running().journal?.after(0, 10)).toHaveLength(2);
  await stop();
  receiver.received.length = 0;
  receiver.script = (_, response) => sendJson(response, 200, {});
  await start();
  const told = (): readonly DecisionEvent[] =>
    receiver.received.flatMap(({ body }) => (body['events'] as { event: DecisionEvent }[]).map(({ event }) => event));
  await until(() => told().length > 0, 'a delivery');
  expect(told().map(({ tool }) => tool?.method)).toEqual(['initialize']);
  expect(receiver.received[0]?.body).toMatchObject({ org: ORG, gateway: 'desk' });
  await publish(quiet([BOT]));
  await until(() => readdirSync(join(folder, 'sinks')).length === 0, 'a cursor that goes with its receiver');
});

test('a gateway whose evidence cannot be written is not ready, and is again when it can', async () => {
  const { host, folder, page, server, call } = await boot(['mcp']);
  const ready = async (): Promise<number> => (await page('/readyz')).status;
  expect(await ready()).toBe(200);
  const journal = join(folder, 'journal');
  renameSync(journal, `${journal}.away`);
  expect((await call(TOKEN, 'initialize')).status).toBe(503);
  expect([await ready(), await ready()]).toEqual([503, 503]);
  expect(server.received).toHaveLength(0);
  renameSync(`${journal}.away`, journal);
  host.aheadMs = 6000;
  expect(await ready()).toBe(200);
  expect((await call(TOKEN, 'initialize')).status).toBe(200);
});
