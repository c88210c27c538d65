// Promise: who may be believed: an org's update repository written and read, and the signatures of gateways.
// Input: bundles, keys and a place to publish; or a source to poll, with what was pinned at enrolment.
// Output: signed files, timestamp last; or a verified target, or a refusal with a code of its own.
// Invariants: no clock and no network of its own; versions and generations never fall, through any crash;
// what is refused changes nothing; private keys stay with the signer.
export { sameDigest } from './digest.ts';
export { decodeEnrolmentCode, type EnrolmentCode, encodeEnrolmentCode, enrolmentSecretHash } from './enrolment.ts';
export { DEFAULT_LADDER, type Freshness, type FreshnessLadder, freshness, type SignedTimes } from './freshness.ts';
export { type IdentityPin, isIdentityToken, verifyIdentity } from './identity.ts';
export { bundleTarget, isRootFile, metadataFile, provenanceTarget, TIMESTAMP_FILE, targetFile } from './layout.ts';
export * from './parcel.ts';
export * from './read/index.ts';
export * from './request.ts';
export * from './token.ts';
export { signatureOf, webhookSignature } from './webhook.ts';
export * from './write/index.ts';
