// Promise: a forge on loopback that answers the operations of src/io/forge as GitHub does, for tests.
// Input: owner, repository, tokens; faults to play. Output: an address, its state, every request that GitHub would refuse.
// Invariants: requests are checked against GitHub's own OpenAPI description (operations.json); nothing outlives close().
export { type FakeForge, type Fault, startFakeForge } from './server.ts';
export type { Pull } from './state.ts';
export { workflowFaults, writesOf } from './workflow-rules.ts';
