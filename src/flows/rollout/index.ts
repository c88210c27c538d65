// Roll-out by acknowledgement, and what an operator may say in between: looked at, told, denied, rolled back.
export { type Advanced, advanceAll, type Told, tellRollout } from './advance.ts';
export { type OpenedOverride, type OpenOverrideAsk, type OpenOverrideParts, openOverride } from './open-override.ts';
export { deny, endOverride, rollBack, type Taken, type Taking } from './overrides.ts';
export {
  type OverrideView,
  overrideView,
  type RolloutView,
  rolloutStatus,
  type Standing,
  viewNow,
} from './view.ts';
export type { Withheld } from './withheld.ts';
export { type WriteBackParts, writeBack } from './write-back.ts';
