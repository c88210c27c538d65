import { type OrgUid, repoPath } from '../../core/model/index.ts';
import type { AuthenticatedReader } from './authenticate.ts';

/**
 * The file of GET /bundles/<org uid>/<path> that this gateway may read: its own org's metadata, and its own targets
 * unless it is denied.
 */
export function bundlePath(
  caller: AuthenticatedReader,
  uid: string,
  path: string,
): { readonly org: OrgUid; readonly path: string } | undefined {
  if (uid !== caller.head.uid || repoPath(path) === undefined) return undefined;
  const isMetadata = /^([1-9][0-9]{0,15}\.(root|targets|snapshot)|timestamp)\.json$/.test(path);
  const isOwnTarget = !caller.isDenied && path.startsWith(`targets/${caller.row.gateway}/`);
  return isMetadata || isOwnTarget ? { org: caller.head.uid, path } : undefined;
}
