import {
  type CommitId,
  contentDigestOf,
  type DesiredOrg,
  type FleetPlan,
  type Hash,
  type ObjectKey,
  type ObservedOrg,
  type OrgDiff,
  type OrgPlan,
  type OrgSlug,
  type Plan,
  type Sha256Hex,
} from '../model/index.ts';
import { diffOrg } from './diff-org.ts';
import { mapDigest, planDigest } from './digest.ts';
import type { ProvenanceOf } from './fields.ts';
import { type Balances, fleetHazards, type HazardLimits } from './hazards/index.ts';

export interface OrgPlanInput {
  /** What the store holds, read in one transaction; null before the first apply. */
  readonly observed: ObservedOrg | null;
  /** What the commit asks for; null when the org's directory is gone. */
  readonly desired: DesiredOrg | null;
  readonly commit: CommitId;
  /** Of the last applied commit; null on an empty store. */
  readonly limits: HazardLimits | null;
  readonly sourceOf?: ProvenanceOf;
  readonly balances?: Balances;
  /** When the commit was made: a merge, on the main branch. */
  readonly commitMs?: number;
  readonly onCompare?: (key: ObjectKey) => void;
}

/**
 * The change of one org against the store. The base is what was observed, not what the last apply wrote: a store that
 * drifted gives another change digest than the pull request's. Throws RangeError when neither side has the org, or when
 * the sides are of different orgs.
 */
export function planOrg(input: OrgPlanInput, hash: Hash): Plan {
  const { observed, desired, commit } = input;
  const either = desired ?? observed;
  if (either === null) throw new RangeError('a plan needs an observed or a desired org');
  if (observed !== null && desired !== null && observed.org !== desired.org) {
    throw new RangeError(`expected one org, found ${observed.org} and ${desired.org}`);
  }
  const generation = observed?.generation ?? 0;
  const base = observed === null || generation === 0 ? null : observed.objects;
  const diff = diffOrg({ ...input, org: either.org, base, head: desired?.objects ?? null }, hash);
  return {
    ...diff,
    uid: either.uid,
    commit,
    base: { generation, contentDigest: base === null ? null : contentDigestOf(base, hash) },
    desired: desired?.objects ?? [],
    desiredDigest: contentDigestOf(desired?.objects ?? [], hash),
    planDigest: planDigest(diff.changeDigest, generation, hash),
  };
}

export interface FleetPlanInput {
  readonly commit: CommitId;
  /** Plans of the orgs that may have changed; `_fleet` among them when fleet.yaml or a price book did. */
  readonly plans: readonly OrgPlan[];
  /** Of the other orgs that the commit changes, where `plans` are a selection: its parts must not pass one by one. */
  readonly beside?: readonly OrgPlan[];
  /** Orgs whose bundles change by what all share. */
  readonly carried: readonly OrgSlug[];
  readonly limits: HazardLimits | null;
  /** How many orgs the store holds. */
  readonly orgs: number;
  /** Commits that orgs of the plan were applied from and that `commit` does not come from. */
  readonly strayed: readonly CommitId[];
}

/** The plans of a commit as one, with the hazards that only the whole shows. Orgs without changes are not in its digests. */
export function planFleet(input: FleetPlanInput, hash: Hash): FleetPlan {
  const { commit, plans, beside = [], carried, limits, orgs, strayed } = input;
  return {
    commit,
    plans,
    hazards: fleetHazards({ diffs: [...plans, ...beside], carried, limits, orgs, strayed }),
    changeDigest: mapDigest(
      digestMap(plans, (plan) => plan.changeDigest),
      hash,
    ),
    planDigest: mapDigest(
      digestMap(plans, (plan) => plan.planDigest),
      hash,
    ),
  };
}

/** {org: changeDigest} of the orgs that change: what an Approval lists. */
export function changeMap(diffs: readonly OrgDiff[]): ReadonlyMap<OrgSlug, Sha256Hex> {
  return digestMap(diffs, (diff) => diff.changeDigest);
}

function digestMap<Diff extends OrgDiff>(
  diffs: readonly Diff[],
  digestOf: (diff: Diff) => Sha256Hex,
): ReadonlyMap<OrgSlug, Sha256Hex> {
  return new Map(diffs.filter(({ changes }) => changes.length > 0).map((diff) => [diff.org, digestOf(diff)]));
}
