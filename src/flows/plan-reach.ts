import { type Carried, carriedBy } from '../core/bundle/index.ts';
import {
  FLEET_ORG,
  type Hash,
  type ObjectKey,
  type ObservedOrg,
  type OrgSlug,
  type Plan,
  type Reach,
  type Untouched,
} from '../core/model/index.ts';
import { joinReaches, reachOf } from '../core/plan/index.ts';
import type { OrgHead } from '../ports/index.ts';
import type { Frame } from './frame.ts';
import type { LoadedOrg } from './org.ts';
import { fleetPart, settingsDigest } from './publish/index.ts';
import { unprovedAll } from './untouched.ts';

/** One org of a plan, with both sides of it. */
export interface PlannedOrg {
  readonly plan: Plan;
  readonly loaded: LoadedOrg | undefined;
  readonly observed: ObservedOrg | undefined;
}

/** What an org of a plan gets besides: gateways whose bundles change by what all share. */
export type CarriedOf = (org: PlannedOrg) => ReadonlySet<ObjectKey>;

/** What a plan leaves alone: by which proof, of which orgs. */
export interface LeftAlone {
  readonly frame: Frame;
  readonly heads: ReadonlyMap<OrgSlug, OrgHead>;
  /** Orgs whose inputs are not those that were applied last. */
  readonly due: readonly OrgSlug[];
  /** Of these, the ones that render to what was applied. */
  readonly unchanged: ReadonlyMap<OrgSlug, string>;
}

/** How far a plan reaches, counted org by org while its documents are at hand. */
export interface PlanReach {
  add(org: PlannedOrg, carried: ReadonlySet<ObjectKey>): void;
  reach(orgsInFleet: number): Reach;
  /**
   * What holds for the orgs of the commit that the plan does not change. The store keeps one digest of all that an org is made
   * from, so an org whose own files moved and one whose template did are told alike: `affected` stays empty.
   */
  untouched(left: LeftAlone): Untouched;
}

/**
 * What a plan says of each org, asked in the order of the plan: of the fleet's own objects it learns what changes for all, so
 * that nothing is carried where these are no part of the plan. An org that is not applied yet gets its first bundles anyway.
 */
export function carriedInPlan(frame: Frame): CarriedOf {
  let carried: Carried | null = null;
  return ({ plan, loaded, observed }) => {
    if (plan.org === FLEET_ORG) {
      carried = observed === undefined ? null : carriedBy(fleetPart(observed.objects), fleetPart(frame.shared));
      return NOTHING;
    }
    return carried === null || observed === undefined ? NOTHING : carried(loaded?.desired?.objects ?? []);
  };
}

const NOTHING: ReadonlySet<ObjectKey> = new Set();

export function planReach(hash: Hash): PlanReach {
  const reaches: Reach[] = [];
  const carrying = new Set<OrgSlug>();
  let applied: string | null = null;
  return {
    add({ plan, loaded, observed }, carried) {
      if (carried.size > 0) carrying.add(plan.org);
      const sides = { base: observed?.objects ?? [], head: loaded?.desired?.objects ?? [] };
      if (plan.org === FLEET_ORG) applied = settingsDigest(sides.base, hash);
      else if (plan.changes.length > 0 || carried.size > 0)
        reaches.push(reachOf([{ diff: plan, ...sides, carried }], 0));
    },
    reach: (orgsInFleet) => joinReaches(reaches, orgsInFleet),
    untouched({ frame, heads, due, unchanged }) {
      const moved = new Set(due);
      const same = [...frame.orgTrees.keys()].filter((org) => heads.has(org) && !moved.has(org));
      if (frame.unread.length > 0) return unprovedAll([...same, ...unchanged.keys()]);
      return {
        compared: same.length + unchanged.size,
        byInputs: same.length,
        byRender: unchanged.size,
        affected: [],
        unproved: [],
        carried: [...unchanged.keys()].filter((org) => carrying.has(org)),
        sameSettings: applied === settingsDigest(frame.shared, hash),
      };
    },
  };
}
