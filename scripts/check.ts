// npm run check: every static check, one line each. A new check is one file in scripts/check and one line here.

import type { Check, CheckResult } from './check/check.ts';
import { imports } from './check/imports.ts';
import { places } from './check/places.ts';
import { purity } from './check/purity.ts';
import { sizes } from './check/sizes.ts';
import { generated, lint, types, unused } from './check/tools.ts';

const CHECKS: readonly Check[] = [types, lint, unused, generated, purity, imports, sizes, places];
const AT_ONCE = 2;

const failure = (error: unknown): CheckResult => ({
  ok: false,
  output: error instanceof Error ? (error.stack ?? error.message) : String(error),
});

const runOne = async (check: Check): Promise<boolean> => {
  const started = performance.now();
  const result = await check.run().catch(failure);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${result.ok ? '✓' : '✗'} ${check.name} (${seconds} s)`);
  if (result.table !== undefined) console.log(result.table);
  if (!result.ok) console.log(result.output.replace(/^/gm, '    '));
  return result.ok;
};

const waiting = [...CHECKS];
const results: boolean[] = [];
const work = async (): Promise<void> => {
  for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) results.push(await runOne(check));
};
await Promise.all(Array.from({ length: AT_ONCE }, work));

const failed = results.filter((ok) => !ok).length;
console.log(failed === 0 ? `${results.length} checks passed` : `${failed} of ${results.length} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
