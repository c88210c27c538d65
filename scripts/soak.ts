// `npm run soak -- <name>|all [--seed N] [--runs N] [--only text]`: tests that are too long for `npm test`. Exit 1 when one does not hold.

import { parseArgs } from 'node:util';
import { soaks } from './soak/list.ts';

const USAGE = 64;
const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { seed: { type: 'string' }, runs: { type: 'string' }, only: { type: 'string' } },
  });
  const names = soaks.map((soak) => soak.name);
  const name = positionals.length === 0 ? 'all' : positionals[0];
  const chosen = soaks.filter((soak) => name === 'all' || soak.name === name);
  if (chosen.length === 0) {
    say(`Expected one of ${[...names, 'all'].join(', ')}, found ${name}.`);
    return USAGE;
  }
  const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed);
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  let failed = 0;
  for (const soak of chosen) {
    say(`${soak.name}: ${soak.title} (seed ${seed})`);
    const result = await soak.run({ say, seed, runs, only: values.only });
    process.stdout.write(`\n${result.table}${soak.name}: ${result.ok ? 'holds' : 'DOES NOT HOLD'}\n`);
    if (!result.ok) failed += 1;
  }
  return failed === 0 ? 0 : 1;
};

process.exitCode = await main();
