// Changes the bytes of published files at random, many thousand times, and demands that no other meaning is accepted.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

const ROOT = join(import.meta.dirname, '../..');
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
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-fuzz-'));
  const file = join(folder, 'report.json');
  const env = {
    ...process.env,
    TENANTRY_FUZZ_SEED: `${options.seed}`,
    TENANTRY_FUZZ_COUNT: `${options.runs ?? MUTATIONS}`,
    TENANTRY_FUZZ_REPORT: file,
  };
  try {
    const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'cases/fuzz/fuzz.test.ts'], {
      cwd: ROOT,
      env,
      stdio: ['ignore', process.stderr, process.stderr],
    });
    const [code] = await once(child, 'exit');
    return { ok: code === 0, table: tableOf(JSON.parse(readFileSync(file, 'utf8')) as Report) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

export const fuzz: Soak = {
  name: 'fuzz',
  title: 'changed bytes of published files never change what is accepted',
  run,
};
