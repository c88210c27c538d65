import { constants } from 'node:fs';
import { link, mkdir, open, readdir, readFile, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type OrgUid, orgUid } from '../../core/model/index.ts';
import type { PresignedRoots } from '../../ports/index.ts';
import { signerError } from './refusal.ts';

const SUFFIX = '.root.json';
const FILE_LIMIT_BYTES = 64 * 1024;
const ASIDE = /\.root\.json\.[0-9]+\.tmp$/;
/** Far longer than writing a root takes. */
const LEFT_AFTER_MS = 3_600_000;

/** First roots of a ceremony in a folder, one file `<org uid>.root.json` each: exactly the bytes that will be published. */
export function presignedFolder(dir: string): PresignedRoots {
  const pathOf = (org: OrgUid): string => join(dir, `${org}${SUFFIX}`);
  let swept: Promise<void> | undefined;
  return {
    uids: async () => (await namesIn(dir)).flatMap(uidOf).sort(),
    get: (org) => readBounded(pathOf(org)),
    put: async (org, bytes) => {
      swept ??= sweep(dir);
      await swept;
      await putOnce(dir, pathOf(org), bytes);
    },
    remove: (org) => unlink(pathOf(org)),
  };
}

function uidOf(name: string): readonly OrgUid[] {
  const uid = name.endsWith(SUFFIX) ? orgUid(name.slice(0, -SUFFIX.length)) : undefined;
  return uid === undefined ? [] : [uid];
}

async function namesIn(dir: string): Promise<readonly string[]> {
  return readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

/** Removes what killed ceremonies left half-written; of one that still runs it is younger. */
async function sweep(dir: string): Promise<void> {
  for (const path of (await namesIn(dir)).filter((name) => ASIDE.test(name)).map((name) => join(dir, name))) {
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && facts.mtimeMs <= Date.now() - LEFT_AFTER_MS) await rm(path, { force: true });
  }
}

async function readBounded(path: string): Promise<Uint8Array | undefined> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size } = await file.stat();
      if (size > FILE_LIMIT_BYTES)
        throw signerError(
          'SIGNER_ROOT_FILE',
          `expected a root of at most ${FILE_LIMIT_BYTES} bytes, found ${size} at ${path}`,
        );
      return new Uint8Array(await file.readFile());
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Written aside, synced, linked under its name, which does nothing when there is one; then read back. */
async function putOnce(dir: string, path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dir, { recursive: true });
  const aside = `${path}.${process.pid}.tmp`;
  const file = await open(aside, 'wx', 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  // When the name is taken, what stands there tells.
  await link(aside, path).catch(() => undefined);
  await unlink(aside);
  if (Buffer.compare(await readFile(path), bytes) !== 0)
    throw signerError('SIGNER_ROOT_FILE', `expected no other root at ${path}, found one`);
}
