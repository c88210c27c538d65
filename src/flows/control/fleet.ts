import { type Finding, FLEET_ORG, type JsonObject, type OrgSlug, ofKind } from '../../core/model/index.ts';
import { deniedNames } from '../../core/rollout/index.ts';
import type { AckRow, EnrolledGateway, RefusalRow } from '../../ports/index.ts';
import {
  type Expiries,
  expiriesOf,
  expiryFindings,
  firstExpiry,
  ringOfGateways,
  type SharedSettings,
  sharedSettings,
} from '../publish/index.ts';
import { decidedOf, type Standing, standingOf } from '../rollout/view.ts';
import type { ControlPlane } from './context.ts';
import { isSilent } from './silence.ts';

/** GET /api/v1/fleet/orgs: one line per org, nothing of its inside; an org that was removed has no template. */
export async function fleetOrgs(plane: ControlPlane): Promise<readonly JsonObject[]> {
  const published = await plane.orgs.publishedGenerations();
  const heads = (await plane.orgs.heads()).filter((head) => head.org !== FLEET_ORG);
  return heads.map((head) => ({
    org: head.org,
    uid: head.uid,
    generation: head.generation,
    publishedGeneration: published.get(head.org) ?? null,
    commit: head.commit,
    template: head.template === '' ? null : head.template,
    appliedAt: head.appliedAtMs,
  }));
}

/** One gateway: what is wanted, published and acknowledged, and until when what it has is fresh. */
export interface GatewayStatus {
  readonly org: string;
  readonly gateway: string;
  readonly environment: string;
  readonly listen: string;
  readonly wantedGeneration: number;
  readonly publishedGeneration: number | null;
  readonly published: string | null;
  /** True where what is published for it is what Git wants: nothing waits to be published, for a ring, or for an override's end. */
  readonly isWanted: boolean;
  readonly acknowledged: string | null;
  /**
   * `silent`: enrolled, and not heard of under this identity within three heartbeats of now, or never. `revoked`: its identity
   * was taken away, and no other given; it may still run, with what it has until that expires.
   */
  readonly state: 'active' | 'rejected' | 'stale' | 'silent' | 'revoked' | 'not enrolled';
  readonly code: string | null;
  /** Its ring, by the applied fleet.yaml. */
  readonly ring: string;
  /** Why it has what is published for it: its ring's turn, an override, or nothing in particular. */
  readonly standing: Standing;
  readonly acknowledgedAt: number | null;
  /** When it was heard last: a gateway says its acknowledgement again every few minutes. */
  readonly heardAt: number | null;
  /** When its identity was taken away; null where it has one, and where it never had. */
  readonly revokedAt: number | null;
  /** The newest signed request of it that was not taken; null where there was none. */
  readonly lastRefused: LastRefused | null;
  /** When the newest signed timestamp was made; the freshness ladder counts from here. */
  readonly signedAt: number | null;
  /** Until when the files of its org hold, by role; null before the first publication. */
  readonly expires: Expiries | null;
}

export interface LastRefused {
  readonly code: string;
  readonly at: number;
  /** Of the request. */
  readonly sequence: number;
  /** Evidence through this line was refused and is not here; null where none is missing. */
  readonly missingThrough: number | null;
}

type StatusPlane = Pick<ControlPlane, 'orgs' | 'runtime' | 'hash' | 'clock'>;

/** Status of every gateway of these orgs (`tenantry status`, GET /api/v1/fleet/gateways). */
export async function gatewayStatuses(plane: StatusPlane, orgs: readonly OrgSlug[]): Promise<readonly GatewayStatus[]> {
  const settings = await sharedSettings({ store: plane.orgs, hash: plane.hash });
  return (await Promise.all(orgs.map((org) => statusesOf(plane, org, settings)))).flat();
}

async function statusesOf(
  plane: StatusPlane,
  org: OrgSlug,
  settings: SharedSettings,
): Promise<readonly GatewayStatus[]> {
  const observed = await plane.orgs.observe(org);
  const publication = await plane.orgs.publication(org);
  const acks = await plane.runtime.acks(org);
  const enrolled = await plane.runtime.gateways(org);
  const refused = await plane.runtime.refusals(org);
  const decided = await decidedOf(plane.orgs, org);
  const nowMs = plane.clock.nowMs();
  const isAsWanted =
    (publication?.generation ?? -1) >= (observed?.generation ?? 0) &&
    deniedNames(decided.overrides, 'token').size === 0;
  const ringOf = observed === undefined ? () => '' : ringOfGateways(plane, observed, settings);
  return ofKind(observed?.objects ?? [], 'Gateway').map(({ id, document }) => {
    const target = publication?.targets[id.name];
    const ack = acks.find((item) => item.gateway === id.name);
    const identity = enrolled.find((item) => item.gateway === id.name);
    const standing = standingOf(decided, id.name);
    return {
      org,
      gateway: id.name,
      environment: id.environment ?? '',
      listen: document.spec.listen,
      wantedGeneration: observed?.generation ?? 0,
      publishedGeneration: target?.generation ?? null,
      published: target?.contentDigest ?? null,
      isWanted: target !== undefined && isAsWanted && (standing === 'current' || standing === 'open'),
      acknowledged: ack?.contentDigest ?? null,
      state: stateOf(identity, ack, nowMs),
      code: ack?.code ?? null,
      ring: ringOf(id.name),
      standing,
      acknowledgedAt: ack?.receivedAt ?? null,
      heardAt: ack?.heardAt ?? null,
      revokedAt: identity?.revokedAt ?? null,
      lastRefused: lastRefusedOf(refused.find((item) => item.gateway === id.name)),
      signedAt: publication?.signedAt.timestamp ?? null,
      expires: publication === undefined ? null : expiriesOf(publication),
    };
  });
}

function stateOf(
  identity: EnrolledGateway | undefined,
  ack: AckRow | undefined,
  nowMs: number,
): GatewayStatus['state'] {
  if (identity === undefined) return 'not enrolled';
  if (identity.revokedAt !== null) return 'revoked';
  return ack === undefined || isSilent(ack, nowMs) ? 'silent' : ack.state;
}

function lastRefusedOf(row: RefusalRow | undefined): LastRefused | null {
  if (row === undefined) return null;
  const { code, at, sequence, missing } = row;
  return { code, at, sequence, missingThrough: missing?.sequence ?? null };
}

/** Until when gateways take what is published and serve by it; null before the first publication. */
export function freshUntilMs({ expires }: GatewayStatus): number | null {
  return expires === null ? null : firstExpiry(expires);
}

/** What has expired of these orgs, and whose root will soon. */
export async function expiringOrgs(
  { orgs: store, clock }: Pick<StatusPlane, 'orgs' | 'clock'>,
  orgs: readonly OrgSlug[],
): Promise<readonly Finding[]> {
  const findings = await Promise.all(
    orgs.map(async (org) => {
      const publication = await store.publication(org);
      return publication === undefined ? [] : expiryFindings(org, publication, clock.nowMs());
    }),
  );
  return findings.flat();
}
