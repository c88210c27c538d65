import { describe, expect, test } from 'vitest';
import { type BundleData, type Network, parseNetwork } from '../../src/core/model/index.ts';
import { formatToken } from '../../src/trust/index.ts';
import {
  type Asking,
  forTest,
  OTHER,
  OTHER_BOT as other,
  outcomeOf,
  BOT as own,
  type Published,
  pricesOf,
  say,
  startEnrolled,
} from './enrolled.testkit.ts';
import { durationText } from './limits.ts';
import { SECRET, sampleData, TOKEN } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import { WRONG_CREDENTIALS_PER_MINUTE } from './strangers.ts';
import { chunk, echo, sendJson, startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

// Limits and scopes of tokens at a gateway that is enrolled, with a real control plane and a real provider, on loopback.

const free = sampleData().limits;
const proxies = [parseNetwork('127.0.0.1') as Network];

interface Said {
  readonly data?: Partial<BundleData>;
  readonly document?: object;
  readonly targets?: readonly object[];
  readonly providers?: object;
}
interface Start extends Said {
  readonly trustedProxies?: readonly Network[];
}
interface Ask extends Asking {
  readonly path?: string;
  /** Instead of what a chat request has. */
  readonly body?: object;
}

/** Two tokens of one team at one provider, with what the test says. */
const published = ({
  data,
  document = {},
  targets = [{}],
  providers = { fallback: { enabled: true } },
}: Said): Published => ({
  policy: documentOf({ targets, providers, document }),
  data: { tokens: [own, other], prices: pricesOf('gpt-4o-mini', 'gpt-4o', 'claude'), ...data },
});

async function serve({ trustedProxies = [], ...said }: Start) {
  const gateway = await startEnrolled({ ...published(said), options: { trustedProxies } });
  const ask = ({ path = '/v1/chat/completions', body, ...how }: Ask = {}): Promise<Response> =>
    gateway.send(path, path === '/v1/models' ? undefined : say('hi', body), how);
  return {
    ...gateway,
    ask,
    outcome: async (asked?: Ask): Promise<string> => outcomeOf(await ask(asked)),
    flights: (): number => gateway.running().service.counters.flights.size,
  };
}

describe('requests', () => {
  test('of one token are limited, those of another are not; the refusal says which limit, and until when', async () => {
    const { host, upstream, ask, outcome } = await serve({
      data: { tokens: [{ ...own, limits: { requestsPerMinute: 2 } }, other] },
    });
    expect([await outcome(), await outcome()]).toEqual(['200', '200']);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    const { error } = (await refused.json()) as { readonly error: object };
    expect(error).toMatchObject({
      type: 'rate_limit',
      code: 'rate_limited',
      message: 'Expected at most 2 requests of this token in 60 seconds.',
      details: { limit: { of: 'token', measure: 'requests', max: 2, windowSeconds: 60 } },
    });
    expect(await outcome({ token: OTHER })).toBe('200');
    host.aheadMs += 63_000;
    expect(await outcome()).toBe('200');
    expect(upstream.received).toHaveLength(4);
  });

  test('of a team are limited over its tokens, and those of an address over all', async () => {
    const { host, outcome } = await serve({
      data: { teams: [{ name: own.team, limits: { requestsPerMinute: 2 } }] },
      document: { ip_rate_limit: { max_requests: 3, window_seconds: 600 } },
    });
    expect([await outcome(), await outcome({ token: OTHER }), await outcome()]).toEqual([
      '200',
      '200',
      '429 rate_limited',
    ]);
    host.aheadMs += 63_000;
    expect([await outcome(), await outcome()]).toEqual(['200', '429 rate_limited']);
  });

  test('of an address are those of who the trusted proxy says', async () => {
    const { outcome } = await serve({
      data: { limits: { ...free, perAddress: { requestsPerMinute: 1 } } },
      trustedProxies: proxies,
    });
    const from = (address: string) => outcome({ headers: { 'x-forwarded-for': `10.9.9.9, ${address}` } });
    expect([await from('192.0.2.1'), await from('192.0.2.2'), await from('192.0.2.1')]).toEqual([
      '200',
      '200',
      '429 rate_limited',
    ]);
    expect([await from('2001:db8::1'), await from('2001:db8::2')]).toEqual(['200', '429 rate_limited']);
  });

  test('of addresses that nobody knows count together', async () => {
    const { outcome } = await serve({
      data: { limits: { ...free, perAddress: { requestsPerMinute: 1 } } },
      trustedProxies: proxies,
    });
    const from = (address: string) => outcome({ headers: { 'x-forwarded-for': address } });
    expect([await from('unknown'), await from('-'), await from('192.0.2.1')]).toEqual([
      '200',
      '429 rate_limited',
      '200',
    ]);
  });

  test('of a user are those with the same header, and without one those of the token', async () => {
    const { outcome } = await serve({
      document: { user_rate_limit: { max_requests: 1, window_seconds: 60, header_names: ['X-User'] } },
    });
    const of = (user: string) => outcome({ headers: { 'x-user': user } });
    expect([await of('ann'), await of('ann'), await of('bob')]).toEqual(['200', '429 rate_limited', '200']);
    expect([await outcome(), await outcome(), await outcome({ token: OTHER })]).toEqual([
      '200',
      '429 rate_limited',
      '200',
    ]);
  });

  test('of an address cannot be multiplied by what a client writes', async () => {
    const { outcome } = await serve({ data: { limits: { ...free, perAddress: { requestsPerMinute: 1 } } } });
    const from = (address: string) => outcome({ headers: { 'x-forwarded-for': address } });
    expect([await from('192.0.2.1'), await from('192.0.2.2')]).toEqual(['200', '429 rate_limited']);
  });

  test('of a model that is limited go to no other one of its group where nothing falls back', async () => {
    const models = [{ model: 'gpt-4o-mini', limits: { requestsPerMinute: 1 } }];
    const model_groups = [{ name: 'desk', targets: ['a', 'b'] }];
    const group = { data: { limits: { ...free, models } }, targets: [{}, { model: 'gpt-4o' }] };
    for (const [fallback, second] of [
      [{ enabled: false }, '429 rate_limited'],
      [{ enabled: true }, '200'],
    ] as const) {
      const { outcome } = await serve({ ...group, providers: { fallback, model_groups } });
      expect([await outcome({ body: { model: 'desk' } }), await outcome({ body: { model: 'desk' } })]).toEqual([
        '200',
        second,
      ]);
    }
  });

  test('of a model are limited by whatever name it is asked for, and another model answers where one may', async () => {
    const limits = {
      ...free,
      requestsPerMinute: 3,
      models: [{ model: 'gpt-4o-mini', limits: { requestsPerMinute: 1 } }],
    };
    const { upstream, change, ask, outcome } = await serve({ data: { limits }, targets: [{}, { model: 'gpt-4o' }] });
    expect([await outcome({ body: { model: undefined } }), await outcome()]).toEqual(['200', '200']);
    expect(upstream.received.map(({ body }) => body['model'])).toEqual(['gpt-4o-mini', 'gpt-4o']);
    // Where no other may, it is refused, and takes nothing of what else binds it.
    await change(published({ data: { limits } }));
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(((await refused.json()) as { readonly error: object }).error).toMatchObject({
      details: { limit: { of: 'model', max: 1 } },
    });
    await change(published({ data: { limits: { ...limits, models: [] } } }));
    expect([await outcome(), await outcome()]).toEqual(['200', '429 rate_limited']);
  });

  test('of a model count once for a request that is sent to several targets of it', async () => {
    const limits = { ...free, models: [{ model: 'gpt-4o-mini', limits: { requestsPerMinute: 1 } }] };
    const { upstream, outcome } = await serve({ data: { limits }, targets: [{}, {}] });
    let tries = 0;
    upstream.script = (request, response) => {
      tries += 1;
      if (tries === 1) sendJson(response, 500, {});
      else echo(request, response);
    };
    expect([await outcome(), tries]).toEqual(['200', 2]);
    expect(await outcome()).toBe('429 rate_limited');
  });

  test('that are refused later count, those that a limit refuses do not', async () => {
    const { host, outcome } = await serve({ data: { limits: { ...free, requestsPerMinute: 2 } } });
    expect(await outcome({ body: { messages: 'none' } })).toBe('422 malformed_request');
    expect([await outcome(), await outcome(), await outcome()]).toEqual([
      '200',
      '429 rate_limited',
      '429 rate_limited',
    ]);
    host.aheadMs += 63_000;
    expect([await outcome(), await outcome()]).toEqual(['200', '200']);
  });
});

describe('tokens', () => {
  test('of prompts and answers are counted for the token, and the next request waits', async () => {
    const { ask, outcome } = await serve({
      document: { token_rate_limit: { max_tokens: 30, window_seconds: 60, scope: 'per_key' } },
    });
    const first = await ask();
    expect(first.headers.get('x-ratelimit-limit-tokens')).toBe('30');
    expect(first.headers.get('x-ratelimit-remaining-tokens')).toBe('30');
    expect(first.headers.get('x-ratelimit-reset-tokens')).toBe('0s');
    await first.text();
    const second = await ask();
    expect(second.headers.get('x-ratelimit-remaining-tokens')).toBe('12');
    await second.text();
    expect([await outcome(), await outcome({ token: OTHER })]).toEqual(['429 rate_limited', '200']);
  });

  test('of a stream that is left are counted as far as they are known', async () => {
    const { upstream, running, ask, outcome } = await serve({
      data: { tokens: [{ ...own, limits: { tokensPerMinute: 1 } }, other] },
    });
    upstream.script = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'some words of an answer ' }));
    };
    const leaving = new AbortController();
    const response = await ask({ body: { stream: true }, signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    await until(() => running().service.active === 0, 'the end of the request');
    expect(await outcome()).toBe('429 rate_limited');
  });
});

