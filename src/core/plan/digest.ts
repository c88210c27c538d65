import canonicalize from 'canonicalize';
import type { Hash, Json, OrgSlug, Sha256Hex } from '../model/index.ts';

/** The rendered content of an org on both sides of a change; null where the org does not exist. */
export interface ChangeContent {
  readonly org: OrgSlug;
  readonly base: Sha256Hex | null;
  readonly head: Sha256Hex | null;
}

/**
 * What a pull request shows and an Approval names: from the rendered content alone, without commit ids, so that squash
 * and rebase keep it.
 */
export function changeDigest(content: ChangeContent, hash: Hash): Sha256Hex {
  const { org, base, head } = content;
  return digestOf({ format: 'tenantry/change/v1', org, base, head }, hash);
}

/** What apply expects: the change at one generation of the org's store. */
export function planDigest(change: Sha256Hex, generation: number, hash: Hash): Sha256Hex {
  return digestOf({ format: 'tenantry/plan/v1', changeDigest: change, generation }, hash);
}

/** SHA-256 of RFC 8785 of {org: digest}: the name of an Approval, and the top-level digest of a diff (rulings 5). */
export function mapDigest(digests: ReadonlyMap<OrgSlug, Sha256Hex>, hash: Hash): Sha256Hex {
  return digestOf(Object.fromEntries(digests), hash);
}

/** RFC 8785 text of plain JSON. */
export function canonicalText(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('expected a JSON value');
  return text;
}

function digestOf(value: Json, hash: Hash): Sha256Hex {
  return hash.sha256(canonicalText(value));
}
