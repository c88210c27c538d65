import { execFileSync } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../core/model/index.ts';
import { createSeeds, environmentCustody, sealedFileCustody } from './index.ts';
import { verifySeed } from './sealed-file.ts';
import { Secret } from './secret.ts';

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const B = 'zzzzbbbbccccddddeeee' as OrgUid;
const SEED = '42'.repeat(32);
const MESSAGE = new TextEncoder().encode('what is signed');

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'signer-'));
});
afterEach(() => rm(dir, { recursive: true }));

function fits(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), publicKey]);
  return verify(null, message, createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature);
}

const seedsIn = (at: string) => createSeeds({ dir: at, rootDirs: [], rootSeeds: 1 });
const sealedSigner = (at: string) => sealedFileCustody({ dir: at, rootDirs: [] }).signer;

const all = { TENANTRY_ROOT_SEED: SEED, TENANTRY_PUBLISH_SEED: SEED, TENANTRY_ONLINE_SEED: SEED };

describe('derived keys', () => {
  const signer = environmentCustody(all).signer;

  it('sign for their own role, org and epoch only', async () => {
    const signature = await signer.sign('targets', A, 1, MESSAGE);
    expect(fits(await signer.publicKey('targets', A, 1), MESSAGE, signature)).toBe(true);
    expect(fits(await signer.publicKey('targets', B, 1), MESSAGE, signature)).toBe(false);
    expect(fits(await signer.publicKey('targets', A, 2), MESSAGE, signature)).toBe(false);
    expect(fits(await signer.publicKey('snapshot', A, 1), MESSAGE, signature)).toBe(false);
    expect(fits(await signer.publicKey('timestamp', A, 1), MESSAGE, signature)).toBe(false);
  });

  it('are HKDF-SHA256 of the seed, so that another program can derive them', async () => {
    const key = Buffer.from(await signer.publicKey('root', A, 1)).toString('hex');
    expect(key).toBe('e2b80dfd1b7046d9fafcf4860478bc8f9b03326410b2ce6b594c07abb28a6c04');
  });

  it('are the same after thousands of others pushed them out of the cache', async () => {
    const before = await signer.publicKey('snapshot', A, 1);
    for (let epoch = 2; epoch < 4200; epoch += 1) await signer.publicKey('snapshot', A, epoch);
    expect(await signer.publicKey('snapshot', A, 1)).toEqual(before);
  });
});

describe('sealed files', () => {
  it('are created once, apart, for their owner only, and never overwritten', async () => {
    await seedsIn(dir);
    const seeds = await Promise.all(
      ['root', 'publish', 'online'].map((name) => readFile(join(dir, `${name}.seed`), 'utf8')),
    );
    expect(new Set(seeds).size).toBe(3);
    expect((await stat(join(dir, 'root.seed'))).mode & 0o777).toBe(0o600);
    await expect(seedsIn(dir)).rejects.toMatchObject({ code: 'SIGNER_SEEDS_EXIST' });
    await rm(join(dir, 'root.seed'));
    await expect(seedsIn(dir)).rejects.toMatchObject({ code: 'SIGNER_SEEDS_EXIST' });
    expect(await readFile(join(dir, 'online.seed'), 'utf8')).toBe(seeds[2]);
  });

  it('sign as the environment does with the same seed', async () => {
    for (const name of ['root', 'publish', 'online'])
      await writeFile(join(dir, `${name}.seed`), `${SEED}\n`, { mode: 0o600 });
    const signature = await sealedSigner(dir).sign('timestamp', A, 3, MESSAGE);
    expect(signature).toEqual(await environmentCustody(all).signer.sign('timestamp', A, 3, MESSAGE));
  });

  it('an absent root seed stops root signing only', async () => {
    await seedsIn(dir);
    await rm(join(dir, 'root.seed'));
    const signer = sealedSigner(dir);
    await expect(signer.sign('root', A, 1, MESSAGE)).rejects.toMatchObject({ code: 'SIGNER_SEED_MISSING' });
    expect(await signer.sign('targets', A, 1, MESSAGE)).toHaveLength(64);
  });

  it.each([0o640, 0o604, 0o660])('with mode %o are refused', async (mode) => {
    await seedsIn(dir);
    await chmod(join(dir, 'online.seed'), mode);
    const signing = sealedSigner(dir).sign('timestamp', A, 1, MESSAGE);
    await expect(signing).rejects.toMatchObject({ code: 'SIGNER_SEED_UNUSABLE' });
  });

  it('that are no small regular files are refused, without waiting and without being read', async () => {
    const refused = async (): Promise<string> =>
      sealedSigner(dir)
        .sign('timestamp', A, 1, MESSAGE)
        .then(() => 'signed', String);
    execFileSync('mkfifo', ['-m', '600', join(dir, 'online.seed')]);
    expect(await refused()).toContain('small regular file');
    await rm(join(dir, 'online.seed'));
    await writeFile(join(dir, 'online.seed'), `${SEED}${' '.repeat(100)}`, { mode: 0o600 });
    expect(await refused()).toContain('small regular file');
    await expect(sealedSigner(join(dir, 'online.seed')).sign('timestamp', A, 1, MESSAGE)).rejects.toThrow('ENOTDIR');
  });

  it('are read back when they are written: other bytes there are refused', async () => {
    const path = join(dir, 'online.seed');
    await writeFile(path, `${SEED}\n`, { mode: 0o600 });
    await verifySeed(path, new Secret(Buffer.from(SEED, 'hex')));
    const other = verifySeed(path, new Secret(Buffer.from('43'.repeat(32), 'hex')));
    await expect(other).rejects.toMatchObject({ code: 'SIGNER_SEED_UNUSABLE' });
  });

  it('that are links or hold other text are refused, and the text is not repeated', async () => {
    await writeFile(join(dir, 'other'), `${SEED}\n`, { mode: 0o600 });
    await symlink(join(dir, 'other'), join(dir, 'root.seed'));
    await writeFile(join(dir, 'online.seed'), 'hunter2', { mode: 0o600 });
    const signer = sealedSigner(dir);
    await expect(signer.sign('root', A, 1, MESSAGE)).rejects.toMatchObject({
      code: 'SIGNER_SEED_UNUSABLE',
      message: expect.stringContaining('root.seed, found a link') as string,
    });
    const failure = await signer.sign('timestamp', A, 1, MESSAGE).catch((error: Error) => error);
    expect(String(failure)).toContain('64 lower-case hex digits');
    expect(inspect(failure)).not.toContain('hunter2');
  });
});

describe('secrets', () => {
  it('cannot be printed', () => {
    const secret = new Secret(new TextEncoder().encode('hunter2'));
    const shown = [
      String(secret),
      `${secret}`,
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true, depth: 9 }),
    ];
    for (const text of shown) expect(text).toContain('[secret]');
    expect(secret.reveal((bytes) => new TextDecoder().decode(bytes))).toBe('hunter2');
  });
});