describe('headers', () => {
  test('say where the tightest limit stands, in the words of the family that asks', async () => {
    const { host, ask } = await serve({
      data: {
        limits: { ...free, requestsPerMinute: 100 },
        tokens: [{ ...own, limits: { requestsPerMinute: 10 } }, other],
      },
      targets: [{}, { provider: 'anthropic', model: 'claude' }],
    });
    const { headers } = await ask();
    expect(headers.get('x-ratelimit-limit-requests')).toBe('10');
    expect(headers.get('x-ratelimit-remaining-requests')).toBe('9');
    expect(headers.get('x-ratelimit-reset-requests')).toMatch(/^1m[0-3]s$/);
    expect(headers.has('x-ratelimit-limit-tokens')).toBe(false);
    const messages = await ask({ path: '/v1/messages', body: { model: 'claude' } });
    expect(messages.headers.get('anthropic-ratelimit-requests-limit')).toBe('10');
    expect(messages.headers.get('anthropic-ratelimit-requests-remaining')).toBe('8');
    const resetMs = Date.parse(messages.headers.get('anthropic-ratelimit-requests-reset') ?? '') - host.nowMs();
    expect(resetMs).toBeGreaterThan(50_000);
  });

  test('say it of the model that was asked last too, and of no other', async () => {
    const models = [
      { model: 'gpt-4o-mini', limits: { requestsPerMinute: 2, tokensPerMinute: 1000 } },
      { model: 'claude', limits: { requestsPerMinute: 3 } },
    ];
    const { ask } = await serve({
      data: { limits: { ...free, models }, tokens: [{ ...own, limits: { requestsPerMinute: 100 } }, other] },
      targets: [{}, { model: 'gpt-4o' }, { provider: 'anthropic', model: 'claude' }],
    });
    const standing = (headers: Headers): readonly (string | null)[] =>
      ['limit-requests', 'remaining-requests', 'limit-tokens'].map((name) => headers.get(`x-ratelimit-${name}`));
    expect(standing((await ask()).headers)).toEqual(['2', '1', '1000']);
    expect(standing((await ask()).headers)).toEqual(['2', '0', '1000']);
    // Its limit is reached, and another model answers that has none.
    expect(standing((await ask()).headers)).toEqual(['100', '97', null]);
    expect(standing((await ask({ body: { model: 'gpt-4o' } })).headers)).toEqual(['100', '96', null]);
    const { headers } = await ask({ path: '/v1/messages', body: { model: 'claude' } });
    expect(headers.get('anthropic-ratelimit-requests-limit')).toBe('3');
    expect(headers.get('anthropic-ratelimit-requests-remaining')).toBe('2');
  });

  test('say it of the model whose limit refuses, and a request that several models refuse takes nothing of other limits', async () => {
    const models = ['gpt-4o-mini', 'gpt-4o'].map((model) => ({ model, limits: { requestsPerMinute: 1 } }));
    const { ask, outcome, change } = await serve({
      data: { limits: { ...free, models }, tokens: [{ ...own, limits: { requestsPerMinute: 10 } }, other] },
      targets: [{}, { model: 'gpt-4o' }],
    });
    expect([await outcome(), await outcome()]).toEqual(['200', '200']);
    for (let turn = 0; turn < 3; turn += 1) {
      const refused = await ask();
      expect([refused.status, refused.headers.get('x-ratelimit-limit-requests')]).toEqual([429, '1']);
      expect(refused.headers.get('x-ratelimit-remaining-requests')).toBe('0');
    }
    await change(published({ data: { tokens: [{ ...own, limits: { requestsPerMinute: 10 } }, other] } }));
    expect((await ask()).headers.get('x-ratelimit-remaining-requests')).toBe('7');
  });

  test('are none where nothing is limited', async () => {
    const { ask } = await serve({});
    const { headers } = await ask();
    expect([...headers.keys()].filter((name) => name.includes('ratelimit'))).toEqual([]);
  });

  test.each([
    [0, '0s'],
    [250, '250ms'],
    [1000, '1s'],
    [59_001, '1m0s'],
    [3_600_000, '1h0m0s'],
    [22_900_000, '6h21m40s'],
  ])('%i ms are %s', (ms, text) => expect(durationText(ms)).toBe(text));
});

