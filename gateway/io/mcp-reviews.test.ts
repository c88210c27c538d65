import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { describe, expect, test } from 'vitest';
import { canonicalText } from '../../src/core/bundle/index.ts';
import type { BundleToken, GatewayEvent, JsonObject } from '../../src/core/model/index.ts';
import { nodeHash } from '../../src/host/index.ts';
import { BOT, forTest, type Published, startEnrolled } from './enrolled.testkit.ts';
import { type Offer, startModern, startWithSessions } from './mcp.testkit.ts';
import { TOKEN } from './plane.testkit.ts';
import type { ReviewsOptions } from './reviews.ts';
import { documentOf } from './routing.testkit.ts';
import { chainOf } from './standalone.testkit.ts';
import { sendJson, startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

// Calls of tools that wait for a person: an enrolled gateway, a control plane and a tool server on loopback.

const KEYWORD = { 'safety-filter': { block_if: ['boiler'], action: 'escalate' } };
const OVERSIGHT = { 'human-oversight': { timeout_seconds: 3600 } };
const QUIET = { 'audit-logger': {} };
const ASYNC = { prefer: 'respond-async' };

interface Heard {
  readonly status: number;
  readonly id?: unknown;
  readonly result?: {
    readonly isError?: boolean;
    readonly _meta?: JsonObject;
    readonly content: readonly JsonObject[];
  };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: JsonObject };
  readonly raw: string;
}

interface Asking {
  readonly id?: number;
  readonly accept?: string;
  readonly prefer?: string;
  readonly meta?: JsonObject;
  readonly signal?: AbortSignal;
}

interface Start {
  readonly server?: typeof startModern;
  readonly answer?: Offer['answer'];
  readonly approve?: readonly string[];
  readonly reviews?: Pick<ReviewsOptions, 'patienceMs' | 'most' | 'progressMs'>;
}

const ofCalls = (event: GatewayEvent): boolean => event.type !== 'decision' || event.tool?.method === 'tools/call';

/** A gateway in front of a server of two tools. */
async function boot(policy: object, { server: startServer = startModern, answer, approve, reviews = {} }: Start = {}) {
  const offer: Offer = {
    tools: [
      { name: 'search', description: 'Finds pages' },
      { name: 'delete', description: 'Deletes pages' },
    ],
    answer: answer ?? ((name, given) => ({ content: [{ type: 'text', text: `${name} ${JSON.stringify(given)}` }] })),
  };
  const server = forTest(await startServer(offer));
  const approval = approve === undefined ? {} : { require_approval: approve };
  const tool_servers = [{ id: 'docs', url: server.url, allowed_tools: ['search', 'delete'], ...approval }];
  const published = (tokens: readonly BundleToken[]): Published => ({
    policy: documentOf({ targets: [{}], document: { ...chainOf(policy), tool_servers } }),
    data: { tokens },
  });
  const gateway = await startEnrolled({ ...published([{ ...BOT, scopes: ['chat', 'mcp'] }]), options: { reviews } });
  const { plane, events, running } = gateway;
  const endpoint = (): URL => new URL(`${running().url}/mcp/docs`);
  const questions = () => events('escalation');
  return {
    ...{ ...gateway, offer, server, questions },
    revoke: () => gateway.change(published([])),
    connect: async (mode: 'legacy' | 'auto' = 'auto'): Promise<Client> => {
      const client = new Client({ name: 'caller', version: '1' }, { versionNegotiation: { mode } });
      forTest({ close: () => client.close().catch(() => {}) });
      const requestInit = { headers: { authorization: `Bearer ${TOKEN}` } };
      await client.connect(new StreamableHTTPClientTransport(endpoint(), { requestInit }));
      return client;
    },
    /** A call of a tool over plain HTTP; of a stream of events the last message. */
    call: async (
      name: string,
      given: object,
      { id = 1, accept = 'application/json, text/event-stream', prefer, meta, ...how }: Asking = {},
    ): Promise<Heard> => {
      const params = { name, arguments: given, ...(meta === undefined ? {} : { _meta: meta }) };
      const headers = { accept, ...(prefer === undefined ? {} : { prefer }) };
      const message = { jsonrpc: '2.0', id, method: 'tools/call', params };
      const response = await gateway.send('/mcp/docs', message, { headers, ...how });
      const raw = await response.text();
      const isStream = response.headers.get('content-type') === 'text/event-stream';
      const last = isStream ? (raw.trimEnd().split('data: ').at(-1) ?? '') : raw;
      return { status: response.status, ...(JSON.parse(last) as object), raw } as Heard;
    },
    calls: (): readonly string[] =>
      server.received.flatMap(({ raw }) =>
        raw.includes('"tools/call"') ? [JSON.parse(raw).params.name as string] : [],
      ),
    /** What was told since the first question. */
    told: (): readonly string[] => {
      const all = plane.lines.map(({ event }) => event);
      const first = all.findIndex(({ type }) => type === 'escalation');
      return all
        .slice(first === -1 ? 0 : first)
        .filter(ofCalls)
        .map((event) => {
          if (event.type === 'decision') return `decision ${event.verdict} ${event.status}`;
          return event.type === 'escalation-end' ? `escalation-end ${event.outcome}` : event.type;
        });
    },
    decisions: () => events('decision').filter(ofCalls),
    asked: async (count = 1): Promise<string> => {
      await until(() => questions().length >= count, 'a question');
      return questions()[count - 1]?.id ?? '';
    },
  };
}

