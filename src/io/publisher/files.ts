import { createHash, randomBytes } from 'node:crypto';
import { access, constants } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OrgUid, Sha256Hex } from '../../core/model/index.ts';
import type { Publisher } from '../../ports/index.ts';
import { isCode, isDiskError, publishError } from './error.ts';
import { type FolderFiles, nodeFolderFiles } from './folder.ts';
import { lockIn } from './lock.ts';
import { isPublishedPath, stepsOf } from './path.ts';

/**
 * Publishes into `<dir>/<org uid>/<path>`: written to a temporary file, synced, put in place, folders synced.
 * An immutable file is put in place by a link that fails when the name exists, so two writers cannot both win.
 * The files of one call are synced side by side, and each folder once after all of them. The mutable file is compared and
 * replaced under a lock of all who publish into the folder, so of two that race one is told. Under that lock too, temporary
 * files of the org that a killed publisher left are removed once they are an hour old. What the disk refuses is PUBLISH_FOLDER.
 */
export function filePublisher(dir: string, disk: FolderFiles = nodeFolderFiles): Publisher {
  const { races, putImmutable, putMutable, get, list, remove } = onDisk(dir, disk);
  const told = <Result>(work: Promise<Result>): Promise<Result> =>
    work.catch((error: unknown) => {
      if (!isDiskError(error)) throw error;
      throw publishError('PUBLISH_FOLDER', `expected to read and write below ${dir}, found ${error.message}`);
    });
  return {
    races,
    putImmutable: (...ask) => told(putImmutable(...ask)),
    putMutable: (...ask) => told(putMutable(...ask)),
    get: (...ask) => told(get(...ask)),
    list: (...ask) => told(list(...ask)),
    remove: (...ask) => told(remove(...ask)),
  };
}

/** The publisher itself, whose errors are those of the disk. */
function onDisk(dir: string, disk: FolderFiles): Publisher {
  const linkInPlace = linking(disk);
  const exclusively = lockIn(dir);
  const ofOrg = withinOrg(dir);
  const newFile = (org: OrgUid, path: string, bytes: Uint8Array): NewFile => ({
    place: placeOf(dir, org, path),
    bytes,
  });
  return {
    races: 'conditions',
    putImmutable: (org, files) =>
      ofOrg(org, async () => {
        const put = [...files].map(([path, bytes]) => newFile(org, path, bytes));
        await putAll(disk, put, linkInPlace);
      }),
    putMutable: (org, path, bytes, over) =>
      ofOrg(org, async () => {
        const renameInPlace = renaming(disk, over);
        await putAll(disk, [newFile(org, path, bytes)], (temporary, place, content) =>
          exclusively(async () => {
            await renameInPlace(temporary, place, content);
            await sweep(disk, placeOfOrg(dir, org));
          }),
        );
      }),
    get: (org, path) => ofOrg(org, async () => disk.read(placeOf(dir, org, path))),
    list: (org) =>
      ofOrg(org, async () => {
        const found = await disk.list(placeOfOrg(dir, org));
        return found.filter(({ path }) => isPublishedPath(path));
      }),
    remove: (org, paths) =>
      ofOrg(org, async () => {
        for (const place of paths.map((path) => placeOf(dir, org, path))) {
          await disk.remove(place).catch((error: unknown) => {
            if (!isCode(error, 'ENOENT')) throw error;
          });
        }
      }),
  };
}

/** A link, a folder, a file where a folder should be, or what this user may not open: the disk itself is in order. */
const NOT_AS_PUT = ['ELOOP', 'EISDIR', 'ENOTDIR', 'EACCES', 'EPERM'];

/**
 * What lies in the place of an org's files is that org's trouble (PUBLISH_DAMAGED), and keeps no other from its own; where the
 * folder of all of them cannot be used, it is the disk's.
 */
function withinOrg(dir: string): <T>(org: OrgUid, work: () => Promise<T>) => Promise<T> {
  return async (org, work) => {
    try {
      return await work();
    } catch (error) {
      if (!NOT_AS_PUT.some((code) => isCode(error, code)) || !(await isUsable(dir))) throw error;
      throw publishError(
        'PUBLISH_DAMAGED',
        `expected files of ${org} as they were put, found ${(error as Error).message}`,
      );
    }
  };
}

