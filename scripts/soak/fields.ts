// Flips every field that a policy document may have and demands that something that can be observed is another thing then.

import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';
import { runTest } from './test-run.ts';

/** What cases/fields/document.test.ts writes. */
interface Report {
  readonly fields: number;
  readonly unchanged: readonly string[];
}

const run = async ({ say }: SoakOptions): Promise<SoakResult> => {
  say('fields of the kinds are flipped by `npm test` already: cases/fields/fields.test.ts');
  const { ok, report } = await runTest('cases/fields', {}, 'TENANTRY_FIELDS_REPORT');
  const { fields, unchanged } = report as Report;
  const table = alignedTable([
    ['fields of the document', 'without effect'],
    [`${fields}`, `${unchanged.length}`],
  ]);
  return { ok, table: [table, ...unchanged.map((field) => `${field}\n`)].join('') };
};

export const fields: Soak = { name: 'fields', title: 'every field of a policy document changes what is observed', run };
