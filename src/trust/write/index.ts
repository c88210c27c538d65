export type { NextTimestamp, PublishOutcome } from './chain.ts';
export { type Astray, comparePublished } from './compare.ts';
export { DEFAULT_LIFETIMES, type Lifetimes, type OrgTrust, type PublishedFiles, type SigningKeys } from './context.ts';
export { type RoleKeys, roleKeys } from './describe.ts';
export { type EvidenceSigner, evidenceKey, evidenceRoots, evidenceSigner, signEvidence } from './evidence.ts';
export { ensureRoot, type FirstRoots } from './first-root.ts';
export { DEFAULT_RETENTION, prunable, type Retention } from './prune.ts';
export {
  type PublishRequest,
  publishOrg,
  type ResignRequest,
  refreshOrg,
  renewTimestamp,
  timestampDue,
} from './publish.ts';
export {
  createRoot,
  epochsOf,
  type RootCeremony,
  type RootFile,
  readRoot,
  rootJson,
} from './root.ts';
export { rootFacts } from './roots.ts';
export { type RotateRequest, rotateOrg } from './rotate.ts';
export { seenPublication } from './seen.ts';
export { type Forgery, forge } from './unchecked.ts';
