// Promise: Node's implementations of what pure code asks of its host: hashing, time, randomness, zone offsets.
// Input: the system's clock, generator and time zone data. Output: one constant per type of core/model, and a switch of the
// process itself.
// Invariants: imported by src/wire.ts and gateway/main.ts only; everything else takes these as arguments.
export { nodeClock, nodeRandom } from './clock.ts';
export { keepOutOfDumps } from './dumps.ts';
export { nodeHash } from './hash.ts';
export { nodeZoneOffset } from './zone.ts';
