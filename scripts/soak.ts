// `npm run soak -- [<name>|all] [--seed N] [--runs N] [--only text]`: tests that are too long for `npm test`. Exit 1 when one
// does not hold, 64 for a call that is none.

import { parseArgs } from 'node:util';
import { soaks } from './soak/list.ts';
import type { Soak, SoakOptions, SoakResult } from './soak/soak.ts';
import { alignedTable } from './soak/table.ts';

const USAGE = 64;
const SEEDS = 1_000_000;
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** The whole number that an option gives, undefined where it is not given, and null where it is none. */
const countOf = (text: string | undefined): number | undefined | null => {
  if (text === undefined) return undefined;
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
};

/** A soak that cannot run does not hold, and the next one runs all the same. */
const resultOf = (soak: Soak, options: SoakOptions): Promise<SoakResult> =>
  soak.run(options).catch((error: unknown) => ({
    ok: false,
    table: `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  }));

/** Run each soak in turn; gives one row per soak for the table at the end. */
const runAll = async (chosen: readonly Soak[], options: SoakOptions): Promise<readonly (readonly string[])[]> => {
  const rows: string[][] = [];
  for (const soak of chosen) {
    say(`${soak.name}: ${soak.title} (seed ${options.seed})`);
    const startedMs = performance.now();
    const { ok, table } = await resultOf(soak, options);
    const minutes = ((performance.now() - startedMs) / 60_000).toFixed(1);
    const verdict = ok ? 'holds' : 'DOES NOT HOLD';
    process.stdout.write(`\n${table}${soak.name}: ${verdict}\n`);
    rows.push([soak.name, verdict, minutes, `npm run soak -- ${soak.name} --seed ${options.seed}`]);
  }
  return rows;
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string' }, runs: { type: 'string' }, only: { type: 'string' } },
  });
  const [name = 'all', ...more] = positionals;
  const chosen = soaks.filter((soak) => name === 'all' || soak.name === name);
  const [seed = Date.now() % SEEDS, runs] = [countOf(values.seed), countOf(values.runs)];
  if (chosen.length === 0 || more.length > 0) {
    say(`Expected one of ${[...soaks.map((soak) => soak.name), 'all'].join(', ')}, found ${positionals.join(' ')}.`);
    return USAGE;
  }
  if (seed === null || runs === null || runs === 0) {
    say('Expected a whole number after --seed, and one above 0 after --runs.');
    return USAGE;
  }
  const rows = await runAll(chosen, { say, seed, runs, only: values.only });
  if (rows.length > 1) {
    process.stdout.write(`\n${alignedTable([['soak', 'outcome', 'minutes', 'again'], ...rows])}`);
  }
  return rows.every(([, verdict]) => verdict === 'holds') ? 0 : 1;
};

process.exitCode = await main();
