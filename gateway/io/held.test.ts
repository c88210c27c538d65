import { rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BundleData, DecisionEvent, GatewayEvent, JsonObject } from '../../src/core/model/index.ts';
import { tokenDigest } from '../../src/trust/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { ORG, SECRET, sampleData, startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { type Running, runManaged } from './run.ts';
import { completion, echo, startUpstream, streamedText, type TestUpstream, until } from './upstream.testkit.ts';

// What waits for a person goes on under what is in force when it is approved: other bundles are published meanwhile.

let us: TestUpstream;
let eu: TestUpstream;
let plane: TestPlane;
let host: TestHost;
let running: Running | undefined;
let folder = '';

beforeEach(async () => {
  us = await startUpstream();
  eu = await startUpstream();
  host = makeTestHost();
  host.variables.set('KEY', 'sk-one');
  plane = await startPlane(host.nowMs);
});
afterEach(async () => {
  await running?.stop(500);
  running = undefined;
  await Promise.all([plane.close(), us.close(), eu.close()]);
  rmSync(folder, { recursive: true, force: true });
});

const KEYWORD = { 'safety-filter': { block_if: ['boiler'], action: 'escalate' } };
/** A reviewer that is not there, so that a person has to decide. */
const REVIEWED = {
  'flagged-review': {
    mode: 'escalate',
    provider: {
      name: 'judge',
      endpoint: 'http://127.0.0.1:9/v1/chat/completions',
      model: 'm',
      secret_key_ref: { env: 'KEY' },
    },
  },
};
const OVERSIGHT = { 'human-oversight': { timeout_seconds: 3600 } };

function document(policy: JsonObject, routing: JsonObject = {}): string {
  const target = (id: string, url: string): JsonObject => ({
    ...{ id, provider: 'openai', model: 'gpt-4o-mini', region: id, base_url: url },
    secret_key_ref: { env: 'KEY' },
  });
  return JSON.stringify({
    pack: { name: 'test', version: '1.0.0', enabled: true },
    policies: { chain: Object.keys(policy) },
    policy,
    providers: { targets: [target('us', us.url), target('eu', eu.url)], routing },
  });
}

async function boot(policy: JsonObject, data: Partial<BundleData> = {}): Promise<void> {
  await plane.publish(document(policy), data);
  folder = plane.enrolledState();
  const options = { stateDir: folder, host: '127.0.0.1', port: 0, simulator: null, pollSeconds: 5, reviews: {} };
  running = await runManaged(options, host);
  await until(() => running?.service.snapshot !== null, 'a snapshot');
}

/** Publishes another bundle and waits until it is in force. */
async function swap(policy: JsonObject, data: Partial<BundleData> = {}, routing: JsonObject = {}): Promise<void> {
  const digest = await plane.publish(document(policy, routing), data);
  await until(() => running?.service.snapshot?.contentDigest === digest, 'the other bundle');
}

type Token = BundleData['tokens'][number];
const bot = (more: Partial<Token> = {}): Pick<BundleData, 'tokens'> => ({
  tokens: sampleData().tokens.map((token) => ({ ...token, ...more })),
});
const credential = (id: string, secret = SECRET): Token['credentials'][number] => ({
  ...{ id, digest: tokenDigest(ORG, id, secret) },
  ...{ notBeforeMs: 0, notAfterMs: 4_000_000_000_000 },
});

const headers = (prefer?: string): { readonly [name: string]: string } => ({
  'content-type': 'application/json',
  authorization: `Bearer ${TOKEN}`,
  ...(prefer === undefined ? {} : { prefer }),
});
const bodyOf = (more: object = {}): string =>
  JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 50, messages: [{ role: 'user', content: 'a boiler' }], ...more });
const ask = (more: object = {}, prefer?: string): Promise<Response> =>
  fetch(`${running?.url}/v1/chat/completions`, { method: 'POST', headers: headers(prefer), body: bodyOf(more) });
const collect = (ticket: string): Promise<Response> =>
  fetch(`${running?.url}/v1/escalations/${ticket}`, { headers: headers('wait=30') });
