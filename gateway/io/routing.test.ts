import { afterEach, describe, expect, test } from 'vitest';
import { type RoutedGateway, type RoutedStart, startRouted } from './routing.testkit.ts';
import { chunk, completion, echo, eventsOf, type Received, sendJson, USAGE_CHUNK, until } from './upstream.testkit.ts';

// Routing through the real gateway, with real sockets on both sides.

let gateway: RoutedGateway;
afterEach(() => gateway.close());

const start = async (targets: readonly object[], more: Omit<RoutedStart, 'targets'> = {}): Promise<void> => {
  gateway = await startRouted({ targets, ...more });
};
const two = [{}, {}];
const fallback = { enabled: true };
const script = (index: number, answer: (typeof gateway.upstreams)[number]['script']): void => {
  const upstream = gateway.upstreams[index];
  if (upstream !== undefined) upstream.script = answer;
};
const fails = (index: number, status: number, error: object = {}): void =>
  script(index, (_request, response) => sendJson(response, status, { error }));
const reports = async (): Promise<readonly Record<string, unknown>[]> => {
  const answer = (await (await fetch(`${gateway.url}/tenantry/providers`)).json()) as { targets: never };
  return answer.targets;
};

describe('the first target', () => {
  test('is each in turn, by weight', async () => {
    await start([{ weight: 2 }, {}], { providers: { routing: { strategy: 'weighted_round_robin' } } });
    for (let turn = 0; turn < 6; turn += 1) expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([4, 2]);
  });

  test('is the one with fewest requests under way', async () => {
    await start([{}, {}, {}], { providers: { routing: { strategy: 'least_connections' } } });
    const held: (() => void)[] = [];
    for (const upstream of gateway.upstreams) {
      upstream.script = (request, response) => void held.push(() => echo(request, response));
    }
    const asked: Promise<string>[] = [];
    for (let turn = 1; turn <= 3; turn += 1) {
      asked.push(gateway.outcome());
      await until(() => held.length === turn);
    }
    expect(gateway.counts()).toEqual([1, 1, 1]);
    held[1]?.();
    await asked[1];
    asked.push(gateway.outcome());
    await until(() => held.length === 4);
    expect(gateway.counts()).toEqual([1, 2, 1]);
    for (const [index, release] of held.entries()) if (index !== 1) release();
    expect(await Promise.all(asked)).toEqual(['200', '200', '200', '200']);
    expect((await reports()).map((report) => report['inFlight'])).toEqual([0, 0, 0]);
  });

  test('is the one that was quickest, and the one that was used least', async () => {
    const measured = { window_seconds: 60, min_sample_count: 1, exploration_ratio: 0 };
    await start(two, { providers: { routing: { strategy: 'lowest_latency', ...measured }, fallback } });
    const takes = (index: number, ms: number): void =>
      script(index, (request, response) => {
        gateway.host.aheadMs += ms;
        echo(request, response);
      });
    takes(1, 100);
    script(0, (_request, response) => sendJson(response, 500, {}));
    await gateway.ask();
    takes(0, 900);
    // The only one that was measured, as long as what it measured counts.
    await gateway.ask();
    expect(gateway.counts()).toEqual([1, 2]);
    gateway.host.aheadMs += 61_000;
    await gateway.ask();
    expect(gateway.counts()).toEqual([2, 2]);
    await gateway.close();
    await start(two, { providers: { routing: { strategy: 'usage_based' } } });
    script(0, (_request, response) => {
      sendJson(response, 200, completion('x', { usage: { prompt_tokens: 90, completion_tokens: 9 } }));
    });
    for (let turn = 0; turn < 3; turn += 1) await gateway.ask();
    expect(gateway.counts()).toEqual([1, 2]);
  });
});

describe('a group', () => {
  const groups = {
    fallback,
    model_groups: [
      { name: 'desk', aliases: ['help'], targets: ['b'], fallback_group: 'spare' },
      { name: 'spare', targets: ['a'] },
    ],
  };

  test('is asked for by its names, listed, and answered by its targets with their own models', async () => {
    await start([{ model: 'small' }, { model: 'big' }, { model: 'other' }], { providers: groups });
    const models = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(models.data.map(({ id }) => id)).toEqual(['small', 'big', 'other', 'desk', 'help', 'spare']);
    expect(await gateway.outcome({ model: 'help' })).toBe('200');
    fails(1, 500);
    expect(await gateway.outcome({ model: 'desk' })).toBe('200');
    fails(0, 500);
    expect(await gateway.outcome({ model: 'desk' })).toBe('502 upstream_error');
    expect(gateway.upstreams.map(({ received }) => received.map(({ body }) => body['model']))).toEqual([
      ['small', 'small'],
      ['big', 'big', 'big'],
      [],
    ]);
  });
});

