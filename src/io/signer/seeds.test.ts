import { mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../core/model/index.ts';
import { createSeeds, environmentCustody, presignedFolder, printRootSeeds, sealedFileCustody } from './index.ts';
import { seedFor, seedName, seedOf } from './seeds.ts';

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const B = 'zzzzbbbbccccddddeeee' as OrgUid;
const hex = (byte: string): string => byte.repeat(32);

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'seeds-'));
});
afterEach(() => rm(dir, { recursive: true }));

const missing = { code: 'SIGNER_SEED_MISSING' };

describe('names of seeds', () => {
  it.each(['root', 'root-a', 'root-h-7', 'publish', 'publish-2', 'online-12'])(
    '%s says whose it is and from when',
    (name) => {
      const seed = seedOf(name);
      expect(seed === undefined ? undefined : seedName(seed)).toBe(name);
    },
  );

  it.each(['', 'root-i', 'root-a-0', 'online-a', 'online-01', 'online-1x', 'other', 'root-ab', 'online-'])(
    '%j is none',
    (name) => {
      expect(seedOf(name)).toBeUndefined();
    },
  );

  it('the newest set that begins at or before an epoch counts, and of it the share that is asked for', () => {
    const held = ['root-a', 'root-b', 'root-a-5', 'root-b-5', 'root-c-5', 'online', 'online-9'].flatMap((name) => {
      const seed = seedOf(name);
      return seed === undefined ? [] : [{ ...seed, where: name }];
    });
    const found = (holder: 'root' | 'online', share: string, epoch: number) =>
      seedFor(held, { holder, share, epoch })?.where;
    expect([found('root', 'a', 4), found('root', 'a', 5), found('root', 'c', 4), found('root', 'c', 7)]).toEqual([
      'root-a',
      'root-a-5',
      undefined,
      'root-c-5',
    ]);
    expect([found('online', '', 8), found('online', '', 9), found('root', '', 9)]).toEqual([
      'online',
      'online-9',
      undefined,
    ]);
  });
});

