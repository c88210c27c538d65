// `one-org` and `diff-one-org`: what a change of one org costs in a large fleet, over the same in a fleet of 100 orgs.

import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Bench, BenchOptions, Counters, Prepared } from './bench.ts';
import { type BenchFleet, countersOf, openFleets, removeAll } from './fleets.ts';

const SMALL = 100;

/** The cache as it was before the change: kept beside the fleet, and put back before every run. */
const cacheOf = (fleet: BenchFleet): { readonly keep: () => void; readonly restore: () => void } => {
  const live = join(fleet.dir, '.tenantry/cache');
  const kept = join(fleet.dir, '../cache');
  return {
    keep: () => cpSync(live, kept, { recursive: true }),
    restore: () => {
      rmSync(live, { recursive: true, force: true });
      cpSync(kept, live, { recursive: true });
    },
  };
};

const prefixed = (prefix: string, counters: Counters): Counters =>
  Object.fromEntries(Object.entries(counters).map(([name, count]) => [`${prefix}${name}`, count]));

/** Check both fleets, change one org of each, and measure the check of that change. */
const prepareCheck = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  const fleets = await openFleets([orgs, SMALL], say);
  const counted = new Map<number, Counters>();
  const measures = fleets.map((fleet) => {
    fleet.tenantry(['check', '--quiet']);
    const cache = cacheOf(fleet);
    cache.keep();
    fleet.changeOneOrg();
    return async (): Promise<number> => {
      cache.restore();
      const done = fleet.tenantry(['check', '--base', 'HEAD~1', '--format', 'json']);
      counted.set(fleet.orgs, countersOf(done));
      return done.ms;
    };
  });
  const [large = never, small = never] = measures;
  return {
    numerator: large,
    denominator: small,
    counters: () => ({ ...counted.get(orgs), ...prefixed('small_', counted.get(SMALL) ?? {}) }),
    close: async () => removeAll(fleets),
  };
};

const never = (): Promise<number> => Promise.reject(new Error('Expected two fleets.'));

const prepareDiff = async ({ orgs, say }: BenchOptions): Promise<Prepared> => {
  const fleets = await openFleets([orgs, SMALL], say);
  const counted = new Map<number, Counters>();
  const measures = fleets.map((fleet) => {
    fleet.changeOneOrg();
    return async (): Promise<number> => {
      const done = fleet.tenantry(['diff', '--base', 'HEAD~1', '--format', 'json']);
      counted.set(fleet.orgs, { ...countersOf(done), changedOrgs: JSON.parse(done.stdout).orgs.length });
      return done.ms;
    };
  });
  const [large = never, small = never] = measures;
  return {
    numerator: large,
    denominator: small,
    counters: () => ({ ...counted.get(orgs), ...prefixed('small_', counted.get(SMALL) ?? {}) }),
    close: async () => removeAll(fleets),
  };
};

export const oneOrg: Bench = {
  name: 'one-org',
  title: `check after a change of one org as a whole process, over the same at ${SMALL} orgs`,
  unit: 'ms',
  orgs: 1_000,
  prepare: prepareCheck,
};

export const diffOneOrg: Bench = {
  name: 'diff-one-org',
  title: `diff of a change of one org as a whole process, over the same at ${SMALL} orgs`,
  unit: 'ms',
  orgs: 1_000,
  prepare: prepareDiff,
};
