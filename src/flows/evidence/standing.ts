import { DEFAULT_BUNDLE_LIMITS, readBundle } from '../../core/bundle/index.ts';
import type { Hash, OrgUid, Publication, PublishedTarget } from '../../core/model/index.ts';
import type { Enrolment, Publisher } from '../../ports/index.ts';
import { bundleTarget, DEFAULT_LIFETIMES, targetFile } from '../../trust/index.ts';
import type { Place } from './holdings.ts';
import type { Revocation } from './revocation.ts';

// What each identity of a gateway has made of a revocation. A process is not gone because nobody speaks to it any more.

/** How an identity of a gateway stands. */
export interface Standing {
  readonly gateway: string;
  /** Which of its identities; null: nobody was ever enrolled. */
  readonly enrolment: number | null;
  /**
   * waiting: what is published for it still has a secret that is gone. published: it has not, and the gateway has not said that
   * it runs it. acknowledged: it has. unreachable: the identity was replaced or revoked before it said so, and its process may
   * go on with what it had. gone: it never had one, or what it had has run out.
   */
  readonly state: 'waiting' | 'published' | 'acknowledged' | 'unreachable' | 'gone';
  readonly publishedGeneration: number | null;
  /** Since when it runs what has the secret no more, by its own clock; null before it said so. Later content gives a later time. */
  readonly acknowledgedAt: number | null;
  readonly heardAt: number | null;
  /** When an unreachable one, by its own clock, lets no secret in any more that is gone; null for others. */
  readonly stopsAt: number | null;
}

export interface StandingFacts {
  readonly revocation: Revocation;
  readonly publication: Publication | undefined;
  readonly uid: OrgUid;
  readonly enrolments: readonly Enrolment[];
  readonly nowMs: number;
}

export interface StandingParts {
  readonly publisher: Pick<Publisher, 'get'>;
  readonly hash: Hash;
}

/** Every identity of the gateway that may have one of the secrets, and its newest. */
export async function standingsAt(
  parts: StandingParts,
  facts: StandingFacts,
  place: Place,
): Promise<readonly Standing[]> {
  const { gateway } = place;
  const target = facts.publication?.targets[gateway];
  const own = facts.enrolments.filter((one) => one.gateway === gateway);
  const standings: Standing[] = [];
  for (const [index, one] of own.entries()) {
    const state = one.revokedAt === null ? await liveState(parts, facts, one) : endedState(facts, place, one);
    if (state.isOver === true && index < own.length - 1) continue;
    standings.push({
      gateway,
      enrolment: one.enrolment,
      state: state.state,
      publishedGeneration: one.revokedAt === null ? (target?.generation ?? null) : null,
      acknowledgedAt: state.state === 'acknowledged' ? (one.ack?.at ?? null) : null,
      heardAt: one.ack?.heardAt ?? null,
      stopsAt: state.stopsAt ?? null,
    });
  }
  if (standings.length > 0) return standings;
  const nobody = { enrolment: null, publishedGeneration: target?.generation ?? null, acknowledgedAt: null };
  return [{ gateway, state: 'gone', ...nobody, heardAt: null, stopsAt: null }];
}

interface State {
  readonly state: Standing['state'];
  /** An identity that ended and never had a secret that is gone, or had said that it has none any more. */
  readonly isOver?: true;
  readonly stopsAt?: number;
}

async function liveState(
  parts: StandingParts,
  { publication, revocation, uid }: StandingFacts,
  { gateway, ack }: Enrolment,
): Promise<State> {
  const target = publication?.targets[gateway];
  // One that is listed no more stops, and says that it runs nothing.
  if (target === undefined) return { state: ack !== null && ack.contentDigest === null ? 'acknowledged' : 'published' };
  const held = await publishedSecrets(parts, uid, { gateway, target });
  if (held === null || revocation.secrets.some((id) => held.has(id))) return { state: 'waiting' };
  // The same content may have been there before the secret, so that its digest alone says nothing.
  const runsIt = ack?.state === 'active' && ack.contentDigest === target.contentDigest;
  if (runsIt && ack.generation < target.generation) return { state: 'published' };
  return { state: runsIt ? 'acknowledged' : 'published' };
}

function endedState(facts: StandingFacts, { lostAt }: Place, { revokedAt, ack }: Enrolment): State {
  const { revocation, nowMs } = facts;
  const ended = revokedAt ?? nowMs;
  if (ended < revocation.issuedAt) return { state: 'gone', isOver: true };
  if (lostAt !== null && ack !== null && ack.generation >= lostAt) return { state: 'acknowledged', isOver: true };
  const stopsAt = stopsAtLatest(facts, ended);
  return stopsAt <= nowMs ? { state: 'gone' } : { state: 'unreachable', stopsAt };
}

/**
 * When a process stops that can be told nothing: with its configuration, which the last timestamp that it can have fetched
 * bounds, or with the secret, whichever comes first. The control plane gives an identity nothing once that has ended; what
 * is fetched from elsewhere after the revocation is content without the secret.
 */
function stopsAtLatest({ revocation, publication }: StandingFacts, endedAt: number): number {
  const { appliedAt, endMs, keepsServing } = revocation;
  if (keepsServing) return endMs;
  const newest = publication?.signedAt.timestamp ?? 0;
  return Math.min(endMs, Math.min(newest, Math.max(endedAt, appliedAt)) + DEFAULT_LIFETIMES.timestamp);
}

/** Ids of the secrets in the bundle that a gateway gets now; null where it is not what was published. */
export async function publishedSecrets(
  { publisher, hash }: StandingParts,
  uid: OrgUid,
  { gateway, target }: { readonly gateway: string; readonly target: PublishedTarget },
): Promise<ReadonlySet<string> | null> {
  const { sha256 } = target.bundle;
  const bytes = await publisher.get(uid, targetFile(bundleTarget(gateway), sha256));
  if (bytes === undefined || hash.sha256(bytes) !== sha256) return null;
  const read = readBundle(bytes, DEFAULT_BUNDLE_LIMITS, hash);
  if (!read.ok) return null;
  return new Set(read.value.data.tokens.flatMap(({ credentials }) => credentials.map(({ id }) => id)));
}
