import type { CommitId, RepoPath } from '../core/model/index.ts';

/** Where commands that commit do it: on the branch that is checked out, as the person whom git knows. */
export interface CommitTree {
  /** Commits what differs below the paths, and nothing else, whatever is staged. */
  commit(paths: readonly RepoPath[], message: string): Promise<CommitId>;
}
