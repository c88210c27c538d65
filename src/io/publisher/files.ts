import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type FindingCode, type OrgUid, orgUid } from '../../core/model/index.ts';
import type { Publisher } from '../../ports/index.ts';

/** Steps of a published path: plain names, so that no path means another file on any file system or server. */
const STEP = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
const MOST_STEPS = 6;

/**
 * Publishes into `<dir>/<org uid>/<path>`: written to a temporary file, synced, put in place, folder synced.
 * An immutable file is put in place by a link that fails when the name exists, so two writers cannot both win.
 */
export function filePublisher(dir: string): Publisher {
  return {
    putImmutable: async (org, path, bytes) => putImmutable(placeOf(dir, org, path), bytes),
    putMutable: async (org, path, bytes) => {
      const place = placeOf(dir, org, path);
      const temporary = await writeAside(place, bytes);
      await rename(temporary, place);
      await syncFolder(dirname(place));
    },
    get: async (org, path) => readPlain(placeOf(dir, org, path)),
  };
}

async function putImmutable(place: string, bytes: Uint8Array): Promise<void> {
  const temporary = await writeAside(place, bytes);
  try {
    await link(temporary, place);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    await assertSame(place, bytes);
  } finally {
    await unlink(temporary);
  }
  await syncFolder(dirname(place));
}

async function assertSame(place: string, bytes: Uint8Array): Promise<void> {
  const existing = await readPlain(place);
  if (existing === undefined || Buffer.compare(existing, bytes) !== 0) {
    throw publishError('PUBLISH_CONFLICT', `expected the same bytes at ${place}, found others`);
  }
}

/** The bytes of a regular file, or undefined when there is none; a link is an error, never followed. */
async function readPlain(place: string): Promise<Uint8Array | undefined> {
  try {
    const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

async function writeAside(place: string, bytes: Uint8Array): Promise<string> {
  await makeFolder(dirname(place));
  const temporary = join(dirname(place), `.${randomBytes(8).toString('hex')}.tmp`);
  const file = await open(temporary, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  return temporary;
}

/** Creates the folder; a new one is only there for good when its parent is synced. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first !== undefined) await syncFolder(dirname(first));
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
