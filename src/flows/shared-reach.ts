import { type Carried, carriedBy } from '../core/bundle/index.ts';
import type { ObjectKey, OrgSlug } from '../core/model/index.ts';
import type { Frame } from './frame.ts';
import { type LoadedOrg, loadOrgs } from './org.ts';
import { fleetPart } from './publish/index.ts';

/** Gateways whose bundles change by settings or prices that all share, of the orgs that have such. */
export type CarriedOrgs = ReadonlyMap<OrgSlug, ReadonlySet<ObjectKey>>;

/** Two commits, and the orgs that were loaded of the second one for what changes of themselves. */
export interface SharedReachInput {
  readonly before: Frame;
  readonly after: Frame;
  readonly loaded: readonly LoadedOrg[];
}

/** Orgs that are rendered at the same time where all have to be looked at. */
const BATCH_ORGS = 40;

/**
 * Who gets another bundle by what changes of fleet.yaml and the price books. Nothing is read where no bundle can; else every org
 * of both commits is rendered, a few at a time, because only its policies say which models it names.
 */
export async function sharedReach({ before, after, loaded }: SharedReachInput): Promise<CarriedOrgs> {
  const carried = before.unread.length + after.unread.length > 0 ? null : carriedBetween(before, after);
  const found = new Map<OrgSlug, ReadonlySet<ObjectKey>>();
  if (carried === null) return found;
  const take = (items: readonly LoadedOrg[]): void => {
    for (const { org, desired } of items) {
      const gateways = before.orgTrees.has(org) ? carried(desired?.objects ?? []) : new Set<ObjectKey>();
      if (gateways.size > 0) found.set(org, gateways);
    }
  };
  take(loaded);
  const known = new Set(loaded.map(({ org }) => org));
  const rest = [...after.orgTrees.keys()].filter((org) => before.orgTrees.has(org) && !known.has(org));
  for (let at = 0; at < rest.length; at += BATCH_ORGS) take(await loadOrgs(after, rest.slice(at, at + BATCH_ORGS)));
  return found;
}

function carriedBetween(before: Frame, after: Frame): Carried | null {
  return carriedBy(fleetPart(before.shared), fleetPart(after.shared));
}
