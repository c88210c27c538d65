import { type CommitId, commitId, type RepoPath, repoPath } from '../../core/model/index.ts';
import type { CommitFacts, CommitRange, ReadTree, Repository } from '../../ports/index.ts';
import { isWithin } from './listing.ts';
import { type ObjectCounters, type Objects, openObjects } from './objects.ts';
import { GitError } from './process.ts';
import { type GitRunner, gitRunner } from './run.ts';
import { editedSince, sealWorkTree } from './seal.ts';
import { signedBy } from './signature.ts';
import { readStatus, type WorkTreeStatus } from './status.ts';
import { openTrees, type Trees } from './trees.ts';
import { workTreeOf } from './worktree.ts';

/** What was really done, for tests that assert work is proportional to what changed. */
export interface GitCounters extends ObjectCounters {}

/** Opens the repository at `dir` (its top folder). Nothing is read before a method asks; `nowMs` tells settled times. */
export function openRepository(
  dir: string,
  nowMs: () => number = Date.now,
): Repository & { readonly counters: GitCounters } {
  const counters: GitCounters = { processes: 0, blobsRead: 0 };
  const git = counted(gitRunner(dir), counters);
  const objects = openObjects(dir, counters);
  const trees = openTrees(objects, git);
  let known: Promise<WorkTreeStatus> | undefined;
  const status = (): Promise<WorkTreeStatus> => {
    known ??= readStatus(git);
    return known;
  };
  return {
    counters,
    resolve: (ref) => resolve(git, ref),
    treeAt: (commit) => treeAt(objects, trees, commit),
    workTree: () => workTreeOf({ git, trees, status, blobs: objects.blobs }),
    head: async () => (await status()).head ?? undefined,
    dirtyPaths: async () => (await status()).dirty,
    seal: (paths, commit) => sealWorkTree(git, { paths, commit, nowMs: nowMs() }),
    touchedSince: (base, paths) => touchedSince(git, { base, paths, status }),
    async editedSince(seal, folders) {
      const edited = await editedSince(git, seal, folders);
      // The work tree is the sealed commit with these edits, so that no second look is needed to read it.
      if (edited !== undefined) known ??= Promise.resolve({ head: seal.commit, dirty: edited });
      return edited;
    },
    facts: (commit) => factsOf(git, commit),
    broughtBy: (merge) => broughtBy(git, merge),
    mergeBase: (one, other) => mergeBase(git, one, other),
    isShallow: async () => (await git.text(['rev-parse', '--is-shallow-repository'])).trim() === 'true',
    firstParents: (from, to) => firstParents(git, from, to),
    strayed: (commits, head) => strayed(git, commits, head),
    changed: (base, head, folder) => changed(trees, { base, head, folder }),
    writtenBy: (path, head) => writtenBy(git, path, head),
    authors: (range, paths) => authors(git, range, paths),
    signedBy: (commit, keys) => signedBy(dir, commit, keys),
  };
}

/** Makes `dir`, which exists, a repository whose first branch is main. */
export async function createRepository(dir: string): Promise<void> {
  // Whatever ids a person's git makes where nothing is said: only those of SHA-1 are read.
  await gitRunner(dir).text(['init', '--quiet', '--initial-branch=main', '--object-format=sha1']);
}

function counted(git: GitRunner, counters: GitCounters): GitRunner {
  return {
    dir: git.dir,
    look: (args) => {
      counters.processes += 1;
      return git.look(args);
    },
    text: (args) => {
      counters.processes += 1;
      return git.text(args);
    },
    compare: (args) => {
      counters.processes += 1;
      return git.compare(args);
    },
  };
}

async function resolve(git: GitRunner, ref: string): Promise<CommitId | undefined> {
  if (ref === '' || ref.includes('\0')) return undefined;
  return commitId(await quietly(git, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]));
}

function treeAt(objects: Objects, trees: Trees, commit: CommitId): ReadTree {
  return {
    commit,
    inside: (folder) => trees.inside(commit, folder),
    list: (paths) => trees.list(commit, paths),
    async read(entries, limitBytes) {
      const bodies = await objects.blobs(
        entries.map((entry) => entry.id),
        limitBytes,
      );
      return new Map(entries.map((entry, index) => [entry.path, bodies[index] ?? null] as const));
    },
  };
}

const FACTS_FORMAT = '%H%x00%P%x00%an <%ae>%x00%cn <%ce>%x00%ct%x00%s';

function parseFacts(text: string): CommitFacts | undefined {
  const [id = '', parents = '', author = '', committer = '', seconds = '', subject = ''] = text.trimEnd().split('\0');
  const commit = commitId(id);
  if (commit === undefined) return undefined;
  return {
    id: commit,
    parents: parents.split(' ').flatMap((parent) => commitId(parent) ?? []),
    author,
    committer,
    committedAtMs: Number(seconds) * 1000,
    subject,
  };
}

