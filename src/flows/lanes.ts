import type { OrgUid } from '../core/model/index.ts';

/**
 * Whoever writes an org's published files does it alone: a renewal that read before a publish must not write after it,
 * or its timestamp would name the older snapshot.
 */
export interface Lanes {
  /** Runs `work` when everything queued for this org before it has ended. */
  inLane<T>(org: OrgUid, work: () => Promise<T>): Promise<T>;
}

/** Lanes of one process; the lease keeps other processes from publishing at the same time. */
export function openLanes(): Lanes {
  const tails = new Map<OrgUid, Promise<unknown>>();
  return {
    inLane(org, work) {
      const before = tails.get(org) ?? Promise.resolve();
      const mine = before.then(work, work);
      const tail = mine.then(
        () => undefined,
        () => undefined,
      );
      tails.set(org, tail);
      void tail.then(() => {
        if (tails.get(org) === tail) tails.delete(org);
      });
      return mine;
    },
  };
}
