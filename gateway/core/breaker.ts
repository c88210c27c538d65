import type { BreakerPolicy } from '../../src/core/policy/index.ts';

/**
 * A circuit breaker of one target. Closed lets requests pass and counts failures in a row; open lets none pass until its
 * time is over; half-open lets one at a time pass and waits for what becomes of it.
 */
export type BreakerState =
  | { readonly kind: 'closed'; readonly failures: number }
  | { readonly kind: 'open'; readonly untilMs: number }
  | { readonly kind: 'half-open'; readonly successes: number; readonly isProbing: boolean };

export const BREAKER_START: BreakerState = { kind: 'closed', failures: 0 };

/** What became of an attempt; `abandoned` says nothing of the target, as when the client left. */
export type BreakerEvent = 'succeeded' | 'failed' | 'abandoned';

/** The state at a moment: an open one is half-open when its time is over. */
export function breakerAt(state: BreakerState, nowMs: number): BreakerState {
  if (state.kind !== 'open' || nowMs < state.untilMs) return state;
  return { kind: 'half-open', successes: 0, isProbing: false };
}

/** May a request pass? `state` is that of now. */
export function letsPass(state: BreakerState): boolean {
  return state.kind === 'closed' || (state.kind === 'half-open' && !state.isProbing);
}

/** The state after a request was let through; in half-open it is the probe that the others wait for. */
export function afterPassing(state: BreakerState): BreakerState {
  return state.kind === 'half-open' ? { ...state, isProbing: true } : state;
}

/** The state after an attempt. Only the probe counts in half-open: who was sent before it opened says nothing of now. */
export function afterAttempt(
  policy: BreakerPolicy,
  state: BreakerState,
  attempt: { readonly event: BreakerEvent; readonly isProbe: boolean; readonly nowMs: number },
): BreakerState {
  const { event, isProbe, nowMs } = attempt;
  const opened: BreakerState = { kind: 'open', untilMs: nowMs + policy.cooldownMs };
  if (state.kind === 'closed') {
    if (event === 'abandoned') return state;
    if (event === 'succeeded') return BREAKER_START;
    return state.failures + 1 >= policy.failures ? opened : { kind: 'closed', failures: state.failures + 1 };
  }
  if (state.kind === 'open' || !isProbe) return state;
  if (event === 'failed') return opened;
  if (event === 'abandoned') return { ...state, isProbing: false };
  return state.successes + 1 >= policy.successes
    ? BREAKER_START
    : { kind: 'half-open', successes: state.successes + 1, isProbing: false };
}
