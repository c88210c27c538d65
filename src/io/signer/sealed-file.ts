import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Signer } from '../../ports/index.ts';
import { derivingSigner, type SeedName, seedFrom } from './derive.ts';
import { signerError } from './refusal.ts';
import type { Secret } from './secret.ts';

const NAMES: readonly SeedName[] = ['root', 'publish', 'online'];
const SEED_BYTES = 32;
const FILE_LIMIT_BYTES = 128;

/**
 * Creates the three seeds, each in a file of its own with mode 0600, so that one can be moved away (root: offline).
 * Refused with SIGNER_SEEDS_EXIST when any of them is there: a new seed would orphan everything signed so far.
 */
export async function createSeeds(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  for (const name of NAMES) {
    if ((await stat(fileOf(dir, name)).catch(() => undefined)) !== undefined) {
      throw signerError('SIGNER_SEEDS_EXIST', `expected no seeds in ${dir}, found ${name}.seed`);
    }
  }
  for (const name of NAMES) await writeSeed(fileOf(dir, name));
}

/** Signs with seeds from `<dir>/{root,publish,online}.seed`, read when first needed. */
export function sealedFileSigner(dir: string): Signer {
  const seeds = new Map<SeedName, Promise<Secret>>();
  return derivingSigner((name) => {
    const known = seeds.get(name);
    if (known !== undefined) return known;
    const read = readSeed(fileOf(dir, name));
    seeds.set(name, read);
    read.catch(() => seeds.delete(name));
    return read;
  });
}

async function writeSeed(path: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(SEED_BYTES).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Refuses links, odd files and wider modes before reading: who else can read a seed can sign. */
async function readSeed(path: string): Promise<Secret> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    const code = error.code === 'ENOENT' ? 'SIGNER_SEED_MISSING' : 'SIGNER_SEED_UNUSABLE';
    throw signerError(code, `expected a seed in ${path}, found ${error.code ?? 'an error'}`);
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

function fileOf(dir: string, name: SeedName): string {
  return join(dir, `${name}.seed`);
}
