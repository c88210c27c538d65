import type { CommitId, Finding, GitId, RepoPath } from '../core/model/index.ts';
import { validateText } from '../core/validate/index.ts';
import type { ReadTree, Repository } from '../ports/index.ts';
import { FILE_LIMIT_BYTES } from './frame.ts';

/** A change of more commits is looked at in its newest ones only; who hides a secret so deep has shown it in review. */
const MOST_COMMITS = 50;
const FOLDERS = ['orgs', 'templates', 'prices', 'approvals'] as readonly string[] as readonly RepoPath[];
const FILES = ['fleet.yaml'] as readonly string[] as readonly RepoPath[];

/**
 * What is wrong with texts that a change brought and took away again: they are not in its last tree and stay in its
 * history. Only blobs that neither side has are read. Nothing is found where `base` or `tree` is no commit's.
 */
export async function pastFindings(
  repository: Repository,
  { base, tree }: { readonly base: ReadTree; readonly tree: ReadTree },
): Promise<readonly Finding[]> {
  const head = tree.commit ?? (await repository.head());
  if (base.commit === null || head === undefined) return [];
  const seen = new Set<GitId>();
  const findings: Finding[] = [];
  for (const { commit, parent } of await commitsBetween(repository, base.commit, head)) {
    const paths = await changedPaths(repository, parent, commit);
    if (paths.length === 0) continue;
    const [now, before, after] = await Promise.all(
      [repository.treeAt(commit), base, tree].map(async (side) => (await side.list(paths)).entries),
    );
    for (const { id } of [...(before ?? []), ...(after ?? [])]) seen.add(id);
    const past = (now ?? []).filter(({ id, mode }) => mode === '100644' && !seen.has(id));
    for (const [path, bytes] of await repository.treeAt(commit).read(past, FILE_LIMIT_BYTES))
      if (bytes !== null) findings.push(...inCommit(commit, path, bytes));
    for (const { id } of past) seen.add(id);
  }
  return findings;
}

function inCommit(commit: CommitId, path: RepoPath, bytes: Uint8Array): readonly Finding[] {
  const text = new TextDecoder('utf-8').decode(bytes);
  return validateText({ path, text }).map((item) => ({
    ...item,
    message: `${item.message}, in commit ${commit.slice(0, 12)} of the change`,
  }));
}

interface Step {
  readonly commit: CommitId;
  readonly parent: CommitId;
}

/** Commits that are reached from `head` and not from `base`, newest first, each with the parent to compare it with. */
async function commitsBetween(repository: Repository, base: CommitId, head: CommitId): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const waiting: CommitId[] = [head];
  const known = new Set<CommitId>([base]);
  for (let commit = waiting.shift(); commit !== undefined && steps.length < MOST_COMMITS; commit = waiting.shift()) {
    // What base is built on was there before.
    if (known.has(commit) || (await repository.firstParents(commit, base)) !== undefined) continue;
    known.add(commit);
    const { parents } = await repository.facts(commit);
    const [first] = parents;
    if (first !== undefined) steps.push({ commit, parent: first });
    waiting.push(...parents);
  }
  return steps;
}

/** Folders one step below the top, or two below orgs/ and templates/, that a commit changed: as few as can be listed. */
async function changedPaths(repository: Repository, parent: CommitId, commit: CommitId): Promise<readonly RepoPath[]> {
  const top = new Set<string>(await repository.changed(parent, commit, null));
  const inside = await Promise.all(
    FOLDERS.filter((folder) => top.has(folder)).map((folder) => repository.changed(parent, commit, folder)),
  );
  return [...FILES.filter((file) => top.has(file)), ...inside.flat()];
}
