// Promise: the next step of an org's way out, in the work tree, ready to commit: first retired, then removed.
// Input: the work tree, and the store where it is at hand. Output: what was written, and the plan in its order; or why not.
// Invariants: all files of a step or none; nothing is removed of an org that was not retired before; the store is only read.
export { type AppliedState, type Offboarding, type OffboardParts, offboardOrg } from './offboard.ts';
export type { OffboardStep } from './steps.ts';
