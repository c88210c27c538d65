// Promise: ceremonies over keys: roots signed in advance, what stands, and rotation that no gateway notices.
// Input: the store, the publisher, and the keys that are at hand. Output: reports without anything private.
// Invariants: an interrupted rotation is completed by running it again; epochs only rise; the store learns last.

export { type RotationRequest, rotationRequest } from './ask.ts';
export type { RotateAsk, RotatedOrg, RotateParts, Rotation } from './parts.ts';
export { type PresignAsk, type PresignedUids, type PresignParts, presignRoots } from './presign.ts';
export { rotateKeys } from './rotate.ts';
export { raised } from './scope.ts';
export { type OrgKeys, type ShowParts, showKeys } from './show.ts';
export { newSeedsFit, standingUids } from './standing.ts';
