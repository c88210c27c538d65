import type { OrgSlug } from '../core/model/index.ts';

// One process serves many orgs. Everything that is done for an org is done in a seat of that org: an org has few, so that
// however much it asks, the seats of others stay free, and where all are taken the next one goes to the org that waited longest.

/** What whoever has a seat may do with it. */
export interface Seat {
  /**
   * Leaves the seat while something is waited for (a long poll), and takes one again. An org has only so many that wait: beyond
   * them the work ends here, as one does that found no seat.
   */
  away<T>(wait: () => Promise<T>): Promise<T>;
}

export interface Seats {
  /** True where one more of this org would be turned away. */
  isFull(org: OrgSlug): boolean;
  /** Does the work as soon as the org has a seat; undefined, and nothing is done, where too much of the org waits already. */
  work<T>(org: OrgSlug, work: (seat: Seat) => Promise<T>): Promise<T | undefined>;
}

export interface SeatPlan {
  /** Requests that are worked on at the same time: of one org, and of all together. */
  readonly perOrg: number;
  readonly total: number;
  /** Requests of one org that wait for a seat. */
  readonly queued: number;
  /** Requests of one org that left their seat and come back to it. */
  readonly lingering: number;
}

export const SEAT_PLAN: SeatPlan = { perOrg: 8, total: 64, queued: 256, lingering: 2000 };

/** Where those are whose credential is not known yet: they have nothing of the seats of the org that they name. */
export const DOOR_PLAN: SeatPlan = { perOrg: 2, total: 8, queued: 64, lingering: 0 };

/** Everybody of one org. */
interface Desk {
  working: number;
  lingering: number;
  /** Of the queue, those that have had no seat yet. */
  arriving: number;
  readonly queue: Waiter[];
}

interface Waiter {
  readonly isNew: boolean;
  readonly sit: () => void;
}

/** Ends work that would have waited beside too many. */
class Crowded extends Error {}

export function openSeats(plan: SeatPlan = SEAT_PLAN): Seats {
  const desks = new Map<OrgSlug, Desk>();
  /** Orgs of which somebody waits for a seat, in the order in which the next one is theirs. */
  const turns = new Set<OrgSlug>();
  let taken = 0;

  const deskOf = (org: OrgSlug): Desk => {
    const desk = desks.get(org) ?? { working: 0, lingering: 0, arriving: 0, queue: [] };
    desks.set(org, desk);
    return desk;
  };
  const isFree = ({ working, queue }: Desk): boolean =>
    queue.length === 0 && taken < plan.total && working < plan.perOrg;
  const take = (desk: Desk): void => {
    taken += 1;
    desk.working += 1;
  };
  const sit = (org: OrgSlug, desk: Desk, isNew: boolean): Promise<void> | undefined => {
    if (isFree(desk)) {
      take(desk);
      return undefined;
    }
    if (isNew) desk.arriving += 1;
    turns.add(org);
    return new Promise((resolve) => {
      desk.queue.push({ isNew, sit: resolve });
    });
  };
  const seatNext = (): void => {
    for (const org of turns) {
      const desk = deskOf(org);
      if (desk.working >= plan.perOrg) continue;
      turns.delete(org);
      const next = desk.queue.shift();
      if (desk.queue.length > 0) turns.add(org);
      if (next?.isNew === true) desk.arriving -= 1;
      take(desk);
      next?.sit();
      return;
    }
  };
  const rise = (desk: Desk): void => {
    taken -= 1;
    desk.working -= 1;
    seatNext();
  };
  const isFull = (org: OrgSlug): boolean => (desks.get(org)?.arriving ?? 0) >= plan.queued;

  return {
    isFull,
    async work(org, work) {
      const desk = deskOf(org);
      if (!isFree(desk) && isFull(org)) return undefined;
      await sit(org, desk, true);
      const seat: Seat = {
        async away(wait) {
          if (desk.lingering >= plan.lingering) throw new Crowded();
          desk.lingering += 1;
          rise(desk);
          try {
            return await wait();
          } finally {
            await sit(org, desk, false);
            desk.lingering -= 1;
          }
        },
      };
      try {
        return await work(seat);
      } catch (cause) {
        if (cause instanceof Crowded) return undefined;
        throw cause;
      } finally {
        rise(desk);
        if (desk.working + desk.lingering + desk.queue.length === 0) desks.delete(org);
      }
    },
  };
}