const ticketIn = ({ result }: Heard): JsonObject => result?._meta?.['tenantry/ticket'] as JsonObject;

describe('a call that a policy hands to a person', () => {
  test('waits with the official client, is made once when it is approved, and its result is not asked about again', async () => {
    const { plane, running, delivered, questions, connect, calls, told, decisions, asked } = await boot(OVERSIGHT);
    const client = await connect();
    const answer = client.callTool({ name: 'search', arguments: { b: 2, a: 'teapot' } });
    const id = await asked();
    expect(questions()[0]).toEqual({
      ...{ type: 'escalation', id, at: expect.any(Number), requestId: `req${id.slice(3)}`, phase: 'input' },
      ...{ policy: 'human-oversight', reasonCode: 'human_oversight.review_required', timeoutMs: 3_600_000 },
      ...{ token: 'bot', team: 'support', model: null },
      tool: { server: 'docs', tool: 'search', argumentsDigest: nodeHash.sha256(canonicalText({ a: 'teapot', b: 2 })) },
    });
    expect(calls()).toEqual([]);
    plane.decide(id, 'approved');
    expect((await answer).content).toEqual([{ type: 'text', text: 'search {"b":2,"a":"teapot"}' }]);
    await delivered();
    expect(calls()).toEqual(['search']);
    expect(told()).toEqual(['escalation', 'escalation-end approved', 'intent', 'decision escalate 200']);
    expect(decisions()[0]).toMatchObject({
      reasonCode: 'human_oversight.review_required',
      tool: { server: 'docs', method: 'tools/call', tool: 'search' },
      wallets: [],
    });
    expect(JSON.stringify(plane.lines)).not.toContain('teapot');
    expect(running().service.reviews?.gauges()).toEqual({ waiting: 0, bytes: 0 });
  });

  test.each([
    ['denied', 'reviewer', 'escalation_denied', 'denied'],
    ['denied', 'timeout', 'escalation_expired', 'expired'],
  ] as const)(
    'is an error of the protocol when it is %s (%s), without its arguments',
    async (outcome, reason, code, end) => {
      const { plane, host, delivered, connect, calls, told, asked } = await boot(KEYWORD);
      const client = await connect();
      const answer = client.callTool({ name: 'search', arguments: { q: 'a boiler of ours' } }).catch((error) => error);
      plane.decide(await asked(), outcome, reason);
      const error = (await answer) as { readonly code: number; readonly data: JsonObject };
      expect(error).toMatchObject({
        code: -32003,
        data: { type: 'policy_violation', code, policy: 'safety-filter', reasonCode: 'safety.detected' },
      });
      expect(JSON.stringify([error, String(error), ...host.logged])).not.toContain('boiler');
      await delivered();
      expect([calls(), told()]).toEqual([[], ['escalation', `escalation-end ${end}`, 'decision escalate 200']]);
    },
  );

  test('is redacted in what waits, and blocked without a question where another policy blocks', async () => {
    const redacting = { 'dlp-filter': { detect_patterns: ['ACM-[0-9]{8}'], action: 'redact' } };
    const { plane, delivered, offer, server, questions, call, decisions, asked } = await boot({
      ...KEYWORD,
      ...redacting,
      'entity-list-filter': { blocked_entities: ['ember'] },
    });
    expect((await call('search', { q: 'boiler of ember' })).error?.data).toMatchObject({
      policy: 'entity-list-filter',
    });
    offer.answer = () => ({ content: [{ type: 'text', text: 'of ACM-20419833' }] });
    const answer = call('search', { q: 'boiler ACM-20419833' });
    plane.decide(await asked(), 'approved');
    expect((await answer).raw).not.toContain('20419833');
    await delivered();
    expect(decisions().at(-1)).toMatchObject({ verdict: 'escalate', reasonCode: 'safety.detected', status: 200 });
    const sent = server.received.at(-1)?.raw ?? '';
    expect(sent).not.toContain('20419833');
    const given = (JSON.parse(sent) as { readonly params: JsonObject }).params['arguments'];
    expect(questions().map(({ tool }) => tool?.argumentsDigest)).toEqual([nodeHash.sha256(canonicalText(given))]);
  });

  test('asks nobody where its texts are no Unicode, and is not sent', async () => {
    const { delivered, questions, call, calls } = await boot(OVERSIGHT);
    expect((await call('search', { q: '\ud800' })).error).toMatchObject({ code: -32602 });
    await delivered();
    expect([calls(), questions()]).toEqual([[], []]);
  });

  test('is not made for a token that was revoked meanwhile, nor for a tool that has changed', async () => {
    const { plane, delivered, offer, revoke, connect, call, calls, decisions, asked } = await boot(OVERSIGHT);
    const client = await connect();
    await client.listTools();
    const changed = call('search', {});
    await asked();
    offer.tools = [{ name: 'search', description: 'Finds pages, and more' }];
    await client.listTools({}, { cacheMode: 'bypass' } as object);
    plane.decide(await asked(), 'approved');
    expect((await changed).error?.message).toBe('The tool is not what was pinned.');
    const revoked = call('delete', {});
    const id = await asked(2);
    await revoke();
    plane.decide(id, 'approved');
    expect((await revoked).status).toBe(401);
    await delivered();
    expect(decisions().at(-1)).toMatchObject({
      ...{ verdict: 'block', reasonCode: 'gateway.token_invalid', status: 401 },
    });
    expect(calls()).toEqual([]);
  });

  test('is not made when its caller has gone, or cancels it in its session', async () => {
    const { plane, running, delivered, questions, connect, call, calls, decisions, asked } = await boot(KEYWORD, {
      server: startWithSessions,
    });
    const leaving = new AbortController();
    const gone = call('search', { q: 'boiler' }, { signal: leaving.signal }).catch(() => 'gone');
    await asked();
    leaving.abort();
    expect(await gone).toBe('gone');
    const client = await connect('legacy');
    const cancelling = new AbortController();
    const cancelled = client
      .callTool({ name: 'search', arguments: { q: 'boiler' } }, { signal: cancelling.signal })
      .catch(() => 'cancelled');
    await asked(2);
    cancelling.abort();
    expect(await cancelled).toBe('cancelled');
    await until(() => decisions().filter(({ tool }) => tool?.tool === 'search').length === 2, 'both ends');
    for (const { id } of questions()) plane.decide(id, 'approved');
    await delivered();
    expect(decisions().map(({ reasonCode, status }) => [reasonCode, status])).toEqual([
      ['gateway.client_gone', 499],
      ['gateway.client_gone', 499],
    ]);
    expect([calls(), running().service.tools.waiting.size]).toEqual([[], 0]);
  });
});