describe('several root seeds', () => {
  it('are independent, lie in a folder each, and each signs for itself', async () => {
    const media = ['one', 'two', 'three'].map((name) => join(dir, name));
    await createSeeds({ dir: join(dir, 'keys'), rootDirs: media, rootSeeds: 3 });
    expect(await Promise.all(media.map((folder) => readdir(folder)))).toEqual([
      ['root-a.seed'],
      ['root-b.seed'],
      ['root-c.seed'],
    ]);
    expect((await readdir(join(dir, 'keys'))).sort()).toEqual(['online.seed', 'publish.seed']);
    const custody = sealedFileCustody({ dir: join(dir, 'keys'), rootDirs: media });
    const keys = await Promise.all((await custody.rootSigners()).map((signer) => signer.publicKey('root', A, 1)));
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(3);
    await expect(custody.signer.publicKey('root', A, 1)).rejects.toMatchObject(missing);
    expect(await custody.signer.publicKey('targets', A, 1)).toHaveLength(32);
    const two = sealedFileCustody({ dir: join(dir, 'keys'), rootDirs: media.slice(1) });
    expect(await two.rootSigners()).toHaveLength(2);
  });

  it('are not made where a seed lies in any of the folders', async () => {
    await createSeeds({ dir: join(dir, 'one'), rootDirs: [], rootSeeds: 1 });
    const again = createSeeds({ dir: join(dir, 'keys'), rootDirs: [join(dir, 'one')], rootSeeds: 1 });
    await expect(again).rejects.toMatchObject({ code: 'SIGNER_SEEDS_EXIST' });
    await expect(readdir(join(dir, 'keys'))).rejects.toThrow('ENOENT');
  });

  it('never lie together in one of several folders: nothing is written then', async () => {
    const media = ['one', 'two'].map((name) => join(dir, name));
    const places = { dir: join(dir, 'keys'), rootDirs: media };
    const refused = { code: 'SIGNER_SEED_FOLDERS', message: expect.stringContaining('for all 3 root seeds') };
    await expect(createSeeds({ ...places, rootSeeds: 3 })).rejects.toMatchObject(refused);
    const { renewSeeds } = sealedFileCustody(places);
    await expect(renewSeeds({ holder: 'root', fromEpoch: 2, shares: 3 })).rejects.toMatchObject(refused);
    expect(await readdir(dir)).toEqual([]);
    await renewSeeds({ holder: 'online', fromEpoch: 2, shares: 1 });
    await renewSeeds({ holder: 'root', fromEpoch: 2, shares: 2 });
    const all = sealedFileCustody({ ...places, rootDirs: media.slice(0, 1) });
    await all.renewSeeds({ holder: 'root', fromEpoch: 3, shares: 3 });
    expect(await Promise.all(media.map(async (folder) => (await readdir(folder)).sort()))).toEqual([
      ['root-a-2.seed', 'root-a-3.seed', 'root-b-3.seed', 'root-c-3.seed'],
      ['root-b-2.seed'],
    ]);
  });

  it('are made all or none: what was written before one that cannot be does not stay', async () => {
    await symlink(join(dir, 'nothing'), join(dir, 'keys'));
    const places = { dir: join(dir, 'keys'), rootDirs: [join(dir, 'one'), join(dir, 'two')] };
    await expect(createSeeds({ ...places, rootSeeds: 2 })).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await Promise.all(['one', 'two'].map((folder) => readdir(join(dir, folder))))).toEqual([[], []]);
  });

  it('that are printed are on no disk, sign in this process, and are what a file would hold', async () => {
    const made = await printRootSeeds(dir, 2);
    expect(made.printed.map(({ name }) => name)).toEqual(['root-a', 'root-b']);
    for (const { text, check } of made.printed) {
      expect([text, check]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{8}$/)]);
      expect(text).not.toContain(check);
    }
    expect((await readdir(dir)).sort()).toEqual(['online.seed', 'publish.seed']);
    const keys = await Promise.all((await made.custody.rootSigners()).map((signer) => signer.publicKey('root', A, 1)));
    for (const { name, text } of made.printed) await writeFile(join(dir, `${name}.seed`), `${text}\n`, { mode: 0o600 });
    const written = await sealedFileCustody({ dir, rootDirs: [] }).rootSigners();
    expect(await Promise.all(written.map((signer) => signer.publicKey('root', A, 1)))).toEqual(keys);
    await expect(printRootSeeds(dir, 1)).rejects.toMatchObject({ code: 'SIGNER_SEEDS_EXIST' });
  });
});

