import { byCodeUnit, type CommitId, type GitId, type RepoPath } from '../../core/model/index.ts';
import type { Inside, OddEntry, TreeEntry } from '../../ports/index.ts';
import { plainPath } from './listing.ts';
import type { Objects } from './objects.ts';
import { GitError } from './process.ts';
import type { GitRunner } from './run.ts';

// Listings of commits, of git's own tree objects. A tree is named by what is in it, so it is read once however many commits
// hold it.

export interface Listing {
  readonly entries: readonly TreeEntry[];
  readonly odd: readonly OddEntry[];
}

export interface Trees {
  /** What lies directly inside `folder` at a commit, or what is there in its place. */
  inside(commit: CommitId, folder: RepoPath): Promise<Inside>;
  /** Every file below the given folders or equal to the given paths, sorted by path. */
  list(commit: CommitId, paths: readonly RepoPath[]): Promise<Listing>;
  /** Names directly inside `folder` (null: the top) that differ between two commits, by what git holds under them. */
  differing(base: CommitId, head: CommitId, folder: RepoPath | null): Promise<readonly string[]>;
}

/** What a tree holds under one name; the mode has git's six digits. */
interface Held {
  readonly name: string;
  readonly mode: string;
  readonly id: GitId;
}

interface Tree {
  /** Sub-folders by name. */
  readonly folders: ReadonlyMap<string, GitId>;
  /** Files, links and submodules, in git's order. */
  readonly others: readonly Held[];
  /** No name has a slash: none stands for what is in another folder. */
  readonly isPlain: boolean;
}

const NO_TREE: Tree = { folders: new Map(), others: [], isPlain: true };
const FOLDER = '040000';
const ID_BYTES = 20;
const LONG_ID = /^[0-9a-f]{64}/;
const OTHER_FORMAT =
  'expected a repository with SHA-1 object ids, found one with SHA-256, which is not supported; make the fleet one of `git init --object-format=sha1`';
/** Bytes of the trees that are kept, a handful of times as much in memory; those that a listing walks through are not. */
const KEPT_BYTES = 8 * 1024 * 1024;
/**
 * Folders of one level that are asked for one by one; for more, starting git once more takes less time. Git takes a name
 * with a slash for a path, so that it lists only where the folders above have none.
 */
const MOST_WALKED = 256;