test('without a session an id cancels nothing: it may be that of another caller', async () => {
  const { plane, send, offer, call, asked } = await boot(KEYWORD);
  offer.answer = () => ({ content: [] });
  const answer = call('search', { q: 'boiler' });
  const id = await asked();
  const notification = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
  const cancelled = await send('/mcp/docs', notification);
  await cancelled.text();
  plane.decide(id, 'approved');
  expect((await answer).result?.content).toEqual([]);
});

describe('a tool whose calls a person approves', () => {
  test('asks about each of them, with or without a policy that asks too; another tool does not', async () => {
    const { plane, questions, call, calls, asked } = await boot(QUIET, { approve: ['delete'] });
    expect((await call('search', {})).result?.isError).toBeUndefined();
    const answer = call('delete', { page: 7 });
    const id = await asked();
    expect(questions()[0]).toMatchObject({
      ...{ phase: 'input', policy: 'tool_servers', reasonCode: 'mcp.approval_required', timeoutMs: null },
      tool: { server: 'docs', tool: 'delete' },
    });
    expect(calls()).toEqual(['search']);
    plane.decide(id, 'approved');
    expect((await answer).result?.content).toEqual([{ type: 'text', text: 'delete {"page":7}' }]);
    expect(calls()).toEqual(['search', 'delete']);
  });
});

