// Kills `apply` and a gateway at random moments and verifies, each time, that nothing is lost, doubled or half done.

import { join } from 'node:path';
import { enrolGateway, openLoadFleet, startController, startUpstream } from '../bench/world.ts';
import { crashApply } from './crash/apply.ts';
import { crashGateway } from './crash/gateway.ts';
import type { Tally } from './crash/tally.ts';
import { crashThree } from './crash/three.ts';
import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

const SHOWN_FAILURES = 5;

const resultOf = (tallies: readonly Tally[]): SoakResult => {
  const rows = tallies.map(({ what, runs, killed, failures }) => [what, `${runs}`, `${killed}`, `${failures.length}`]);
  const checks = tallies.flatMap(({ what, checked }) =>
    [...checked].map(([check, count]) => [what, check, `${count}`]),
  );
  const failures = tallies.flatMap(({ what, failures: all }) =>
    all.slice(0, SHOWN_FAILURES).map((text) => `${what}, ${text}\n`),
  );
  const tables = [
    alignedTable([['killed', 'rounds', 'while running', 'failures'], ...rows]),
    alignedTable([['killed', 'checked', 'times'], ...checks]),
  ];
  return {
    ok: tallies.every((tally) => tally.failures.length === 0),
    table: [tables.join('\n'), ...failures].join(''),
  };
};

const one = async (options: SoakOptions): Promise<readonly Tally[]> => {
  const fleet = await openLoadFleet();
  const stops: (() => Promise<void> | void)[] = [fleet.remove];
  try {
    const applied = await crashApply(fleet, options);
    const controller = await startController(fleet.dir);
    stops.push(controller.stop);
    const upstream = await startUpstream();
    stops.push(upstream.stop);
    const state = join(fleet.dir, '../gateway');
    enrolGateway(fleet, controller.url, state);
    return [applied, await crashGateway({ fleet, state, upstream }, options)];
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
};

const PARTS: ReadonlyMap<string, (options: SoakOptions) => Promise<readonly Tally[]>> = new Map([
  ['one', one],
  ['three', async (options) => [await crashThree(options)]],
]);

/** `--only three` plays that part alone. */
const run = async (options: SoakOptions): Promise<SoakResult> => {
  const tallies: Tally[] = [];
  for (const [name, part] of PARTS) if (name.includes(options.only ?? '')) tallies.push(...(await part(options)));
  return resultOf(tallies);
};

export const crash: Soak = {
  name: 'crash',
  title: 'apply, a gateway and three that pay from one wallet survive being killed at any moment',
  run,
};
