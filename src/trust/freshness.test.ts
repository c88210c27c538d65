import { expect, it } from 'vitest';
import { freshness } from './index.ts';

const HOUR_MS = 3_600_000;

it.each([
  [0, 'fresh'],
  [2 * HOUR_MS - 1, 'fresh'],
  [2 * HOUR_MS, 'late'],
  [24 * HOUR_MS - 1, 'late'],
  [24 * HOUR_MS, 'stale'],
  [72 * HOUR_MS - 1, 'stale'],
  [72 * HOUR_MS, 'expired'],
  [-HOUR_MS, 'fresh'],
] as const)('at the age of %i ms a configuration is %s', (age, expected) => {
  expect(freshness({ signedAtMs: 1e12, expiresAtMs: 2e12 }, 1e12 + age)).toBe(expected);
});

it('is expired at the signed expiry, however young, and by a ladder of its own', () => {
  expect(freshness({ signedAtMs: 1000, expiresAtMs: 2000 }, 2000)).toBe('expired');
  expect(freshness({ signedAtMs: 1000, expiresAtMs: 2000 }, 1999)).toBe('fresh');
  expect(freshness({ signedAtMs: 0, expiresAtMs: 99 }, 20, { lateMs: 10, staleMs: 20, expiredMs: 30 })).toBe('stale');
});
