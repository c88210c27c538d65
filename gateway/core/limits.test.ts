import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createWindows, take, waitSeconds } from './limits.ts';

const limit = { max: 3, windowSeconds: 10 };

test('a window takes what its limit says, tells when it turns over, and then takes again', () => {
  const windows = createWindows();
  for (let count = 0; count < 3; count += 1) {
    expect(waitSeconds(windows, 'k', limit, 12_000)).toBe(0);
    take(windows, { key: 'k', limit, amount: 1 }, 12_000);
  }
  expect(waitSeconds(windows, 'k', limit, 12_500)).toBe(8);
  expect(waitSeconds(windows, 'other', limit, 12_500)).toBe(0);
  expect(waitSeconds(windows, 'k', limit, 20_000)).toBe(0);
});

test('law: no window ever takes more than its limit', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { maxLength: 100 }), (gaps) => {
      const windows = createWindows();
      const taken = new Map<number, number>();
      let now = 0;
      for (const gap of gaps) {
        now += gap;
        if (waitSeconds(windows, 'k', limit, now) > 0) continue;
        take(windows, { key: 'k', limit, amount: 1 }, now);
        const window = Math.floor(now / 10_000);
        taken.set(window, (taken.get(window) ?? 0) + 1);
      }
      for (const count of taken.values()) expect(count).toBeLessThanOrEqual(3);
    }),
  );
});

test('a flood of keys is bounded', () => {
  const windows = createWindows();
  for (let key = 0; key < 60_000; key += 1) take(windows, { key: `${key}`, limit, amount: 1 }, 1);
  expect(windows.counts.size).toBeLessThanOrEqual(20_000);
});
