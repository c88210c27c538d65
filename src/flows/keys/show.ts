import { type Clock, FLEET_ORG, type OrgSlug, type OrgUid } from '../../core/model/index.ts';
import type { Custody, OrgStore, Publisher } from '../../ports/index.ts';
import { type RoleKeys, roleKeys } from '../../trust/index.ts';

export interface ShowParts {
  readonly fleet: string;
  readonly store: OrgStore;
  readonly publisher: Publisher;
  readonly custody: Custody;
  readonly clock: Clock;
}

/** The keys of one org as they are published. */
export interface OrgKeys {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly rootVersion: number;
  readonly roles: readonly (RoleKeys & {
    /** True when the key comes from a seed that was replaced: a rotation has not reached this org. */
    readonly isFormer: boolean;
  })[];
}

/** Epoch, key ids, expiry, threshold and what is at hand, per published org and role; of all orgs with null. */
export async function showKeys(parts: ShowParts, orgs: readonly OrgSlug[] | null): Promise<readonly OrgKeys[]> {
  const { fleet, store, publisher, custody, clock } = parts;
  const rootSigners = await custody.rootSigners();
  const least = await custody.firstEpochs();
  const shown: OrgKeys[] = [];
  for (const { org, uid } of await store.heads()) {
    if (org === FLEET_ORG || !(orgs?.includes(org) ?? true)) continue;
    const publication = await store.publication(org);
    if (publication === undefined) continue;
    const trust = { fleet, org: uid, signer: custody.signer, publisher, nowMs: clock.nowMs(), rootSigners };
    const roles = (await roleKeys(trust, publication)).map((keys) => ({
      ...keys,
      isFormer: keys.epoch < least[keys.role],
    }));
    shown.push({ org, uid, rootVersion: publication.rootVersion, roles });
  }
  return shown;
}
