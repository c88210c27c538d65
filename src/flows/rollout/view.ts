import type { OrgSlug, Override, Rollout } from '../../core/model/index.ts';
import { deniedNames, holdOf, isOpen } from '../../core/rollout/index.ts';
import type { Delivery, OrgStore } from '../../ports/index.ts';

/** Where the rollout of an org stands, ring by ring, in plain data. */
export interface RolloutView {
  readonly org: OrgSlug;
  readonly generation: number;
  readonly state: Rollout['state'];
  readonly code: string | null;
  readonly words: string | null;
  readonly by: string | null;
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly rings: readonly RingView[];
}

export interface RingView {
  readonly ring: string;
  readonly state: Rollout['rings'][number]['state'];
  readonly gateways: readonly string[];
  /** Since when every gateway that counts has acknowledged the new content. */
  readonly steadySince: number | null;
  readonly soakMinutes: number;
}

/** An override as people see it. */
export interface OverrideView {
  readonly org: OrgSlug;
  readonly id: string;
  readonly kind: Override['kind'];
  /** `token/<name>`, `gateway/<name>`, or the gateways that are held. */
  readonly what: string;
  readonly generation: number;
  readonly to: number | null;
  readonly actor: string;
  readonly reason: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly isInGit: boolean;
  readonly endedAt: number | null;
  readonly endedWhy: string | null;
}

export function rolloutView(org: OrgSlug, rollout: Rollout): RolloutView {
  const { generation, state, reason, startedAt, endedAt, rings } = rollout;
  return {
    org,
    generation,
    state,
    code: reason?.code ?? null,
    words: reason?.words ?? null,
    by: reason?.by ?? null,
    startedAt,
    endedAt,
    rings: rings.map((ring) => ({
      ring: ring.terms.name,
      state: ring.state,
      gateways: ring.members.map(({ gateway }) => gateway),
      steadySince: ring.steadyAt,
      soakMinutes: ring.terms.soakMs / 60_000,
    })),
  };
}

export function overrideView(org: OrgSlug, override: Override): OverrideView {
  const { id, kind, generation, actor, reason, createdAt, expiresAt, isInGit, endedAt, endedWhy } = override;
  const what = override.kind === 'deny' ? `${override.of}/${override.name}` : Object.keys(override.contents).join(', ');
  const to = override.kind === 'rollback' ? override.to : null;
  return { org, id, kind, what, generation, to, actor, reason, createdAt, expiresAt, isInGit, endedAt, endedWhy };
}

/** The newest rollout of each org, and every override that has not ended. */
export async function rolloutStatus(
  store: OrgStore,
  orgs: readonly OrgSlug[],
): Promise<{ readonly rollouts: readonly RolloutView[]; readonly overrides: readonly OverrideView[] }> {
  const states = await Promise.all(orgs.map(async (org) => ({ org, delivery: await store.delivery(org) })));
  return {
    rollouts: states.flatMap(({ org, delivery }) =>
      delivery?.rollout == null ? [] : [rolloutView(org, delivery.rollout)],
    ),
    overrides: states.flatMap(({ org, delivery }) =>
      (delivery?.overrides ?? []).map((item) => overrideView(org, item)),
    ),
  };
}

/** Why a gateway has the content that it has. */
export type Standing = 'current' | 'open' | 'waiting' | 'rolled-back' | 'denied';

/** How a gateway stands in what decides on its content. */
export function standingOf(delivery: Pick<Delivery, 'rollout' | 'overrides'> | undefined, gateway: string): Standing {
  const { rollout = null, overrides = [] } = delivery ?? {};
  if (deniedNames(overrides, 'gateway').has(gateway)) return 'denied';
  if (holdOf(overrides, gateway) !== undefined) return 'rolled-back';
  if (!isOpen(rollout)) return 'current';
  const ring = rollout.rings.find(({ members }) => members.some((member) => member.gateway === gateway));
  return ring?.state === 'waiting' ? 'waiting' : ring?.state === 'open' ? 'open' : 'current';
}