describe('a new seed', () => {
  it('serves from its epoch on, the former one before it; new orgs begin there; a second call changes nothing', async () => {
    await createSeeds({ dir, rootDirs: [], rootSeeds: 1 });
    const custody = sealedFileCustody({ dir, rootDirs: [] });
    const before = await custody.signer.publicKey('timestamp', A, 1);
    const renewal = { holder: 'online', fromEpoch: 3, shares: 1 } as const;
    await custody.renewSeeds(renewal);
    const text = await readFile(join(dir, 'online-3.seed'), 'utf8');
    await custody.renewSeeds(renewal);
    expect(await readFile(join(dir, 'online-3.seed'), 'utf8')).toBe(text);
    expect((await stat(join(dir, 'online-3.seed'))).mode & 0o777).toBe(0o600);
    expect(await custody.firstEpochs()).toEqual({ root: 1, targets: 1, snapshot: 3, timestamp: 3 });
    expect(await custody.signer.publicKey('timestamp', A, 1)).toEqual(before);
    const after = await custody.signer.publicKey('timestamp', A, 3);
    await rm(join(dir, 'online.seed'));
    const without = sealedFileCustody({ dir, rootDirs: [] });
    expect(await without.signer.publicKey('timestamp', A, 3)).toEqual(after);
    await expect(without.signer.publicKey('timestamp', A, 2)).rejects.toMatchObject(missing);
  });

  it('cannot be derived from the former one', async () => {
    const environment = { TENANTRY_ONLINE_SEED: hex('11'), TENANTRY_ONLINE_SEED_3: hex('22') };
    const [former, now] = [environmentCustody({ TENANTRY_ONLINE_SEED: hex('11') }), environmentCustody(environment)];
    expect(await former.signer.publicKey('timestamp', A, 2)).toEqual(await now.signer.publicKey('timestamp', A, 2));
    expect(await former.signer.publicKey('timestamp', A, 3)).not.toEqual(await now.signer.publicKey('timestamp', A, 3));
  });

  it('of the environment is asked for by the name of its variable', async () => {
    const renewal = { holder: 'publish', fromEpoch: 4, shares: 1 } as const;
    const asked = environmentCustody({ TENANTRY_PUBLISH_SEED: hex('11') }).renewSeeds(renewal);
    await expect(asked).rejects.toMatchObject({
      ...missing,
      message: expect.stringContaining('TENANTRY_PUBLISH_SEED_4'),
    });
    const set = environmentCustody({ TENANTRY_PUBLISH_SEED: hex('11'), TENANTRY_PUBLISH_SEED_4: hex('22') });
    await set.renewSeeds(renewal);
    expect(await set.firstEpochs()).toEqual({ root: 1, targets: 4, snapshot: 1, timestamp: 1 });
  });

  it('of the environment, of several root seeds, and an empty variable', async () => {
    const custody = environmentCustody({
      TENANTRY_ROOT_SEED_A: hex('11'),
      TENANTRY_ROOT_SEED_B_2: hex('22'),
      TENANTRY_ROOT_SEED: '',
    });
    expect(await custody.held()).toEqual([
      { holder: 'root', share: 'a', fromEpoch: 1, where: 'TENANTRY_ROOT_SEED_A' },
      { holder: 'root', share: 'b', fromEpoch: 2, where: 'TENANTRY_ROOT_SEED_B_2' },
    ]);
    expect(await custody.rootSigners()).toHaveLength(2);
  });
});

describe('pre-signed roots', () => {
  it('are kept by uid, written once, and go when they are taken away', async () => {
    const roots = presignedFolder(join(dir, 'roots'));
    expect(await roots.uids()).toEqual([]);
    await roots.put(B, new Uint8Array([2]));
    await roots.put(A, new Uint8Array([1]));
    await roots.put(A, new Uint8Array([1]));
    await expect(roots.put(A, new Uint8Array([9]))).rejects.toMatchObject({ code: 'SIGNER_ROOT_FILE' });
    expect([await roots.uids(), await roots.get(A), await roots.get(B)]).toEqual([
      [A, B],
      new Uint8Array([1]),
      new Uint8Array([2]),
    ]);
    await writeFile(join(dir, 'roots', 'note.txt'), 'other');
    await expect(presignedFolder(join(dir, 'roots', 'note.txt')).uids()).rejects.toThrow('ENOTDIR');
    await roots.remove(A);
    expect([await roots.uids(), await roots.get(A)]).toEqual([[B], undefined]);
    await writeFile(join(dir, 'roots', `${A}.root.json`), new Uint8Array(65 * 1024));
    await expect(roots.get(A)).rejects.toMatchObject({ code: 'SIGNER_ROOT_FILE' });
  });

  it('sweep away what a killed ceremony left once it is old, and nothing else', async () => {
    await presignedFolder(join(dir, 'roots')).put(A, new Uint8Array([1]));
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    for (const name of [`${B}.root.json.7.tmp`, `${B}.root.json.8.tmp`, 'note.tmp']) {
      await writeFile(join(dir, 'roots', name), 'half');
      if (!name.includes('.8.')) await utimes(join(dir, 'roots', name), hoursAgo, hoursAgo);
    }
    await utimes(join(dir, 'roots', `${A}.root.json`), hoursAgo, hoursAgo);
    await presignedFolder(join(dir, 'roots')).put(B, new Uint8Array([2]));
    const left = [`${A}.root.json`, `${B}.root.json`, `${B}.root.json.8.tmp`, 'note.tmp'];
    expect((await readdir(join(dir, 'roots'))).sort()).toEqual(left.sort());
  });
});
