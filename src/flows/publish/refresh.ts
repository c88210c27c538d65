import { FLEET_ORG, type ObservedOrg, type OrgSlug } from '../../core/model/index.ts';
import { refreshOrg } from '../../trust/index.ts';
import type { PublishParts } from './parts.ts';

/** Re-signs whatever is past half of its life, org by org (rulings 2); with counts of signatures. */
export async function refreshAll(
  parts: PublishParts,
): Promise<readonly { readonly org: OrgSlug; readonly signatures: number }[]> {
  const done: { org: OrgSlug; signatures: number }[] = [];
  const heads = (await parts.store.heads()).filter((head) => head.org !== FLEET_ORG);
  for (const { org, uid } of heads) {
    const signatures = await parts.lanes.inLane(uid, () => refreshOne(parts, { org, uid }));
    if (signatures > 0) done.push({ org, signatures });
  }
  return done;
}

async function refreshOne(
  parts: PublishParts,
  { org, uid }: { readonly org: OrgSlug; readonly uid: ObservedOrg['uid'] },
): Promise<number> {
  const publication = await parts.store.publication(org);
  if (publication === undefined) return 0;
  const { signer, publisher, fleet } = parts;
  const nextTimestamp = (nowMs: number): Promise<number> => parts.runtime.nextTimestamp(org, nowMs);
  const trust = { fleet, org: uid, signer, publisher, nowMs: parts.clock.nowMs(), publication, nextTimestamp };
  const refreshed = await refreshOrg({ ...trust, what: 'due' });
  if (refreshed.signatures > 0)
    await parts.store.transact(org, (tx) => tx.putPublication(refreshed.publication), parts.fence);
  return refreshed.signatures;
}
