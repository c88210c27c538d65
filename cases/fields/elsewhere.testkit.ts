/** Fields that are no one's behaviour in one request, and where they are played; `for people` says that they change nothing. */
export const PLAYED_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['pack.description', 'for people'],
  ['providers.model_groups[].description', 'for people'],
  ['testing.suites[].description', 'for people'],
  ['providers.routing.window_seconds', 'gateway/core/measure.test.ts, gateway/core/strategy.test.ts'],
  ['providers.routing.min_sample_count', 'gateway/core/strategy.test.ts'],
  ['providers.routing.preferred_max_latency.value', 'gateway/core/strategy.test.ts'],
  ['providers.routing.preferred_max_latency.percentile', 'gateway/core/strategy.test.ts'],
  ['providers.retry_policy.backoff.strategy', 'gateway/core/attempt.test.ts'],
  ['providers.retry_policy.backoff.base_ms', 'gateway/core/attempt.test.ts'],
  ['providers.retry_policy.backoff.delay_ms', 'gateway/core/attempt.test.ts'],
  ['token_rate_limit.scope', 'gateway/io/limits.test.ts'],
  ['providers.scope_rate_limits.per_team.rpm', 'cases/fields/managed.test.ts'],
  ['providers.scope_rate_limits.per_team.tpm', 'cases/fields/managed.test.ts'],
  ['providers.scope_rate_limits.max_parallel_requests', 'cases/fields/managed.test.ts'],
]);

/** Fields of kinds that are for people alone. */
export const KIND_FIELDS_FOR_PEOPLE: ReadonlyMap<string, readonly string[]> = new Map([
  ['request-rewriter', ['rules[].name']],
  ['response-rewriter', ['rules[].name']],
]);
