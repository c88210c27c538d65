// `apply` is killed, and the next one must finish the work without a repair.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLI } from '../../bench/processes.ts';
import type { LoadFleet } from '../../bench/world.ts';
import { git } from '../../fleet/index.ts';
import type { SoakOptions } from '../soak.ts';
import { openKnown } from './state.ts';
import { crashOften, pause, type Tally, verified } from './tally.ts';

/** Change the wallet of the org, so that there is something to apply; gives the amount. */
const change = (fleet: LoadFleet, run: number): string => {
  const file = join(fleet.dir, 'templates/load/1.0.0/wallets.yaml');
  const limit = `${800_000_000 + run}.00`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/"limit": "[0-9.]+"/, `"limit": "${limit}"`));
  fleet.tenantry('render', '--write', '--quiet');
  git(fleet.dir, 'commit', '-q', '-a', '-m', `Change ${run}`);
  return limit;
};

/** Start an apply and kill it after `afterMs`; true when it was still running. */
const killApply = async (fleet: LoadFleet, afterMs: number): Promise<boolean> => {
  const child = spawn(process.execPath, [CLI, 'apply', '--yes', '--quiet'], { cwd: fleet.dir, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await Promise.race([pause(afterMs), ended]);
  const killed = child.kill('SIGKILL');
  await ended;
  return killed;
};

/** The next apply must finish the work, the one after it must find nothing to do, and the history must be whole. */
const faultOf = async (fleet: LoadFleet, tally: Tally, limit: string): Promise<string | undefined> => {
  fleet.tenantry('apply', '--yes', '--quiet');
  verified(tally, 'the next apply ends well');
  const again = JSON.parse(fleet.tenantry('apply', '--yes', '--format', 'json'));
  if (again.orgs.length > 0 || again.published.length > 0) return `a second apply changed ${JSON.stringify(again)}`;
  verified(tally, 'a second apply changes nothing');
  // Ends with an exit code above 0, which throws, when the store or what is published is not what was applied.
  fleet.tenantry('drift', '--quiet');
  verified(tally, 'no drift in store and published files');
  const broken = await openKnown(fleet).brokenHistory();
  if (broken !== null) return `the history is broken at ${broken}`;
  verified(tally, 'the history is one chain');
  const [wallet] = JSON.parse(fleet.tenantry('wallet', 'show', '--org', fleet.org, '--format', 'json')).wallets;
  if (wallet?.limit !== limit) return `expected the limit ${limit}, found ${JSON.stringify(wallet)}`;
  verified(tally, 'the change is in force');
  return undefined;
};

export const crashApply = (fleet: LoadFleet, options: SoakOptions): Promise<Tally> => {
  const first = change(fleet, 0);
  const startedMs = performance.now();
  fleet.tenantry('apply', '--yes', '--quiet');
  // So that kills fall before it reads, while it writes, and after it is done, however fast this machine is.
  const latestKillMs = (performance.now() - startedMs) * 1.1;
  options.say(`apply of the limit ${first} takes ${(latestKillMs / 1.1).toFixed(0)} ms`);
  return crashOften({ what: 'apply', latestKillMs, seed: options.seed }, options, async (tally, run, killAtMs) => {
    const limit = change(fleet, run);
    if (await killApply(fleet, killAtMs)) tally.killed += 1;
    return faultOf(fleet, tally, limit);
  });
};
