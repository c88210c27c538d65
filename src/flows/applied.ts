import {
  type CommitId,
  digestedObjects,
  FLEET_ORG,
  type Hash,
  type ObjectSide,
  type OrgSlug,
} from '../core/model/index.ts';
import type { Repository } from '../ports/index.ts';
import { sharedObjects } from './fleet-objects.ts';
import { openFrame, zeroCounters } from './frame.ts';
import { loadOrgs } from './org.ts';

/** What the last applied commit of an org renders to, from git; empty where it does not render any more. */
export async function appliedObjects(
  { repository, hash }: { readonly repository: Repository; readonly hash: Hash },
  { org, commit }: { readonly org: OrgSlug; readonly commit: CommitId },
): Promise<readonly ObjectSide[]> {
  const tree = repository.treeAt(commit);
  const frame = await openFrame({ tree, isStrict: () => false, counters: zeroCounters() });
  if (org === FLEET_ORG) return sharedObjects(frame, hash);
  const [loaded] = await loadOrgs(frame, [org]);
  return digestedObjects(loaded?.desired?.objects ?? [], hash);
}
