import {
  type Finding,
  finding,
  instantText,
  type OrgSlug,
  type Publication,
  type RepoPath,
  startOf,
  type TrustRole,
} from '../../core/model/index.ts';
import { DEFAULT_LADDER } from '../../trust/index.ts';

/** Until when the newest file of each role holds, in Unix milliseconds; null for a root that the store does not know yet. */
export type Expiries = { readonly [role in Exclude<TrustRole, 'root'>]: number } & { readonly root: number | null };

/** A rotation of the root takes people with seeds: told that long before. */
const WARNING_MS = 60 * 24 * 3_600_000;

export function expiriesOf({ roots, rootVersion, meta, signedAt }: Publication): Expiries {
  return {
    root: roots[rootVersion]?.expiresAt ?? null,
    targets: meta.targets.expiresAt,
    snapshot: meta.snapshot.expiresAt,
    timestamp: signedAt.timestamp + DEFAULT_LADDER.expiredMs,
  };
}

/** Until when gateways take what is published and serve by it: the first of its files that expires ends that. */
export function firstExpiry({ root, targets, snapshot, timestamp }: Expiries): number {
  return Math.min(root ?? Number.POSITIVE_INFINITY, targets, snapshot, timestamp);
}

/** What has expired of an org, and that its root will soon. */
export function expiryFindings(org: OrgSlug, publication: Publication, nowMs: number): readonly Finding[] {
  const expiries = expiriesOf(publication);
  const place = startOf(`orgs/${org}/org.yaml` as RepoPath);
  return (['root', 'targets', 'snapshot', 'timestamp'] as const).flatMap((role): readonly Finding[] => {
    const atMs = expiries[role];
    if (atMs === null) return [];
    const facts = { org, place, found: instantText(atMs) };
    if (atMs <= nowMs) {
      const message = `the ${role} of this org has expired, and gateways refuse what is published`;
      return [finding('PUBLISH_EXPIRED', { ...facts, message, expected: `an expiry after ${instantText(nowMs)}` })];
    }
    if (role !== 'root' || atMs - nowMs > WARNING_MS) return [];
    const expected = `an expiry after ${instantText(nowMs + WARNING_MS)}`;
    return [finding('PUBLISH_EXPIRES', { ...facts, message: 'the root of this org expires soon', expected })];
  });
}
