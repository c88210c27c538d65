// `plan` and `publish`: a no-op plan, and the apply and publication of one changed org, over the same at 100 orgs.

import type { Bench, BenchOptions, Prepared } from './bench.ts';
import { type BenchFleet, openFleets, removeAll } from './fleets.ts';

const SMALL = 100;

/** Fleets whose store is at their commit, with keys of their own. */
const openApplied = async ({ orgs, say }: BenchOptions): Promise<readonly BenchFleet[]> => {
  const fleets = await openFleets([orgs, SMALL], say);
  try {
    for (const fleet of fleets) {
      say(`applying ${fleet.orgs} orgs`);
      fleet.tenantry(['keys', 'init', '--quiet']);
      fleet.tenantry(['apply', '--yes', '--quiet']);
    }
    return fleets;
  } catch (error) {
    removeAll(fleets);
    throw error;
  }
};

const never = (): Promise<number> => Promise.reject(new Error('Expected two fleets.'));

const preparePlan = async (options: BenchOptions): Promise<Prepared> => {
  const fleets = await openApplied(options);
  let plannedOrgs = -1;
  const measures = fleets.map((fleet) => async (): Promise<number> => {
    const done = fleet.tenantry(['plan', '--format', 'json']);
    plannedOrgs = JSON.parse(done.stdout).orgs.length;
    return done.ms;
  });
  const [large = never, small = never] = measures;
  return {
    numerator: large,
    denominator: small,
    counters: () => ({ plannedOrgs }),
    close: async () => removeAll(fleets),
  };
};

interface Applied {
  readonly orgs: readonly unknown[];
  readonly published: readonly { readonly signatures: number }[];
}

const preparePublish = async (options: BenchOptions): Promise<Prepared> => {
  const fleets = await openApplied(options);
  let counters = { signatures: -1, appliedOrgs: -1 };
  const measures = fleets.map((fleet) => async (): Promise<number> => {
    fleet.changeOneOrg();
    // At a commit, as after a merge: how long git looks at a work tree is no part of it.
    const done = fleet.tenantry(['apply', '--commit', 'HEAD', '--yes', '--format', 'json']);
    const { orgs, published }: Applied = JSON.parse(done.stdout);
    counters = { signatures: published.reduce((sum, item) => sum + item.signatures, 0), appliedOrgs: orgs.length };
    return done.ms;
  });
  const [large = never, small = never] = measures;
  return {
    numerator: large,
    denominator: small,
    counters: () => counters,
    close: async () => removeAll(fleets),
  };
};

export const plan: Bench = {
  name: 'plan',
  title: `plan of a fleet that is as it was applied, over the same at ${SMALL} orgs`,
  unit: 'ms',
  orgs: 1_000,
  prepare: preparePlan,
};

export const publish: Bench = {
  name: 'publish',
  title: `apply and publication of one changed org, over the same at ${SMALL} orgs`,
  unit: 'ms',
  orgs: 1_000,
  prepare: preparePublish,
};
