// Changes the bytes of published files at random, many thousand times, and demands that no other meaning is accepted.

import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';
import { runTest } from './test-run.ts';

const MUTATIONS = 10_000;

/** What cases/fuzz/fuzz.test.ts writes. */
interface Report {
  readonly mutations: number;
  readonly refused: { readonly [code: string]: number };
  readonly harmless: number;
  readonly enforceable: number;
  readonly changed: readonly string[];
  readonly crashed: readonly string[];
  readonly mostRequests: number;
  readonly mostBytes: number;
  readonly slowestMs: number;
  readonly grownBytes: number;
}

const tableOf = (report: Report): string =>
  [
    alignedTable([
      ['mutations', 'refused', 'harmless', 'signed and enforceable', 'other meaning', 'no verdict'],
      [
        `${report.mutations}`,
        `${Object.values(report.refused).reduce((sum, times) => sum + times, 0)}`,
        `${report.harmless}`,
        `${report.enforceable}`,
        `${report.changed.length}`,
        `${report.crashed.length}`,
      ],
    ]),
    alignedTable([
      ['most requests of a poll', 'most bytes of a poll', 'slowest, ms', 'memory grown by, MiB'],
      [
        `${report.mostRequests}`,
        `${report.mostBytes}`,
        report.slowestMs.toFixed(0),
        (report.grownBytes / 2 ** 20).toFixed(0),
      ],
    ]),
    alignedTable([
      ['refused by', 'times'],
      ...Object.entries(report.refused).map(([code, times]) => [code, `${times}`]),
    ]),
    ...[...report.changed, ...report.crashed].slice(0, 5).map((text) => `${text}\n`),
  ].join('\n');

const run = async (options: SoakOptions): Promise<SoakResult> => {
  const sizes = { TENANTRY_FUZZ_SEED: `${options.seed}`, TENANTRY_FUZZ_COUNT: `${options.runs ?? MUTATIONS}` };
  const { ok, report } = await runTest('cases/fuzz/fuzz.test.ts', sizes, 'TENANTRY_FUZZ_REPORT');
  return { ok, table: tableOf(report as Report) };
};

export const fuzz: Soak = {
  name: 'fuzz',
  title: 'changed bytes of published files never change what is accepted',
  run,
};
