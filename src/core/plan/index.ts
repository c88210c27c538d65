// Promise: what a change does to each org, in words and in order, with the dangers that a person must accept.
// Input: the objects of an org before and after (Observed or rendered at a base, Desired), limits, a Hash, places by lookup.
// Output: OrgDiff, Plan, FleetPlan; change, plan and fleet digests; which hazards are accepted.
// Invariants: pure; equal content gives equal digests and no change; equal objects are not looked at; sensitive values stay out.
export {
  type Acceptance,
  type ApprovalFacts,
  acceptedFleetHazards,
  acceptedHazards,
  type FleetAcceptanceInput,
  type OrgAcceptanceInput,
} from './approvals.ts';
export { diffOrg, type OrgDiffInput } from './diff-org.ts';
export { type ChangeContent, changeDigest, mapDigest, planDigest } from './digest.ts';
export type { ProvenanceOf } from './fields.ts';
export {
  type Balances,
  type FleetHazardInput,
  fleetHazards,
  type HazardLimits,
  type HazardRule,
  hazards,
} from './hazards/index.ts';
export { applyKeyed, changedPointers, keyedPatch, type Operation } from './keyed.ts';
export { type ThreeSides, withOrigins } from './origins.ts';
export {
  changeMap,
  type FleetPlanInput,
  type OrgPlanInput,
  planFleet,
  planOrg,
} from './plan-org.ts';
export { joinReaches, type ReachInput, reachOf } from './reach.ts';
export { type Clash, type Merged, mergeThreeWay, type Sides, sameJson } from './three-way.ts';
export {
  type Choice,
  type ConflictItem,
  judgePatches,
  type Patch,
  type Undecided,
  type Verdict,
} from './three-way-overlay.ts';
