import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, createWindow, INSTANTS, resetAfter, takeBack, usedAt, waitBelow } from './window.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_123;

/** Lets in as many as there is room for; the instants of those that were let in, and of those that were not. */
function askAll(max: number, windowMs: number, atMs: readonly number[]) {
  const window = createWindow(windowMs);
  const entered: number[] = [];
  const refused: number[] = [];
  for (const nowMs of atMs) {
    if (waitBelow(window, max, nowMs) > 0) {
      refused.push(nowMs);
      continue;
    }
    add(window, 1, nowMs);
    entered.push(nowMs);
  }
  return { entered, refused };
}

/** Of ascending instants, those from `from` on and before `to`. */
const between = (all: readonly number[], from: number, to: number): number =>
  all.filter((at) => at >= from && at < to).length;

describe('the law of windows', () => {
  test('whoever spaces as many as the limit evenly is never refused', () => {
    const cases = fc.record({
      max: fc.integer({ min: 1, max: INSTANTS }),
      windowMs: fc.integer({ min: 1, max: 90 }).map((seconds) => seconds * 1000),
      phase: fc.integer({ min: 0, max: 99 }),
    });
    fc.assert(
      fc.property(cases, ({ max, windowMs, phase }) => {
        // Of integers, so that no rounding moves an instant: the clock tells whole milliseconds.
        const instant = (index: number) => START_MS + Math.floor(((index * 100 + phase) * windowMs) / (max * 100));
        const atMs = Array.from({ length: max * 3 }, (_, index) => instant(index));
        expect(askAll(max, windowMs, atMs).refused).toEqual([]);
      }),
      { seed: 41, numRuns: 60 },
    );
  });

  test('of a limit above what a window tells apart, at most one request in a thousand is refused', () => {
    const max = 7 * INSTANTS;
    const atMs = Array.from({ length: max * 3 }, (_, index) => START_MS + Math.floor((index * MINUTE_MS) / max));
    expect(askAll(max, MINUTE_MS, atMs).refused.length).toBeLessThanOrEqual(atMs.length / INSTANTS);
  });

  test('no interval of its length lets more in than the limit, and none is refused while there is room', () => {
    const gaps = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 9000 })),
      { minLength: 50, maxLength: 300 },
    );
    const cases = fc.record({ max: fc.integer({ min: 1, max: 40 }), windowMs: fc.constantFrom(250, 1500, 5000), gaps });
    fc.assert(
      fc.property(cases, ({ max, windowMs, gaps: own }) => {
        let nowMs = START_MS;
        const atMs = own.map((gap) => (nowMs += gap));
        const { entered, refused } = askAll(max, windowMs, atMs);
        for (const from of entered) expect(between(entered, from, from + windowMs)).toBeLessThanOrEqual(max);
        const longestMs = windowMs + Math.ceil(windowMs / INSTANTS);
        for (const at of refused) expect(between(entered, at - longestMs, at + 1)).toBeGreaterThanOrEqual(max);
      }),
      { seed: 43, numRuns: 80 },
    );
  });

  test('however the clock is set back, no interval of real time lets more in than the limit', () => {
    const steps = fc.array(
      fc.record({ passMs: fc.integer({ min: 0, max: 800 }), backMs: fc.constantFrom(0, 0, 0, 1, 700, 90_000) }),
      { minLength: 30, maxLength: 120 },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), steps, (max, own) => {
        const window = createWindow(2000);
        const entered: number[] = [];
        let [realMs, clockMs] = [0, START_MS];
        for (const { passMs, backMs } of own) {
          realMs += passMs;
          clockMs += passMs - backMs;
          const waitMs = waitBelow(window, max, clockMs);
          expect(waitMs).toBeLessThanOrEqual(2000);
          if (waitMs > 0) continue;
          add(window, 1, clockMs);
          entered.push(realMs);
        }
        for (const from of entered) expect(between(entered, from, from + 2000)).toBeLessThanOrEqual(max);
      }),
      { seed: 47, numRuns: 80 },
    );
  });
});

describe('a window', () => {
  test('of a day keeps no more than it tells apart', () => {
    const window = createWindow(86_400_000);
    for (let second = 0; second < 100_000; second += 1) add(window, 1, START_MS + second * 1000);
    expect(window.size).toBeLessThanOrEqual(INSTANTS + 1);
    expect(window.times.length).toBeLessThanOrEqual(2 * INSTANTS);
    expect(usedAt(window, START_MS + 100_000_000)).toBeGreaterThan(86_300);
  });

  test('takes back what was counted at an instant, and nothing of what is forgotten', () => {
    const window = createWindow(1000);
    for (const atMs of [0, 1, 2]) add(window, 1, START_MS + atMs);
    takeBack(window, 1, START_MS + 1);
    takeBack(window, 1, START_MS + 1);
    takeBack(window, 1, START_MS + 500);
    expect(usedAt(window, START_MS + 2)).toBe(2);
    add(window, 5, START_MS + 1200);
    takeBack(window, 5, START_MS);
    expect(usedAt(window, START_MS + 1200)).toBe(5);
  });

  test('says when nothing is counted any more', () => {
    const window = createWindow(1000);
    expect(resetAfter(window, START_MS)).toBe(0);
    add(window, 1, START_MS);
    add(window, 1, START_MS + 400);
    expect(resetAfter(window, START_MS + 500)).toBe(900);
    takeBack(window, 1, START_MS);
    takeBack(window, 1, START_MS + 400);
    expect(resetAfter(window, START_MS + 500)).toBe(0);
  });
});
