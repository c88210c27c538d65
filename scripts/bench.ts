// `npm run bench -- <name> [--orgs N] [--pairs N] [--json]`: one measured ratio. With --json the last line of stdout is the
// result as JSON; without a name, the benches are listed.

import { parseArgs } from 'node:util';
import { BenchSkipped } from './bench/bench.ts';
import { benches } from './bench/list.ts';
import { runPairs, tableOf } from './bench/pairs.ts';

const USAGE = 64;
const LEAST_PAIRS = 5;
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const countOf = (text: string | undefined, whenAbsent: number): number => {
  const count = text === undefined ? whenAbsent : Number(text);
  return Number.isInteger(count) && count > 0 ? count : Number.NaN;
};

/** Says why a bench cannot run here; anything else is a failure. */
const skipped = (error: unknown): undefined => {
  if (!(error instanceof BenchSkipped)) throw error;
  say(`skipped: ${error.message}`);
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { orgs: { type: 'string' }, pairs: { type: 'string' }, json: { type: 'boolean', default: false } },
  });
  const bench = benches.find(({ name }) => name === positionals[0]);
  if (bench === undefined) {
    const known = benches.map(({ name, title, orgs }) => `  ${name.padEnd(14)} ${title} (${orgs} orgs)`).join('\n');
    say(`Expected the name of a bench, found ${positionals[0] ?? 'nothing'}. There are:\n${known}`);
    return USAGE;
  }
  const orgs = countOf(values.orgs, bench.orgs);
  const pairs = Math.max(LEAST_PAIRS, countOf(values.pairs, bench.pairs ?? LEAST_PAIRS));
  if (Number.isNaN(orgs) || Number.isNaN(pairs)) {
    say('Expected --orgs and --pairs as whole numbers from 1.');
    return USAGE;
  }
  const result = await runPairs(bench, { orgs, say }, pairs).catch(skipped);
  if (result === undefined) return 0;
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : tableOf(bench, result));
  return 0;
};

process.exitCode = await main();
