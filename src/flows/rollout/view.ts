import type { OrgSlug, Override, Rollout } from '../../core/model/index.ts';
import { deniedNames, holdOf, isOpen, type Seen } from '../../core/rollout/index.ts';
import type { OrgStore, RuntimeStore } from '../../ports/index.ts';
import { seenOf, voicesOf } from '../publish/index.ts';

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
  /** Those that run the new content, by their newest acknowledgement; null once the rollout has ended. */
  readonly acknowledged: readonly string[] | null;
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

/** `seen` is what its gateways said, where that still matters. */
export function rolloutView(org: OrgSlug, rollout: Rollout, seen: Seen | null): RolloutView {
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
      acknowledged:
        seen === null
          ? null
          : ring.members.flatMap(({ gateway }) => (seen.get(gateway)?.isRunning === true ? [gateway] : [])),
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

/** Where rollouts and overrides are read from. */
export interface ViewParts {
  readonly orgs: OrgStore;
  readonly runtime: RuntimeStore;
}

/** The newest rollout of each org, and every override that has not ended. */
export async function rolloutStatus(
  parts: ViewParts,
  orgs: readonly OrgSlug[],
): Promise<{ readonly rollouts: readonly RolloutView[]; readonly overrides: readonly OverrideView[] }> {
  const states = await Promise.all(orgs.map(async (org) => ({ org, ...(await decidedOf(parts.orgs, org)) })));
  const rollouts = states.map(({ org, rollout }) => (rollout === null ? [] : viewNow(parts, org, rollout)));
  return {
    rollouts: (await Promise.all(rollouts)).flat(),
    overrides: states.flatMap(({ org, overrides }) => overrides.map((item) => overrideView(org, item))),
  };
}

/** A rollout as it stands, with what its gateways have acknowledged while it is open. */
export async function viewNow({ orgs, runtime }: ViewParts, org: OrgSlug, rollout: Rollout): Promise<RolloutView> {
  if (!isOpen(rollout)) return rolloutView(org, rollout, null);
  const [publication, voices] = await Promise.all([orgs.publication(org), voicesOf(runtime, org)]);
  return rolloutView(org, rollout, seenOf(rollout, publication, voices));
}

/** What decides on an org's content beside what is applied. */
export interface Decided {
  /** The newest, ended or not. */
  readonly rollout: Rollout | null;
  readonly overrides: readonly Override[];
}

export async function decidedOf(store: OrgStore, org: OrgSlug): Promise<Decided> {
  const [rollouts, overrides] = await Promise.all([store.rollouts(org, { limit: 1 }), store.activeOverrides(org)]);
  return { rollout: rollouts[0] ?? null, overrides };
}

/** Why a gateway has the content that it has. */
export type Standing = 'current' | 'open' | 'waiting' | 'rolled-back' | 'denied';

/** How a gateway stands in what decides on its content. */
export function standingOf({ rollout, overrides }: Decided, gateway: string): Standing {
  if (deniedNames(overrides, 'gateway').has(gateway)) return 'denied';
  if (holdOf(overrides, gateway) !== undefined) return 'rolled-back';
  if (!isOpen(rollout)) return 'current';
  const ring = rollout.rings.find(({ members }) => members.some((member) => member.gateway === gateway));
  return ring?.state === 'waiting' ? 'waiting' : ring?.state === 'open' ? 'open' : 'current';
}
