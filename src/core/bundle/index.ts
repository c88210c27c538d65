// Promise: one gateway's bundle from an org's desired objects, and a bundle read back from untrusted bytes.
// Input: Desired, prices, a Hash; or an archive with limits. Output: Bundle and its archive; or header, policy text and data.
// Invariants: same content, same bytes; only what the gateway needs, no address of a person; no clock;
// an archive has exactly one accepted form, and shapes are closed.
export { type BundleInput, buildBundle, gatewayNames } from './build.ts';
export { type Carried, carriedBy, type FleetPart } from './carried.ts';
export {
  type Decoded,
  type Decoder,
  decode,
  fitted,
  flag,
  integer,
  list,
  nullable,
  oneOf,
  optional,
  record,
  refused,
  text,
} from './decode.ts';
export {
  asApplied,
  bundleBytes,
  keptFiles,
  restoreBundle,
  tokensIn,
  withoutSecrets,
  withoutTokens,
} from './kept.ts';
export { bundleDigestOf, canonicalText, packBundle } from './layout.ts';
export { type Narrowed, narrowedFields } from './narrow.ts';
export { type OpaFiles, opaClaims, opaFiles, packOpa } from './opa.ts';
export { type BundleContent, type BundleLimits, DEFAULT_BUNDLE_LIMITS, readBundle } from './read.ts';
export { packTar, type TarLimits } from './tar.ts';
