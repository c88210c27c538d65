import { drawFrom } from '../draw.ts';
import type { SoakOptions } from '../soak.ts';

const RUNS = 50;

/** What one kind of crash did over all its runs. */
export interface Tally {
  readonly what: string;
  readonly runs: number;
  killed: number;
  /** What was looked at, each so and so often. */
  readonly checked: Map<string, number>;
  readonly failures: string[];
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Count something that was verified, for the report. */
export const verified = (tally: Tally, what: string, count = 1): void => {
  tally.checked.set(what, (tally.checked.get(what) ?? 0) + count);
};

/** What is killed, and when: anywhere from its start to `latestKillMs` after it. */
export interface Killing {
  readonly what: string;
  readonly latestKillMs: number;
  readonly seed: number;
}

/** Run `attempt` as often as asked, each with a moment to kill at, and keep what went wrong. */
export const crashOften = async (
  { what, latestKillMs, seed }: Killing,
  options: SoakOptions,
  attempt: (tally: Tally, run: number, killAtMs: number) => Promise<string | undefined>,
): Promise<Tally> => {
  const tally: Tally = { what, runs: options.runs ?? RUNS, killed: 0, checked: new Map(), failures: [] };
  const draw = drawFrom(seed);
  for (let run = 1; run <= tally.runs; run += 1) {
    const killAtMs = draw() * latestKillMs;
    const failure = await attempt(tally, run, killAtMs).catch((error: unknown) =>
      error instanceof Error ? error.message : String(error),
    );
    if (failure !== undefined) tally.failures.push(`run ${run}, killed at ${killAtMs.toFixed(0)} ms: ${failure}`);
    options.say(`${what}, run ${run} of ${tally.runs}: ${tally.failures.length} failures`);
  }
  return tally;
};
