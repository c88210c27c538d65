import type { JsonObject } from '../../src/core/model/index.ts';
import type { Asked, DocumentProbe, Said } from './gateway.testkit.ts';

// Fields of a document beside the settings of its policies.

export const ASK: Asked = {};
const page = (path: string): Asked => ({ method: 'GET', path });
const one = (target: JsonObject): Said => ({ targets: [target] });
export const said = (providers: JsonObject, targets: readonly JsonObject[] = []): Said => ({ targets, providers });
const routing = (settings: JsonObject, targets: readonly JsonObject[] = []): Said =>
  said({ routing: settings }, targets);
export const top = (more: JsonObject): Said => ({ more });
export const probe = (field: string, from: Said, to: Said, ...acts: readonly Asked[]): DocumentProbe => ({
  ...{ field, from, to, acts: acts.length === 0 ? [ASK] : acts },
});

const PACK = { name: 'fields', version: '1.0.0', enabled: true };
const target = (name: string, from: JsonObject, to: JsonObject, ...acts: readonly Asked[]): DocumentProbe =>
  probe(`providers.targets[].${name}`, one(from), one(to), ...acts);
const anthropic = (more: JsonObject): JsonObject => ({ provider: 'anthropic', ...more });

const DATA = { policies: { chain: ['data-routing-policy'] } };
const data = (policy: JsonObject, given: JsonObject): Said => ({
  targets: [given],
  more: { ...DATA, policy: { 'data-routing-policy': policy } },
});
const GOOD = { data_policy: { zero_data_retention: true, training_opt_out: true, retention_days: 0 } };
const withOther = (policy: JsonObject, given: JsonObject): Said => ({ ...data(policy, given), targets: [given, GOOD] });

const DOWN: Asked = { providers: [500, 'well', 'well'] };
const retry = (settings: JsonObject): Said =>
  said({ retry_policy: { backoff: { strategy: 'fixed', delay_ms: 1 }, ...settings }, fallback: { enabled: false } });
const perTrigger = (name: string, fault: number | { readonly code: string }): DocumentProbe =>
  probe(
    `providers.retry_policy.per_trigger.${name}`,
    retry({ per_trigger: { [name]: 0 } }),
    retry({ per_trigger: { [name]: 2 } }),
    { providers: [fault] },
  );
const breaker = (settings: JsonObject): Said =>
  said({
    circuit_breaker: { enabled: true, consecutive_failure_threshold: 2, cooldown_seconds: 60, ...settings },
    fallback: { enabled: true },
  });
const BROKEN = [DOWN, ASK, ASK];
const MENDED = { providers: ['well', 'well', 'well'], atMs: 61_000 } as const;

const passingOver = (isAllowed: boolean): Said =>
  said({
    routing: { allow_fallbacks: isAllowed },
    circuit_breaker: { enabled: true, consecutive_failure_threshold: 2, cooldown_seconds: 60 },
  });

const groups = (group: JsonObject): Said =>
  said({
    model_groups: [
      { name: 'desk', targets: ['b'], aliases: ['bureau'], ...group },
      { name: 'rest', targets: ['c'] },
    ],
    fallback: { enabled: true },
  });
const askFor = (model: string, more: Asked = {}): Asked => ({ body: { model }, ...more });

const REGIONS = [{ region: 'eu' }, { region: 'us' }];
const PRICES = [
  { pricing: { input_price_per_million: 5, output_price_per_million: 5 } },
  { pricing: { input_price_per_million: 1, output_price_per_million: 1 } },
];

