import type { Forge, Pause, RemoteBranches, Repository } from '../../ports/index.ts';

/** What opening a pull request needs. */
export interface PullParts {
  readonly repository: Repository;
  readonly branches: RemoteBranches;
  readonly forge: Pick<Forge, 'pullsFrom' | 'openPulls' | 'createPull' | 'updatePull'>;
  readonly pause: Pause;
  /** The login that our pull requests carry. */
  readonly self: string;
  /** False: say what would happen, push and tell nothing. */
  readonly writes: boolean;
}

/** What was done with a pull request. */
export interface PullDone {
  /** done: merged, or on the base already. waits: its turn comes by itself. held: a person has to do something first. */
  readonly did: 'done' | 'opened' | 'updated' | 'unchanged' | 'waits' | 'held';
  /** Of `waits` and `held`. */
  readonly why: string | null;
  readonly pull: number | null;
}