describe('a caller that does not wait', () => {
  test('gets a ticket as an error of the tool; the same call asked again is made once and brings its result', async () => {
    const { plane, delivered, questions, call, calls, told, decisions, asked } = await boot(OVERSIGHT);
    const first = await call('delete', { page: 7, why: 'old' }, ASYNC);
    const id = await asked();
    expect(first.result?.isError).toBe(true);
    expect(first.result).not.toHaveProperty('structuredContent');
    expect(first.result?.content[0]?.['text']).toContain(id);
    expect(ticketIn(first)).toEqual({ ticket: id, url: `/v1/escalations/${id}` });
    const again = await call('delete', { why: 'old', page: 7 }, { ...ASYNC, id: 2 });
    expect([again.id, ticketIn(again)]).toEqual([2, ticketIn(first)]);
    const waiting = call('delete', { page: 7, why: 'old' }, { id: 3 });
    plane.decide(id, 'approved');
    const { result, id: third } = await waiting;
    expect([third, result?.content]).toEqual([3, [{ type: 'text', text: 'delete {"page":7,"why":"old"}' }]]);
    expect([calls(), questions().length]).toEqual([['delete'], 1]);
    await delivered();
    expect(decisions().map(({ reasonCode, verdict }) => [verdict, reasonCode])).toEqual([
      ['escalate', 'mcp.asked_again'],
      ['escalate', 'human_oversight.review_required'],
      ['escalate', 'mcp.asked_again'],
    ]);
    expect(told().filter((line) => line === 'intent')).toHaveLength(1);
  });

  test('whose answer is collected asks anew with the next call of the same kind; other arguments are another call', async () => {
    const { plane, call, calls, asked } = await boot(OVERSIGHT);
    await call('delete', { page: 7 }, ASYNC);
    await call('delete', { page: 8 }, ASYNC);
    const [seven, eight] = [await asked(), await asked(2)];
    plane.decide(seven, 'approved');
    plane.decide(eight, 'denied');
    expect((await call('delete', { page: 7 })).result?.content).toEqual([{ type: 'text', text: 'delete {"page":7}' }]);
    expect((await call('delete', { page: 8 })).error?.data).toMatchObject({
      ...{ code: 'escalation_denied', policy: 'human-oversight', reasonCode: 'human_oversight.review_required' },
    });
    await call('delete', { page: 7 }, ASYNC);
    await call('delete', { page: 8 }, ASYNC);
    expect([await asked(3), await asked(4)]).not.toContain(seven);
    expect(calls()).toEqual(['delete']);
  });

  test('and asks from many sides at once is answered everywhere, by one call', async () => {
    const { plane, running, questions, call, calls, asked } = await boot(OVERSIGHT);
    await call('delete', { page: 7 }, ASYNC);
    const id = await asked();
    const ids = [2, 3, 4, 5, 6, 7, 8, 9];
    const answers = Promise.all(ids.map((one) => call('delete', { page: 7 }, { id: one })));
    await until(() => running().service.active === ids.length, 'all of them');
    plane.decide(id, 'approved');
    const heard = await answers;
    expect(heard.map((one) => one.id)).toEqual(ids);
    expect(new Set(heard.map(({ result }) => JSON.stringify(result))).size).toBe(1);
    expect([calls(), questions().length]).toEqual([['delete'], 1]);
  });

  test('may come with the ticket itself, as often as it likes', async () => {
    const { plane, send, call, calls, asked } = await boot(OVERSIGHT);
    const ticket = ticketIn(await call('search', { q: 'tea' }, { ...ASYNC, id: 5 }));
    plane.decide(await asked(), 'approved');
    const collect = async (): Promise<Heard> => {
      const response = await send(String(ticket['url']), undefined, { headers: { prefer: 'wait=30' } });
      return (await response.json()) as Heard;
    };
    const { id, result } = await collect();
    expect([id, result?.content]).toEqual([5, [{ type: 'text', text: 'search {"q":"tea"}' }]]);
    expect((await collect()).result).toEqual(result);
    expect(calls()).toEqual(['search']);
    await call('search', { q: 'tea' }, ASYNC);
    expect(await asked(2)).not.toBe(ticket['ticket']);
  });

  test('gets one when patience is over; what the policies or the server refuse then is kept as an error', async () => {
    const { plane, offer, server, connect, call, decisions, asked } = await boot(
      { ...OVERSIGHT, 'dlp-filter': { blocked_terms: ['Larkspur'], action: 'block' } },
      { reviews: { patienceMs: 1 } },
    );
    const client = await connect();
    const held = await client.callTool({ name: 'search', arguments: {} });
    expect([held.isError, held._meta?.['tenantry/ticket']]).toEqual([true, expect.anything()]);
    offer.answer = () => ({ content: [{ type: 'text', text: 'about Larkspur' }] });
    plane.decide(await asked(), 'approved');
    await until(() => decisions().some(({ verdict }) => verdict === 'block'), 'the end');
    await expect(client.callTool({ name: 'search', arguments: {} })).rejects.toThrow(
      'The text holds confidential data.',
    );
    await call('search', { q: 1 });
    await server.close();
    plane.decide(await asked(2), 'approved');
    await until(() => decisions().some(({ status }) => status === 502), 'the end');
    expect((await call('search', { q: 1 })).error?.data).toMatchObject({ code: 'upstream_error' });
  });

  test('and leaves while it waits once more is written, and its ticket stands', async () => {
    const { running, call, decisions } = await boot(OVERSIGHT);
    const ticket = ticketIn(await call('search', {}, ASYNC));
    const leaving = new AbortController();
    const again = call('search', {}, { signal: leaving.signal }).catch(() => 'gone');
    await until(() => running().service.active === 1, 'the second call');
    leaving.abort();
    expect(await again).toBe('gone');
    await until(() => decisions().length === 1, 'its decision');
    expect(decisions()[0]).toMatchObject({ status: 499, reasonCode: 'mcp.asked_again', verdict: 'escalate' });
    expect(ticketIn(await call('search', {}, ASYNC))).toEqual(ticket);
  });

  test('finds no room, and hears so as an error of the protocol', async () => {
    const { call, calls } = await boot(OVERSIGHT, { reviews: { most: { count: 0, bytes: 0 } } });
    expect((await call('search', {})).error).toMatchObject({
      code: -32003,
      data: { code: 'review_unavailable', retryAfterSeconds: 30 },
    });
    expect(calls()).toEqual([]);
  });
});

