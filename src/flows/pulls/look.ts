import type { ForgePull } from '../../ports/index.ts';

/** What the forge knows of one branch. */
export interface Looked {
  /** Our newest one from it. */
  readonly newest: ForgePull | null;
  /** Ours that is open. */
  readonly current: ForgePull | null;
  /** Somebody else's that is open. */
  readonly foreign: ForgePull | null;
  /** The newest of ours that is not open. */
  readonly closed: number | null;
}

/** Looks through every pull request from a branch, open or not. */
export function lookThrough(pulls: readonly ForgePull[], isOurs: (pull: ForgePull) => boolean): Looked {
  const own = pulls.filter(isOurs).sort((a, b) => a.number - b.number);
  const newest = own.at(-1) ?? null;
  return {
    newest,
    current: newest?.isOpen === true ? newest : null,
    foreign: pulls.find((pull) => pull.isOpen && !own.includes(pull)) ?? null,
    closed: own.findLast((pull) => !pull.isOpen)?.number ?? null,
  };
}
