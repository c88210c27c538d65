import { createHash } from 'node:crypto';
import { isPublishedPath } from '../path.ts';

// A tag has 128 characters of [A-Za-z0-9._-] and no slash. Published paths have no step that begins with `_`, `.` or `-`, so
// `_` can serve as the escape: `__` is an underscore, `_.` a slash, `_-` says that the tag is no path to be read.

const LONGEST = 128;
const HASHED = 'sha256_-';
const CLAIM = 'claim_-';

/** The tag of a published path: the path itself where it fits, else its SHA-256. Two paths never have one tag. */
export function tagOf(path: string): string {
  const readable = path.replaceAll('_', '__').replaceAll('/', '_.');
  return readable.length <= LONGEST ? readable : `${HASHED}${createHash('sha256').update(path).digest('hex')}`;
}

/** True for a tag that a published file can have. */
export function isFileTag(tag: string): boolean {
  if (tag.startsWith(HASHED)) return true;
  const path = tag.replaceAll(/_(.)/g, (_pair, next: string) => (next === '.' ? '/' : next));
  return isPublishedPath(path) && tagOf(path) === tag;
}

/** The tag of a publisher's claim; never that of a file. */
export function claimTag(id: string): string {
  return `${CLAIM}${id}`;
}

export function isClaimTag(tag: string): boolean {
  return /^claim_-[0-9a-f]{16}$/.test(tag);
}
