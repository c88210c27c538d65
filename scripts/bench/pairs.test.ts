import { expect, it } from 'vitest';
import type { Bench } from './bench.ts';
import { median, runPairs, tableOf } from './pairs.ts';

/** A bench whose measurements are the given ones, and which notes in which order it was asked. */
const fake = (numerators: number[], denominators: number[]): { bench: Bench; order: string[] } => {
  const order: string[] = [];
  const take = (name: string, values: number[]) => async (): Promise<number> => {
    order.push(name);
    return values.shift() ?? Number.NaN;
  };
  const bench: Bench = {
    name: 'fake',
    title: 'a over b',
    unit: 'ms',
    orgs: 1,
    prepare: async () => ({
      numerator: take('A', numerators),
      denominator: take('B', denominators),
      counters: () => ({ files: 3 }),
      close: async () => {
        order.push('closed');
      },
    }),
  };
  return { bench, order };
};
const options = { orgs: 7, say: () => undefined };

it('takes the middle, whatever the order', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});

it('measures in turns, throws the first pair away and takes the ratio pair by pair', async () => {
  const { bench, order } = fake([999, 10, 20, 60], [1, 10, 10, 20]);
  const result = await runPairs(bench, options, 3);
  expect(order).toEqual(['A', 'B', 'A', 'B', 'A', 'B', 'A', 'B', 'closed']);
  expect(result).toEqual({
    bench: 'fake',
    orgs: 7,
    ratio: 2,
    numerator: 20,
    denominator: 10,
    unit: 'ms',
    counters: { files: 3 },
    runs: [
      { numerator: 10, denominator: 10, ratio: 1 },
      { numerator: 20, denominator: 10, ratio: 2 },
      { numerator: 60, denominator: 20, ratio: 3 },
    ],
  });
  expect(tableOf(bench, result)).toContain('ratio        2   (pairs: 1 to 3)');
});

it('stops what it started when a measurement fails', async () => {
  const { bench, order } = fake([], []);
  const prepare = bench.prepare;
  const failing: Bench = {
    ...bench,
    prepare: async (given) => ({ ...(await prepare(given)), denominator: () => Promise.reject(new Error('no')) }),
  };
  await expect(runPairs(failing, options, 5)).rejects.toThrow('no');
  expect(order.at(-1)).toBe('closed');
});
