import type { Bench, BenchOptions, BenchResult, Counters, Pair } from './bench.ts';

/** The middle of some numbers; of an even count, the mean of the two in the middle. NaN of none. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
};

const round = (value: number): number => Number(value.toPrecision(4));

const rounded = (counters: Counters): Counters =>
  Object.fromEntries(
    Object.entries(counters).map(([name, count]) => [name, Number.isInteger(count) ? count : round(count)]),
  );

/**
 * Measure a bench: its pairs that warm caches and are thrown away, then `pairs` pairs in the order A B A B.
 * A slow moment of the machine then hits both, and the ratio is taken pair by pair.
 */
export const runPairs = async (bench: Bench, options: BenchOptions, pairs: number): Promise<BenchResult> => {
  const prepared = await bench.prepare(options);
  try {
    for (let index = 0; index < (bench.warmUps ?? 1); index += 1) {
      await prepared.numerator();
      await prepared.denominator();
    }
    const runs: Pair[] = [];
    for (let index = 0; index < pairs; index += 1) {
      const numerator = await prepared.numerator();
      const denominator = await prepared.denominator();
      runs.push({
        numerator: round(numerator),
        denominator: round(denominator),
        ratio: round(numerator / denominator),
      });
      options.say(`pair ${index + 1} of ${pairs}: ratio ${round(numerator / denominator)}`);
    }
    return {
      bench: bench.name,
      orgs: options.orgs,
      ratio: round(median(runs.map((run) => run.ratio))),
      numerator: round(median(runs.map((run) => run.numerator))),
      denominator: round(median(runs.map((run) => run.denominator))),
      unit: bench.unit,
      counters: rounded(await prepared.counters()),
      runs,
    };
  } finally {
    await prepared.close();
  }
};

/** A result as a table for a person. */
export const tableOf = (bench: Bench, result: BenchResult): string => {
  const ratios = result.runs.map((run) => run.ratio);
  const rows: readonly (readonly [string, string])[] = [
    ['ratio', `${result.ratio}   (pairs: ${Math.min(...ratios)} to ${Math.max(...ratios)})`],
    ['numerator', `${result.numerator} ${result.unit}`],
    ['denominator', `${result.denominator} ${result.unit}`],
    ...Object.entries(result.counters).map(([name, count]) => [name, String(count)] as const),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
  const head = `${bench.name} at ${result.orgs} orgs: ${bench.title}; medians of ${result.runs.length} interleaved pairs`;
  return `${[head, ...lines].join('\n')}\n`;
};
