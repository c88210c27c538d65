// `noop`: the whole process of a check of which nothing is new, over the bare start of the same Node.

import type { Bench, BenchOptions, Counters, Prepared } from './bench.ts';
import { countersOf, openFleet } from './fleets.ts';
import { runNode } from './processes.ts';

const prepare = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  const fleet = await openFleet(orgs, say);
  let counters: Counters = {};
  return {
    numerator: async () => {
      const done = fleet.tenantry(['check', '--format', 'json']);
      counters = countersOf(done);
      return done.ms;
    },
    denominator: async () => runNode({ args: ['-e', '0'] }).ms,
    counters: () => counters,
    close: async () => fleet.remove(),
  };
};

export const noop: Bench = {
  name: 'noop',
  title: 'check of an unchanged fleet as a whole process, over the bare start of Node',
  unit: 'ms',
  orgs: 1_000,
  prepare,
};
