import { type OrgSlug, ofKind, type RepoPath } from '../../core/model/index.ts';
import { type Frame, readManifests } from '../frame.ts';

/** The owners that each org's org.yaml names; an org whose file cannot be read is left out. */
export async function ownersOf(
  frame: Frame,
  orgs: readonly OrgSlug[],
): Promise<ReadonlyMap<OrgSlug, readonly string[]>> {
  const paths = orgs.map((org) => `orgs/${org}/org.yaml` as RepoPath);
  const { entries } = paths.length === 0 ? { entries: [] } : await frame.reading.tree.list(paths);
  const { manifests } = await readManifests(frame.reading, entries);
  return new Map(
    ofKind(manifests, 'Organization').map(({ id, document }) => [id.name as OrgSlug, document.spec.owners] as const),
  );
}
