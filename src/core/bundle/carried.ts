import {
  type JsonObject,
  type ManifestByKind,
  type ObjectKey,
  type ObjectSide,
  objectKey,
  ofKind,
} from '../model/index.ts';
import { modelsOf } from './prices.ts';

/** The fleet's own part of every bundle. */
export interface FleetPart {
  /** The spec of the fleet's PriceBook; null: none. */
  readonly prices: JsonObject | null;
  /** For an org that says nothing. */
  readonly onExpired: 'block' | 'keep-serving';
}

/** Keys of the gateways of one org whose bundles a change of the fleet's part is in. */
export type Carried = (objects: readonly Pick<ObjectSide, 'id' | 'document'>[]) => ReadonlySet<ObjectKey>;

/**
 * What a change of the fleet's part reaches: gateways whose policy names a model with other prices, and those of orgs that follow
 * the fleet in what happens to expired configuration. Null where no bundle can be another one by it.
 */
export function carriedBy(before: FleetPart, after: FleetPart): Carried | null {
  const models = repriced(before.prices, after.prices);
  const isFollowed = before.onExpired !== after.onExpired;
  if (models.size === 0 && !isFollowed) return null;
  return (objects) => {
    const follows =
      isFollowed && ofKind(objects, 'Organization').every(({ document }) => document.spec.onExpired === undefined);
    const priced = new Set(
      ofKind(objects, 'Policy').flatMap(({ id, document }) => {
        const named = modelsOf(document.spec.document as JsonObject);
        return [...models].some((model) => named.has(model)) ? [`${id.environment}/${id.name}`] : [];
      }),
    );
    const gateways = ofKind(objects, 'Gateway').filter(
      ({ id, document }) => follows || priced.has(`${id.environment}/${document.spec.policy}`),
    );
    return new Set(gateways.map(({ id }) => objectKey(id)));
  };
}

/** Models whose entries are not the same in both books. */
function repriced(before: JsonObject | null, after: JsonObject | null): ReadonlySet<string> {
  const [left, right] = [entriesOf(before), entriesOf(after)];
  return new Set([...left.keys(), ...right.keys()].filter((model) => left.get(model) !== right.get(model)));
}

/** Each model with all that bundles have of it, in an order of its own. */
function entriesOf(book: JsonObject | null): ReadonlyMap<string, string> {
  const found = new Map<string, string[]>();
  if (book === null) return new Map();
  const { currency, entries } = book as unknown as ManifestByKind['PriceBook']['spec'];
  for (const { model, from, inputPerMillion, outputPerMillion } of entries) {
    const entry = JSON.stringify([from, currency, inputPerMillion, outputPerMillion]);
    found.set(model, [...(found.get(model) ?? []), entry]);
  }
  return new Map([...found].map(([model, all]) => [model, all.sort().join(' ')]));
}
