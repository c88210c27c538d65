// `check`: a check of everything, over the same of a tenth of the orgs: work grows with the fleet and no faster.

import type { Bench, BenchOptions, Counters, Prepared } from './bench.ts';
import { countersOf, openFleets, removeAll } from './fleets.ts';

const TENTH = 10;

const prepare = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  const fleets = await openFleets([orgs, Math.ceil(orgs / TENTH)], say);
  const counted = new Map<number, Counters>();
  const [large = never, small = never] = fleets.map((fleet) => async (): Promise<number> => {
    const done = fleet.tenantry(['check', '--no-cache', '--format', 'json']);
    counted.set(fleet.orgs, countersOf(done));
    return done.ms;
  });
  return {
    numerator: large,
    denominator: small,
    counters: () => counted.get(orgs) ?? {},
    close: async () => removeAll(fleets),
  };
};

const never = (): Promise<number> => Promise.reject(new Error('Expected two fleets.'));

export const check: Bench = {
  name: 'check',
  title: 'check of everything as a whole process, nothing remembered, over the same of a tenth of the orgs',
  unit: 'ms',
  orgs: 10_000,
  prepare,
};
