export type { NextTimestamp, PublishOutcome } from './chain.ts';
export { DEFAULT_LIFETIMES, type Lifetimes, type OrgTrust, type PublishedFiles, type SigningKeys } from './context.ts';
export { type RoleKeys, roleKeys } from './describe.ts';
export { DEFAULT_RETENTION, prunable, type Retention } from './prune.ts';
export {
  missingFiles,
  type PublishRequest,
  publishOrg,
  type ResignRequest,
  refreshOrg,
  renewTimestamp,
  timestampDue,
} from './publish.ts';
export {
  createRoot,
  ensureRoot,
  epochsOf,
  type FirstRoots,
  type RootCeremony,
  type RootFile,
  readRoot,
  rootJson,
} from './root.ts';
export { type RotateRequest, rotateOrg } from './rotate.ts';
export { type Forgery, forge } from './unchecked.ts';