describe('another target is tried', () => {
  const answers: readonly (readonly [string, number, object, boolean])[] = [
    ['rate_limit', 429, {}, true],
    ['server_error', 503, {}, true],
    ['context_length_exceeded', 400, { code: 'context_length_exceeded' }, true],
    ['content_filter', 400, { code: 'content_filter' }, true],
    ['model_not_found', 404, {}, true],
    ['auth_error', 401, {}, false],
    ['what the request itself has wrong', 400, { code: 'invalid_value' }, false],
    ['a redirect', 307, {}, false],
  ];
  test('by default after every failure but a refused key', async () => {
    await start(two, { providers: { fallback } });
    for (const [name, status, error, isTried] of answers) {
      const before = gateway.counts()[1] ?? 0;
      fails(0, status, error);
      const outcome = await gateway.outcome();
      expect([name, outcome === '200', (gateway.counts()[1] ?? 0) - before]).toEqual([name, isTried, isTried ? 1 : 0]);
    }
    script(0, (_request, response) => void response.destroy());
    expect(await gateway.outcome()).toBe('200');
  });

  test('only after what trigger_on names', async () => {
    await start(two, { providers: { fallback: { enabled: true, trigger_on: ['auth_error'] } } });
    for (const [name, status, error] of answers) {
      fails(0, status, error);
      expect([name, (await gateway.outcome()) === '200']).toEqual([name, name === 'auth_error']);
    }
    expect(gateway.counts()[1]).toBe(1);
    expect(gateway.host.logged.join('')).toContain('a provider did not take the key');
  });

  test('and when nobody answers better, the refusal of the last one is handed on', async () => {
    await start(two, { providers: { fallback } });
    for (const index of [0, 1]) fails(index, 400, { code: 'content_filter', message: `refused by ${index}` });
    const response = await gateway.ask();
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('refused by 1');
    fails(1, 503);
    expect(await gateway.outcome()).toBe('502 upstream_error');
  });

  test('never where a redirect leads', async () => {
    await start(two);
    script(0, (_request, response) => {
      response.writeHead(307, { location: `${gateway.upstreams[1]?.url}/v1/chat/completions` }).end();
    });
    expect(await gateway.outcome()).toBe('502 upstream_error');
    expect(gateway.counts()).toEqual([1, 0]);
  });

  test('never beyond the data policy, region and routing of the document', async () => {
    const kept = { data_policy: { training_opt_out: true }, region: 'eu' };
    const open = { data_policy: { training_opt_out: false }, region: 'eu' };
    const chain = {
      policies: { chain: ['data-routing-policy'] },
      policy: { 'data-routing-policy': { require_no_training: true } },
    };
    await start([kept, open, { ...kept, region: 'us' }, kept, { ...open, model: 'open' }], {
      providers: {
        routing: { strategy: 'round_robin', require_region: 'eu', ignore: ['d'] },
        fallback,
        retry_policy: { max_retries: 1, backoff: { strategy: 'fixed', delay_ms: 1 } },
        model_groups: [
          { name: 'all', targets: ['b', 'c', 'd', 'a', 'e'] },
          { name: 'none', targets: ['b', 'e'] },
        ],
      },
      document: chain,
    });
    for (const index of [0, 1, 2, 3, 4]) fails(index, 500);
    for (const model of ['gpt-4o-mini', 'all']) {
      for (let turn = 0; turn < 4; turn += 1) expect(await gateway.outcome({ model })).toBe('502 upstream_error');
    }
    expect(gateway.counts()).toEqual([16, 0, 0, 0, 0]);
    expect(await gateway.outcome({ model: 'open' })).toBe('451 no_compliant_provider');
    expect(await gateway.outcome({ model: 'none' })).toBe('451 no_compliant_provider');
    expect(gateway.counts()).toEqual([16, 0, 0, 0, 0]);
  });
});

test('where a target works is what it declares, not what a caller says', async () => {
  await start([
    { provider: 'anthropic', model: 'm', region: 'eu' },
    { provider: 'anthropic', model: 'n' },
  ]);
  const ask = async (model: string, inference_geo?: string): Promise<number> =>
    (
      await gateway.post('/v1/messages', {
        model,
        max_tokens: 9,
        messages: [{ role: 'user', content: 'hi' }],
        inference_geo,
      })
    ).status;
  const statuses = [await ask('m', 'us'), await ask('m'), await ask('n', 'us')];
  expect([statuses[0], gateway.counts()]).toEqual([422, [1, 1]]);
});

