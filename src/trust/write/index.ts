export type { NextTimestamp, PublishOutcome } from './chain.ts';
export { DEFAULT_LIFETIMES, type Lifetimes, type OrgTrust, type PublishedFiles, type SigningKeys } from './context.ts';
export {
  type PublishRequest,
  publishOrg,
  type ResignRequest,
  refreshOrg,
  renewTimestamp,
  rotateOrg,
  timestampDue,
} from './publish.ts';
export { createRoot, ensureRoot, type RootCeremony, type RootFile, readRoot } from './root.ts';
