import type { OrgHead } from '../../ports/index.ts';
import { type RootFile, readRoot } from '../../trust/index.ts';
import type { Outcome } from '../tokens.ts';
import type { ControlPlane } from './context.ts';

/**
 * The root that enrolment pins: the published one, where it is the one that the store saw published. Who can write to the
 * published files alone must not choose it, since a gateway believes it for good.
 */
export async function firstRoot(
  plane: Pick<ControlPlane, 'orgs' | 'publisher'>,
  { org, uid }: Pick<OrgHead, 'org' | 'uid'>,
): Promise<Outcome<RootFile>> {
  const publication = await plane.orgs.publication(org);
  if (publication === undefined) return unpublished(org);
  const root = await readRoot(plane.publisher, uid, 1);
  if (root === undefined) return unpublished(org);
  const pinned = publication.roots[1];
  if (pinned === undefined)
    return {
      ok: false,
      code: 'NOT_PUBLISHED',
      message: `the root of ${org} is not in the store yet; run \`tenantry publish --refresh\`, which keeps it there`,
    };
  if (pinned.sha256 === root.sha256) return { ok: true, value: root };
  return {
    ok: false,
    code: 'PUBLISH_ROOT_CHANGED',
    message: `expected root 1 of ${org} as it was published, SHA-256 ${pinned.sha256}, found ${root.sha256}; enrol nothing, find out who can write to the published files, and put the root back from a copy`,
  };
}

function unpublished(org: OrgHead['org']): Outcome<never> {
  const message = `nothing is published for ${org}; run \`tenantry apply\`, or \`tenantry drift --heal\` if it was once`;
  return { ok: false, code: 'NOT_PUBLISHED', message };
}