describe('a fallback', () => {
  test('goes to no model for which a policy stands that was not asked about the request', async () => {
    await start([{ model: 'mini' }, { model: 'big' }, { model: 'other' }], {
      providers: { fallback },
      document: {
        policies: { chain: [{ 'dlp-filter': { when: { model: ['big'] } } }] },
        policy: { 'dlp-filter': { blocked_terms: ['Larkspur'], action: 'block' } },
      },
    });
    const messages = [{ role: 'user', content: 'about Larkspur' }];
    fails(0, 400, { code: 'context_length_exceeded' });
    expect(await gateway.outcome({ model: 'big', messages })).toBe('409 input_blocked');
    expect(await gateway.outcome({ model: 'mini', messages })).toBe('200');
    expect(gateway.counts()).toEqual([1, 0, 1]);
  });

  test('of embeddings goes to no other model: vectors of two do not compare', async () => {
    await start([{ model: 'embed-1' }, { model: 'embed-2' }, { model: 'embed-1' }], { providers: { fallback } });
    fails(0, 500);
    fails(2, 500);
    const asked = await gateway.post('/v1/embeddings', { model: 'embed-1', input: 'hi' });
    expect([asked.status, gateway.counts()]).toEqual([502, [1, 0, 1]]);
  });
});

describe('the same target is asked again', () => {
  const retry = { max_retries: 2, per_trigger: { timeout: 0 }, backoff: { strategy: 'exponential', base_ms: 1 } };
  const failing = (index: number, times: number, status = 503, headers: Record<string, string> = {}): void => {
    let left = times;
    script(index, (request, response) => {
      left -= 1;
      if (left >= 0) response.writeHead(status, headers).end('{}');
      else echo(request, response);
    });
  };

  test('as often as retry_policy says, then the next', async () => {
    await start(two, { providers: { retry_policy: retry, fallback } });
    failing(0, 2);
    expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([3, 0]);
    failing(0, 3);
    expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([6, 1]);
  });

  test('not after what is not retried, nor when it asks for too long', async () => {
    await start(two, { providers: { retry_policy: retry, fallback } });
    failing(0, 1, 429, { 'retry-after': '600' });
    expect(await gateway.outcome()).toBe('200');
    failing(0, 1, 404);
    expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([2, 2]);
  });

  test('not before the instant that a provider names, by the clock of the gateway', async () => {
    await start(two, { providers: { retry_policy: { ...retry, max_retries: 1 }, fallback } });
    const soon = (aheadMs: number): string => new Date(gateway.host.nowMs() + aheadMs).toUTCString();
    gateway.host.aheadMs = 7 * 86_400_000;
    // Too far away to be waited for; what is past is not waited for at all.
    failing(0, 1, 429, { 'retry-after': soon(600_000) });
    expect(await gateway.outcome()).toBe('200');
    failing(0, 1, 429, { 'retry-after': soon(-600_000) });
    expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([3, 1]);
    for (const [header, heard] of [
      [soon(600_000), /^(599|600)$/],
      ['9999999', /^86400$/],
      ['-5', /^5$/],
      ['soon', /^5$/],
      ['0', /^1$/],
    ] as const) {
      for (const index of [0, 1]) failing(index, 9, 429, { 'retry-after': header });
      const refused = await gateway.ask();
      expect([header, refused.status, refused.headers.get('retry-after')]).toEqual([
        header,
        429,
        expect.stringMatching(heard),
      ]);
    }
  });

  test('as long as the provider asks for is told to the client, whatever the failure', async () => {
    await start([{}]);
    for (const status of [503, 529]) {
      failing(0, 1, status, { 'retry-after': '17' });
      const refused = await gateway.ask();
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([502, '17']);
    }
    failing(0, 1, 503);
    expect((await gateway.ask()).headers.get('retry-after')).toBeNull();
  });

  test('not for a client that leaves meanwhile', async () => {
    await start([{}], { providers: { retry_policy: { backoff: { strategy: 'fixed', delay_ms: 30_000 } } } });
    failing(0, 9);
    const abort = new AbortController();
    const asked = fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] }),
      signal: abort.signal,
    }).catch(() => 'left');
    await until(() => gateway.counts()[0] === 1);
    abort.abort();
    expect(await asked).toBe('left');
    await until(() => gateway.running.service.active === 0, 'the end of the request');
    expect(gateway.counts()).toEqual([1]);
  });

  test('before the first byte only', async () => {
    await start(two, { providers: { retry_policy: retry, fallback } });
    script(0, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'partial' }), () => response.destroy());
    });
    const text = await (await gateway.ask({ stream: true })).text();
    expect(eventsOf(text).at(-1)).toContain('upstream_error');
    expect(gateway.counts()).toEqual([1, 0]);
  });
});

