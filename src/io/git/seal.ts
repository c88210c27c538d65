import { closeSync, fstatSync, lstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { CommitId, RepoPath } from '../../core/model/index.ts';
import type { Seal, SealedFolders } from '../../ports/index.ts';
import { gitFolder } from './folder.ts';
import { isWithin } from './listing.ts';
import type { GitRunner } from './run.ts';
import { readStatus } from './status.ts';

/** A folder that changed this lately may change again within the same tick of the file system's clock, unseen. */
const SETTLED_AFTER_MS = 2_000;
const ID_BYTES = 20;
/** In no path, and nothing that JSON escapes: a text of many thousand names is read back as it stands. */
const BETWEEN = '//';

/**
 * Takes down how the work tree below `paths` stands, where it is clean at `commit`. Two facts together show later that
 * nothing moved: git finds every file of the same index as it was, and every folder still has its times, so that it
 * neither gained nor lost a name. Ignored files would make the answer depend on ignore rules too, and flagged ones
 * (assume-unchanged, skip-worktree) are not looked at by git: with either below `paths` there is no seal.
 */
export async function sealWorkTree(
  git: GitRunner,
  of: { readonly paths: readonly RepoPath[]; readonly commit: CommitId; readonly nowMs: number },
): Promise<{ readonly seal: Seal; readonly folders: SealedFolders } | undefined> {
  const { paths, commit, nowMs } = of;
  const index = indexId(git.dir);
  if (index === undefined) return undefined;
  const disk = walk(git.dir, paths);
  const [status, listed] = await Promise.all([
    readStatus(git, ['--no-optional-locks']),
    git.look(['ls-files', '-v', '-z', '--', ...paths]),
  ]);
  const isClean = status.head === commit && !status.dirty.some((path) => isWithin(path, paths));
  const isSettled = disk.newestMs < nowMs - SETTLED_AFTER_MS;
  if (!isClean || !isSettled || !isExactly(disk.files, listed) || indexId(git.dir) !== index) return undefined;
  const stamps = Buffer.from(Float64Array.from(disk.stamps).buffer).toString('base64');
  return { seal: { commit, index, paths }, folders: { index, names: disk.folders.join(BETWEEN), stamps } };
}

/**
 * The tracked files that differ from the sealed ones. undefined when the index is another one or a folder changed: then
 * only a look at the whole tells. Git looks at the files while this process looks at the folders.
 */
export async function editedSince(
  git: GitRunner,
  seal: Seal,
  readFolders: () => SealedFolders | undefined,
): Promise<readonly string[] | undefined> {
  if (indexId(git.dir) !== seal.index) return undefined;
  const edited = git.look(['ls-files', '--modified', '-z', '--', ...seal.paths]);
  edited.catch(() => undefined);
  const folders = readFolders();
  if (folders?.index !== seal.index || !areFoldersAsSealed(git.dir, folders)) return undefined;
  const text = await edited;
  if (indexId(git.dir) !== seal.index) return undefined;
  return text.split('\0').filter((path) => path !== '');
}

function areFoldersAsSealed(dir: string, sealed: SealedFolders): boolean {
  const bytes = Buffer.from(sealed.stamps, 'base64');
  const stamps = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / Float64Array.BYTES_PER_ELEMENT);
  const folders = sealed.names.split(BETWEEN);
  // From the current folder, because this runs for every folder of the fleet and the kernel follows each step.
  const start = relative(process.cwd(), dir);
  const prefix = start === '' ? '' : `${start}/`;
  return (
    folders.length * STAMP_LENGTH === stamps.length &&
    folders.every((path, index) => {
      const at = index * STAMP_LENGTH;
      const facts = lstatSync(prefix + path, QUIETLY);
      if (facts === undefined) return stamps[at] === 0 && stamps[at + 1] === 0 && stamps[at + 2] === 0;
      return facts.ctimeMs === stamps[at] && facts.mtimeMs === stamps[at + 1] && facts.ino === stamps[at + 2];
    })
  );
}

const QUIETLY = { throwIfNoEntry: false } as const;
type Stamp = readonly [changedMs: number, modifiedMs: number, inode: number];
const STAMP_LENGTH = 3;
const ABSENT: Stamp = [0, 0, 0];

function stampOf(path: string): Stamp {
  const facts = lstatSync(path, QUIETLY);
  return facts === undefined ? ABSENT : [facts.ctimeMs, facts.mtimeMs, facts.ino];
}

interface OnDisk {
  /** Every folder below the paths, and the paths themselves, also where nothing is. */
  readonly folders: readonly string[];
  readonly stamps: readonly number[];
  readonly files: ReadonlySet<string>;
  readonly newestMs: number;
}

/** A folder's times are taken before its names, so that a name that comes in between is seen as a change later. */
function walk(dir: string, paths: readonly RepoPath[]): OnDisk {
  const folders: string[] = [];
  const stamps: number[] = [];
  const files = new Set<string>();
  let newestMs = 0;
  const visit = (path: string): void => {
    const stamp = stampOf(join(dir, path));
    folders.push(path);
    stamps.push(...stamp);
    newestMs = Math.max(newestMs, stamp[0], stamp[1]);
    for (const entry of namesIn(join(dir, path))) {
      if (entry.isDirectory()) visit(`${path}/${entry.name}`);
      else files.add(`${path}/${entry.name}`);
    }
  };
  for (const path of paths) {
    const facts = lstatSync(join(dir, path), QUIETLY);
    if (facts !== undefined && !facts.isDirectory()) files.add(path);
    visit(path);
  }
  return { folders, stamps, files, newestMs };
}

function namesIn(folder: string): readonly { readonly name: string; isDirectory(): boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

/** True when the listing of `ls-files -v -z` names exactly these files and flags none: every tag is a plain `H`. */
function isExactly(files: ReadonlySet<string>, listed: string): boolean {
  const records = listed.split('\0').filter((record) => record !== '');
  return (
    records.length === files.size && records.every((record) => record.startsWith('H ') && files.has(record.slice(2)))
  );
}

/**
 * What tells one content of the index from another: the checksum at its end, with its length. undefined where there is
 * no index, or one that was written without a checksum (`index.skipHash`).
 */
function indexId(dir: string): string | undefined {
  const path = indexPath(dir);
  if (path === undefined) return undefined;
  const file = openSync(path, 'r');
  try {
    const { size } = fstatSync(file);
    const checksum = Buffer.alloc(ID_BYTES);
    if (size < ID_BYTES || readSync(file, checksum, 0, ID_BYTES, size - ID_BYTES) !== ID_BYTES) return undefined;
    return checksum.every((byte) => byte === 0) ? undefined : `${checksum.toString('hex')} ${size}`;
  } finally {
    closeSync(file);
  }
}

function indexPath(dir: string): string | undefined {
  const folder = gitFolder(dir);
  if (folder === undefined) return undefined;
  const path = join(folder, 'index');
  return lstatSync(path, QUIETLY)?.isFile() === true ? path : undefined;
}
