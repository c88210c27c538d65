// Promise: one file per job; each reads from top to bottom and alone knows the order of the stages.
// Input: ports and values, never a client. Output: reports as data.
// Invariants: no I/O but through ports; no clock, no randomness of their own; no flow decides what a stage decides.

export type { Verb } from '../core/rollout/index.ts';
export * from './adopt/index.ts';
export * from './apply.ts';
export * from './approvals.ts';
export * from './campaign/index.ts';
export { CHANGE_PATHS } from './change-facts.ts';
export * from './check.ts';
export { type KeptOrg, type PackedFacts, packed, unpacked } from './checked-org.ts';
export * from './control/index.ts';
export * from './diff.ts';
export * from './drift.ts';
export * from './drill/index.ts';
export * from './enrol.ts';
export * from './evidence/index.ts';
export { acceptedInPlan } from './hold.ts';
export * from './init.ts';
export * from './keys/index.ts';
export * from './lanes.ts';
export {
  type AppliedState,
  type Offboarding,
  type OffboardStep,
  offboardOrg,
} from './offboard/index.ts';
export * from './onboard.ts';
export * from './pack/index.ts';
export * from './plan.ts';
export * from './pr/index.ts';
export { type Prepared, prepare } from './prepare.ts';
export * from './publish/index.ts';
export type { PullDone, PullParts } from './pulls/index.ts';
export { isReason } from './reason.ts';
export * from './reconcile.ts';
export * from './remembered.ts';
export * from './render.ts';
export * from './rollout/index.ts';
export * from './settings.ts';
export { openShard, type ShardAnswer, type ShardAsk, type ShardThreads } from './shard.ts';
export * from './tokens.ts';
export { listTemplates, type TemplateUse, type UpgradeReport, upgradeTemplate } from './upgrade.ts';
export type { OrgUpgrade } from './upgrade-org.ts';
export { addWaiver, type ListedWaiver, listWaivers, type WaiverAsk } from './waivers.ts';
export * from './why.ts';