describe('progress', () => {
  test('is told to the official client that asks for it, before its result', async () => {
    const { plane, connect, asked } = await boot(OVERSIGHT, { reviews: { progressMs: 2 } });
    const client = await connect();
    const steps: number[] = [];
    const onprogress = ({ progress }: { readonly progress: number }): void => void steps.push(progress);
    const answer = client.callTool({ name: 'search', arguments: {} }, { onprogress, resetTimeoutOnProgress: true });
    await until(() => steps.length > 2, 'progress');
    plane.decide(await asked(), 'approved');
    expect((await answer).content).toEqual([{ type: 'text', text: 'search {}' }]);
    expect(steps).toEqual([...steps].sort((a, b) => a - b));
    // That of the server comes after it.
    expect(steps.at(-1)).toBe(1);
  });

  test.each([
    ['takes no events', { accept: 'application/json', meta: { progressToken: 'p' } }],
    ['asks for none', {}],
  ])('is not told to who %s', async (_who, how) => {
    const { call } = await boot(OVERSIGHT, { reviews: { progressMs: 1, patienceMs: 50 } });
    const { raw, result } = await call('search', {}, how);
    expect([raw.includes('progress'), raw.startsWith('{'), result?.isError]).toEqual([false, true, true]);
  });

  test.each(['denied', 'late', 'revoked'] as const)('goes before what else it comes to: %s', async (how) => {
    const { plane, revoke, call, asked } = await boot(OVERSIGHT, {
      reviews: { progressMs: 1, ...(how === 'late' ? { patienceMs: 50 } : {}) },
    });
    const answer = call('search', {}, { meta: { progressToken: 'p' } });
    const id = await asked();
    if (how === 'revoked') await revoke();
    if (how !== 'late') plane.decide(id, how === 'denied' ? 'denied' : 'approved');
    const heard = await answer;
    expect(heard.raw).toContain('notifications/progress');
    if (how === 'late') expect(ticketIn(heard)).toMatchObject({ ticket: id });
    else expect(heard.error?.data).toMatchObject({ code: how === 'denied' ? 'escalation_denied' : 'token_invalid' });
  });
});

