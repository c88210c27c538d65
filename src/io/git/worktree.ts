import type { Hash } from 'node:crypto';
import fs from 'node:fs';
import { join } from 'node:path';
import { byCodeUnit, type GitId, type RepoPath } from '../../core/model/index.ts';
import type { Inside, ReadTree, TreeEntry } from '../../ports/index.ts';
import { convertedIds, indexModes } from './converted.ts';
import { isWithin, plainPath } from './listing.ts';
import type { GitRunner } from './run.ts';
import type { WorkTreeStatus } from './status.ts';
import type { Listing, Trees } from './trees.ts';

// `fs.promises` and not `node:fs/promises`, here and beside: the one is loaded when it is used, the other by every check before
// git looks at the files.

/** A dirty file over this is listed but never read whole into memory. */
const HASH_LIMIT_BYTES = 8 * 1024 * 1024;
const LINK = '120000';
const SUBMODULE = '160000';
const EXECUTABLE = '100755';
const CARRIAGE_RETURN = 13;
const NO_ID = '0'.repeat(40) as GitId;

export interface WorkTreeParts {
  readonly git: GitRunner;
  readonly trees: Trees;
  readonly status: () => Promise<WorkTreeStatus>;
  /** Bodies of git's objects. */
  readonly blobs: (ids: readonly string[], limitBytes: number) => Promise<readonly (Uint8Array | null)[]>;
}

/**
 * The work tree as if everything in it were committed: HEAD's listing, with dirty files hashed from disk.
 * Clean files are known by the index, so only dirty ones are opened.
 */
export function workTreeOf({ git, trees, status, blobs }: WorkTreeParts): ReadTree {
  const { dir } = git;
  const dirtyEntries = once(async () => {
    const { dirty } = await status();
    const found = await asCommitted(git, await Promise.all(dirty.map((path) => entryOnDisk(dir, path))));
    const links = found.flatMap((entry) => (entry?.mode === LINK ? [`${entry.path}/`] : []));
    // What lies behind a link is no file of this repository, whatever the name says.
    const isBehind = (path: string): boolean => links.some((link) => path.startsWith(link));
    return new Map(dirty.map((path, index) => [path, isBehind(path) ? null : (found[index] ?? null)] as const));
  });
  const list = async (paths: readonly RepoPath[]): Promise<Listing> => {
    const { head } = await status();
    const committed = head === null ? { entries: [], odd: [] } : await trees.list(head, paths);
    const dirty = await dirtyEntries();
    const kept = committed.entries.filter((entry) => !dirty.has(entry.path));
    const changed = [...dirty].flatMap(([path, entry]) => (entry !== null && isWithin(path, paths) ? [entry] : []));
    const entries = [...kept, ...changed].sort((a, b) => byCodeUnit(a.path, b.path));
    return { entries, odd: [...committed.odd, ...oddOf(dirty.keys(), (path) => isWithin(path, paths))] };
  };
  return {
    commit: null,
    list,
    async inside(folder) {
      const { head } = await status();
      const committed = head === null ? NOTHING : await trees.inside(head, folder);
      const dirty = await dirtyEntries();
      const folders = new Map(committed.folders);
      const touched = [...dirty.keys()].flatMap((path) => subFolder(path, folder) ?? []);
      for (const name of new Set(touched)) {
        const path = `${folder}/${name}` as RepoPath;
        const below = (await list([path])).entries.filter((entry) => entry.path !== path);
        if (below.length === 0) folders.delete(name);
        else folders.set(name, dirtyFolderId(below));
      }
      const kept = committed.entries.filter((entry) => !dirty.has(entry.path));
      const changed = [...dirty.values()].flatMap((entry) =>
        entry !== null && (entry.path === folder || parentOf(entry.path) === folder) ? [entry] : [],
      );
      const entries = [...kept, ...changed].sort((a, b) => byCodeUnit(a.path, b.path));
      const odd = oddOf(dirty.keys(), (path) => parentOf(nameOf(path)) === folder);
      return { folders, entries, odd: [...committed.odd, ...odd] };
    },
    async read(entries, limitBytes) {
      const bodies = await inBatches(entries, 64, (entry) => readRegular(join(dir, entry.path), limitBytes));
      const read = new Map(entries.map((entry, index) => [entry.path, bodies[index] ?? null] as const));
      const left = await leftOut(dir, entries, read);
      const kept = await blobs(
        left.map(({ id }) => id),
        limitBytes,
      );
      left.forEach(({ path }, index) => {
        read.set(path, kept[index] ?? null);
      });
      return read;
    },
  };
}

/** Clean files that a sparse checkout leaves out: they are listed, nothing is on the disk, and their content is the commit's. */
async function leftOut(
  dir: string,
  entries: readonly TreeEntry[],
  read: ReadonlyMap<RepoPath, Uint8Array | null>,
): Promise<readonly TreeEntry[]> {
  const unread = entries.filter(({ path, mode }) => read.get(path) === null && mode.startsWith('100'));
  const there = await inBatches(unread, 64, ({ path }) => isThere(join(dir, path)));
  return unread.filter((_, index) => there[index] === false);
}

