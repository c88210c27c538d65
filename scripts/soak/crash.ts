// Kills `apply` and a gateway at random moments and verifies, each time, that nothing is lost, doubled or half done.

import { join } from 'node:path';
import { enrolGateway, openLoadFleet, startController, startUpstream } from '../bench/world.ts';
import { crashApply } from './crash/apply.ts';
import { crashGateway } from './crash/gateway.ts';
import type { Tally } from './crash/tally.ts';
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

const run = async (options: SoakOptions): Promise<SoakResult> => {
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
    return resultOf([applied, await crashGateway({ fleet, state, upstream }, options)]);
  } finally {
    for (const stop of stops.toReversed()) await stop();
  }
};

export const crash: Soak = { name: 'crash', title: 'apply and gateway survive being killed at any moment', run };