describe('a result that a person decides about', () => {
  const answer: Offer['answer'] = () => ({ content: [{ type: 'text', text: 'all about the boiler' }] });

  test.each([
    ['approved', ['escalation-end approved']],
    ['denied', ['escalation-end denied']],
  ] as const)('waits after its decision, and is %s', async (outcome, end) => {
    const { plane, delivered, questions, call, calls, told, decisions, asked } = await boot(KEYWORD, { answer });
    const answered = call('search', {});
    const id = await asked();
    await until(() => decisions().length === 1, 'the decision');
    expect(questions()[0]).toMatchObject({
      ...{ id: expect.stringMatching(/\.answer$/), phase: 'output', tool: { tool: 'search' } },
    });
    plane.decide(id, outcome);
    const heard = await answered;
    if (outcome === 'approved') expect(heard.result?.content).toEqual([{ type: 'text', text: 'all about the boiler' }]);
    else {
      expect(heard.error?.data).toMatchObject({ code: 'escalation_denied' });
      expect(heard.raw).not.toContain('boiler');
    }
    await delivered();
    expect(told()).toEqual(['escalation', 'decision escalate 202', ...end]);
    expect(calls()).toEqual(['search']);
  });

  test('is lost with its caller, decided once', async () => {
    const { running, delivered, call, told, decisions } = await boot(KEYWORD, { answer });
    const leaving = new AbortController();
    const answered = call('search', {}, { signal: leaving.signal }).catch(() => 'gone');
    await until(() => decisions().length === 1, 'the decision');
    leaving.abort();
    expect(await answered).toBe('gone');
    await until(() => running().service.active === 0, 'the end');
    await delivered();
    expect(told()).toEqual(['escalation', 'decision escalate 202', 'escalation-end lost']);
  });

  test('waits behind the ticket of its call, which is not made again', async () => {
    const { plane, call, calls, asked } = await boot({ ...KEYWORD, ...OVERSIGHT }, { answer });
    const { ticket } = ticketIn(await call('search', {}, ASYNC));
    plane.decide(String(ticket), 'approved');
    expect(await asked(2)).toBe(`${ticket}.answer`);
    expect(ticketIn(await call('search', {}, ASYNC))).toMatchObject({ ticket });
    plane.decide(`${ticket}.answer`, 'approved');
    expect((await call('search', {})).result?.content).toEqual([{ type: 'text', text: 'all about the boiler' }]);
    expect(calls()).toEqual(['search']);
  });

  test('has a ticket of its own where only it waits, and words of an error are withheld', async () => {
    const { plane, offer, questions, call, calls, asked } = await boot(KEYWORD, { answer });
    expect(ticketIn(await call('search', {}, ASYNC))).toMatchObject({ ticket: expect.stringMatching(/\.answer$/) });
    plane.decide(await asked(), 'approved');
    expect((await call('search', {})).result?.content).toHaveLength(1);
    expect(calls()).toEqual(['search']);
    offer.answer = () => {
      throw new Error('the boiler is out');
    };
    const { error, raw } = await call('search', { q: 2 });
    expect([error?.message, raw.includes('boiler')]).toEqual(['The tool server refused the message.', false]);
    expect(questions()).toHaveLength(1);
  });
});

