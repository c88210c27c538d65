// Promise: the words of Tenantry, as types and the few functions that make or order them.
// Input: nothing; this folder imports nothing.
// Output: ids, manifests, Desired, Observed, Plan, Bundle, evidence, findings and their codes.
// Invariants: pure; branded ids only come from their constructors; every code stands in the code table.
export * from './bundle.ts';
export * from './codes/index.ts';
export * from './desired.ts';
export * from './documents.ts';
export * from './endpoints.ts';
export * from './evidence.ts';
export { exactAs, writeJson, writtenAt } from './exact-numbers.ts';
export * from './fails.ts';
export * from './finding.ts';
export type * from './generated/index.ts';
export * from './host.ts';
export * from './ids.ts';
export * from './json.ts';
export * from './loopback.ts';
export * from './manifest.ts';
export * from './network-address.ts';
export * from './networks.ts';
export { endOfString, parseJson } from './parse-json.ts';
export * from './place.ts';
export * from './plan.ts';
export * from './publication.ts';
export type * from './reach.ts';
export type * from './rollout.ts';
export * from './time.ts';
export * from './unseen.ts';
export { wholeNumber } from './whole-number.ts';