describe('concurrency', () => {
  type Serving = Awaited<ReturnType<typeof serve>>;
  const one = { data: { tokens: [{ ...own, limits: { concurrentRequests: 1 } }, other] } };

  test('is held while a request is under way, and refuses the next of the token alone', async () => {
    const { upstream, ask, outcome, flights } = await serve(one);
    let answer = (): void => {};
    upstream.script = (request, response) => {
      answer = () => void echo(request, response);
    };
    const first = ask();
    await until(() => upstream.received.length === 1);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(((await refused.json()) as { readonly error: object }).error).toMatchObject({
      code: 'concurrency_exceeded',
    });
    expect(flights()).toBe(1);
    upstream.script = echo;
    expect(await outcome({ token: OTHER })).toBe('200');
    answer();
    expect((await first).status).toBe(200);
    await until(() => flights() === 0, 'the place given back');
    expect(await outcome()).toBe('200');
  });

  const leaving = async ({ ask, upstream }: Serving, body: object): Promise<void> => {
    const client = new AbortController();
    const asked = ask({ body, signal: client.signal }).then(async (response) => response.text());
    await until(() => upstream.received.length === 1);
    client.abort();
    await asked.catch(() => undefined);
  };
  const ways: readonly (readonly [string, TestUpstream['script'], (gateway: Serving) => Promise<unknown>])[] = [
    ['an answer', echo, ({ outcome }) => outcome()],
    ['a stream', echo, ({ outcome }) => outcome({ body: { stream: true } })],
    ['a client that leaves before the answer', () => {}, (gateway) => leaving(gateway, {})],
    [
      'a client that leaves a stream',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk({ content: 'a' }));
      },
      (gateway) => leaving(gateway, { stream: true }),
    ],
    [
      'a stream that is cut',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(chunk({ content: 'a' }), () => response.destroy());
      },
      ({ outcome }) => outcome({ body: { stream: true } }),
    ],
    ['a provider that fails', (_, response) => sendJson(response, 500, {}), ({ outcome }) => outcome()],
    ['a body that is none', echo, ({ outcome }) => outcome({ body: { messages: 3 } })],
    [
      'a path that is refused by its body type',
      echo,
      ({ outcome }) => outcome({ headers: { 'content-type': 'text/plain' } }),
    ],
    ['a budget that is used up', echo, ({ outcome }) => outcome({ body: { max_tokens: 4_000_000 } })],
  ];
  test.each(ways)('is given back once by %s', async (_, script, asking) => {
    const gateway = await serve(one);
    const { upstream, running, outcome, flights } = gateway;
    upstream.script = script;
    await asking(gateway);
    await until(() => running().service.active === 0 && flights() === 0, 'the place given back');
    upstream.script = echo;
    expect(await outcome()).toBe('200');
    expect(flights()).toBe(0);
  });
});

