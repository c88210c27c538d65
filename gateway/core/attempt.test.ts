import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RetryPolicy, Trigger } from '../../src/core/policy/index.ts';
import {
  type AttemptFailure,
  isOfRequest,
  MAX_WAIT_MS,
  mayHaveReason,
  rejectionReason,
  retryWaitMs,
  surelyUnbilled,
  triggerOf,
} from './attempt.ts';

const status = (code: number, more: Partial<Extract<AttemptFailure, { kind: 'status' }>> = {}): AttemptFailure => ({
  kind: 'status',
  status: code,
  retryAfterSeconds: null,
  reason: null,
  ...more,
});

describe('a failure', () => {
  const table: readonly (readonly [AttemptFailure, Trigger | null, boolean])[] = [
    [{ kind: 'not-sent' }, 'server_error', true],
    [{ kind: 'address-refused' }, 'server_error', true],
    [{ kind: 'broken' }, 'server_error', false],
    [{ kind: 'timeout' }, 'timeout', false],
    [status(408), 'timeout', false],
    [status(502), 'server_error', false],
    [status(504), 'server_error', false],
    [status(524), 'server_error', false],
    [status(429), 'rate_limit', true],
    [status(401), 'auth_error', true],
    [status(402), 'auth_error', true],
    [status(403), 'auth_error', true],
    [status(407), 'auth_error', true],
    [status(500), 'server_error', true],
    [status(529), 'server_error', true],
    [status(302), null, true],
    [status(400), null, true],
    [status(400, { reason: 'content_filter' }), 'content_filter', true],
    [status(404, { reason: 'model_not_found' }), 'model_not_found', true],
  ];
  test.each(table)('%j is %s', (failure, trigger, isUnbilled) => {
    expect(triggerOf(failure)).toBe(trigger);
    expect(surelyUnbilled(failure)).toBe(isUnbilled);
  });

  test('says its reason by code or type, and a 404 is a missing model', () => {
    const body = (error: object): { error: object } => ({ error });
    expect(rejectionReason(400, body({ code: 'context_length_exceeded' }) as never)).toBe('context_length_exceeded');
    expect(rejectionReason(400, body({ code: null, type: 'content_policy_violation' }) as never)).toBe(
      'content_filter',
    );
    expect(rejectionReason(400, body({ code: 'model_not_found' }) as never)).toBe('model_not_found');
    for (const message of [
      'prompt is too long: 212345 tokens > 200000 maximum',
      'input length and `max_tokens` exceed context limit: 199000 + 8192 > 200000',
      "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
    ])
      expect(rejectionReason(400, body({ type: 'invalid_request_error', message }) as never)).toBe(
        'context_length_exceeded',
      );
    expect(rejectionReason(400, body({ message: 'Why is a prompt is too long?' }) as never)).toBeNull();
    expect(rejectionReason(404, undefined)).toBe('model_not_found');
    for (const odd of [undefined, null, [], 'text', { error: 'text' }, body({ code: 'unsupported_value', type: 3 })]) {
      expect(rejectionReason(400, odd as never)).toBeNull();
    }
    expect([400, 404, 413, 422, 401, 429, 500, 200].map(mayHaveReason)).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('a retry', () => {
  const policy: RetryPolicy = {
    retries: new Map([
      ['server_error', 2],
      ['rate_limit', 1],
    ]),
    backoff: { strategy: 'exponential', ms: 100 },
  };
  const wait = (
    failure: AttemptFailure,
    retries: number,
    random = 1,
    how: RetryPolicy | null = policy,
  ): number | null => retryWaitMs(how, failure, { retries, random });

  test('is made as often as the policy says for this kind of failure', () => {
    expect([0, 1, 2].map((retries) => wait(status(500), retries))).toEqual([100, 200, null]);
    expect([0, 1].map((retries) => wait(status(429), retries))).toEqual([100, null]);
    expect(wait({ kind: 'timeout' }, 0)).toBeNull();
    expect(wait(status(302), 0)).toBeNull();
    expect(wait(status(500), 0, 1, null)).toBeNull();
  });

  test('waits as long as the provider asks, but not for one that asks for too long', () => {
    expect(wait(status(429, { retryAfterSeconds: 3 }), 0)).toBe(3000);
    expect(wait(status(429, { retryAfterSeconds: 31 }), 0)).toBeNull();
    expect(wait(status(500), 1, 0, { ...policy, backoff: { strategy: 'fixed', ms: 70 } })).toBe(70);
  });

  test('law: no wait is longer than the bound, and an exponential one is within half of its step', () => {
    const many: RetryPolicy = {
      retries: new Map([['server_error', 10]]),
      backoff: { strategy: 'exponential', ms: 500 },
    };
    fc.assert(
      fc.property(fc.nat(9), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (retries, random) => {
        const found = wait(status(500), retries, random, many) ?? Number.NaN;
        const step = 500 * 2 ** retries;
        expect(found).toBeGreaterThanOrEqual(Math.min(MAX_WAIT_MS, step / 2));
        expect(found).toBeLessThanOrEqual(Math.min(MAX_WAIT_MS, step));
      }),
    );
  });
});

test('a refusal is of the request, or of our account and the provider itself', () => {
  expect([400, 404, 405, 409, 413, 418, 422, 451].every(isOfRequest)).toBe(true);
  expect([200, 302, 401, 402, 403, 407, 408, 429, 500, 529].some(isOfRequest)).toBe(false);
});
