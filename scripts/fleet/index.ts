// Promise: fleets of any size that look like real ones, the same for the same seed, with no finding that fails a check.
// Input: how many orgs, a seed, an empty folder.
// Output: a fleet repository (one commit on `main`) or its files, rendered by the real renderer and emitter.
// Invariants: no two orgs share a uid, domain, account, secret, host or digest; no clock, no randomness but the seed.

export { type CachedFleet, cachedFleet } from './cache.ts';
export { changes, type Fault, faults } from './faults/index.ts';
export { type FleetMaker, fleetMaker, type OrgDraft } from './faulty.ts';
export { type FleetOptions, fleetFiles, fleetOrgs, type GeneratedFleet, generateFleet } from './generate.ts';
export { type OrgIdentity, orgIdentity } from './identity.ts';
export { type MemoryFleet, memoryTree } from './memory.ts';
export { TEMPLATE, writtenFiles } from './org.ts';
export { type PlantResult, plantAll } from './plant.ts';
export { compileVersion, type FleetFile, parsed, renderFiles } from './render.ts';
export { git, type NewFile, writeRepository } from './repository.ts';
export { sharedFiles } from './shared.ts';
