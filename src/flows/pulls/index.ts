// Promise: one open pull request of ours for one piece of work, from a branch that holds exactly what the work writes.
// Input: the base commit, the files, a text; a Forge, branches of a remote. Output: what was done, as data.
// Invariants: however often and however many run, one pull request; nobody's commits are overwritten; the work tree is
// never touched.

export { standBranch } from './branch.ts';
export { lookThrough } from './look.ts';
export type { PullDone, PullParts } from './parts.ts';
export { tellPull } from './pull.ts';
