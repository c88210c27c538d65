// Sends requests through a gateway whose providers fail at random, by every strategy.

import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';
import { runTest } from './test-run.ts';

/** For each of the ten strategies. */
const REQUESTS = 1000;

/** What cases/routing-chaos.test.ts writes. */
interface Report {
  readonly attempts: number;
  /** How often each status was answered; 0: the client left. */
  readonly statuses: readonly (readonly [number, number])[];
}

/** `--runs n` sends n requests by each strategy. */
const run = async ({ seed, runs }: SoakOptions): Promise<SoakResult> => {
  const sizes = { TENANTRY_ROUTING_REQUESTS: `${runs ?? REQUESTS}`, TENANTRY_PROPERTY_SEED: `${seed}` };
  const { ok, report } = await runTest('cases/routing-chaos.test.ts', sizes, 'TENANTRY_ROUTING_REPORT');
  const { attempts, statuses } = report as Report;
  const words = statuses.map(([status, count]) => `${status === 0 ? 'left' : status}: ${count}`);
  const table = alignedTable([
    ['attempts', 'answers', 'outcome'],
    [`${attempts}`, words.join(', '), ok ? 'nobody asked who must not be, every hold ended once' : 'failed'],
  ]);
  return { ok, table };
};

export const routing: Soak = {
  name: 'routing',
  title: 'no fallback or retry leaves data policy and region, and each attempt is held and ended once',
  run,
};