test('wrong credentials of an address hear so often a minute that they are, and then to wait; right ones never do', async () => {
  const { plane, host, page, ask } = await serve({ trustedProxies: proxies });
  const from = (address: string, token: string, path = '/v1/models') =>
    ask({ token, path, headers: { 'x-forwarded-for': address } });
  const statusOf = async (...asked: Parameters<typeof from>) => (await from(...asked)).status;
  expect(await statusOf('192.0.2.9', TOKEN)).toBe(200);
  const wrong = formatToken('tok9', SECRET);
  const statuses = await Promise.all(
    Array.from({ length: WRONG_CREDENTIALS_PER_MINUTE }, () => statusOf('192.0.2.9', wrong)),
  );
  expect(new Set(statuses)).toEqual(new Set([401]));
  const before = plane.lines.length;
  const refused = await from('192.0.2.9', wrong);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
  expect(((await refused.json()) as { readonly error: object }).error).toMatchObject({ code: 'too_many_failures' });
  expect(await statusOf('192.0.2.9', wrong, '/mcp/none')).toBe(429);
  expect(await statusOf('192.0.2.10', wrong)).toBe(401);
  // One that this gateway has seen, and one that it has not.
  expect(await statusOf('192.0.2.9', TOKEN)).toBe(200);
  expect(await statusOf('192.0.2.9', OTHER)).toBe(200);
  const metrics = await (await page('/metrics')).text();
  expect(metrics).toContain('tenantry_gateway_refusals_total{code="too_many_failures"} 2');
  host.aheadMs += 60_000;
  expect(await statusOf('192.0.2.9', wrong)).toBe(401);
  expect(plane.lines.length).toBe(before);
});

