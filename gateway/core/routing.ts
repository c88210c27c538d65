import type { CompiledPolicy, Target } from '../../src/core/policy/index.ts';

/** What happened to an attempt before the first byte of its answer. */
export type AttemptFailure =
  /** Nothing was sent, so nothing can have been billed. */
  | { readonly kind: 'not-sent' }
  /** Sent, and no answer in time or the connection broke: it may have been billed. */
  | { readonly kind: 'timeout' | 'broken' }
  | { readonly kind: 'status'; readonly status: number; readonly retryAfterSeconds: number | null };

/**
 * Targets to try in order: those that offer the model that was asked for, then, with fallback, the others of the policy.
 * Only eligible ones (data-routing), and never more than fallback allows. Empty: nobody offers the model.
 */
export function routeOf(policy: CompiledPolicy, eligible: readonly string[], model: string | null): readonly Target[] {
  const targets = eligible.flatMap((id) => policy.targets.find((target) => target.id === id) ?? []);
  const fitting = model === null ? targets : targets.filter((target) => target.model === model);
  if (fitting.length === 0) return [];
  if (!policy.fallback.enabled) return fitting.slice(0, 1);
  const others = targets.filter((target) => !fitting.includes(target));
  return [...fitting, ...others].slice(0, 1 + policy.fallback.maxAttempts);
}

/** May another target be tried? Only before the first byte, and only where another one can do better. */
export function mayFallBack(failure: AttemptFailure): boolean {
  return failure.kind !== 'status' || failure.status === 429 || failure.status >= 500;
}

/** True when the provider surely did not bill: the hold is released. Else the whole hold is settled (ai-gateways 7, rule 5). */
export function surelyUnbilled(failure: AttemptFailure): boolean {
  return failure.kind === 'not-sent' || failure.kind === 'status';
}
