import type * as generated from './generated/index.ts';
import type { JsonObject } from './json.ts';
import type { Kind, ObjectId } from './manifest.ts';

/** The document type of each kind, generated from its schema. */
export interface Documents {
  readonly Fleet: generated.Fleet;
  readonly Organization: generated.Organization;
  readonly Team: generated.Team;
  readonly Wallet: generated.Wallet;
  readonly Token: generated.Token;
  readonly Credentials: generated.Credentials;
  readonly Policy: generated.Policy;
  readonly Gateway: generated.Gateway;
  readonly Overlay: generated.Overlay;
  readonly PriceBook: generated.PriceBook;
  readonly Approval: generated.Approval;
  readonly Pin: generated.Pin;
  readonly Review: generated.Review;
  readonly Waiver: generated.Waiver;
  readonly Template: generated.Template;
}

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