describe('a token', () => {
  const networks = { addresses: ['192.0.2.0/24', '2001:db8::/32'] };

  test('is bound to tool servers by its paths too, and calls of tools count like other requests', async () => {
    const tools = forTest(await startUpstream());
    const scopes = ['chat', 'mcp'];
    const document = { tool_servers: [{ id: 'search', url: `${tools.url}/mcp`, allowed_tools: ['find'] }] };
    const tool: Ask = { path: '/mcp/search' };
    const { change, outcome, flights } = await serve({
      data: { tokens: [{ ...own, scopes, paths: ['/v1/messages'] }, other] },
      document,
    });
    expect(await outcome(tool)).toBe('403 path_not_allowed');
    const limits = { requestsPerMinute: 1, concurrentRequests: 1 };
    const tokens = [{ ...own, scopes, paths: ['/mcp/search'], limits }, other];
    await change(published({ data: { tokens }, document }));
    expect(await outcome(tool)).not.toMatch(/^(403|429)/);
    expect([await outcome(tool), await outcome()]).toEqual(['429 rate_limited', '429 rate_limited']);
    expect(flights()).toBe(0);
  });

  test('is refused outside its paths, in evidence too', async () => {
    const { upstream, events, delivered, outcome } = await serve({
      data: { tokens: [{ ...own, paths: ['/v1/models'] }, other] },
    });
    expect([await outcome(), await outcome({ path: '/v1/models' })]).toEqual(['403 path_not_allowed', '200']);
    await delivered();
    expect(events('decision').at(-1)).toMatchObject({
      token: own.name,
      status: 403,
      reasonCode: 'gateway.path_not_allowed',
    });
    expect(await outcome({ token: OTHER })).toBe('200');
    expect(upstream.received).toHaveLength(1);
  });

  test('is refused outside its networks, at every endpoint; an unknown one is unknown from everywhere', async () => {
    const { outcome } = await serve({ data: { tokens: [{ ...own, ...networks }, other] }, trustedProxies: proxies });
    const from = (address: string, more: Ask = {}) => outcome({ headers: { 'x-forwarded-for': address }, ...more });
    expect(await from('192.0.2.77')).toBe('200');
    expect(await from('::ffff:192.0.2.77')).toBe('200');
    expect(await from('2001:db8:1::9')).toBe('200');
    expect(await from('192.0.3.1')).toBe('403 address_not_allowed');
    expect(await from('192.0.3.1', { path: '/v1/models' })).toBe('403 address_not_allowed');
    expect(await from('192.0.3.1', { path: '/mcp/search' })).toBe('403 address_not_allowed');
    expect(await from('192.0.3.1', { path: '/v1/escalations/esc_1' })).toBe('403 address_not_allowed');
    expect(await from('192.0.2.77, 192.0.3.1')).toBe('403 address_not_allowed');
    expect(await from('192.0.2.77, unknown')).toBe('403 address_not_allowed');
    expect(await from('192.0.3.1', { token: OTHER })).toBe('200');
    expect(await from('192.0.3.1', { token: formatToken('tok9', SECRET) })).toBe('401 token_invalid');
  });

  test('is refused outside the networks of the document', async () => {
    const { outcome } = await serve({
      document: { ip_allowlist: { cidrs: ['192.0.2.0/24'] } },
      trustedProxies: proxies,
    });
    const from = (address: string) => outcome({ headers: { 'x-forwarded-for': address } });
    expect([await from('192.0.2.1'), await from('192.0.3.1'), await outcome()]).toEqual([
      '200',
      '403 address_not_allowed',
      '403 address_not_allowed',
    ]);
  });

  test('of another network is judged by the socket where no proxy is trusted', async () => {
    const { outcome } = await serve({
      data: {
        tokens: [
          { ...own, ...networks },
          { ...other, addresses: ['127.0.0.0/8'] },
        ],
      },
    });
    const headers = { 'x-forwarded-for': '192.0.2.1' };
    expect([await outcome({ headers }), await outcome({ headers, token: OTHER })]).toEqual([
      '403 address_not_allowed',
      '200',
    ]);
  });
});
