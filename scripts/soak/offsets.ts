// Plants a match in streamed answers, cut at every offset of the text and of the bytes, for every kind that reads answers.

import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';
import { runTest } from './test-run.ts';

const SHOWN_FAULTS = 10;

/** What cases/offsets/offsets.test.ts writes, for each kind and verdict. */
interface Row {
  readonly kind: string;
  readonly verdict: string;
  readonly streams: number;
  readonly faults: readonly string[];
}

/** `--only <text>` plays the kinds with this text in their name. */
const run = async ({ seed, only }: SoakOptions): Promise<SoakResult> => {
  const sizes = {
    TENANTRY_PROPERTY_SEED: `${seed}`,
    ...(only === undefined ? {} : { TENANTRY_OFFSETS_ONLY: only }),
  };
  const { ok, report } = await runTest('cases/offsets/offsets.test.ts', sizes, 'TENANTRY_OFFSETS_REPORT');
  const rows = report as readonly Row[];
  const table = alignedTable([
    ['kind', 'verdict', 'streams', 'faults'],
    ...rows.map(({ kind, verdict, streams, faults }) => [kind, verdict, `${streams}`, `${faults.length}`]),
  ]);
  const shown = rows.flatMap(({ faults }) => faults.slice(0, SHOWN_FAULTS).map((fault) => `${fault}\n`));
  return { ok, table: [table, ...shown].join('') };
};

export const offsets: Soak = {
  name: 'offsets',
  title: 'not one byte of a match comes out of a stream, wherever it is cut',
  run,
};
