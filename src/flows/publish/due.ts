import { FLEET_ORG, type OrgSlug } from '../../core/model/index.ts';
import type { Log, OrgStore } from '../../ports/index.ts';
import { sideBySide } from '../lanes.ts';
import { publishTrouble } from '../trouble.ts';
import { publishWith } from './one.ts';
import { type PublishedOrg, type PublishParts, unpublished } from './parts.ts';
import { sharedSettings } from './shared.ts';

/**
 * Orgs that publish at the same time. Each writes its files in order, the timestamp last; what overlaps is waiting for
 * the disk.
 */
const PUBLISHING_ORGS = 8;

/** Publishes every org that is due. What stands in one org's way is that org's finding; the others go on. */
export async function publishDue(parts: PublishParts & { readonly log: Log }): Promise<readonly PublishedOrg[]> {
  const due = await duePublications(parts.store);
  if (due.length === 0) return [];
  const settings = await sharedSettings(parts);
  let done = 0;
  return sideBySide(due, PUBLISHING_ORGS, async (org) => {
    const published = await publishWith(parts, org, settings).catch((cause: unknown) => troubleOf(org, cause));
    done += 1;
    parts.log.progress('publish', done, due.length);
    return published;
  });
}

/** Generation 0, and what stands in the way of one org's publish as its finding; whatever else was thrown is thrown on. */
export function troubleOf(org: OrgSlug, cause: unknown): PublishedOrg {
  return unpublished(org, 0, [publishTrouble(org, cause, 'this org could not be published')]);
}

/**
 * Orgs whose published generation is behind the highest that was allocated: by an apply, a rollout or an override. What
 * a crash between deciding and publishing leaves is among them.
 */
async function duePublications(store: OrgStore): Promise<readonly OrgSlug[]> {
  return (await store.unpublished()).filter((org) => org !== FLEET_ORG);
}