async function factsOf(git: GitRunner, commit: CommitId): Promise<CommitFacts> {
  const facts = parseFacts(await git.text(['log', '-1', `--format=${FACTS_FORMAT}`, commit, '--']));
  if (facts === undefined) throw new GitError('GIT_FAILED', `expected the facts of commit ${commit}, found none`);
  return facts;
}

async function broughtBy(git: GitRunner, { parents }: CommitFacts): Promise<CommitFacts | undefined> {
  const [first, second, ...others] = parents;
  if (first === undefined || second === undefined || others.length > 0) return undefined;
  const log = ['log', '--max-count=2', `--format=${FACTS_FORMAT}`, second, `^${first}`, '--'];
  const [only, ...more] = (await git.text(log)).split('\n').flatMap((line) => parseFacts(line) ?? []);
  // Without a parent it is where a shallow clone ends, and others may lie behind it.
  return more.length === 0 && only !== undefined && only.parents.length > 0 ? only : undefined;
}

async function firstParents(git: GitRunner, from: CommitId, to: CommitId): Promise<readonly CommitId[] | undefined> {
  if ((await mergeBase(git, from, to)) !== from) return undefined;
  const text = await git.text(['rev-list', '--first-parent', '--reverse', `${from}..${to}`, '--']);
  return text.split('\n').flatMap((line) => commitId(line) ?? []);
}

async function mergeBase(git: GitRunner, one: CommitId, other: CommitId): Promise<CommitId | undefined> {
  return commitId(await quietly(git, ['merge-base', one, other]));
}

/** One process says that all is well; only where it is not, each commit is asked about. */
async function strayed(git: GitRunner, commits: readonly CommitId[], head: CommitId): Promise<readonly CommitId[]> {
  if (commits.length === 0) return [];
  const isBehind = ['rev-list', '--max-count=1', ...commits, `^${head}`, '--'];
  const beyond = await git.text(isBehind).catch((cause: unknown) => {
    // A commit that is not there at all.
    if (cause instanceof GitError && cause.code === 'GIT_FAILED') return 'unknown';
    throw cause;
  });
  if (beyond.trim() === '') return [];
  const bases = await Promise.all(commits.map((commit) => mergeBase(git, commit, head)));
  return commits.filter((commit, index) => bases[index] !== commit);
}

/** Paths directly inside `folder` that differ between two commits (a compare of trees, never a file walk). */
async function changed(
  trees: Trees,
  ask: { readonly base: CommitId; readonly head: CommitId; readonly folder: RepoPath | null },
): Promise<readonly RepoPath[]> {
  const prefix = ask.folder === null ? '' : `${ask.folder}/`;
  const names = await trees.differing(ask.base, ask.head, ask.folder);
  return names.flatMap((name) => repoPath(prefix + name) ?? []);
}

/** A compare of two trees opens only folders that differ: no file of the fleet is listed. */
async function touchedSince(
  git: GitRunner,
  ask: {
    readonly base: CommitId;
    readonly paths: readonly RepoPath[];
    readonly status: () => Promise<WorkTreeStatus>;
  },
): Promise<ReadonlySet<string>> {
  const { head, dirty } = await ask.status();
  const compare = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', ask.base];
  const compared = head === null ? '' : await git.compare([...compare, head, '--', ...ask.paths]);
  const committed = compared.split('\0').filter((path) => path !== '');
  return new Set([...committed, ...dirty.filter((path) => isWithin(path, ask.paths))]);
}

/** The trimmed output; empty when git said no. */
async function quietly(git: GitRunner, args: readonly string[]): Promise<string> {
  try {
    return (await git.text(args)).trim();
  } catch (cause) {
    if (cause instanceof GitError && cause.code === 'GIT_FAILED') return '';
    throw cause;
  }
}

async function writtenBy(git: GitRunner, path: RepoPath, head: CommitId): Promise<readonly CommitFacts[]> {
  const text = await git.text(['log', '--first-parent', `--format=${FACTS_FORMAT}`, head, '--', path]);
  return text.split('\n').flatMap((line) => parseFacts(line) ?? []);
}

const PEOPLE = '--format=%x01%n%an <%ae>%n%cn <%ce>';

/** Whoever only merged wrote nothing; a merge that has content of its own (no parent's) was written by who made it. */
async function authors(git: GitRunner, range: CommitRange, paths: readonly RepoPath[]): Promise<readonly string[]> {
  // Of a rewritten history the beginning may be gone: then everybody who wrote any of it counts.
  const isThere = range.from !== null && (await quietly(git, ['cat-file', '-t', range.from])) === 'commit';
  const commits = isThere ? `${range.from}..${range.to}` : range.to;
  const log = (...args: string[]): Promise<string> =>
    git.text(['log', '--full-history', ...args, PEOPLE, commits, '--', ...paths]);
  const [plain, merges] = await Promise.all([log('--no-merges'), log('--merges', '-c', '--name-only')]);
  const records = (text: string): string[][] => text.split('\u0001').map((one) => one.split('\n').filter(Boolean));
  const written = [...records(plain), ...records(merges).filter((lines) => lines.length > 2)];
  return [...new Set(written.flatMap((lines) => lines.slice(0, 2)))];
}