describe('a call about which another service is asked', () => {
  const ask = (judge: TestUpstream, kind: string, settings: JsonObject = {}) => ({
    [kind]: {
      ...(kind === 'flagged-review'
        ? {
            provider: {
              name: 'judge',
              endpoint: `${judge.url}/v1/chat/completions`,
              model: 'j',
              secret_key_ref: { env: 'UPSTREAM_KEY' },
            },
          }
        : { endpoint: `${judge.url}/judge`, secret_key_ref: { env: 'UPSTREAM_KEY' } }),
      ...settings,
    },
  });

  test('passes, or is blocked, as it says', async () => {
    const judge = forTest(await startUpstream());
    const { call, calls } = await boot(ask(judge, 'external-moderation'));
    judge.script = ({ body }, response) => sendJson(response, 200, { flagged: JSON.stringify(body).includes('rude') });
    expect((await call('search', { q: 'tea' })).result?.content).toHaveLength(1);
    expect((await call('search', { q: 'rude' })).error).toMatchObject({
      code: -32003,
      data: { policy: 'external-moderation' },
    });
    expect(calls()).toEqual(['search']);
  });

  test('goes to a person where its review says so', async () => {
    const judge = forTest(await startUpstream());
    const { plane, call, calls, asked } = await boot(ask(judge, 'flagged-review', { mode: 'escalate' }));
    judge.script = (_, response) =>
      sendJson(response, 200, {
        choices: [{ message: { role: 'assistant', content: '{"flagged": true, "rationale": "odd"}' } }],
      });
    const answer = call('search', { q: 'tea' });
    plane.decide(await asked(), 'denied');
    expect((await answer).error?.data).toMatchObject({ code: 'escalation_denied', policy: 'flagged-review' });
    expect(calls()).toEqual([]);
  });
});

test('what waits is let go when the gateway stops: answered, ended as lost, decided with its tool', async () => {
  const { start, stop, call, calls, told, decisions, asked } = await boot(OVERSIGHT);
  await call('delete', { page: 7 }, ASYNC);
  const answer = call('search', {});
  await asked(2);
  await stop();
  expect((await answer).error?.data).toMatchObject({ code: 'review_unavailable' });
  expect(told().slice(2).sort()).toEqual([
    ...['decision escalate 200', 'decision escalate 503', 'escalation-end lost', 'escalation-end lost'],
  ]);
  expect(
    decisions()
      .map(({ tool }) => tool?.tool)
      .sort(),
  ).toEqual(['delete', 'search']);
  await start();
  // Nothing is known of it any more, so a person is asked anew.
  await call('delete', { page: 7 }, ASYNC);
  expect(await asked(3)).toMatch(/^esc_/);
  expect(calls()).toEqual([]);
});
