import type { Fleet, Hash, OrgSlug, OrgUid, RingTerms } from '../model/index.ts';

type Ring = Fleet['spec']['rings'][number];

const MINUTE_MS = 60_000;
/** What a ring that says nothing of it allows. */
const DEFAULTS = { answerMinutes: 15, failures: 0, requests: 20, errorPoints: 5, blockPoints: 20, growth: 4 } as const;

/**
 * The rings of a fleet, in their order. A ring is judged when it soaks or states a budget, and only where there is more
 * than one ring: else nothing would wait for the judgement.
 */
export function ringsOf(fleet: Fleet['spec'] | null): readonly RingTerms[] {
  const rings = fleet?.rings ?? [];
  return rings.map((ring) => termsOf(ring, rings.length > 1));
}

function termsOf(ring: Ring, isOneOfMany: boolean): RingTerms {
  const { name, soakMinutes, answerMinutes, failures, onFailure, health } = ring;
  const hasBudget = [answerMinutes, failures, onFailure, health].some((item) => item !== undefined);
  return {
    name,
    isJudged: isOneOfMany && (soakMinutes > 0 || hasBudget),
    soakMs: soakMinutes * MINUTE_MS,
    answerMs: (answerMinutes ?? DEFAULTS.answerMinutes) * MINUTE_MS,
    failures: failures ?? DEFAULTS.failures,
    onFailure: onFailure ?? 'rollback',
    health: {
      requests: health?.requests ?? DEFAULTS.requests,
      errorPoints: health?.errorPoints ?? DEFAULTS.errorPoints,
      blockPoints: health?.blockPoints ?? DEFAULTS.blockPoints,
      growth: health?.growth ?? DEFAULTS.growth,
    },
  };
}

/** What is known of a gateway when its ring is looked for. */
export interface RingChoice {
  readonly org: OrgSlug;
  readonly uid: OrgUid;
  readonly gateway: string;
  /** The ring that its manifest names. */
  readonly ring: string;
  readonly labels: { readonly [name: string]: string };
}

/**
 * The ring of a gateway: the first, in their order, that takes it by name, by a label, by its org, or by its share of a
 * stable hash. A gateway whose named ring is gone is in the last one.
 */
export function ringChooser(fleet: Fleet['spec'] | null, hash: Hash): (gateway: RingChoice) => string {
  const rings = fleet?.rings ?? [];
  const last = rings.at(-1)?.name ?? '';
  return (gateway) => rings.find((ring) => takes(ring, gateway, hash))?.name ?? last;
}

function takes(ring: Ring, gateway: RingChoice, hash: Hash): boolean {
  if (gateway.ring === ring.name) return true;
  if (ring.orgs?.includes(gateway.org) === true) return true;
  const labels = Object.entries(ring.labels ?? {});
  if (labels.length > 0 && labels.every(([name, value]) => gateway.labels[name] === value)) return true;
  return ring.sharePercent !== undefined && slotOf(ring.name, gateway, hash) < ring.sharePercent * (SLOTS / 100);
}

const SLOTS = 10_000;

/** Where a gateway stands in a ring's draw: the same for as long as it lives, so that a larger share only adds. */
function slotOf(ring: string, { uid, gateway }: RingChoice, hash: Hash): number {
  return Number.parseInt(hash.sha256(`ring/v1\0${ring}\0${uid}\0${gateway}`).slice(0, 8), 16) % SLOTS;
}
