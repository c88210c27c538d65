import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../model/index.ts';
import { routesOf } from '../index.ts';
import { chat, codesOf, compiled, documentOf, findingsOf, request, target } from '../policy.testkit.ts';

const a = target({ id: 'a' });
const b = target({ id: 'b', model: 'gpt-4o' });
const providers = (more: JsonObject, targets: Json = [a, b]): JsonObject =>
  documentOf('audit-logger', {}, { providers: { targets, ...more } });
const routing = (settings: JsonObject, targets?: Json): JsonObject => providers({ routing: settings }, targets);
const group = (name: string, more: JsonObject = {}): JsonObject => ({ name, targets: ['a'], ...more });

it('knows who answers by a document as the policy does that it compiles to', () => {
  const document = providers({ routing: { ignore: ['b'] }, model_groups: [group('one', { aliases: ['uno'] })] });
  const { targets, groups } = compiled(document);
  expect(routesOf(document)).toMatchObject({ targets, groups });
  expect(routesOf({ providers: { targets: [{}] } })).toBeNull();
});

describe('a document that says how to route', () => {
  const refused: readonly (readonly [string, JsonObject, string, string])[] = [
    [
      'window_seconds that nobody reads',
      routing({ window_seconds: 60 }),
      'POLICY_ROUTING_SETTING',
      '/providers/routing/window_seconds (key)',
    ],
    [
      'min_sample_count of usage',
      routing({ strategy: 'usage_based', min_sample_count: 3 }),
      'POLICY_ROUTING_SETTING',
      '/providers/routing/min_sample_count (key)',
    ],
    [
      'exploration in turn',
      routing({ strategy: 'round_robin', exploration_ratio: 0.5 }),
      'POLICY_ROUTING_SETTING',
      '/providers/routing/exploration_ratio (key)',
    ],
    [
      'order of a shuffle',
      routing({ strategy: 'random', order: ['a'] }),
      'POLICY_ROUTING_SETTING',
      '/providers/routing/order (key)',
    ],
    [
      'a weight that nobody weighs',
      routing({ strategy: 'round_robin' }, [a, { ...b, weight: 2 }]),
      'POLICY_ROUTING_SETTING',
      '/providers/targets/1/weight (key)',
    ],
    [
      'pricing without max_price',
      providers({}, [{ ...a, pricing: { input_price_per_million: 1 } }]),
      'POLICY_ROUTING_SETTING',
      '/providers/targets/0/pricing (key)',
    ],
    [
      'only and ignore',
      routing({ only: ['a'], ignore: ['b'] }),
      'POLICY_ROUTING_SETTING',
      '/providers/routing/ignore (key)',
    ],
    [
      'fallback and none',
      providers({ routing: { allow_fallbacks: false }, fallback: { enabled: true } }),
      'POLICY_ROUTING_SETTING',
      '/providers/routing/allow_fallbacks (key)',
    ],
    [
      'triggers of nothing',
      providers({ fallback: { trigger_on: ['timeout'] } }),
      'POLICY_ROUTING_SETTING',
      '/providers/fallback/trigger_on (key)',
    ],
    [
      'delay_ms of exponential',
      providers({ retry_policy: { backoff: { delay_ms: 5 } } }),
      'POLICY_ROUTING_SETTING',
      '/providers/retry_policy/backoff/delay_ms (key)',
    ],
    [
      'base_ms of fixed',
      providers({ retry_policy: { backoff: { strategy: 'fixed', base_ms: 5 } } }),
      'POLICY_ROUTING_SETTING',
      '/providers/retry_policy/backoff/base_ms (key)',
    ],
    ...['order', 'only', 'ignore'].map(
      (list) =>
        [
          `${list} of nobody`,
          routing({ [list]: list === 'only' ? ['a', 'c'] : ['c'] }),
          'POLICY_ROUTING_REFERENCE',
          `/providers/routing/${list}/${list === 'only' ? 1 : 0}`,
        ] as const,
    ),
    ['nobody left', routing({ ignore: ['a', 'b'] }), 'POLICY_ROUTING_EXCLUDES_ALL', '/providers/routing'],
    ['nobody in the region', routing({ require_region: 'eu' }), 'POLICY_ROUTING_EXCLUDES_ALL', '/providers/routing'],
    ['nobody with a price', routing({ max_price: { prompt: 5 } }), 'POLICY_ROUTING_EXCLUDES_ALL', '/providers/routing'],
    [
      'a price per request',
      routing({ max_price: { prompt: 5, request: 1 } }),
      'POLICY_UNSUPPORTED_KEY',
      '/providers/routing/max_price/request (key)',
    ],
    [
      'latency in milliseconds',
      routing({ preferred_max_latency: { value: 800 } }),
      'POLICY_SHAPE',
      '/providers/routing/preferred_max_latency/value',
    ],
    [
      'throughput',
      routing({ preferred_min_throughput: 5 }),
      'POLICY_UNSUPPORTED_KEY',
      '/providers/routing/preferred_min_throughput (key)',
    ],
    [
      'a trigger nobody knows',
      providers({ fallback: { enabled: true, trigger_on: ['bad_mood'] } }),
      'POLICY_SHAPE',
      '/providers/fallback/trigger_on/0',
    ],
    [
      'retry_on',
      providers({ fallback: { enabled: true, retry_on: [] } }),
      'POLICY_UNSUPPORTED_KEY',
      '/providers/fallback/retry_on (key)',
    ],
    [
      'a name twice',
      providers({ model_groups: [group('x'), group('x')] }),
      'POLICY_MODEL_GROUP',
      '/providers/model_groups/1/name',
    ],
    [
      'an alias that is a name',
      providers({ model_groups: [group('x'), group('y', { aliases: ['x'] })] }),
      'POLICY_MODEL_GROUP',
      '/providers/model_groups/1/aliases/0',
    ],
    [
      'a group of nobody',
      providers({ model_groups: [{ name: 'x', targets: ['c'] }] }),
      'POLICY_MODEL_GROUP',
      '/providers/model_groups/0/targets/0',
    ],
    [
      'a group of whom routing left out',
      providers({ routing: { ignore: ['a'] }, model_groups: [group('x')] }),
      'POLICY_MODEL_GROUP',
      '/providers/model_groups/0/targets',
    ],
    [
      'a group that follows without fallback',
      providers({ model_groups: [group('x', { fallback_group: 'y' }), group('y')] }),
      'POLICY_MODEL_GROUP',
      '/providers/model_groups/0/fallback_group',
    ],
    [
      'a group that is not there',
      providers({ fallback: { enabled: true }, model_groups: [group('x', { fallback_group: 'y' })] }),
      'POLICY_MODEL_GROUP',
      '/providers/model_groups/0/fallback_group',
    ],
    ...(
      [
        ['Connection', 'connection'],
        ['Proxy-Authorization', 'proxy-authorization'],
        ['Host', 'host'],
        ['Content-Length', 'content-length'],
        ['Authorization', 'authorization'],
        ['X-Api-Key', 'x-api-key'],
        ['X-Session-Id', 'x-session-id'],
        ['X-Request-Id', 'x-request-id'],
        ['no header', ''],
      ] as const
    ).map(
      ([name]) =>
        [
          `the header ${name}`,
          providers({}, [{ ...a, headers: { [name]: 'x' } }]),
          'POLICY_TARGET_HEADER',
          `/providers/targets/0/headers/${name} (key)`,
        ] as const,
    ),
    [
      'the header of its own key',
      providers({}, [{ ...a, api_key_header: 'X-Mine', headers: { 'x-mine': 'x' } }]),
      'POLICY_TARGET_HEADER',
      '/providers/targets/0/headers/x-mine (key)',
    ],
    [
      'a header in two spellings',
      providers({}, [{ ...a, headers: { 'X-Mine': 'x', 'x-mine': 'y' } }]),
      'POLICY_TARGET_HEADER',
      '/providers/targets/0/headers/x-mine (key)',
    ],
    [
      'a header of two lines',
      providers({}, [{ ...a, headers: { 'X-Mine': 'x\r\ny: z' } }]),
      'POLICY_SHAPE',
      '/providers/targets/0/headers/X-Mine',
    ],
    [
      'the places of a data centre',
      providers({}, [{ ...a, data_residency: { regions: ['eu'], data_center_locations: ['x'] } }]),
      'POLICY_UNSUPPORTED_KEY',
      '/providers/targets/0/data_residency/data_center_locations (key)',
    ],
  ];
  it.each(refused)('is refused for %s', (_name, document, code, place) => {
    expect(findingsOf(document).map((item) => [item.code, item.place.file])).toEqual([[code, place]]);
  });

  it('is refused once for each group of a circle', () => {
    const circle = [
      group('x', { fallback_group: 'y' }),
      group('y', { fallback_group: 'x' }),
      group('z', { fallback_group: 'z' }),
    ];
    const document = providers({ fallback: { enabled: true }, model_groups: circle });
    expect(codesOf(document)).toEqual(['POLICY_MODEL_GROUP', 'POLICY_MODEL_GROUP', 'POLICY_MODEL_GROUP']);
  });

  it('never repeats a header that holds a key', () => {
    const key = `sk-${'a1'.repeat(24)}`;
    const findings = findingsOf(providers({}, [{ ...a, headers: { 'X-Mine': key } }]));
    expect(findings.map((item) => item.code)).toEqual(['POLICY_LITERAL_SECRET']);
    expect(JSON.stringify(findings)).not.toContain(key);
  });

  it('counts the targets that are left against data-routing-policy', () => {
    const document = documentOf(
      'data-routing-policy',
      { require_no_training: true },
      { providers: { targets: [{ ...a, data_policy: { training_opt_out: true } }, b], routing: { ignore: ['a'] } } },
    );
    expect(codesOf(document)).toEqual(['POLICY_ROUTING_EXCLUDES_ALL']);
  });
});

