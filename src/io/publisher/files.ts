import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FindingCode, type OrgUid, orgUid } from '../../core/model/index.ts';
import type { Publisher } from '../../ports/index.ts';

/** Steps of a published path: plain names, so that no path means another file on any file system or server. */
const STEP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const MOST_STEPS = 6;

/**
 * Publishes into `<dir>/<org uid>/<path>`: written to a temporary file, synced, put in place, folders synced.
 * An immutable file is put in place by a link that fails when the name exists, so two writers cannot both win.
 * The files of one call are synced side by side, and each folder once after all of them.
 */
export function filePublisher(dir: string): Publisher {
  return {
    putImmutable: async (org, files) =>
      putAll(
        [...files].map(([path, bytes]) => ({ place: placeOf(dir, org, path), bytes })),
        linkInPlace,
      ),
    putMutable: async (org, path, bytes) => putAll([{ place: placeOf(dir, org, path), bytes }], rename),
    get: async (org, path) => readPlain(placeOf(dir, org, path)),
  };
}

interface NewFile {
  readonly place: string;
  readonly bytes: Uint8Array;
}

/** Puts a synced temporary file under its name. */
type PutInPlace = (temporary: string, place: string, bytes: Uint8Array) => Promise<void>;

async function putAll(files: readonly NewFile[], putInPlace: PutInPlace): Promise<void> {
  const changed = new Set(files.map(({ place }) => dirname(place)));
  const put = async ({ place, bytes }: NewFile): Promise<void> => {
    const { temporary, made } = await writeAside(place, bytes);
    for (const folder of made) changed.add(folder);
    await putInPlace(temporary, place, bytes);
  };
  await allOf(files.map(put));
  await allOf([...changed].map(syncFolder));
}

/** Waits for all of them, also when one fails, so that nothing goes on behind the caller's back. */
async function allOf(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
}

const linkInPlace: PutInPlace = async (temporary, place, bytes) => {
  try {
    await link(temporary, place);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    await assertSame(place, bytes);
  } finally {
    await unlink(temporary);
  }
};

async function assertSame(place: string, bytes: Uint8Array): Promise<void> {
  const existing = await readPlain(place);
  if (existing === undefined || Buffer.compare(existing, bytes) !== 0) {
    throw publishError('PUBLISH_CONFLICT', `expected the same bytes at ${place}, found others`);
  }
}

/** The bytes of a regular file, or undefined when there is none; a link is an error, never followed. */
async function readPlain(place: string): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await readFile(place, { flag: constants.O_RDONLY | constants.O_NOFOLLOW }));
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

interface Aside {
  readonly temporary: string;
  /** Folders that have a new entry, because the file's own did not exist; they are there for good once synced. */
  readonly made: readonly string[];
}

async function writeAside(place: string, bytes: Uint8Array): Promise<Aside> {
  const temporary = join(dirname(place), `.${randomBytes(8).toString('hex')}.tmp`);
  const { file, made } = await openNew(temporary);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return { temporary, made };
}

/** Opens a file that must be new. Most folders exist, so they are made only when opening says that one is missing. */
async function openNew(path: string): Promise<{ readonly file: FileHandle; readonly made: readonly string[] }> {
  const attempt = (): Promise<FileHandle> => open(path, 'wx', 0o644);
  try {
    return { file: await attempt(), made: [] };
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
    const made = await makeFolder(dirname(path));
    return { file: await attempt(), made };
  }
}

/** Creates the folder and those above it; gives every folder that has a new entry. */
async function makeFolder(folder: string): Promise<readonly string[]> {
  const first = await mkdir(folder, { recursive: true });
  const parents: string[] = [];
  for (let at = folder; first !== undefined && at !== dirname(first); at = dirname(at)) parents.push(dirname(at));
  return parents;
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function placeOf(dir: string, org: OrgUid, path: string): string {
  const steps = path.split('/');
  if (orgUid(org) === undefined || steps.length > MOST_STEPS || !steps.every((step) => STEP.test(step))) {
    throw publishError(
      'PUBLISH_PATH',
      `expected plain steps below an org's folder, found ${JSON.stringify(`${org}/${path}`)}`,
    );
  }
  return join(dir, org, ...steps);
}

function publishError(code: FindingCode & `PUBLISH_${string}`, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
