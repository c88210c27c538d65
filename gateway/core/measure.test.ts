import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createMeasure,
  latencyPercentile,
  MOST_SAMPLES,
  meanLatency,
  meanSpeed,
  noteLatency,
  noteSpeed,
  noteUse,
  usedTokens,
} from './measure.ts';

const span = { nowMs: 1000, windowMs: 1000, minSamples: 1 };

test('means and percentiles are of what is young enough, and null of too little', () => {
  const measure = createMeasure();
  expect(meanLatency(measure, { ...span, minSamples: 0 })).toBeNull();
  noteLatency(measure, 900, 0);
  for (const value of [10, 20, 30, 100]) noteLatency(measure, value, 500);
  expect(meanLatency(measure, span)).toBe(40);
  expect(meanLatency(measure, { ...span, windowMs: 1001 })).toBe(212);
  expect(meanLatency(measure, { ...span, minSamples: 5 })).toBeNull();
  expect([50, 75, 90].map((percent) => latencyPercentile(measure, percent, span))).toEqual([20, 30, 100]);
  expect(latencyPercentile(measure, 50, { ...span, minSamples: 5 })).toBeNull();
  noteSpeed(measure, 7, 500);
  expect(meanSpeed(measure, span)).toBe(7);
});

test('the newest are remembered, and no more than a few', () => {
  const measure = createMeasure();
  for (let value = 0; value < MOST_SAMPLES * 3; value += 1) noteLatency(measure, value < MOST_SAMPLES * 2 ? 1 : 5, 500);
  expect(meanLatency(measure, span)).toBe(5);
  expect(measure.latencies.values).toHaveLength(MOST_SAMPLES);
});

test('law: tokens of a window are those of the window, to one slot', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ gapMs: fc.nat(400), tokens: fc.nat(100) }), { maxLength: 60 }), (uses) => {
      const measure = createMeasure();
      const windowMs = 1200;
      let nowMs = 0;
      const noted: { atMs: number; tokens: number }[] = [];
      for (const { gapMs, tokens } of uses) {
        nowMs += gapMs;
        noteUse(measure, tokens, { nowMs, windowMs });
        noted.push({ atMs: nowMs, tokens });
        const since = (ms: number): number =>
          noted.filter(({ atMs }) => atMs > nowMs - ms).reduce((sum, item) => sum + item.tokens, 0);
        const found = usedTokens(measure, nowMs, windowMs);
        expect(found).toBeGreaterThanOrEqual(since(windowMs - 100));
        expect(found).toBeLessThanOrEqual(since(windowMs));
      }
      expect(usedTokens(measure, nowMs + 2 * windowMs, windowMs)).toBe(0);
      expect(usedTokens(measure, nowMs, windowMs + 12)).toBe(0);
    }),
  );
});