async function isUsable(dir: string): Promise<boolean> {
  const { R_OK, W_OK, X_OK } = constants;
  // The dot holds for folders alone.
  return access(`${dir}/.`, R_OK | W_OK | X_OK).then(
    () => true,
    () => false,
  );
}

/** As `writeAside` names them. */
const TEMPORARY = /^\.[0-9a-f]{16}\.tmp$/;
/** Far longer than any write takes; one that is swept all the same fails, and is done again. */
const LEFT_AFTER_MS = 3_600_000;

/** Removes what killed publishers left of this org. What may not be removed costs room and nothing else. */
async function sweep(disk: FolderFiles, folder: string): Promise<void> {
  for (const path of await disk.unchangedSince(folder, TEMPORARY, Date.now() - LEFT_AFTER_MS)) {
    await disk.remove(path).catch((error: unknown) => {
      if (!['ENOENT', 'EACCES', 'EPERM'].some((code) => isCode(error, code))) throw error;
    });
  }
}

interface NewFile {
  readonly place: string;
  readonly bytes: Uint8Array;
}

/** Puts a synced temporary file under its name; where it fails, the temporary file is gone too. */
type PutInPlace = (temporary: string, place: string, bytes: Uint8Array) => Promise<void>;

async function putAll(disk: FolderFiles, files: readonly NewFile[], putInPlace: PutInPlace): Promise<void> {
  const changed = new Set(files.map(({ place }) => dirname(place)));
  const put = async ({ place, bytes }: NewFile): Promise<void> => {
    const { temporary, made } = await writeAside(disk, place, bytes);
    for (const folder of made) changed.add(folder);
    await putInPlace(temporary, place, bytes);
  };
  await allOf(files.map(put));
  await allOf([...changed].map((folder) => disk.syncFolder(folder)));
}

/** Waits for all of them, also when one fails, so that nothing goes on behind the caller's back. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

function linking(disk: FolderFiles): PutInPlace {
  return async (temporary, place, bytes) => {
    try {
      await disk.link(temporary, place);
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw error;
      await assertSame(disk, place, bytes);
    } finally {
      await disk.remove(temporary);
    }
  };
}

function renaming(disk: FolderFiles, over: Sha256Hex | 'overlong' | null): PutInPlace {
  return async (temporary, place) => {
    try {
      const existing = await disk.read(place);
      if ((existing === undefined ? null : sha256Of(existing)) !== over)
        throw publishError('PUBLISH_CONFLICT', `expected the ${place} that was read before, found another`);
      await disk.rename(temporary, place);
    } catch (error) {
      await disk.remove(temporary);
      throw error;
    }
  };
}

async function assertSame(disk: FolderFiles, place: string, bytes: Uint8Array): Promise<void> {
  const existing = await disk.read(place);
  if (existing === undefined || Buffer.compare(existing, bytes) !== 0) {
    throw publishError('PUBLISH_CONFLICT', `expected the same bytes at ${place}, found others`);
  }
}

interface Aside {
  readonly temporary: string;
  /** Folders that have a new entry, because the file's own did not exist; they are there for good once synced. */
  readonly made: readonly string[];
}

/** Writes beside the place. Most folders exist, so they are made only when writing says that one is missing. */
async function writeAside(disk: FolderFiles, place: string, bytes: Uint8Array): Promise<Aside> {
  const temporary = join(dirname(place), `.${randomBytes(8).toString('hex')}.tmp`);
  try {
    await disk.writeNew(temporary, bytes);
    return { temporary, made: [] };
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    const made = await makeFolder(disk, dirname(place));
    await disk.writeNew(temporary, bytes);
    return { temporary, made };
  }
}

/** Creates the folder and those above it; gives every folder that has a new entry. */
async function makeFolder(disk: FolderFiles, folder: string): Promise<readonly string[]> {
  const first = await disk.makeFolder(folder);
  const parents: string[] = [];
  for (let at = folder; first !== undefined && at !== dirname(first); at = dirname(at)) parents.push(dirname(at));
  return parents;
}

function placeOf(dir: string, org: OrgUid, path: string): string {
  return join(dir, ...stepsOf(org, path));
}

function placeOfOrg(dir: string, org: OrgUid): string {
  return dirname(placeOf(dir, org, 'any'));
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
