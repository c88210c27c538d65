// `npm start`: the main job on this repository's own fleet, in a clone under .tenantry/fleet, until Ctrl-C.
// `npm start -- --once`: the same, then real governed requests through every gateway, a table, and an end.

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareFleet } from './start/fleet.ts';
import { curlLines } from './start/lines.ts';
import { runOnce } from './start/once.ts';
import { StartFailure, startFleet, startSimulator } from './start/processes.ts';
import { prepareTokens } from './start/tokens.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
/** Something outside is unavailable, as in the contract of the commands. */
const UNAVAILABLE = 69;
const once = process.argv.includes('--once');

async function main(): Promise<number> {
  const { dir, continued } = prepareFleet(root);
  process.stdout.write(
    `${continued ? 'Going on with' : 'Cloned HEAD into'} .tenantry/fleet; your own tree and history stay untouched.\n`,
  );
  const demo = await prepareTokens(root, dir);
  const simulator = await startSimulator(root);
  process.stdout.write(
    `SIMULATED upstream on ${simulator.url}: it answers for every provider whose key is not in the environment.\n`,
  );
  const stopping = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());
  // scripts/run.mjs, which npm starts, may be killed.
  const parent = process.ppid;
  const isOfNpm = process.env['npm_lifecycle_event'] !== undefined;
  setInterval(() => isOfNpm && process.ppid !== parent && stopping.abort(), 1000).unref();
  try {
    const fleet = await startFleet(root, dir, simulator.url);
    try {
      const { waiting } = fleet.report;
      if (once && waiting.length > 0)
        throw new StartFailure(`expected every gateway to run:\n${waiting.join('\n')}`, UNAVAILABLE);
      if (once) return await runOnce({ root, dir, demo, report: fleet.report });
      process.stdout.write(`\n${curlLines(demo, fleet.report)}\n\nCtrl-C stops everything.\n`);
      await Promise.race([fleet.ended, new Promise((resolve) => stopping.signal.addEventListener('abort', resolve))]);
      return stopping.signal.aborted ? 0 : 1;
    } finally {
      await fleet.stop();
    }
  } finally {
    await simulator.stop();
  }
}

try {
  process.exitCode = await main();
} catch (cause) {
  process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = cause instanceof StartFailure ? cause.exitCode : 1;
}
