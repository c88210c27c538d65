import type { Hash } from './host.ts';
import type { CommitId, OrgSlug, OrgUid, RepoPath, Sha256Hex } from './ids.ts';
import { byCodeUnit, type JsonObject } from './json.ts';
import { type ObjectId, type ObjectKey, objectKey } from './manifest.ts';

/** One object as its inputs render to it, flat and keyed by (org, kind, environment, name). */
export interface RenderedObject {
  readonly id: ObjectId;
  /** The committed file that holds it. */
  readonly path: RepoPath;
  /** `generated` files are verified against a fresh render; `written` ones are read. */
  readonly origin: 'generated' | 'written';
  /** apiVersion, kind, metadata, spec. */
  readonly document: JsonObject;
  /** The one deterministic text; what is signed and hashed. */
  readonly text: string;
}

/** What an org renders to, sorted by object key: all that a check looks at, because git knows texts by ids of its own. */
export interface RenderedOrg {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly objects: readonly RenderedObject[];
}

/** One object as it should exist. */
export interface DesiredObject extends RenderedObject {
  /** SHA-256 of `text`. */
  readonly digest: Sha256Hex;
}

/** Everything that should exist for one org, sorted by object key, as it is compared with the store and published. */
export interface DesiredOrg extends RenderedOrg {
  readonly objects: readonly DesiredObject[];
  /** SHA-256 of RFC 8785 of {object key: digest}: equal exactly when nothing of the org differs. */
  readonly contentDigest: Sha256Hex;
}

/** One object as the store holds it. */
export interface StoredObject {
  readonly id: ObjectId;
  readonly path: RepoPath;
  readonly document: JsonObject;
  readonly digest: Sha256Hex;
  /** The org's generation at which it last changed. */
  readonly generation: number;
}

/** What the store holds for one org, read in one transaction, so complete enough to delete from. */
export interface ObservedOrg {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly complete: true;
  /** The org's counter; 0 before the first apply. */
  readonly generation: number;
  /** The content digest that the last apply wrote; null before the first apply. */
  readonly contentDigest: Sha256Hex | null;
  /** The commit whose content was applied last. */
  readonly commit: CommitId | null;
  readonly objects: readonly StoredObject[];
}

/** The org with the digests of its objects and of the whole. */
export function digested(org: RenderedOrg, hash: Hash): DesiredOrg {
  const objects = digestedObjects(org.objects, hash);
  return { ...org, objects, contentDigest: contentDigestOf(objects, hash) };
}

export function digestedObjects(objects: readonly RenderedObject[], hash: Hash): readonly DesiredObject[] {
  return objects.map((object) => ({ ...object, digest: hash.sha256(object.text) }));
}

/** SHA-256 of RFC 8785 of {object key: digest}, whatever the order of `objects`, of which no two have one key. */
export function contentDigestOf(objects: Iterable<Pick<DesiredObject, 'id' | 'digest'>>, hash: Hash): Sha256Hex {
  const members = Array.from(objects, ({ id, digest }) => ({ key: objectKey(id), digest }));
  return digestOfMembers(
    members.sort((a, b) => byCodeUnit(a.key, b.key)),
    hash,
  );
}

/** What `contentDigestOf` answers, of members in the order of their keys. */
function digestOfMembers(
  members: readonly { readonly key: ObjectKey; readonly digest: Sha256Hex }[],
  hash: Hash,
): Sha256Hex {
  // Keys and digests are plain ASCII, for which RFC 8785 is JSON without blanks, its keys in order of their code units.
  return hash.sha256(`{${members.map(({ key, digest }) => `"${key}":"${digest}"`).join(',')}}`);
}
