import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Custody, HeldSeed, KeyHolder } from '../../ports/index.ts';
import { custodyOver } from './custody.ts';
import { signerError } from './refusal.ts';
import { Secret } from './secret.ts';
import { type SeedBox, type SeedId, seedFrom, seedName, seedOf, sharesOf } from './seeds.ts';

const SUFFIX = '.seed';
const SEED_BYTES = 32;
const FILE_LIMIT_BYTES = 128;

/** Where seeds are made: root seeds may go to a folder each, such as the media of different people. */
export interface SeedPlaces {
  readonly dir: string;
  /** One for all root seeds, or one for each; `dir` where there is none. */
  readonly rootDirs: readonly string[];
}

export interface SeedsAsk extends SeedPlaces {
  readonly rootSeeds: number;
}

/**
 * Creates the seeds of a fleet, each in a file of its own with mode 0600, so that one can be moved away (root: offline);
 * each is read back and compared. Refused with SIGNER_SEEDS_EXIST when any seed is there: a new one would orphan
 * everything signed so far. SIGNER_SEED_FOLDERS when two root seeds would lie together in one of several folders.
 */
export async function createSeeds({ rootSeeds, ...places }: SeedsAsk): Promise<readonly HeldSeed[]> {
  const ids: SeedId[] = [
    ...sharesOf(rootSeeds).map((share): SeedId => ({ holder: 'root', share, fromEpoch: 1 })),
    { holder: 'publish', share: '', fromEpoch: 1 },
    { holder: 'online', share: '', fromEpoch: 1 },
  ];
  await refuseStanding([places.dir, ...places.rootDirs]);
  requireFolders(places, rootSeeds);
  return writeAll(ids.map((id, index) => ({ id, dir: folderOf(places, id, index) })));
}

/** Writes new seeds: all of them, or none where one cannot be written. Nothing was signed with the others. */
export async function writeAll(
  wanted: readonly { readonly id: SeedId; readonly dir: string }[],
): Promise<readonly HeldSeed[]> {
  const made: HeldSeed[] = [];
  try {
    for (const { id, dir } of wanted) made.push(await writeSeed(dir, id));
    return made;
  } catch (error) {
    for (const { where } of made) await rm(where, { force: true });
    throw error;
  }
}

/** SIGNER_SEEDS_EXIST when one of the folders holds a seed. */
export async function refuseStanding(dirs: readonly string[]): Promise<void> {
  const [standing] = await sealedBox(dirs).list();
  if (standing !== undefined)
    throw signerError('SIGNER_SEEDS_EXIST', `expected no seeds in ${dirname(standing.where)}, found ${standing.where}`);
}

/** Writes a seed into a new file, which is read back and compared; a file that does not hold it whole does not stay. */
export async function writeSeed(dir: string, id: SeedId, seed = newSeed()): Promise<HeldSeed> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const where = join(dir, `${seedName(id)}${SUFFIX}`);
  const file = await open(where, 'wx', 0o600);
  try {
    await fill(file, `${seedText(seed)}\n`);
    await syncFolder(dir);
    await verifySeed(where, seed);
  } catch (error) {
    await rm(where, { force: true });
    throw error;
  }
  return { ...id, where };
}

async function fill(file: FileHandle, text: string): Promise<void> {
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Reads a seed file back; SIGNER_SEED_UNUSABLE unless it holds this seed. */
export async function verifySeed(where: string, seed: Secret): Promise<void> {
  if (seedText(await readSeed(where)) === seedText(seed)) return;
  throw signerError('SIGNER_SEED_UNUSABLE', `expected the seed that was written to ${where}, found other bytes there`);
}

/** Fresh private bytes. */
export function newSeed(): Secret {
  return new Secret(new Uint8Array(randomBytes(SEED_BYTES)));
}

/** The one text form of a seed, for its file and for the one time that it is printed. */
export function seedText(seed: Secret): string {
  return seed.reveal((bytes) => Buffer.from(bytes).toString('hex'));
}

/** Seeds in files `<folder>/{root,publish,online}….seed` of any of the folders, read when first needed. */
export function sealedFileCustody({ dir, rootDirs }: SeedPlaces): Custody {
  const places = { dir, rootDirs };
  const box = sealedBox([...new Set([dir, ...rootDirs])]);
  return custodyOver(box, async ({ holder, fromEpoch, shares }) => {
    const held = new Set((await box.list()).map(seedName));
    const missing = [...sharesOf(shares).entries()]
      .map(([index, share]) => ({ index, id: { holder, share, fromEpoch } satisfies SeedId }))
      .filter(({ id }) => !held.has(seedName(id)));
    if (holder === 'root' && missing.length > 0) requireFolders(places, shares);
    for (const { index, id } of missing) await writeSeed(folderOf(places, id, index), id);
  });
}

/** Copies the seeds of a holder into another folder: what a thief takes, in a rehearsal. */
export async function copySeeds(from: string, to: string, holder: KeyHolder): Promise<void> {
  for (const { where, ...id } of await sealedBox([from]).list())
    if (id.holder === holder) await writeSeed(to, id, await readSeed(where));
}

/** Who names several media means one for each seed: two seeds on one of them may be enough to sign. */
function requireFolders({ rootDirs }: SeedPlaces, count: number): void {
  if (rootDirs.length <= 1 || rootDirs.length >= count) return;
  const message = `expected one folder for all ${count} root seeds, or one for each, found ${rootDirs.length}`;
  throw signerError('SIGNER_SEED_FOLDERS', message);
}

function folderOf({ dir, rootDirs }: SeedPlaces, { holder }: { readonly holder: KeyHolder }, index: number): string {
  return holder === 'root' ? (rootDirs[index] ?? rootDirs[0] ?? dir) : dir;
}

function sealedBox(dirs: readonly string[]): SeedBox {
  const seeds = new Map<string, Promise<Secret>>();
  return {
    place: dirs.join(', '),
    list: async () => (await Promise.all(dirs.map(seedsIn))).flat(),
    read({ where }) {
      const known = seeds.get(where);
      if (known !== undefined) return known;
      const read = readSeed(where);
      seeds.set(where, read);
      read.catch(() => seeds.delete(where));
      return read;
    },
  };
}

async function seedsIn(dir: string): Promise<readonly HeldSeed[]> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.sort().flatMap((name): readonly HeldSeed[] => {
    const id = name.endsWith(SUFFIX) ? seedOf(name.slice(0, -SUFFIX.length)) : undefined;
    return id === undefined ? [] : [{ ...id, where: join(dir, name) }];
  });
}

/** Refuses links, odd files and wider modes before reading: who else can read a seed can sign. */
async function readSeed(path: string): Promise<Secret> {
  // Not to wait for a writer where somebody put a pipe.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    const code = error.code === 'ENOENT' ? 'SIGNER_SEED_MISSING' : 'SIGNER_SEED_UNUSABLE';
    const found = error.code === 'ELOOP' ? 'a link' : (error.code ?? 'an error');
    throw signerError(code, `expected a seed in ${path}, found ${found}`);
  });
  try {
    const facts = await file.stat();
    const mode = (facts.mode & 0o777).toString(8).padStart(4, '0');
    if (!facts.isFile() || (facts.mode & 0o077) !== 0 || facts.size > FILE_LIMIT_BYTES) {
      throw signerError(
        'SIGNER_SEED_UNUSABLE',
        `expected a small regular file with mode 0600 at ${path}, found mode ${mode}`,
      );
    }
    return seedFrom(await file.readFile('utf8'), path);
  } finally {
    await file.close();
  }
}

async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, constants.O_RDONLY);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
