import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  afterAttempt,
  afterPassing,
  BREAKER_START,
  type BreakerEvent,
  type BreakerState,
  breakerAt,
  letsPass,
} from './breaker.ts';

const policy = { failures: 3, cooldownMs: 1000, successes: 2 };

function after(
  state: BreakerState,
  event: BreakerEvent,
  more: { nowMs?: number; isProbe?: boolean } = {},
): BreakerState {
  const { nowMs = 0, isProbe = state.kind === 'half-open' } = more;
  return afterAttempt(policy, breakerAt(state, nowMs), { event, isProbe, nowMs });
}

test('failures in a row open it, and a success in between begins anew', () => {
  const two = after(after(BREAKER_START, 'failed'), 'failed');
  expect(two).toEqual({ kind: 'closed', failures: 2 });
  expect(after(two, 'abandoned')).toEqual(two);
  expect(after(two, 'succeeded')).toEqual(BREAKER_START);
  const open = after(two, 'failed', { nowMs: 500 });
  expect(open).toEqual({ kind: 'open', untilMs: 1500 });
  expect(letsPass(open)).toBe(false);
});

test('open, it waits its time and is moved by nobody who was sent before', () => {
  const open: BreakerState = { kind: 'open', untilMs: 1500 };
  expect(breakerAt(open, 1499)).toBe(open);
  for (const event of ['succeeded', 'failed', 'abandoned'] as const)
    expect(after(open, event, { nowMs: 1499 })).toBe(open);
  expect(after(open, 'succeeded', { nowMs: 1499, isProbe: true })).toBe(open);
  expect(breakerAt(BREAKER_START, 9e9)).toBe(BREAKER_START);
  expect(breakerAt(open, 1500)).toEqual({ kind: 'half-open', successes: 0, isProbing: false });
});

test('half-open, one at a time tries: so many successes close it, one failure opens it again', () => {
  const half = breakerAt({ kind: 'open', untilMs: 0 }, 0);
  const probing = afterPassing(half);
  expect([letsPass(half), letsPass(probing)]).toEqual([true, false]);
  expect(after(probing, 'succeeded', { isProbe: false })).toBe(probing);
  expect(after(probing, 'failed', { isProbe: false })).toBe(probing);
  expect(after(probing, 'abandoned')).toEqual(half);
  const once = after(probing, 'succeeded');
  expect(once).toEqual({ kind: 'half-open', successes: 1, isProbing: false });
  expect(after(afterPassing(once), 'failed', { nowMs: 7 })).toEqual({ kind: 'open', untilMs: 1007 });
  expect(after(afterPassing(once), 'succeeded')).toEqual(BREAKER_START);
  expect(afterPassing(BREAKER_START)).toBe(BREAKER_START);
});

test('law: never more than one request is under way in half-open, and it always lets somebody pass again', () => {
  const step = fc.record({
    event: fc.constantFrom<BreakerEvent>('succeeded', 'failed', 'abandoned'),
    gapMs: fc.nat(1500),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let state: BreakerState = BREAKER_START;
      let nowMs = 0;
      for (const { event, gapMs } of steps) {
        nowMs += gapMs;
        state = breakerAt(state, nowMs);
        if (!letsPass(state)) continue;
        const isProbe = state.kind === 'half-open';
        state = afterPassing(state);
        if (isProbe) expect(letsPass(state)).toBe(false);
        state = afterAttempt(policy, state, { event, isProbe, nowMs });
        expect(state).not.toMatchObject({ isProbing: true });
      }
      expect(letsPass(breakerAt(state, nowMs + policy.cooldownMs))).toBe(true);
    }),
  );
});
