import {
  FLEET_ORG,
  type Hash,
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
import { settingsDigest } from './publish/index.ts';

/** One org of a plan, with both sides of it. */
export interface PlannedOrg {
  readonly plan: Plan;
  readonly loaded: LoadedOrg | undefined;
  readonly observed: ObservedOrg | undefined;
}

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
  add(org: PlannedOrg): void;
  reach(orgsInFleet: number): Reach;
  /**
   * What holds for the orgs of the commit that the plan does not change. The store keeps one digest of all that an org is made
   * from, so an org whose own files moved and one whose template did are told alike: `affected` stays empty.
   */
  untouched(left: LeftAlone): Untouched;
}

export function planReach(hash: Hash): PlanReach {
  const reaches: Reach[] = [];
  let applied: string | null = null;
  return {
    add({ plan, loaded, observed }) {
      if (plan.org === FLEET_ORG) applied = settingsDigest(observed?.objects ?? [], hash);
      else if (plan.changes.length > 0)
        reaches.push(reachOf([{ diff: plan, base: observed?.objects ?? [], head: loaded?.desired?.objects ?? [] }], 0));
    },
    reach: (orgsInFleet) => joinReaches(reaches, orgsInFleet),
    untouched({ frame, heads, due, unchanged }) {
      const moved = new Set(due);
      const same = [...frame.orgTrees.keys()].filter((org) => heads.has(org) && !moved.has(org));
      return {
        compared: same.length + unchanged.size,
        byInputs: same.length,
        byRender: unchanged.size,
        affected: [],
        unproved: [],
        sameSettings: applied === settingsDigest(frame.shared, hash),
      };
    },
  };
}
