declare const brand: unique symbol;
/** A string that only the named constructor makes: an org slug cannot be passed where an org uid is meant. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** The directory name of an org under `orgs/`; stable in paths and words, never an identity for trust. */
export type OrgSlug = Brand<string, 'OrgSlug'>;
/** The random identity of an org, minted once and never reused; keys, digests and published paths hang on it. */
export type OrgUid = Brand<string, 'OrgUid'>;
/** A path from the repository root with forward slashes and no `.` or `..` steps. */
export type RepoPath = Brand<string, 'RepoPath'>;
/** A full git commit id (40 or 64 hex digits). */
export type CommitId = Brand<string, 'CommitId'>;
/** A git blob or tree id. */
export type GitId = Brand<string, 'GitId'>;
/** A SHA-256 as 64 lower-case hex digits. */
export type Sha256Hex = Brand<string, 'Sha256Hex'>;

const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const UID = /^[a-z0-9]{20}$/;
const HEX64 = /^[0-9a-f]{64}$/;
const COMMIT = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Names that would collide with reserved meanings or with file systems (isolation catalogue I-46). */
const RESERVED = new Set(['con', 'prn', 'aux', 'nul', 'shared', 'platform', 'fleet', 'api']);

/** The reserved org that holds fleet.yaml and price books in digests and approvals; never a directory. */
export const FLEET_ORG = '_fleet' as OrgSlug;
/** Stands where an org's uid stands for the reserved org: in its head, and in the digests of staff tokens. */
export const FLEET_UID = '_fleet' as OrgUid;

/** Lower-case letters, digits and inner hyphens, at most 63: safe in a path, a URL and a host name. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** The org slug, or undefined when the text is not a name or is reserved. */
export function orgSlug(text: string): OrgSlug | undefined {
  return NAME.test(text) && !RESERVED.has(text) ? (text as OrgSlug) : undefined;
}

/** The org uid (20 characters of a-z0-9, about 103 bits), or undefined. */
export function orgUid(text: string): OrgUid | undefined {
  return UID.test(text) ? (text as OrgUid) : undefined;
}

/** The digest, or undefined when the text is not 64 lower-case hex digits. */
export function sha256Hex(text: string): Sha256Hex | undefined {
  return HEX64.test(text) ? (text as Sha256Hex) : undefined;
}

/** The commit id, or undefined when the text is not a full id. */
export function commitId(text: string): CommitId | undefined {
  return COMMIT.test(text) ? (text as CommitId) : undefined;
}

/** An empty step, `.` or `..`. */
const ODD_STEP = /(?:^|\/)\.{0,2}(?:\/|$)/;

/** The repository path, or undefined when it is absolute, empty, or has empty, `.` or `..` steps or a backslash. */
export function repoPath(text: string): RepoPath | undefined {
  if (text === '' || text.includes('\\') || text.includes('\0')) return undefined;
  return ODD_STEP.test(text) ? undefined : (text as RepoPath);
}
