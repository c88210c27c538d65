// Plants one fault for each rule at random places of large fleets, and demands that `check` finds it there and no other.

import { plantAll } from '../fleet/index.ts';
import { drawFrom } from './draw.ts';
import type { Soak, SoakOptions, SoakResult } from './soak.ts';
import { alignedTable } from './table.ts';

const ORGS = 1_000;
const SEEDS = 20;

const run = async (options: SoakOptions): Promise<SoakResult> => {
  const failures: string[][] = [];
  let planted = 0;
  const seeds = options.runs ?? SEEDS;
  for (let run = 0; run < seeds; run += 1) {
    const seed = options.seed + run;
    for await (const { code, org, complaints } of plantAll({ orgs: ORGS, seed, draw: drawFrom(seed) })) {
      planted += 1;
      for (const complaint of complaints) failures.push([String(seed), code, org, complaint]);
    }
    options.say(`faults, seed ${seed}: ${planted} checks so far, ${failures.length} complaints`);
  }
  const table = failures.length === 0 ? '' : alignedTable([['seed', 'fault', 'org', 'complaint'], ...failures]);
  return {
    ok: failures.length === 0,
    table: `${table}${planted} checks of ${ORGS} orgs, ${failures.length} complaints\n`,
  };
};

export const faultsSoak: Soak = { name: 'faults', title: 'planted faults are found where they stand', run };
