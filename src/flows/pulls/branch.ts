import type { CommitId, RepoPath } from '../../core/model/index.ts';
import type { Repository } from '../../ports/index.ts';
import type { PullParts } from './parts.ts';

export interface BranchWork {
  readonly base: CommitId;
  readonly branch: string;
  /** null: the file goes. */
  readonly files: ReadonlyMap<RepoPath, string | null>;
  readonly message: string;
}

/** Where the branch stands now, or why it does not. */
export type BranchAt =
  | { readonly commit: CommitId; readonly isPushed: boolean }
  | { readonly commit: null; readonly did: 'waits' | 'held'; readonly why: string };

/**
 * Makes the branch hold exactly these files over the base. One that does so already is left alone, also when the
 * base moved on elsewhere or somebody merged the base into it. One that does not is made anew on top of the base; commits
 * that we did not make are never overwritten.
 */
export async function standBranch(
  { repository, branches, writes }: PullParts,
  { base, branch, files, message }: BranchWork,
): Promise<BranchAt> {
  const seen = (await branches.fetch([branch])).get(branch) ?? null;
  if (seen !== null) {
    const from = await repository.mergeBase(base, seen);
    if (from === undefined)
      return { commit: null, did: 'held', why: `${branch} and its base meet nowhere in this clone: fetch all of it` };
    const same = await branches.commitOn({ parent: from, files, message });
    if ((await repository.changed(same, seen, null)).length === 0) return { commit: seen, isPushed: false };
    const stranger = from === seen ? undefined : await strangerIn(repository, { from, same, seen });
    if (stranger !== undefined)
      return { commit: null, did: 'held', why: `${branch} has commits of ${stranger}: merge, move or delete it` };
  }
  const commit = await branches.commitOn({ parent: base, files, message });
  if (!writes || (await branches.push(branch, commit, seen))) return { commit, isPushed: true };
  return { commit: null, did: 'waits', why: `another run moved ${branch} meanwhile: run again` };
}

interface Compared {
  readonly from: CommitId;
  /** A commit of ours, made just now. */
  readonly same: CommitId;
  readonly seen: CommitId;
}

/** Who made what is on the branch, unless it is one commit of ours on top of the base. */
async function strangerIn(repository: Repository, { from, same, seen }: Compared): Promise<string | undefined> {
  const [own, facts] = await Promise.all([repository.facts(same), repository.facts(seen)]);
  const isOurs = facts.author === own.author && facts.committer === own.committer;
  const isOne = facts.parents.length === 1 && facts.parents[0] === from;
  return isOurs && isOne ? undefined : isOurs ? 'others' : facts.committer.replace(/ <.*$/, '');
}