describe('a target whose key is not there', () => {
  const keyless = { secret_key_ref: { env: 'NOT_SET' } };

  test.each(['ordered', 'round_robin', 'least_connections'])(
    'is passed over by %s, also without fallback',
    async (strategy) => {
      await start([keyless, {}, {}], { providers: { routing: { strategy } } });
      for (let turn = 0; turn < 4; turn += 1) expect(await gateway.outcome()).toBe('200');
      expect(gateway.counts()[0]).toBe(0);
      gateway.host.variables.set('NOT_SET', 'sk-late');
      for (let turn = 0; turn < 3; turn += 1) expect(await gateway.outcome()).toBe('200');
      expect(gateway.counts()[0]).toBeGreaterThan(0);
    },
  );

  test('leaves nobody else to try where that is ruled out, and callers hear no name of a variable', async () => {
    await start([keyless, {}], { providers: { routing: { allow_fallbacks: false } } });
    const refused = await gateway.ask();
    const words = await refused.text();
    expect([refused.status, gateway.counts()]).toEqual([502, [0, 0]]);
    expect(words).toContain('upstream_unavailable');
    expect(words).not.toContain('NOT_SET');
    expect(gateway.host.logged.join('')).toMatch(/a key is not there variable="NOT_SET"/);
  });

  test('is marked where targets are listed, without its name', async () => {
    const stored = { secret_key_ref: { store: 'NOT_STORED' } };
    await start([keyless, {}, stored, { secret_key_ref: undefined }]);
    const keys = async (): Promise<unknown> => (await reports()).map(({ key }) => key);
    expect(await keys()).toEqual(['missing', 'there', 'missing', null]);
    gateway.host.variables.set('NOT_SET', 'sk-late');
    expect(await keys()).toEqual(['there', 'there', 'missing', null]);
    expect(JSON.stringify(await reports())).not.toMatch(/NOT_S|sk-/);
  });

  test('is none of the attempts that may be made, nor is one whose breaker is open', async () => {
    const circuit_breaker = { consecutive_failure_threshold: 1 };
    const providers = { fallback: { enabled: true, max_fallback_attempts: 1 }, circuit_breaker };
    await start([{}, { ...keyless, model: 'b' }, { model: 'c' }, { model: 'd' }], { providers });
    fails(0, 500);
    expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([1, 0, 1, 0]);
    // The breaker of the first is open: one more than the first that is asked is tried, and no more.
    for (const index of [2, 3]) fails(index, 500);
    expect(await gateway.outcome()).toBe('502 upstream_error');
    expect(gateway.counts()).toEqual([1, 0, 2, 1]);
    // Nobody is left to ask.
    expect(await gateway.outcome()).toBe('502 upstream_unavailable');
  });

  test('adds none: of three that may be asked two are, where one more than the first is allowed', async () => {
    const providers = { fallback: { enabled: true, max_fallback_attempts: 1 } };
    await start([{}, { model: 'b' }, { model: 'c' }], { providers });
    for (const index of [0, 1]) fails(index, 500);
    expect(await gateway.outcome()).toBe('502 upstream_error');
    expect(gateway.counts()).toEqual([1, 1, 0]);
  });
});

