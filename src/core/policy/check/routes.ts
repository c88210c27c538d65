import type { PolicyDocument } from '../generated/types.ts';
import type { Report } from '../kinds/kind.ts';
import type { BreakerPolicy, Fallback, RetryPolicy, Routes, Routing, Strategy, Target, Trigger } from '../types.ts';
import { compileGroups } from './groups.ts';

type Providers = NonNullable<PolicyDocument['providers']>;
type WrittenRouting = NonNullable<Providers['routing']>;

/** What `providers` says, with the targets as it leaves them. */
export interface CompiledRoutes extends Routes {
  /** All of them, in the order of the document. */
  readonly targets: readonly Target[];
  /** Those that may be used, in the order in which `ordered` tries them. */
  readonly candidates: readonly Target[];
}

/** Settings that some strategies read and the others would ignore. */
const READ_BY: { readonly [setting: string]: readonly Strategy[] } = {
  window_seconds: ['lowest_latency', 'highest_throughput', 'usage_based'],
  min_sample_count: ['lowest_latency', 'highest_throughput'],
  exploration_ratio: ['lowest_latency', 'highest_throughput'],
  order: ['ordered'],
};
const WEIGHING: readonly Strategy[] = ['weighted_round_robin', 'simple_shuffle'];
const MEASURED = ['window_seconds', 'min_sample_count'];

/** Compiles routing, fallback, retries, breaker and groups; reports what contradicts itself or would have no effect. */
export function compileRoutes(document: PolicyDocument, compiled: readonly Target[], report: Report): CompiledRoutes {
  const providers: Partial<Providers> = document.providers ?? {};
  const { routing: written = {}, fallback, retry_policy: retry, circuit_breaker: breaker } = providers;
  checkEffects(providers, report);
  checkContradictions(providers, report);
  checkIds(written, compiled, report);
  const targets = compiled.map((target, index) => ({
    ...target,
    excludedBy: exclusionOf(target, providers.targets?.[index]?.pricing, written),
  }));
  const candidates = orderedBy(
    targets.filter((target) => target.excludedBy === null),
    written.order ?? [],
  );
  if (targets.length > 0 && candidates.length === 0) {
    report('POLICY_ROUTING_EXCLUDES_ALL', '/providers/routing', {
      message: 'Routing leaves no target to send a request to.',
      expected: 'at least one target that is left',
      found: targets.map(({ id, excludedBy }) => `${id}: ${excludedBy}`).join(', '),
    });
  }
  const fallbacks = fallbackOf(fallback, targets.length);
  return {
    targets,
    candidates,
    routing: routingOf(written),
    fallback: (written.allow_fallbacks ?? true) ? fallbacks : { ...fallbacks, enabled: false },
    retry: retry === undefined ? null : retryOf(retry),
    breaker: breaker === undefined ? null : breakerOf(breaker),
    groups: compileGroups(providers.model_groups ?? [], { targets, fallsBack: fallbacks.enabled }, report),
  };
}

/** Reports settings that nothing would read. */
function checkEffects(providers: Partial<Providers>, report: Report): void {
  const { routing = {} } = providers;
  const strategy = routing.strategy ?? 'ordered';
  const without = (pointer: string, setting: string, expected: string): void =>
    report('POLICY_ROUTING_SETTING', pointer, {
      message: `${setting} would have no effect.`,
      expected,
      found: `strategy: ${strategy}`,
      at: 'key',
    });
  for (const [setting, readers] of Object.entries(READ_BY)) {
    const isRead =
      readers.includes(strategy) || (MEASURED.includes(setting) && routing.preferred_max_latency !== undefined);
    if (Object.hasOwn(routing, setting) && !isRead) {
      without(`/providers/routing/${setting}`, setting, `a strategy that reads it: ${readers.join(', ')}`);
    }
  }
  for (const [index, target] of (providers.targets ?? []).entries()) {
    if (target.weight !== undefined && !WEIGHING.includes(strategy)) {
      without(`/providers/targets/${index}/weight`, 'weight', `a strategy that weighs: ${WEIGHING.join(', ')}`);
    }
    if (target.pricing !== undefined && routing.max_price === undefined) {
      report('POLICY_ROUTING_SETTING', `/providers/targets/${index}/pricing`, {
        message: 'pricing is what max_price compares, and there is none. Budgets use the price book.',
        expected: 'routing.max_price, or no pricing',
        found: 'pricing alone',
        at: 'key',
      });
    }
  }
}

