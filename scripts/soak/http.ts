// Sends anything over raw connections to an enrolled gateway whose providers answer anything.

import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';
import { runTest } from './test-run.ts';

const CONNECTIONS = 50_000;
const SHOWN_FAULTS = 20;

/** What cases/http-fuzz/http-fuzz.test.ts writes. */
interface Report {
  readonly connections: number;
  readonly answers: number;
  readonly forwarded: number;
  readonly statuses: { readonly [status: string]: number };
  readonly faults: readonly string[];
  readonly transcript: string;
  readonly grownBytes: number;
}

const tableOf = (
  { connections, answers, forwarded, statuses, faults, transcript, grownBytes }: Report,
  seed: number,
): string => {
  const again = faults.length === 0 ? '' : `again: npm run soak -- http --seed ${seed} --only <number of the case>\n`;
  return [
    alignedTable([
      ['connections', 'answers', 'reached a provider', 'faults', 'heap for each, bytes'],
      [`${connections}`, `${answers}`, `${forwarded}`, `${faults.length}`, grownBytes.toFixed(0)],
    ]),
    alignedTable([['status', 'times'], ...Object.entries(statuses).map(([status, times]) => [status, `${times}`])]),
    ...faults.slice(0, SHOWN_FAULTS).map((fault) => `${fault}\n`),
    transcript,
    again,
  ].join('\n');
};

/** `--runs n` opens n connections; `--only n` plays the one of that number again. */
const run = async ({ seed, runs, only }: SoakOptions): Promise<SoakResult> => {
  const sizes = {
    TENANTRY_HTTP_FUZZ_COUNT: `${runs ?? CONNECTIONS}`,
    TENANTRY_PROPERTY_SEED: `${seed}`,
    ...(only === undefined ? {} : { TENANTRY_HTTP_FUZZ_ONLY: only }),
  };
  const { ok, report } = await runTest('cases/http-fuzz/http-fuzz.test.ts', sizes, 'TENANTRY_HTTP_FUZZ_REPORT');
  return { ok, table: tableOf(report as Report, seed) };
};

export const httpFuzz: Soak = {
  name: 'http',
  title: 'any bytes of clients and providers: each connection ends, nothing fails inside, no secret comes out',
  run,
};