const codeOf = async (response: Response): Promise<string> => {
  const { error } = (await response.json()) as { readonly error: { readonly code: string } };
  return `${response.status} ${error.code}`;
};

const events = (): readonly GatewayEvent[] => plane.lines.map(({ event }) => event);
const ends = (): readonly string[] =>
  events().flatMap((event) =>
    event.type === 'escalation-end' ? [`${event.outcome} ${event.reasonCode ?? ''}`.trim()] : [],
  );
const decisions = (): readonly DecisionEvent[] =>
  events().flatMap((event) => (event.type === 'decision' ? [event] : []));
const asked = async (count = 1): Promise<string> => {
  const ids = (): readonly string[] => events().flatMap((event) => (event.type === 'escalation' ? [event.id] : []));
  await until(() => ids().length >= count, 'an escalation');
  return ids()[count - 1] ?? '';
};
const delivered = async (): Promise<void> => {
  expect(await running?.shipping?.drain()).toBe(true);
};
const sent = (): readonly number[] => [us.received.length, eu.received.length];

describe('a request that is approved', () => {
  test('goes where it may go by then, paid by the wallet and at the price of then', async () => {
    await boot(KEYWORD);
    const answer = ask();
    const id = await asked();
    const [wallet] = sampleData().wallets;
    const [price] = sampleData().prices;
    if (wallet === undefined || price === undefined) throw new Error('no sample');
    const wallets = [{ ...wallet, name: 'broke', limitMicros: 0 }, wallet];
    const prices = [{ ...price, inputMicrosPerMillion: 2_000_000, outputMicrosPerMillion: 2_000_000 }];
    await swap(KEYWORD, { wallets, prices }, { require_region: 'eu' });
    plane.decide(id, 'approved');
    const response = await answer;
    expect([response.status, await response.json()]).toEqual([200, completion('a boiler')]);
    expect(response.headers.get('x-tenantry-bundle')).toBe(running?.service.snapshot?.contentDigest.slice(0, 12));
    expect(sent()).toEqual([0, 1]);
    await delivered();
    expect(ends()).toEqual(['approved']);
    expect(decisions()).toEqual([
      expect.objectContaining({
        ...{ verdict: 'escalate', reasonCode: 'safety.detected', target: 'eu' },
        ...{
          contentDigest: running?.service.snapshot?.contentDigest,
          wallets: [expect.objectContaining({ settledMicros: 36 })],
        },
      }),
    ]);
  });

  const gone = { tokens: [] };
  test.each<[string, () => Partial<BundleData>, string]>([
    ['is revoked', () => gone, '401 token_invalid'],
    ['is another one of that name', () => bot({ credentials: [credential('tok2')] }), '401 token_invalid'],
    [
      'has another secret',
      () =>
        bot({
          credentials: [
            credential(
              'tok1',
              SECRET.map(() => 1),
            ),
          ],
        }),
      '401 token_invalid',
    ],
    ['has expired', () => bot({ notAfterMs: host.nowMs() - 1 }), '401 token_invalid'],
    ['is of another team', () => bot({ team: 'sales' }), '409 configuration_changed'],
    ['has another name', () => bot({ name: 'other' }), '409 configuration_changed'],
    ['has lost the scope', () => bot({ scopes: ['models'] }), '403 scope_missing'],
    ['has lost the path', () => bot({ paths: ['/v1/embeddings'] }), '403 path_not_allowed'],
    ['has lost the model', () => bot({ models: ['other'] }), '403 model_not_allowed'],
    ['has lost the address', () => bot({ addresses: ['192.0.2.0/24'] }), '403 address_not_allowed'],
  ])('is not sent where its token %s', async (_, data, code) => {
    await boot(KEYWORD);
    const answer = ask();
    const id = await asked();
    await swap(KEYWORD, data());
    plane.decide(id, 'approved');
    expect(await codeOf(await answer)).toBe(code);
    expect(sent()).toEqual([0, 0]);
    await delivered();
    const reasonCode = `gateway.${code.slice(4)}`;
    expect(ends()).toEqual([`overtaken ${reasonCode}`]);
    expect(decisions()).toEqual([
      expect.objectContaining({
        ...{ verdict: 'block', status: Number(code.slice(0, 3)), reasonCode },
        contentDigest: running?.service.snapshot?.contentDigest,
      }),
    ]);
  });

  test('is not sent where its token has run out with no other bundle', async () => {
    const notAfterMs = host.nowMs() + 60_000;
    await boot(KEYWORD, bot({ notAfterMs }));
    const answer = ask();
    const id = await asked();
    host.aheadMs += 61_000;
    plane.decide(id, 'approved');
    expect(await codeOf(await answer)).toBe('401 token_invalid');
    expect(sent()).toEqual([0, 0]);
  });

  test('is not sent where the gateway has nothing to decide with any more', async () => {
    await boot(KEYWORD);
    const answer = ask();
    const id = await asked();
    Object.assign(running?.service ?? {}, { snapshot: null });
    plane.decide(id, 'approved');
    expect(await codeOf(await answer)).toBe('503 not_ready');
    expect(sent()).toEqual([0, 0]);
  });

  test('comes from where it came from, also when its connection is closed', async () => {
    await boot(KEYWORD);
    const ticket = await new Promise<string>((resolve, reject) => {
      const given = { method: 'POST', headers: headers('respond-async'), agent: false };
      const request = httpRequest(`${running?.url}/v1/chat/completions`, given, (response) => {
        response.setEncoding('utf8');
        response.on('data', (text: string) => resolve((JSON.parse(text) as { ticket: string }).ticket));
      });
      request.on('error', reject);
      request.end(bodyOf());
    });
    await swap(KEYWORD, bot({ addresses: ['127.0.0.0/8'] }));
    plane.decide(ticket, 'approved');
    expect((await collect(ticket)).status).toBe(200);
  });

  test('is not sent where a policy blocks it by then', async () => {
    await boot(KEYWORD);
    const answer = ask();
    const id = await asked();
    await swap({ 'dlp-filter': { blocked_terms: ['boiler'], action: 'block' }, ...KEYWORD });
    plane.decide(id, 'approved');
    expect(await codeOf(await answer)).toBe('409 input_blocked');
    expect(sent()).toEqual([0, 0]);
    await delivered();
    expect(ends()).toEqual(['overtaken dlp.detected']);
    expect(decisions()).toEqual([
      expect.objectContaining({ verdict: 'block', reasonCode: 'dlp.detected', status: 409 }),
    ]);
  });

  test('is not asked about again by the policy that asked, and its answer by another', async () => {
    await boot(KEYWORD);
    const answer = ask();
    const id = await asked();
    await swap({ ...KEYWORD, ...OVERSIGHT });
    plane.decide(id, 'approved');
    expect(await asked(2)).toBe(`${id}.answer`);
    plane.decide(`${id}.answer`, 'approved');
    expect((await answer).status).toBe(200);
    await delivered();
    expect(ends()).toEqual(['approved', 'approved']);
  });

  test('is not sent where it is larger than may be sent by then', async () => {
    await boot(KEYWORD);
    const answer = ask({ user: 'x'.repeat(2000) });
    const id = await asked();
    await swap(KEYWORD, { limits: { ...sampleData().limits, bodyBytes: 1024 } });
    plane.decide(id, 'approved');
    expect(await codeOf(await answer)).toBe('413 body_too_large');
    expect(sent()).toEqual([0, 0]);
  });

  test('is sent as the policies of then leave it', async () => {
    await boot(KEYWORD);
    const answer = ask();
    const id = await asked();
    await swap({ 'dlp-filter': { blocked_terms: ['boiler'], action: 'redact' } });
    plane.decide(id, 'approved');
    expect((await answer).status).toBe(200);
    expect(us.received[0]?.raw).not.toContain('boiler');
    await delivered();
    expect(decisions()).toEqual([expect.objectContaining({ verdict: 'escalate', reasonCode: 'safety.detected' })]);
  });

  test.each<[string, JsonObject, string]>([
    ['blocks it', { 'dlp-filter': { blocked_terms: ['boiler'], action: 'block' } }, '409 input_blocked'],
    ['would have a person asked about it', KEYWORD, '409 configuration_changed'],
  ])('is not sent where it waited for money, and a policy %s by then', async (_, policy, code) => {
    plane.limitMicros = 0;
    const wallets = sampleData().wallets.map((wallet) => ({ ...wallet, whenExhausted: 'hold' as const }));
    await boot({ 'prompt-injection': {} }, { wallets });
    const answer = ask();
    const id = await asked();
    await swap(policy, { wallets });
    plane.limitMicros = 1_000_000;
    plane.decide(id, 'approved');
    expect(await codeOf(await answer)).toBe(code);
    expect(sent()).toEqual([0, 0]);
  });
});

