import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BundleData, DecisionEvent, GatewayEvent, JsonObject } from '../../src/core/model/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { startScripted, type TestToolServer } from './mcp.testkit.ts';
import { sampleData, startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { type Running, runManaged } from './run.ts';
import { sendJson, until } from './upstream.testkit.ts';

// Calls of tools that wait for a person go on under what is in force when they are approved, and so do their results.

let plane: TestPlane;
let host: TestHost;
let server: TestToolServer;
let other: TestToolServer;
let running: Running | undefined;
let folder = '';

/** Says what it was asked with. */
const startEcho = (): Promise<TestToolServer> =>
  startScripted((response, { id, params }) => {
    const { arguments: given } = params as JsonObject;
    const content = [{ type: 'text', text: `done ${JSON.stringify(given)}` }];
    sendJson(response, 200, { jsonrpc: '2.0', id, result: { content } });
  });

beforeEach(async () => {
  host = makeTestHost();
  host.variables.set('KEY', 'sk-one');
  plane = await startPlane(host.nowMs);
  server = await startEcho();
  other = await startEcho();
});
afterEach(async () => {
  await running?.stop(500);
  running = undefined;
  await Promise.all([plane.close(), server.close(), other.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const QUIET = { 'audit-logger': {} };
const KEYWORD = { 'safety-filter': { block_if: ['boiler'], action: 'escalate' } };
const dlp = (action: string): JsonObject => ({ 'dlp-filter': { blocked_terms: ['boiler'], action } });

interface Published {
  readonly policy?: JsonObject;
  readonly tools?: readonly string[];
  readonly approve?: readonly string[];
  readonly url?: string;
  readonly digests?: JsonObject;
  readonly data?: Partial<BundleData>;
  readonly none?: true;
}

type Token = BundleData['tokens'][number];
const bot = (more: Partial<Token> = {}): Pick<BundleData, 'tokens'> => ({
  tokens: sampleData().tokens.map((token) => ({ ...token, scopes: ['mcp', 'chat'], ...more })),
});

async function publish(more: Published = {}): Promise<string> {
  const { policy = QUIET, tools = ['search', 'delete'], approve = ['delete'], url = server.url, data = bot() } = more;
  const digests = more.digests === undefined ? {} : { tool_digests: more.digests };
  const approval = approve.length === 0 ? {} : { require_approval: approve };
  const one = { id: 'docs', url, allowed_tools: tools, ...approval, ...digests };
  const document = {
    pack: { name: 'test', version: '1.0.0', enabled: true },
    policies: { chain: Object.keys(policy) },
    policy,
    providers: { targets: [{ id: 'main', provider: 'openai', model: 'gpt-4o', secret_key_ref: { env: 'KEY' } }] },
    ...(more.none ? {} : { tool_servers: [one] }),
  };
  return plane.publish(JSON.stringify(document), data);
}

async function boot(more: Published = {}): Promise<void> {
  await publish(more);
  folder = plane.enrolledState();
  const options = { stateDir: folder, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5, reviews: {} };
  running = await runManaged(options, host);
  await until(() => running?.service.snapshot !== null, 'a snapshot');
}

async function swap(more: Published): Promise<void> {
  const digest = await publish(more);
  await until(() => running?.service.snapshot?.contentDigest === digest, 'the other bundle');
}

interface Heard {
  readonly status: number;
  readonly raw: string;
  readonly said: string;
}

async function call(name: string, given: object | string, prefer?: string): Promise<Heard> {
  const response = await fetch(`${running?.url}/mcp/docs`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${TOKEN}` },
      ...(prefer === undefined ? {} : { prefer }),
    },
    body: `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"${name}","arguments":${typeof given === 'string' ? given : JSON.stringify(given)}}}`,
  });
  const raw = await response.text();
  const { error, result } = JSON.parse(raw) as JsonObject as {
    error?: { code: number | string; message: string; data?: { code?: string } };
    result?: { content: readonly { text: string }[] };
  };
  const said = error === undefined ? (result?.content[0]?.text ?? '') : String(error.data?.code ?? error.message);
  return { status: response.status, raw, said };
}

const events = (): readonly GatewayEvent[] => plane.lines.map(({ event }) => event);
const asked = async (count = 1): Promise<string> => {
  const ids = (): readonly string[] => events().flatMap((event) => (event.type === 'escalation' ? [event.id] : []));
  await until(() => ids().length >= count, 'a question');
  return ids()[count - 1] ?? '';
};
const ends = (): readonly string[] =>
  events().flatMap((event) =>
    event.type === 'escalation-end' ? [`${event.outcome} ${event.reasonCode ?? ''}`.trim()] : [],
  );
const decisions = (): readonly DecisionEvent[] =>
  events().flatMap((event) => (event.type === 'decision' ? [event] : []));
const delivered = async (): Promise<void> => {
  expect(await running?.shipping?.drain()).toBe(true);
};
const told = (): readonly string[] => [...server.received, ...other.received].map(({ raw }) => raw);

describe('a call that is approved', () => {
  test.each<[string, () => Published, string, string]>([
    ['the tool is not allowed', () => ({ tools: ['search'], approve: [] }), 'Unknown tool.', 'mcp.tool_not_allowed'],
    ['the server is gone', () => ({ none: true }), 'Unknown tool.', 'mcp.tool_not_allowed'],
    ['the server is another', () => ({ url: other.url }), 'configuration_changed', 'gateway.configuration_changed'],
    ['a policy blocks it', () => ({ policy: dlp('block') }), 'policy dlp-filter', 'dlp.detected'],
    ['a policy asks', () => ({ policy: KEYWORD }), 'configuration_changed', 'gateway.configuration_changed'],
  ])('is not made where by then %s', async (_, more, said, reasonCode) => {
    await boot();
    const answer = call('delete', { page: 'boiler' });
    const id = await asked();
    await swap(more());
    plane.decide(id, 'approved');
    const heard = await answer;
    if (said.startsWith('policy')) expect(heard.raw).toContain('"policy":"dlp-filter"');
    else expect(heard.said).toBe(said);
    expect(heard.status).toBe(200);
    expect(told()).toEqual([]);
    await delivered();
    expect(ends()).toEqual([`overtaken ${reasonCode}`]);
    expect(decisions()).toEqual([expect.objectContaining({ verdict: 'block', reasonCode })]);
  });

  test.each<[string, Partial<Token>, string]>([
    ['scope', { scopes: ['chat'] }, '403 scope_missing'],
    ['path', { paths: ['/mcp/other'] }, '403 path_not_allowed'],
    ['address', { addresses: ['192.0.2.0/24'] }, '403 address_not_allowed'],
  ])('is not made where its token has lost the %s', async (_, more, code) => {
    await boot();
    const answer = call('delete', {});
    const id = await asked();
    await swap({ data: bot(more) });
    plane.decide(id, 'approved');
    const heard = await answer;
    expect(`${heard.status} ${(JSON.parse(heard.raw) as { error: { code: string } }).error.code}`).toBe(code);
    expect(told()).toEqual([]);
    await delivered();
    expect(ends()).toEqual([`overtaken gateway.${code.slice(4)}`]);
  });

  test('is not made with a ticket either, which tells why', async () => {
    await boot();
    await call('delete', {}, 'respond-async');
    const id = await asked();
    await swap({ tools: ['search'], approve: [] });
    plane.decide(id, 'approved');
    const url = `${running?.url}/v1/escalations/${id}`;
    const answer = await fetch(url, { headers: { authorization: `Bearer ${TOKEN}`, prefer: 'wait=30' } });
    expect(await answer.text()).toContain('Unknown tool.');
    expect(told()).toEqual([]);
  });

  test('is another one where its arguments differ in the last digit of a long integer', async () => {
    await boot();
    const [one, two] = ['1234567890123456781', '1234567890123456782'];
    const ask = (id: string): Promise<Heard> => call('delete', `{"id":${id}}`, 'respond-async');
    await ask(one);
    const first = await asked();
    plane.decide(first, 'approved');
    await until(() => told().length === 1, 'the call');
    expect(told()[0]).toContain(`{"id":${one}}`);
    // It is not answered with what became of the other.
    expect((await ask(two)).raw).toContain('nobody has yet');
    expect(await asked(2)).not.toBe(first);
    await delivered();
    const digests = events().flatMap((event) => (event.type === 'escalation' ? [event.tool?.argumentsDigest] : []));
    expect(digests).toEqual([one, two].map((id) => createHash('sha256').update(`{"id":${id}}`).digest('hex')));
    expect((await ask(one)).raw).not.toContain('nobody has yet');
  });

  test('is made with the arguments that the policies of then leave, and not asked about again', async () => {
    await boot();
    const answer = call('delete', { page: 'boiler' });
    const id = await asked();
    await swap({ policy: dlp('redact'), tools: ['delete'] });
    plane.decide(id, 'approved');
    expect((await answer).said).toMatch(/^done/);
    expect(told()).toEqual([expect.not.stringContaining('boiler')]);
    await delivered();
    expect(ends()).toEqual(['approved']);
    expect(decisions()).toEqual([
      expect.objectContaining({
        ...{ verdict: 'escalate', reasonCode: 'mcp.approval_required' },
        contentDigest: running?.service.snapshot?.contentDigest,
      }),
    ]);
  });
});

describe('a result that is approved', () => {
  const REVIEWED = {
    'flagged-review': {
      mode: 'escalate',
      provider: { name: 'judge', endpoint: 'http://127.0.0.1:9/v1/x', model: 'm', secret_key_ref: { env: 'KEY' } },
    },
  };
  const start = async (policy: JsonObject): Promise<{ readonly answer: Promise<Heard>; readonly id: string }> => {
    server = await startScripted((response, { id }) =>
      sendJson(response, 200, { jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'a boiler' }] } }),
    );
    await boot({ policy, approve: [] });
    const answer = call('search', {});
    return { answer, id: await asked() };
  };

  test.each<[string, Published, string]>([
    ['the policies of then leave it', { policy: { ...KEYWORD, ...dlp('redact') } }, ''],
    ['it was', { policy: KEYWORD, data: bot({ models: ['gpt-4o'] }) }, 'a boiler'],
  ])('is handed on as %s', async (_, more, text) => {
    const { answer, id } = await start(KEYWORD);
    await swap({ approve: [], ...more });
    plane.decide(id, 'approved');
    const heard = await answer;
    if (text === '') expect(heard.said).not.toContain('boiler');
    else expect(heard.said).toBe(text);
    await delivered();
    expect([ends(), decisions().length]).toEqual([['approved'], 1]);
  });

  test.each<[string, Published, string]>([
    ['its token has lost the scope', { policy: KEYWORD, data: bot({ scopes: ['chat'] }) }, 'gateway.scope_missing'],
    ['the tool is not allowed', { policy: KEYWORD, tools: ['delete'] }, 'mcp.tool_not_allowed'],
    ['a policy blocks it', { policy: dlp('block') }, 'dlp.detected'],
    ['another policy asks', { policy: REVIEWED }, 'gateway.configuration_changed'],
  ])('is not handed on where %s', async (_, more, reason) => {
    const { answer, id } = await start(KEYWORD);
    await swap({ approve: [], ...more });
    plane.decide(id, 'approved');
    expect((await answer).raw).not.toContain('a boiler');
    await delivered();
    expect([ends(), decisions().length]).toEqual([[`overtaken ${reason}`], 1]);
  });
});
