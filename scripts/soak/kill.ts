// Ends a gateway by SIGKILL at each change of its disk, before it and in the middle of it, and lets the next one judge.

import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';
import { runTest } from './test-run.ts';

const SHOWN_FAULTS = 10;

/** What cases/kill/kill.test.ts writes. */
interface Report {
  readonly changes: number;
  readonly moments: number;
  readonly killed: number;
  readonly faults: readonly string[];
}

/** `--runs n` takes every n-th change. */
const run = async (options: SoakOptions): Promise<SoakResult> => {
  const sizes = { TENANTRY_KILL_EVERY: `${options.runs ?? 1}` };
  const { ok, report } = await runTest('cases/kill/kill.test.ts', sizes, 'TENANTRY_KILL_REPORT');
  const { changes, moments, killed, faults } = report as Report;
  const table = alignedTable([
    ['changes of a life', 'moments', 'killed', 'faults'],
    [`${changes}`, `${moments}`, `${killed}`, `${faults.length}`],
  ]);
  return { ok, table: [table, ...faults.slice(0, SHOWN_FAULTS).map((fault) => `${fault}\n`)].join('') };
};

export const kill: Soak = { name: 'kill', title: 'a gateway survives kill -9 at each change of its disk', run };
