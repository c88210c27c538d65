// Promise: a theft of a seed, played through to its recovery, against the verifier that gateways run.
// Input: an org's applied content, and a ground of its own with seeds, files and gateway state of its own.
// Output: what was tried, what was expected, what came of it.
// Invariants: nothing of the org's real store, published files or keys is written or signed with; the thief has the stolen
// seed and what anybody can download, and nothing else.
export { type DrillName, type DrillReport, drill } from './drill.ts';
export type { DrillGround, DrillParts } from './ground.ts';
export type { DrillStep } from './stage.ts';
