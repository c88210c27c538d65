import { type CommitId, commitId } from '../../core/model/index.ts';
import type { CommitTree } from '../../ports/index.ts';
import { GitError } from './process.ts';
import { gitRunner } from './run.ts';

/** Commits into the work tree at `dir`. Hooks of the repository do not run, as with every git of ours. */
export function openCommitTree(dir: string): CommitTree {
  const git = gitRunner(dir);
  return {
    async commit(paths, message) {
      await git.text(['add', '--all', '--', ...paths]);
      await git.text(['commit', '--quiet', '--only', '--message', message, '--', ...paths]);
      const head: CommitId | undefined = commitId((await git.text(['rev-parse', 'HEAD'])).trim());
      if (head === undefined) throw new GitError('GIT_FAILED', 'git made no commit');
      return head;
    },
  };
}
