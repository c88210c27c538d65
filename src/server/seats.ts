import type { OrgSlug } from '../core/model/index.ts';

// One process serves many orgs. Whoever has shown its credential works in a seat of its org: an org has few, so that however
// much it asks, the seats of others stay free, and where all are taken the next one goes to the org that waited longest.

export interface Seats {
  /** Does the work as soon as the org has a seat; undefined, and nothing is done, where too much of the org waits already. */
  work<T>(org: OrgSlug, work: () => Promise<T>): Promise<T | undefined>;
  /** Does what mostly waits (a long poll): it takes no seat, but an org has only so many of them. */
  linger<T>(org: OrgSlug, work: () => Promise<T>): Promise<T | undefined>;
}

export interface SeatPlan {
  /** Requests that are worked on at the same time: of one org, and of all together. */
  readonly perOrg: number;
  readonly total: number;
  /** Requests of one org that wait for a seat. */
  readonly queued: number;
  /** Long polls of one org. */
  readonly lingering: number;
}

export const SEAT_PLAN: SeatPlan = { perOrg: 8, total: 64, queued: 256, lingering: 2000 };

export function openSeats(plan: SeatPlan = SEAT_PLAN): Seats {
  const working = new Map<OrgSlug, number>();
  const lingering = new Map<OrgSlug, number>();
  /** Orgs in the order in which the next seat is theirs. */
  const waiting = new Map<OrgSlug, (() => void)[]>();
  let taken = 0;

  const isFree = (org: OrgSlug): boolean => taken < plan.total && (working.get(org) ?? 0) < plan.perOrg;
  const sit = (org: OrgSlug): void => {
    taken += 1;
    add(working, org, 1);
  };
  const seatNext = (): void => {
    for (const [org, queue] of waiting) {
      if (!isFree(org)) continue;
      waiting.delete(org);
      const [next, ...rest] = queue;
      if (rest.length > 0) waiting.set(org, rest);
      sit(org);
      next?.();
      return;
    }
  };
  const rise = (org: OrgSlug): void => {
    taken -= 1;
    add(working, org, -1);
    seatNext();
  };

  return {
    async work(org, work) {
      const queue = waiting.get(org) ?? [];
      if (queue.length > 0 || !isFree(org)) {
        if (queue.length >= plan.queued) return undefined;
        await new Promise<void>((resolve) => {
          queue.push(resolve);
          waiting.set(org, queue);
        });
      } else sit(org);
      try {
        return await work();
      } finally {
        rise(org);
      }
    },
    async linger(org, work) {
      if ((lingering.get(org) ?? 0) >= plan.lingering) return undefined;
      add(lingering, org, 1);
      try {
        return await work();
      } finally {
        add(lingering, org, -1);
      }
    },
  };
}

/** A count without anything is not there. */
function add(counts: Map<OrgSlug, number>, org: OrgSlug, amount: number): void {
  const count = (counts.get(org) ?? 0) + amount;
  if (count > 0) counts.set(org, count);
  else counts.delete(org);
}