describe('a compiled document', () => {
  it('has defaults that route as if nothing was said', () => {
    const { routing: how, fallback, retry, breaker, groups } = compiled(providers({}));
    expect(how).toMatchObject({ strategy: 'ordered', preferredLatency: null, mayPassOver: true });
    expect(fallback).toMatchObject({ enabled: false, maxAttempts: 1 });
    expect(fallback.triggers.has('auth_error')).toBe(false);
    expect(fallback.triggers.size).toBe(6);
    expect([retry, breaker, groups.size]).toEqual([null, null, 0]);
  });

  it('carries every setting', () => {
    const policy = compiled(
      providers(
        {
          routing: {
            strategy: 'lowest_latency',
            window_seconds: 60,
            min_sample_count: 3,
            exploration_ratio: 0.5,
            preferred_max_latency: { value: 1.5, percentile: 'p99' },
          },
          fallback: { enabled: true, max_fallback_attempts: 4, trigger_on: ['auth_error'] },
          retry_policy: { max_retries: 2, per_trigger: { timeout: 0, auth_error: 1 }, backoff: { base_ms: 20 } },
          circuit_breaker: { consecutive_failure_threshold: 2, cooldown_seconds: 3, half_open_successes: 4 },
          model_groups: [
            group('fast', { aliases: ['quick'], fallback_group: 'big' }),
            { name: 'big', targets: ['b'], description: 'when it matters' },
          ],
        },
        [
          {
            ...a,
            timeout_seconds: 3,
            stream_timeout_seconds: 4,
            region: 'us',
            data_residency: { regions: ['eu', 'ch'] },
            headers: { 'X-Team': 'desk' },
          },
          { ...b, timeout_seconds: 5, region: 'us' },
        ],
      ),
    );
    expect(policy.routing).toEqual({
      strategy: 'lowest_latency',
      windowMs: 60_000,
      minSamples: 3,
      exploration: 0.5,
      preferredLatency: { maxMs: 1500, percentile: 99 },
      mayPassOver: true,
    });
    expect(policy.fallback).toEqual({ enabled: true, maxAttempts: 4, triggers: new Set(['auth_error']) });
    expect([...(policy.retry?.retries ?? [])]).toEqual([
      ['rate_limit', 2],
      ['server_error', 2],
      ['timeout', 0],
      ['auth_error', 1],
    ]);
    expect(policy.retry?.backoff).toEqual({ strategy: 'exponential', ms: 20 });
    expect(policy.breaker).toEqual({ failures: 2, cooldownMs: 3000, successes: 4 });
    expect([...policy.groups.keys()]).toEqual(['fast', 'quick', 'big']);
    expect(policy.groups.get('quick')).toEqual({ name: 'fast', targets: ['a'], fallback: 'big' });
    expect(policy.targets).toMatchObject([
      { idleTimeoutMs: { answer: 3000, stream: 4000 }, regions: ['eu', 'ch'], headers: { 'x-team': 'desk' } },
      { idleTimeoutMs: { answer: 5000, stream: 5000 }, regions: ['us'] },
    ]);
    const fixed = compiled(
      providers({ retry_policy: { backoff: { strategy: 'fixed' } }, circuit_breaker: { enabled: false } }),
    );
    expect([fixed.retry?.backoff, fixed.breaker]).toEqual([{ strategy: 'fixed', ms: 1000 }, null]);
  });

  it('leaves only the targets that its routing allows, in its order', () => {
    const c = target({ id: 'c', region: 'eu' });
    const left = (settings: JsonObject, targets: Json = [a, b, c]): readonly string[] =>
      compiled(routing(settings, targets)).input(request({})).targets;
    expect(left({})).toEqual(['a', 'b', 'c']);
    expect(left({ order: ['c', 'b'] })).toEqual(['c', 'b', 'a']);
    expect(left({ only: ['c', 'a'] })).toEqual(['a', 'c']);
    expect(left({ ignore: ['a'] })).toEqual(['b', 'c']);
    expect(left({ require_region: 'eu' })).toEqual(['c']);
    const priced = [
      { ...a, pricing: { input_price_per_million: 1, output_price_per_million: 9 } },
      { ...b, pricing: { input_price_per_million: 2, output_price_per_million: 3 } },
      c,
    ];
    expect(left({ max_price: { prompt: 2 } }, priced)).toEqual(['a', 'b']);
    expect(left({ max_price: { prompt: 1 } }, priced)).toEqual(['a']);
    expect(left({ max_price: { completion: 3 } }, priced)).toEqual(['b']);
    expect(compiled(routing({ ignore: ['a'] })).targets.map((item) => item.excludedBy)).toEqual(['ignore', null]);
  });

  it('runs what is for a model also for the names that mean it', () => {
    const when = { when: { model: ['gpt-4o'] } };
    const policy = compiled({
      ...providers({
        fallback: { enabled: true },
        model_groups: [
          group('fast', { aliases: ['quick'], fallback_group: 'big' }),
          { name: 'big', targets: ['b'] },
          group('plain'),
        ],
      }),
      policies: { chain: [{ 'dlp-filter': when }] },
      policy: { 'dlp-filter': { blocked_terms: ['Larkspur'], action: 'block' } },
    });
    const verdict = (model: string | null): string => policy.input(request(chat('Larkspur'), { model })).verdict;
    for (const model of ['gpt-4o', 'big', 'fast', 'quick', null])
      expect([model, verdict(model)]).toEqual([model, 'block']);
    for (const model of ['gpt-4o-mini', 'plain']) expect([model, verdict(model)]).toEqual([model, 'allow']);
  });
});