function isThere(path: string): Promise<boolean> {
  return fs.promises.lstat(path).then(
    () => true,
    () => false,
  );
}

const NOTHING: Inside = { folders: new Map(), entries: [], odd: [] };

/** What git calls a path of the work tree; it lists a repository inside this one as a folder, with a slash at the end. */
function nameOf(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path;
}

/** Those of the paths whose names no file may have. */
function oddOf(dirty: Iterable<string>, isMeant: (path: string) => boolean): Listing['odd'] {
  const odd = [...dirty].filter((path) => plainPath(nameOf(path)) === undefined && isMeant(path));
  return odd.map((shown) => ({ shown: JSON.stringify(shown), mode: '' }));
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}

/** The name of the direct sub-folder of `folder` that holds `path`. */
function subFolder(path: string, folder: RepoPath): string | undefined {
  if (!path.startsWith(`${folder}/`)) return undefined;
  const steps = path.slice(folder.length + 1).split('/');
  return steps.length > 1 ? steps[0] : undefined;
}

/** An id that no git tree has, equal exactly when the files are: what stands in for a tree id while a folder is dirty. */
function dirtyFolderId(entries: readonly TreeEntry[]): GitId {
  const lines = entries.map((entry) => `${entry.mode} ${entry.id} ${entry.path}`);
  return sha1()
    .update(`dirty\0${lines.join('\n')}`)
    .digest('hex') as GitId;
}

interface DiskEntry extends TreeEntry {
  /** Git may take its line ends for others than it keeps. */
  readonly hasCrlf?: boolean;
}

/** Entries as git would commit them: it may keep other line ends than are on the disk, and believe no mode of it. */
async function asCommitted(
  git: GitRunner,
  found: readonly (DiskEntry | null)[],
): Promise<readonly (TreeEntry | null)[]> {
  const pathsOf = (isMeant: (entry: DiskEntry) => boolean): readonly RepoPath[] =>
    found.flatMap((entry) => (entry !== null && isMeant(entry) ? [entry.path] : []));
  const [ids, modes] = await Promise.all([
    convertedIds(
      git,
      pathsOf(({ hasCrlf }) => hasCrlf === true),
    ),
    indexModes(
      git,
      pathsOf(({ mode }) => mode === EXECUTABLE),
    ),
  ]);
  return found.map((entry) => {
    if (entry === null) return null;
    const { path, mode, id } = entry;
    return { path, mode: modes.get(path) ?? mode, id: ids.get(path) ?? id };
  });
}

/** The entry of a file on disk as it is there, or null when it is gone. */
async function entryOnDisk(dir: string, path: string): Promise<DiskEntry | null> {
  const name = plainPath(nameOf(path));
  if (name === undefined) return null;
  // Committed, a repository inside this one would be a submodule.
  if (path.endsWith('/')) return { path: name, mode: SUBMODULE, id: NO_ID };
  const full = join(dir, path);
  const facts = await fs.promises.lstat(full).catch(() => undefined);
  if (facts === undefined) return null;
  // A folder that git speaks of as one thing: a submodule that is staged, or moved on. Else it took the place of a file that is gone.
  if (facts.isDirectory())
    return (await isThere(join(full, '.git'))) ? { path: name, mode: SUBMODULE, id: NO_ID } : null;
  if (facts.isSymbolicLink())
    return { path: name, mode: LINK, id: blobId(Buffer.from(await fs.promises.readlink(full))) };
  // Of pipes, sockets and devices git knows nothing.
  if (!facts.isFile()) return null;
  const mode = (facts.mode & 0o111) === 0 ? '100644' : EXECUTABLE;
  const bytes = facts.size > HASH_LIMIT_BYTES ? null : await readRegular(full, HASH_LIMIT_BYTES);
  return bytes === null
    ? { path: name, mode, id: NO_ID }
    : { path: name, mode, id: blobId(bytes), hasCrlf: bytes.includes(CARRIAGE_RETURN) };
}

/** Loaded when a dirty file is hashed: a clean work tree, the common case, never needs it. */
function sha1(): Hash {
  return process.getBuiltinModule('node:crypto').createHash('sha1');
}

function blobId(bytes: Uint8Array): GitId {
  return sha1().update(`blob ${bytes.length}\0`).update(bytes).digest('hex') as GitId;
}

/** The bytes of a regular file within the limit; null for links, other types and larger files. */
async function readRegular(path: string, limitBytes: number): Promise<Uint8Array | null> {
  // Not to wait for a writer where somebody put a pipe.
  const flags = fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK;
  const file = await fs.promises.open(path, flags).catch(() => null);
  if (file === null) return null;
  try {
    const facts = await file.stat();
    return facts.isFile() && facts.size <= limitBytes ? await file.readFile() : null;
  } finally {
    await file.close();
  }
}

async function inBatches<In, Out>(
  items: readonly In[],
  size: number,
  work: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  for (let at = 0; at < items.length; at += size) {
    results.push(...(await Promise.all(items.slice(at, at + size).map(work))));
  }
  return results;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
