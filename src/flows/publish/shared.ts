import type { FleetPart } from '../../core/bundle/index.ts';
import { emit } from '../../core/kinds/index.ts';
import { FLEET_ORG, type Fleet, type Hash, type ObjectSide, ofKind, type Sha256Hex } from '../../core/model/index.ts';
import type { OrgStore } from '../../ports/index.ts';
import { pricesOf } from '../frame.ts';

/** The fleet's own part of every bundle and of every rollout, as it is applied. */
export interface SharedSettings extends FleetPart {
  readonly digest: Sha256Hex;
  /** Where the rings stand. */
  readonly fleet: Fleet['spec'] | null;
}

/** Prices, defaults and rings of the applied fleet settings. */
export async function sharedSettings(parts: {
  readonly store: Pick<OrgStore, 'observe'>;
  readonly hash: Hash;
}): Promise<SharedSettings> {
  const objects = (await parts.store.observe(FLEET_ORG))?.objects ?? [];
  const fleet = ofKind(objects, 'Fleet')[0] ?? null;
  return {
    ...fleetPart(objects),
    digest: settingsDigest(objects, parts.hash),
    fleet: fleet?.document.spec ?? null,
  };
}

/** The fleet's own part of every bundle, of applied objects or of a tree's. */
export function fleetPart(objects: readonly Pick<ObjectSide, 'id' | 'document'>[]): FleetPart {
  const fleet = ofKind(objects, 'Fleet')[0] ?? null;
  return { prices: pricesOf(objects, fleet), onExpired: fleet?.document.spec.onExpired ?? 'block' };
}

/** Digest of the fleet's own part of every bundle, of applied objects or of a tree's. */
export function settingsDigest(objects: readonly Pick<ObjectSide, 'id' | 'document'>[], hash: Hash): Sha256Hex {
  const fleet = ofKind(objects, 'Fleet')[0]?.document.spec;
  const book = objects.find((item) => item.id.kind === 'PriceBook' && item.id.name === fleet?.prices);
  return hash.sha256(JSON.stringify([fleet?.onExpired ?? null, book === undefined ? null : emit(book.document)]));
}
