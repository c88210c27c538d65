// Promise: what flows need of the outside, as types only.
// Input: core/model types. Output: interfaces that io implements and wire.ts supplies.
// Invariants: no code; org is the first argument of every tenant method.
export type * from './branches.ts';
export type * from './commit.ts';
export type * from './escalations.ts';
export type * from './folder.ts';
export type * from './forge.ts';
export type * from './identity.ts';
export type * from './ledger.ts';
export type * from './log.ts';
export type * from './notifier.ts';
export type * from './publisher.ts';
export type * from './runtime.ts';
export type * from './signer.ts';
export type * from './store.ts';
export type * from './threads.ts';
export type * from './tree.ts';