export function openTrees(objects: Objects, git: Pick<GitRunner, 'text'>): Trees {
  const kept = new Map<string, Promise<Tree>>();
  const sizes = new Map<string, number>();
  let keptBytes = 0;
  const forget = (name: string): void => {
    kept.delete(name);
    keptBytes -= sizes.get(name) ?? 0;
    sizes.delete(name);
  };
  const keep = (name: string, bytes: number): void => {
    sizes.set(name, bytes);
    keptBytes += bytes;
    for (const oldest of sizes.keys()) {
      if (keptBytes <= KEPT_BYTES || oldest === name) return;
      forget(oldest);
    }
  };
  /** The one that was looked at last goes last. */
  const touch = (name: string): void => {
    const bytes = sizes.get(name);
    if (bytes === undefined) return;
    sizes.delete(name);
    sizes.set(name, bytes);
  };
  const treeOf = (name: string): Promise<Tree> => {
    if (LONG_ID.test(name)) return Promise.reject(new GitError('GIT_FAILED', OTHER_FORMAT));
    const known = kept.get(name);
    if (known !== undefined) {
      touch(name);
      return known;
    }
    const read = objects.trees([name]).then(([bytes = new Uint8Array()]) => {
      keep(name, bytes.length);
      return parseTree(bytes, name);
    });
    kept.set(name, read);
    read.catch(() => forget(name));
    return read;
  };
  /** What is at `path`; null: nothing. `visit` sees the folders on the way. */
  const find = async (commit: CommitId, path: RepoPath, visit?: (tree: Tree) => void): Promise<Held | null> => {
    const names = path.split('/');
    let tree = await treeOf(`${commit}^{tree}`);
    for (const [index, name] of names.entries()) {
      visit?.(tree);
      const id = tree.folders.get(name);
      const isLast = index === names.length - 1;
      if (id === undefined) return (isLast && tree.others.find((held) => held.name === name)) || null;
      if (isLast) return { name, mode: FOLDER, id };
      tree = await treeOf(id);
    }
    return null;
  };
  const folderAt = async (commit: CommitId, folder: RepoPath | null): Promise<Tree | null> => {
    if (folder === null) return treeOf(`${commit}^{tree}`);
    const held = await find(commit, folder);
    return held?.mode === FOLDER ? treeOf(held.id) : null;
  };
  return {
    async inside(commit, folder) {
      const held = await find(commit, folder);
      if (held === null) return { ...listing(), folders: new Map() };
      if (held.mode !== FOLDER) return { ...listing([[held, folder]]), folders: new Map() };
      const tree = await treeOf(held.id);
      return { folders: tree.folders, ...listing(tree.others.map((other) => [other, `${folder}/${other.name}`])) };
    },
    async list(commit, paths) {
      const outermost = paths.filter((path) => !paths.some((other) => path.startsWith(`${other}/`)));
      const files: (readonly [Held, string])[] = [];
      let level: { readonly id: GitId; readonly path: string }[] = [];
      let isPlain = true;
      const visit = (tree: Tree): void => {
        isPlain &&= tree.isPlain;
      };
      for (const path of new Set(outermost)) {
        const held = await find(commit, path, visit);
        if (held?.mode === FOLDER) level.push({ id: held.id, path });
        else if (held !== null) files.push([held, path]);
      }
      while (level.length > 0) {
        if (level.length > MOST_WALKED && isPlain) {
          const text = await git.text(['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...outermost]);
          return listing(parseListing(text));
        }
        const bodies = await objects.trees(level.map(({ id }) => id));
        const below: typeof level = [];
        for (const [index, { id, path }] of level.entries()) {
          const tree = parseTree(bodies[index] ?? new Uint8Array(), id);
          visit(tree);
          for (const [name, folder] of tree.folders) below.push({ id: folder, path: `${path}/${name}` });
          for (const held of tree.others) files.push([held, `${path}/${held.name}`]);
        }
        level = below;
      }
      return listing(files.sort(([, one], [, other]) => byCodeUnit(one, other)));
    },
    async differing(base, head, folder) {
      const [before, after] = await Promise.all([folderAt(base, folder), folderAt(head, folder)]);
      if (before === after) return [];
      const [was, is] = [heldBy(before ?? NO_TREE), heldBy(after ?? NO_TREE)];
      const names = new Set([...was.keys(), ...is.keys()]);
      return [...names].filter((name) => was.get(name) !== is.get(name)).sort(byCodeUnit);
    },
  };
}

function heldBy({ folders, others }: Tree): ReadonlyMap<string, string> {
  return new Map([
    ...[...folders].map(([name, id]) => [name, `${FOLDER} ${id}`] as const),
    ...others.map(({ name, mode, id }) => [name, `${mode} ${id}`] as const),
  ]);
}

/** Paths that are no repository path go to `odd`. */
function listing(files: readonly (readonly [held: Held, path: string])[] = []): Listing {
  const entries: TreeEntry[] = [];
  const odd: OddEntry[] = [];
  for (const [{ name, mode, id }, shown] of files) {
    // No name that git itself writes has a slash: it would stand for a file of another folder.
    const path = name.includes('/') ? undefined : plainPath(shown);
    if (path === undefined) odd.push({ shown: JSON.stringify(shown), mode });
    else entries.push({ path, mode, id });
  }
  return { entries, odd };
}

/** Parses `git ls-tree -r -z`: "<mode> <type> <id>\t<path>\0". */
function parseListing(text: string): readonly (readonly [held: Held, path: string])[] {
  const files: (readonly [Held, string])[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\0', at);
    const tab = text.indexOf('\t', at);
    const [mode = '', , id = ''] = text.slice(at, tab).split(' ');
    const path = text.slice(tab + 1, end);
    files.push([{ name: path.slice(path.lastIndexOf('/') + 1), mode, id: id as GitId }, path]);
    at = end + 1;
  }
  return files;
}

const SPACE = 32;
const NON_ASCII = /[\u0080-\u00ff]/;

/** Parses a tree object: "<mode> <name>\0<20 bytes of the id>" again and again. Throws GIT_FAILED for anything else. */
function parseTree(bytes: Uint8Array, name: string): Tree {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // Parts of two long texts cost less than as many texts of their own.
  const text = buffer.toString('latin1');
  const hex = buffer.toString('hex');
  const folders = new Map<string, GitId>();
  const others: Held[] = [];
  let isPlain = true;
  for (let at = 0; at < bytes.length; ) {
    const modeEnd = at + (bytes[at + 5] === SPACE ? 5 : 6);
    const nameEnd = buffer.indexOf(0, modeEnd);
    const end = nameEnd + 1 + ID_BYTES;
    if (bytes[modeEnd] !== SPACE || nameEnd < 0 || end > bytes.length) {
      throw new GitError('GIT_FAILED', `expected a tree at ${name}, found a damaged one; \`git fsck\` tells more`);
    }
    const mode = text.slice(at, modeEnd).padStart(6, '0');
    const plain = text.slice(modeEnd + 1, nameEnd);
    const held = NON_ASCII.test(plain) ? buffer.toString('utf8', modeEnd + 1, nameEnd) : plain;
    const id = hex.slice(2 * (nameEnd + 1), 2 * end) as GitId;
    const hasSlash = held.includes('/');
    isPlain &&= !hasSlash;
    // A folder whose name has a slash is listed like a file: nobody is to look for it below another folder.
    if (mode === FOLDER && !hasSlash) folders.set(held, id);
    else others.push({ name: held, mode, id });
    at = end;
  }
  return { folders, others, isPlain };
}
