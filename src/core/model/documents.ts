import type { ManifestByKind } from './generated/index.ts';
import type { JsonObject } from './json.ts';
import type { Kind, ObjectId } from './manifest.ts';

/** The document type of each kind, generated from its schema. */
export type Documents = ManifestByKind;

/** One object of a kind with its document's type. */
export interface Typed<K extends Kind> {
  readonly id: ObjectId;
  readonly document: Documents[K];
}

/**
 * The objects of one kind, typed. Only for objects whose shape was checked: what `parse` or `render` accepted, and
 * what the store holds of it.
 */
export function ofKind<K extends Kind>(
  objects: readonly { readonly id: ObjectId; readonly document: JsonObject }[],
  kind: K,
): readonly Typed<K>[] {
  return objects.filter((object) => object.id.kind === kind) as unknown as readonly Typed<K>[];
}