describe('a circuit breaker', () => {
  const breaker = { consecutive_failure_threshold: 2, cooldown_seconds: 30, half_open_successes: 1 };
  const states = async (): Promise<readonly unknown[]> => (await reports()).map((report) => report['breaker']);

  test('passes over who keeps failing, tries again later with one request, and closes', async () => {
    await start(two, { providers: { circuit_breaker: breaker, fallback } });
    fails(0, 500);
    for (let turn = 0; turn < 4; turn += 1) expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([2, 4]);
    expect(await states()).toEqual(['open', 'closed']);
    gateway.host.aheadMs += 31_000;
    expect(await states()).toEqual(['half-open', 'closed']);
    let release: () => void = () => {};
    script(0, (request, response) => {
      release = () => echo(request, response);
    });
    const probe = gateway.outcome();
    await until(() => gateway.counts()[0] === 3);
    expect(await gateway.outcome()).toBe('200');
    expect(gateway.counts()).toEqual([3, 5]);
    release();
    expect(await probe).toBe('200');
    expect(await states()).toEqual(['closed', 'closed']);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toContain('tenantry_gateway_upstream_attempts_total{target="a"} 3\n');
    expect(metrics).toContain('tenantry_gateway_upstream_failures_total{target="a",kind="status-5xx"} 2\n');
    expect(metrics).toContain('tenantry_gateway_upstream_breaker{target="a"} 0\n');
    expect(metrics).toContain('tenantry_gateway_upstream_first_byte_seconds_count{target="b"} 5\n');
  });

  test('opens for answers that break off midway, and not for a client that leaves or a limit', async () => {
    await start([{}], { providers: { circuit_breaker: breaker } });
    fails(0, 429);
    for (let turn = 0; turn < 3; turn += 1) expect(await gateway.outcome()).toBe('429 rate_limited');
    expect(await states()).toEqual(['closed']);
    script(0, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'partial' }), () => response.destroy());
    });
    for (let turn = 0; turn < 2; turn += 1) await (await gateway.ask({ stream: true })).text();
    expect(await states()).toEqual(['open']);
    const refused = await gateway.ask();
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(20);
    expect([refused.status, gateway.counts()[0]]).toEqual([502, 5]);
  });

  test('leaves nobody else to try where fallbacks are not allowed', async () => {
    await start(two, { providers: { circuit_breaker: breaker, routing: { allow_fallbacks: false } } });
    fails(0, 500);
    for (let turn = 0; turn < 2; turn += 1) await gateway.outcome();
    expect(await gateway.outcome()).toBe('502 upstream_unavailable');
    expect(gateway.counts()).toEqual([2, 0]);
  });

  test('stops retries when it opens', async () => {
    const retry = { max_retries: 9, backoff: { strategy: 'fixed', delay_ms: 1 } };
    await start([{}], { providers: { circuit_breaker: breaker, retry_policy: retry } });
    fails(0, 500);
    expect(await gateway.outcome()).toBe('502 upstream_error');
    expect(gateway.counts()).toEqual([2]);
  });
});

describe('an answer', () => {
  test('may be silent for as long as its target says, before the headers and between two parts', async () => {
    await start([{ timeout_seconds: 1 }, { model: 'other', timeout_seconds: 600, stream_timeout_seconds: 1 }]);
    script(0, () => {});
    script(1, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'a' }));
    });
    const silent = gateway.outcome();
    const streamed = await (await gateway.ask({ model: 'other', stream: true })).text();
    expect(eventsOf(streamed).at(-1)).toContain('upstream_timeout');
    expect(await silent).toBe('504 upstream_timeout');
  });

  test('is bounded in headers and body, whatever was asked for', async () => {
    await start([{}], { document: { size_limits: { max_response_bytes: 2048 } } });
    script(0, (_request, response) => void response.writeHead(200, { 'x-long': 'y'.repeat(20_000) }).end('{}'));
    expect(await gateway.outcome()).toBe('502 upstream_error');
    script(0, (_request, response) => sendJson(response, 200, completion('z'.repeat(3000))));
    expect(await gateway.outcome()).toBe('502 upstream_too_large');
    expect((await gateway.ask()).headers.get('x-should-retry')).toBe('false');
    expect(await gateway.outcome({ stream: true })).toBe('502 upstream_too_large');
    script(0, (_request, response) => sendJson(response, 400, completion('z'.repeat(3000))));
    expect(await gateway.outcome()).toBe('502 upstream_too_large');
    script(0, (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`${chunk({ content: 'z'.repeat(3000) })}${USAGE_CHUNK}data: [DONE]\n\n`);
    });
    expect(await gateway.outcome({ stream: true })).toBe('502 upstream_too_large');
  });

  test('has the headers of the gateway, and the request those of the document', async () => {
    await start([{ headers: { 'X-Team': 'desk' } }]);
    script(0, (request: Received, response) => {
      const hopByHop = { 'proxy-authenticate': 'x', 'keep-alive': 'timeout=99', upgrade: 'h2c', trailer: 'x-late' };
      response.writeHead(200, {
        ...hopByHop,
        'set-cookie': 'a=b',
        'x-provider': 'y',
        'content-type': 'application/json',
      });
      response.end(JSON.stringify(completion(String(request.headers['x-team']))));
    });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', te: 'trailers', 'proxy-authorization': 'x', 'x-team': 'forged' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] }),
    });
    expect(await response.text()).toContain('desk');
    for (const name of ['proxy-authenticate', 'upgrade', 'trailer', 'set-cookie', 'x-provider']) {
      expect(response.headers.get(name)).toBeNull();
    }
    expect(response.headers.get('keep-alive')).not.toBe('timeout=99');
    const got = gateway.upstreams[0]?.received[0]?.headers ?? {};
    expect(Object.keys(got).sort()).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-request-id',
      'x-team',
    ]);
  });
});