export const DOCUMENT_PROBES: readonly DocumentProbe[] = [
  probe('pack.name', top({ pack: PACK }), top({ pack: { ...PACK, name: 'other' } }), page('/tenantry/config')),
  probe('pack.version', top({ pack: PACK }), top({ pack: { ...PACK, version: '1.0.1' } }), page('/tenantry/config')),
  probe('pack.enabled', top({ pack: PACK }), top({ pack: { ...PACK, enabled: false } })),
  target('id', { id: 'a' }, { id: 'z' }, page('/tenantry/providers')),
  target('provider', { provider: 'openai' }, { provider: 'anthropic' }),
  target('model', { model: 'm' }, { model: 'n' }, askFor('n')),
  target('base_url', { base_url: '@0' }, { base_url: '@1' }),
  target('secret_key_ref.env', { secret_key_ref: { env: 'KEY_ONE' } }, { secret_key_ref: { env: 'KEY_TWO' } }),
  target('secret_key_ref.store', { secret_key_ref: { store: 'key_one' } }, { secret_key_ref: { store: 'key_two' } }),
  target('api_key_header', { api_key_header: 'x-key' }, { api_key_header: 'api-key' }),
  target('api_key_prefix', { api_key_prefix: 'Bearer ' }, { api_key_prefix: 'Key ' }),
  target(
    'provider_type',
    { provider: 'own', provider_type: 'openai' },
    { provider: 'own', provider_type: 'anthropic' },
  ),
  target('format', { provider: 'own', format: 'openai' }, { provider: 'own', format: 'anthropic' }),
  target(
    'anthropic_version',
    anthropic({ anthropic_version: '2023-06-01' }),
    anthropic({ anthropic_version: '2024-10-22' }),
  ),
  probe(
    'providers.targets[].data_policy.zero_data_retention',
    withOther({ require_zero_data_retention: true }, { data_policy: { zero_data_retention: true } }),
    withOther({ require_zero_data_retention: true }, { data_policy: { zero_data_retention: false } }),
  ),
  probe(
    'providers.targets[].data_policy.training_opt_out',
    withOther({ require_no_training: true }, { data_policy: { training_opt_out: true } }),
    withOther({ require_no_training: true }, { data_policy: { training_opt_out: false } }),
  ),
  probe(
    'providers.targets[].data_policy.retention_days',
    withOther({ max_retention_days: 10 }, { data_policy: { retention_days: 5 } }),
    withOther({ max_retention_days: 10 }, { data_policy: { retention_days: 50 } }),
  ),
  probe(
    'providers.targets[].zdr',
    withOther({ require_zero_data_retention: true }, { zdr: true }),
    withOther({ require_zero_data_retention: true }, { zdr: false }),
  ),
  target('headers.*', { headers: { 'x-team': 'one' } }, { headers: { 'x-team': 'two' } }),
  probe('providers.targets[].timeout_seconds', one({ timeout_seconds: 1 }), one({ timeout_seconds: 9 }), {
    providers: [{ silentMs: 2600 }],
  }),
  probe(
    'providers.targets[].stream_timeout_seconds',
    one({ stream_timeout_seconds: 1 }),
    one({ stream_timeout_seconds: 9 }),
    {
      providers: [{ silentMs: 2600 }],
      body: { stream: true },
    },
  ),
  probe(
    'providers.targets[].weight',
    routing({ strategy: 'weighted_round_robin' }, [{ weight: 1 }, { weight: 1 }, { weight: 1 }]),
    routing({ strategy: 'weighted_round_robin' }, [{ weight: 5 }, { weight: 1 }, { weight: 1 }]),
    ...[ASK, ASK, ASK],
  ),
  probe(
    'providers.targets[].region',
    routing({ require_region: 'eu' }, REGIONS),
    routing({ require_region: 'eu' }, [{ region: 'us' }, { region: 'eu' }]),
  ),
  probe(
    'providers.targets[].data_residency.regions',
    routing({ require_region: 'eu' }, [{ data_residency: { regions: ['eu'] } }, { region: 'eu' }]),
    routing({ require_region: 'eu' }, [{ data_residency: { regions: ['us'] } }, { region: 'eu' }]),
  ),
  ...(['input', 'output'] as const).map((side) => {
    const priced = (price: number): Said =>
      routing({ max_price: { [side === 'input' ? 'prompt' : 'completion']: 2 } }, [
        { pricing: { input_price_per_million: 1, output_price_per_million: 1, [`${side}_price_per_million`]: price } },
        PRICES[1] ?? {},
      ]);
    return probe(`providers.targets[].pricing.${side}_price_per_million`, priced(1), priced(9));
  }),
  probe('providers.routing.strategy', routing({ strategy: 'ordered' }), routing({ strategy: 'round_robin' }), ASK, ASK),
  probe('providers.routing.order', routing({ order: ['b', 'a', 'c'] }), routing({ order: ['c', 'a', 'b'] })),
  probe('providers.routing.only', routing({ only: ['b'] }), routing({ only: ['c'] })),
  probe('providers.routing.ignore', routing({ ignore: ['a'] }), routing({ ignore: ['a', 'b'] })),
  probe(
    'providers.routing.exploration_ratio',
    routing({ strategy: 'lowest_latency', exploration_ratio: 0 }),
    routing({ strategy: 'lowest_latency', exploration_ratio: 1 }),
  ),
  probe('providers.routing.allow_fallbacks', passingOver(true), passingOver(false), ...BROKEN),
  probe(
    'providers.routing.max_price.prompt',
    routing({ max_price: { prompt: 9 } }, PRICES),
    routing({ max_price: { prompt: 2 } }, PRICES),
  ),
  probe(
    'providers.routing.max_price.completion',
    routing({ max_price: { completion: 9 } }, PRICES),
    routing({ max_price: { completion: 2 } }, PRICES),
  ),
  probe(
    'providers.routing.require_region',
    routing({ require_region: 'eu' }, REGIONS),
    routing({ require_region: 'us' }, REGIONS),
  ),
  probe(
    'providers.fallback.enabled',
    said({ fallback: { enabled: true } }),
    said({ fallback: { enabled: false } }),
    DOWN,
  ),
  probe(
    'providers.fallback.max_fallback_attempts',
    said({ fallback: { enabled: true, max_fallback_attempts: 1 } }),
    said({ fallback: { enabled: true, max_fallback_attempts: 2 } }),
    { providers: [500, 500, 'well'] },
  ),
  probe(
    'providers.fallback.trigger_on',
    said({ fallback: { enabled: true, trigger_on: ['timeout'] } }),
    said({ fallback: { enabled: true, trigger_on: ['server_error'] } }),
    DOWN,
  ),
  probe('providers.retry_policy.max_retries', retry({ max_retries: 1 }), retry({ max_retries: 2 }), DOWN),
  perTrigger('rate_limit', 429),
  perTrigger('server_error', 503),
  perTrigger('timeout', 408),
  perTrigger('model_not_found', 404),
  perTrigger('auth_error', 401),
  perTrigger('context_length_exceeded', { code: 'context_length_exceeded' }),
  perTrigger('content_filter', { code: 'content_filter' }),
  probe('providers.circuit_breaker.enabled', breaker({ enabled: true }), breaker({ enabled: false }), ...BROKEN),
  probe(
    'providers.circuit_breaker.consecutive_failure_threshold',
    breaker({}),
    breaker({ consecutive_failure_threshold: 9 }),
    ...BROKEN,
  ),
  probe(
    'providers.circuit_breaker.cooldown_seconds',
    breaker({}),
    breaker({ cooldown_seconds: 600 }),
    ...BROKEN,
    MENDED,
  ),
  probe(
    'providers.circuit_breaker.half_open_successes',
    breaker({ half_open_successes: 1 }),
    breaker({ half_open_successes: 3 }),
    ...BROKEN,
    MENDED,
    {
      ...page('/tenantry/providers'),
      atMs: 61_000,
    },
  ),
  probe('providers.model_groups[].name', groups({ name: 'desk' }), groups({ name: 'table' }), askFor('desk')),
  probe('providers.model_groups[].targets', groups({}), groups({ targets: ['a'] }), askFor('desk')),
  probe('providers.model_groups[].aliases', groups({}), groups({ aliases: ['office'] }), askFor('bureau')),
  probe(
    'providers.model_groups[].fallback_group',
    groups({}),
    groups({ fallback_group: 'rest' }),
    askFor('desk', { providers: ['well', 500, 'well'] }),
  ),
];
