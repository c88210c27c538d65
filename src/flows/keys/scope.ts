import { FLEET_ORG, type OrgSlug, type OrgUid, type RoleEpochs } from '../../core/model/index.ts';
import type { KeyHolder, OrgStore } from '../../ports/index.ts';
import type { Outcome } from '../tokens.ts';

/** What a rotation keeps of each org: four numbers, whatever is published. */
export interface PublishedOrgKeys {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly epochs: RoleEpochs;
  readonly rootVersion: number;
}

/** Every org that has something published. */
export async function publishedKeys(store: OrgStore): Promise<readonly PublishedOrgKeys[]> {
  const found: PublishedOrgKeys[] = [];
  for (const { org, uid } of await store.heads()) {
    const publication = org === FLEET_ORG ? undefined : await store.publication(org);
    if (publication === undefined) continue;
    const { epochs, rootVersion } = publication;
    found.push({ org, uid, epochs, rootVersion });
  }
  return found;
}

/** The orgs that were asked for; ORG_UNKNOWN for one that has nothing published. */
export function inScope(
  all: readonly PublishedOrgKeys[],
  orgs: readonly OrgSlug[] | null,
): Outcome<readonly PublishedOrgKeys[]> {
  const unknown = orgs?.find((org) => !all.some((known) => known.org === org));
  if (unknown !== undefined)
    return { ok: false, code: 'ORG_UNKNOWN', message: `expected an org with published files, found ${unknown}` };
  return { ok: true, value: all.filter(({ org }) => orgs?.includes(org) ?? true) };
}

/** The epoch of a holder's keys; snapshot and timestamp move together, so the lower one counts. */
export function epochOf(epochs: RoleEpochs, holder: KeyHolder): number {
  if (holder === 'root') return epochs.root;
  return holder === 'publish' ? epochs.targets : Math.min(epochs.snapshot, epochs.timestamp);
}

/** The epochs with one holder's raised. */
export function raised(epochs: RoleEpochs, holder: KeyHolder, epoch: number): RoleEpochs {
  if (holder === 'root') return { ...epochs, root: epoch };
  return holder === 'publish' ? { ...epochs, targets: epoch } : { ...epochs, snapshot: epoch, timestamp: epoch };
}
