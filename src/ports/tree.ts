import type { CommitId, GitId, RepoPath } from '../core/model/index.ts';

/** One entry of a tree listing, as git states it; mode "100644" is the only one for a manifest. */
export interface TreeEntry {
  readonly path: RepoPath;
  readonly mode: string;
  readonly id: GitId;
}

/** A listed path that is no valid repository path (control characters, `..`, invalid UTF-8), shown escaped. */
export interface OddEntry {
  readonly shown: string;
  readonly mode: string;
}

/** What lies directly inside a folder; nothing where there is none, and the file or link that is in its place. */
export interface Inside {
  /** Sub-folders by name, with git's tree ids (of the work tree: ids as if everything were committed). */
  readonly folders: ReadonlyMap<string, GitId>;
  /** Everything else: files, links, submodules. */
  readonly entries: readonly TreeEntry[];
  readonly odd: readonly OddEntry[];
}

/** The files of one commit, or of the work tree. Listing never reads bodies. */
export interface ReadTree {
  /** The commit read, or null for the work tree. */
  readonly commit: CommitId | null;
  inside(folder: RepoPath): Promise<Inside>;
  /** Every file below the given folders or equal to the given paths, sorted by path. */
  list(
    paths: readonly RepoPath[],
  ): Promise<{ readonly entries: readonly TreeEntry[]; readonly odd: readonly OddEntry[] }>;
  /** The bytes of the entries, in one batch; entries over `limitBytes` come back as null. */
  read(entries: readonly TreeEntry[], limitBytes: number): Promise<ReadonlyMap<RepoPath, Uint8Array | null>>;
}

/** Who made a commit and when, as git states it. */
export interface CommitFacts {
  readonly id: CommitId;
  readonly parents: readonly CommitId[];
  readonly author: string;
  readonly committer: string;
  readonly committedAtMs: number;
  readonly subject: string;
}

/** Commits after `from` (null: from the first one) up to and with `to`. */
export interface CommitRange {
  readonly from: CommitId | null;
  readonly to: CommitId;
}

/** Who may sign what, as fleet.yaml lists it: an SSH public key without a comment, and whose it is. */
export interface SigningKey {
  readonly key: string;
  readonly owner: string;
}

/** How the files below some paths stood on disk while the work tree was clean; only the repository reads what is in it. */
export interface Seal {
  readonly commit: CommitId;
  readonly paths: readonly RepoPath[];
  readonly index: string;
}

/** The part of a seal that grows with the fleet: every folder with its times. */
export interface SealedFolders {
  /** As in the seal that they belong to. */
  readonly index: string;
  readonly names: string;
  readonly stamps: string;
}

/** The repository as the flows see it. */
export interface Repository {
  /** The full id of what a person typed; undefined when it names no commit. */
  resolve(ref: string): Promise<CommitId | undefined>;
  treeAt(commit: CommitId): ReadTree;
  /** The work tree with its dirty files hashed. */
  workTree(): ReadTree;
  /** The commit that is checked out; undefined in a repository without one. */
  head(): Promise<CommitId | undefined>;
  /** Paths that differ from HEAD in the work tree or index, untracked ones included. */
  dirtyPaths(): Promise<readonly string[]>;
  /** Every file below `paths` that differs between `base` and the work tree, the removed and the dirty ones too. */
  touchedSince(base: CommitId, paths: readonly RepoPath[]): Promise<ReadonlySet<string>>;
  /** Takes down how `paths` stand, where they are clean at `commit`; undefined when a later look could prove nothing. */
  seal(
    paths: readonly RepoPath[],
    commit: CommitId,
  ): Promise<{ readonly seal: Seal; readonly folders: SealedFolders } | undefined>;
  /**
   * The files below the sealed paths that were edited since; undefined when files came or went, or when the seal cannot
   * tell. `folders` is asked while git looks at the files. Afterwards the work tree is read as the sealed commit with
   * these edits, whatever HEAD is.
   */
  editedSince(seal: Seal, folders: () => SealedFolders | undefined): Promise<readonly string[] | undefined>;
  facts(commit: CommitId): Promise<CommitFacts>;
  /** The one commit that a merge brought to its first parent; undefined for more than one, and for what is no merge. */
  broughtBy(merge: CommitFacts): Promise<CommitFacts | undefined>;
  /** The newest commit that both come from; undefined when the clone holds none. */
  mergeBase(one: CommitId, other: CommitId): Promise<CommitId | undefined>;
  /** True when the clone holds only a part of the history. */
  isShallow(): Promise<boolean>;
  /** Commits of `from..to` along first parents, oldest first; undefined when `from` is not an ancestor. */
  firstParents(from: CommitId, to: CommitId): Promise<readonly CommitId[] | undefined>;
  /** Those of `commits` that `head` does not come from, and those that the clone does not hold. */
  strayed(commits: readonly CommitId[], head: CommitId): Promise<readonly CommitId[]>;
  /** Files and folders directly inside `folder` (null: the top) that differ between two commits. */
  changed(base: CommitId, head: CommitId, folder: RepoPath | null): Promise<readonly RepoPath[]>;
  /** Every commit on the first-parent line of `head` that wrote `path`, newest first; empty when it is not there. */
  writtenBy(path: RepoPath, head: CommitId): Promise<readonly CommitFacts[]>;
  /** Authors and committers of every commit of `from..to` that touched one of `paths`, on any line of a merge. */
  authors(range: CommitRange, paths: readonly RepoPath[]): Promise<readonly string[]>;
  /** The owner of the key that signed `commit`, when it is one of `keys`; undefined when none of them did. */
  signedBy(commit: CommitId, keys: readonly SigningKey[]): Promise<string | undefined>;
}

/** Where commands that write manifests put them: all files or none (written aside, then renamed). */
export interface WriteTree {
  write(files: ReadonlyMap<RepoPath, string | null>): Promise<void>;
}
