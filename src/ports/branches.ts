import type { CommitId, RepoPath } from '../core/model/index.ts';

/** A commit to be made beside the work tree. */
export interface NewCommit {
  readonly parent: CommitId;
  /** null: the file goes. */
  readonly files: ReadonlyMap<RepoPath, string | null>;
  readonly message: string;
}

/** Branches of the repository that others share. The work tree, the index and the branches of the clone are never touched. */
export interface RemoteBranches {
  /** Where each of these branches is there, its commits fetched as objects; one that is not there is left out. */
  fetch(names: readonly string[]): Promise<ReadonlyMap<string, CommitId>>;
  /** Makes a commit by whom git knows, dated as its parent: the same commit, down to its id, for the same input. */
  commitOn(commit: NewCommit): Promise<CommitId>;
  /** Sets a branch that is still where it was seen (null: not there). False when it is somewhere else by now. */
  push(name: string, commit: CommitId, seen: CommitId | null): Promise<boolean>;
}
