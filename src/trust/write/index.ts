export type { NextTimestamp, PublishOutcome } from './chain.ts';
export type { Lifetimes, OrgTrust, PublishedFiles, SigningKeys } from './context.ts';
export { DEFAULT_RETENTION, prunable, type Retention } from './prune.ts';
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