/** Reports pairs of settings of which one cannot hold. */
function checkContradictions(
  { routing = {}, fallback, retry_policy: retry }: Partial<Providers>,
  report: Report,
): void {
  const contradictions: readonly (readonly [boolean, string, string, string])[] = [
    [routing.only !== undefined && routing.ignore !== undefined, 'routing/ignore', 'one of only and ignore', 'both'],
    [
      routing.allow_fallbacks === false && fallback?.enabled === true,
      'routing/allow_fallbacks',
      'fallback.enabled and allow_fallbacks to agree',
      'fallback.enabled: true and allow_fallbacks: false',
    ],
    [
      fallback?.trigger_on !== undefined && fallback.enabled === undefined,
      'fallback/trigger_on',
      'fallback.enabled to be said',
      'trigger_on alone',
    ],
    [
      retry?.backoff?.delay_ms !== undefined && retry.backoff.strategy !== 'fixed',
      'retry_policy/backoff/delay_ms',
      'strategy: fixed, or base_ms',
      'strategy: exponential',
    ],
    [
      retry?.backoff?.base_ms !== undefined && retry.backoff.strategy === 'fixed',
      'retry_policy/backoff/base_ms',
      'strategy: exponential, or delay_ms',
      'strategy: fixed',
    ],
  ];
  for (const [holds, place, expected, found] of contradictions) {
    const message = 'Two settings contradict each other, or one has no effect.';
    if (holds) report('POLICY_ROUTING_SETTING', `/providers/${place}`, { message, expected, found, at: 'key' });
  }
}

function checkIds(routing: WrittenRouting, targets: readonly Target[], report: Report): void {
  for (const list of ['order', 'only', 'ignore'] as const) {
    for (const [index, id] of (routing[list] ?? []).entries()) {
      if (targets.some((target) => target.id === id)) continue;
      report('POLICY_ROUTING_REFERENCE', `/providers/routing/${list}/${index}`, {
        message: `${list} names a target that does not exist.`,
        expected: `one of ${targets.map((target) => target.id).join(', ')}`,
        found: id,
      });
    }
  }
}

type Pricing = NonNullable<Providers['targets'][number]['pricing']>;

function exclusionOf(target: Target, pricing: Pricing | undefined, routing: WrittenRouting): Target['excludedBy'] {
  if (routing.only !== undefined && !routing.only.includes(target.id)) return 'only';
  if (routing.ignore?.includes(target.id) === true) return 'ignore';
  if (routing.require_region !== undefined && !target.regions.includes(routing.require_region)) return 'require_region';
  const { prompt, completion } = routing.max_price ?? {};
  const isWithin = (most: number | undefined, price: number | undefined): boolean =>
    most === undefined || (price !== undefined && price <= most);
  const fits =
    isWithin(prompt, pricing?.input_price_per_million) && isWithin(completion, pricing?.output_price_per_million);
  return fits ? null : 'max_price';
}

function orderedBy(targets: readonly Target[], order: readonly string[]): readonly Target[] {
  const named = order.flatMap((id) => targets.find((target) => target.id === id) ?? []);
  return [...named, ...targets.filter((target) => !order.includes(target.id))];
}

const PERCENTILES = { p50: 50, p90: 90, p99: 99 };

function routingOf(written: WrittenRouting): Routing {
  const preferred = written.preferred_max_latency;
  return {
    strategy: written.strategy ?? 'ordered',
    windowMs: (written.window_seconds ?? 300) * 1000,
    minSamples: written.min_sample_count ?? 5,
    exploration: written.exploration_ratio ?? 0.1,
    preferredLatency:
      preferred === undefined
        ? null
        : { maxMs: preferred.value * 1000, percentile: PERCENTILES[preferred.percentile ?? 'p90'] },
    mayPassOver: written.allow_fallbacks ?? true,
  };
}

/** After what another target is tried where the document does not say (policy-config reference 4.5). */
const DEFAULT_TRIGGERS: readonly Trigger[] = [
  'rate_limit',
  'server_error',
  'timeout',
  'context_length_exceeded',
  'content_filter',
  'model_not_found',
];

function fallbackOf(written: Providers['fallback'], targets: number): Fallback {
  return {
    enabled: written?.enabled ?? false,
    maxAttempts: written?.max_fallback_attempts ?? Math.max(0, targets - 1),
    triggers: new Set(written?.trigger_on ?? DEFAULT_TRIGGERS),
  };
}

/** Failures that may be gone a moment later. */
const PASSING: readonly Trigger[] = ['rate_limit', 'server_error', 'timeout'];

function retryOf(written: NonNullable<Providers['retry_policy']>): RetryPolicy {
  const { max_retries: most = 3, per_trigger: own = {}, backoff = {} } = written;
  const retries = new Map<Trigger, number>(PASSING.map((trigger) => [trigger, most]));
  for (const [trigger, count] of Object.entries(own)) retries.set(trigger as Trigger, count);
  const isFixed = backoff.strategy === 'fixed';
  return {
    retries,
    backoff: isFixed
      ? { strategy: 'fixed', ms: backoff.delay_ms ?? 1000 }
      : { strategy: 'exponential', ms: backoff.base_ms ?? 500 },
  };
}

function breakerOf(written: NonNullable<Providers['circuit_breaker']>): BreakerPolicy | null {
  if (written.enabled === false) return null;
  return {
    failures: written.consecutive_failure_threshold ?? 5,
    cooldownMs: (written.cooldown_seconds ?? 30) * 1000,
    successes: written.half_open_successes ?? 1,
  };
}
