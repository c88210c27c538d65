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

/**
 * Does `work` on each item, at most `most` at a time, and gives the answers in the order of the items. When one fails, the
 * others are done all the same, and the first failure is thrown after them: one org's trouble, whatever it is, takes nothing
 * from the others. Only a process that lost its lease begins no other: it would write beside the one that has it.
 */
export async function sideBySide<Item, Answer>(
  items: readonly Item[],
  most: number,
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  const failures: unknown[] = [];
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) {
      if (failures.some(isFenced)) return;
      try {
        answers[index] = await work(item);
      } catch (cause) {
        failures.push(cause);
      }
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
  if (failures.length > 0) throw failures[0];
  return answers;
}

function isFenced(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'STORE_FENCED';
}
