// What is applied goes out, org by org: who gets which content, signed and put, and re-signed in time.
export { buildBundles } from './bundles.ts';
export { keptBundle } from './contents.ts';
export { publishDue } from './due.ts';
export { type Expiries, expiriesOf, expiryFindings, firstExpiry } from './expiry.ts';
export { leasedPublisher } from './leased.ts';
export { isPublishedStale, publishAnew, publishInLane, publishOne } from './one.ts';
export { isHeld, type PublishedOrg, type PublishParts } from './parts.ts';
export { ringOfGateways } from './plan.ts';
export { type Pruned, pruneAll } from './prune.ts';
export { type Refreshed, refreshAll } from './refresh.ts';
export { seenOf, voicesOf } from './seen.ts';
export { type SharedSettings, settingsDigest, sharedSettings } from './shared.ts';
export { type TakenOver, type TakeOverAsk, takeOver } from './take-over.ts';