describe('an answer that is approved', () => {
  const texts = async (response: Response, stream: boolean): Promise<unknown> => {
    const text = await response.text();
    return stream
      ? streamedText(text)
      : (JSON.parse(text) as { choices: [{ message: JsonObject }] }).choices[0].message['content'];
  };

  describe.each([false, true])('stream: %s', (stream) => {
    test('is handed out as it waited where another bundle changes nothing of it', async () => {
      await boot(OVERSIGHT);
      const answer = ask({ stream });
      const id = await asked();
      await swap(OVERSIGHT, bot({ scopes: ['chat'] }));
      plane.decide(id, 'approved');
      const response = await answer;
      expect([response.status, await texts(response, stream)]).toEqual([200, 'a boiler']);
      await delivered();
      expect([ends(), decisions().length, us.received.length]).toEqual([['approved'], 1, 1]);
    });

    test.each<[string, JsonObject]>([
      ['with the policy that asked', { ...OVERSIGHT, 'dlp-filter': { blocked_terms: ['boiler'], action: 'redact' } }],
      ['without it', { 'dlp-filter': { blocked_terms: ['boiler'], action: 'redact' } }],
    ])('is handed out as the policies of then leave it, %s', async (_, policy) => {
      await boot(OVERSIGHT);
      const answer = ask({ stream });
      const id = await asked();
      await swap(policy);
      plane.decide(id, 'approved');
      const response = await answer;
      expect([response.status, await texts(response, stream)]).toEqual([200, expect.not.stringContaining('boiler')]);
    });

    test.each<[string, JsonObject, Partial<BundleData>, string]>([
      ['its token is revoked', OVERSIGHT, { tokens: [] }, '401 token_invalid'],
      ['its token has lost the scope', OVERSIGHT, bot({ scopes: ['models'] }), '403 scope_missing'],
      [
        'a policy blocks it',
        { 'dlp-filter': { blocked_terms: ['boiler'], action: 'block' } },
        {},
        '409 output_blocked',
      ],
      ['another policy asks', REVIEWED, {}, '409 configuration_changed'],
    ])('is not handed out where %s', async (_, policy, data, code) => {
      await boot(OVERSIGHT);
      us.script = (request, response) => {
        request.body['messages'] = [{ role: 'user', content: 'words of a boiler' }];
        return echo(request, response);
      };
      const answer = ask({ stream, messages: [{ role: 'user', content: 'tea' }] });
      const id = await asked();
      await swap(policy, data);
      plane.decide(id, 'approved');
      const response = await answer;
      const text = await response.clone().text();
      expect(await codeOf(response)).toBe(code);
      expect(text).not.toContain('words of');
      await delivered();
      const reason = code === '409 output_blocked' ? 'dlp.detected' : `gateway.${code.slice(4)}`;
      expect([ends(), decisions().length]).toEqual([[`overtaken ${reason}`], 1]);
    });
  });

  test('is not collected by a token that may not ask for it any more', async () => {
    await boot(KEYWORD);
    const { ticket } = (await (await ask({}, 'respond-async')).json()) as { readonly ticket: string };
    plane.decide(await asked(), 'approved');
    expect((await collect(ticket)).status).toBe(200);
    await swap(KEYWORD, bot({ scopes: ['models'] }));
    expect(await codeOf(await collect(ticket))).toBe('403 scope_missing');
    await swap(KEYWORD, bot({ models: ['other'] }));
    expect(await codeOf(await collect(ticket))).toBe('403 model_not_allowed');
    await swap(KEYWORD, bot());
    expect((await collect(ticket)).status).toBe(200);
  });
});
