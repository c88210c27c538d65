import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgUid } from '../../core/model/index.ts';
import { nodeHash } from '../../host/index.ts';
import type { Publisher } from '../../ports/index.ts';
import { publisherContract } from './contract.testkit.ts';
import { type FolderFiles, nodeFolderFiles } from './folder.ts';
import { filePublisher } from './index.ts';

const A = 'aaaabbbbccccddddeeee' as OrgUid;
const B = 'zzzzbbbbccccddddeeee' as OrgUid;
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

let dir: string;
let publisher: Publisher;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'publisher-'));
  publisher = filePublisher(dir);
});
afterEach(() => rm(dir, { recursive: true }));

publisherContract('file publisher', () => filePublisher(dir));

describe('file publisher', () => {
  it('keeps what it is given, per org, and leaves nothing else behind', async () => {
    await publisher.putImmutable(A, new Map([['targets/desk/abc.bundle.tar', bytes('one')]]));
    await publisher.putMutable(A, 'timestamp.json', bytes('two'), null);
    await publisher.putMutable(A, 'timestamp.json', bytes('three'), nodeHash.sha256('two'));
    expect(await publisher.get(A, 'targets/desk/abc.bundle.tar')).toEqual(bytes('one'));
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('three'));
    expect(await publisher.get(B, 'timestamp.json')).toBeUndefined();
    expect((await readdir(join(dir, A), { recursive: true })).sort()).toEqual([
      'targets',
      'targets/desk',
      'targets/desk/abc.bundle.tar',
      'timestamp.json',
    ]);
  });

  it('never changes an immutable file', async () => {
    await publisher.putImmutable(A, new Map([['1.root.json', bytes('one')]]));
    await publisher.putImmutable(A, new Map([['1.root.json', bytes('one')]]));
    const other = publisher.putImmutable(A, new Map([['1.root.json', bytes('two')]]));
    await expect(other).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    expect(await publisher.get(A, '1.root.json')).toEqual(bytes('one'));
    expect(await readdir(join(dir, A))).toEqual(['1.root.json']);
  });

  it('puts the files of one call together, and says when any of them stands there with other bytes', async () => {
    const files = new Map(['targets/a/1.x', 'targets/b/1.x', '1.y'].map((path) => [path, bytes(path)] as const));
    await publisher.putImmutable(A, files);
    await publisher.putImmutable(A, files);
    for (const path of files.keys()) expect(await publisher.get(A, path)).toEqual(bytes(path));
    const other = publisher.putImmutable(A, new Map([...files, ['2.y', bytes('2.y')], ['1.y', bytes('other')]]));
    await expect(other).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    expect(await publisher.get(A, '1.y')).toEqual(bytes('1.y'));
    const left = await readdir(join(dir, A), { recursive: true });
    expect(left.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('lets one of two racing writers win', async () => {
    const race = ['one', 'two', 'three'].map((text) =>
      publisher.putImmutable(A, new Map([['2.targets.json', bytes(text)]])),
    );
    const results = await Promise.allSettled(race);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it('lets one of several writers replace the mutable file, whichever client each has', async () => {
    await publisher.putMutable(A, 'timestamp.json', bytes('zero'), null);
    const over = nodeHash.sha256('zero');
    const race = ['one', 'two', 'three', 'four'].map((text, at) =>
      (at < 2 ? publisher : filePublisher(dir)).putMutable(A, 'timestamp.json', bytes(text), over),
    );
    const results = await Promise.allSettled(race);
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });

  it('waits for another process that replaces, and for a killed one no longer than it lives', async () => {
    const program = `
      const { DatabaseSync } = require('node:sqlite');
      new DatabaseSync(process.argv[1]).exec('BEGIN EXCLUSIVE');
      console.log('held');
      setInterval(() => undefined, 1000);`;
    await publisher.putMutable(A, 'timestamp.json', bytes('one'), null);
    const other = spawn(process.execPath, ['-e', program, join(dir, '.publisher.lock')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(other.stdout, 'data');
    let ended = false;
    const replaced = publisher.putMutable(A, 'timestamp.json', bytes('two'), nodeHash.sha256('one'));
    const told = replaced.then(() => {
      ended = true;
    });
    await publisher.putImmutable(A, new Map([['1.root.json', bytes('not held up')]]));
    expect(ended).toBe(false);
    other.kill('SIGKILL');
    await told;
    expect(await publisher.get(A, 'timestamp.json')).toEqual(bytes('two'));
  });

  it('waits for nobody where the lock is none', async () => {
    await writeFile(join(dir, '.publisher.lock'), 'no database '.repeat(100));
    const replaced = publisher.putMutable(A, 'timestamp.json', bytes('one'), null);
    await expect(replaced).rejects.toThrow('file is not a database');
    expect(await publisher.get(A, 'timestamp.json')).toBeUndefined();
  });

  describe('on a disk that fails', () => {
    const failing = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
    const over = (files: Partial<FolderFiles>): Publisher => filePublisher(dir, { ...nodeFolderFiles, ...files });
    const one = new Map([['1.root.json', bytes('one')]]);

    it('says so, and takes it for nothing else', async () => {
      const remove = over({ remove: () => failing('EIO') }).remove(A, ['1.root.json']);
      await expect(remove).rejects.toMatchObject({ code: 'PUBLISH_FOLDER' });
      const link = over({ link: () => failing('EIO') }).putImmutable(A, one);
      await expect(link).rejects.toMatchObject({ code: 'PUBLISH_FOLDER' });
      // Once alone: another try would get through.
      let writes = 0;
      const writeNew: FolderFiles['writeNew'] = (path, content) => {
        writes += 1;
        return writes === 1 ? failing('EIO') : nodeFolderFiles.writeNew(path, content);
      };
      await expect(over({ writeNew }).putImmutable(A, one)).rejects.toMatchObject({ code: 'PUBLISH_FOLDER' });
    });

    it('does not take a name that is taken, and has nothing behind it by then, for its own', async () => {
      const gone = over({ link: () => failing('EEXIST'), read: async () => undefined }).putImmutable(A, one);
      await expect(gone).rejects.toMatchObject({ code: 'PUBLISH_CONFLICT' });
    });

    it.each([
      ['EACCES', true],
      ['EPERM', true],
      ['ENOENT', true],
      ['EIO', false],
    ])('that leaves what a killed publisher left, by %s, goes on where that is harmless', async (code, isHarmless) => {
      const left = join(dir, A, `.${'a'.repeat(16)}.tmp`);
      await publisher.putImmutable(A, one);
      await writeFile(left, 'half');
      await utimes(left, 0, 0);
      const put = over({ remove: (path) => (path === left ? failing(code) : nodeFolderFiles.remove(path)) });
      const done = put.putMutable(A, 'timestamp.json', bytes('t'), null).then(
        () => true,
        (error: { readonly code?: string }) => error.code !== 'PUBLISH_FOLDER',
      );
      expect(await done).toBe(isHarmless);
    });
  });

  it('does not follow a link', async () => {
    await publisher.putMutable(A, 'x', bytes('x'), null);
    await writeFile(join(dir, 'secret'), 'secret');
    await symlink(join(dir, 'secret'), join(dir, A, 'timestamp.json'));
    await expect(publisher.get(A, 'timestamp.json')).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
  });

  it('takes what lies in the place of an org’s files for the trouble of that org', async () => {
    await mkdir(join(dir, A, '1.root.json'), { recursive: true });
    await writeFile(join(dir, B), 'no folder');
    const damaged = { code: 'PUBLISH_DAMAGED', message: expect.stringContaining(A) };
    const one = new Map([['1.root.json', bytes('one')]]);
    await expect(publisher.get(A, '1.root.json')).rejects.toMatchObject(damaged);
    await expect(publisher.remove(A, ['1.root.json'])).rejects.toMatchObject(damaged);
    await expect(publisher.putImmutable(A, one)).rejects.toMatchObject(damaged);
    await expect(publisher.putImmutable(B, one)).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
    await expect(publisher.putMutable(B, 'x', bytes('x'), null)).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
    await expect(publisher.list(B)).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
  });

  it('takes a folder of all orgs that cannot be used for the trouble of nobody among them', async () => {
    await writeFile(join(dir, 'file'), 'no folder');
    const unusable = filePublisher(join(dir, 'file'));
    await expect(unusable.list(A)).rejects.toMatchObject({ code: expect.not.stringMatching('PUBLISH_DAMAGED') });
    await expect(unusable.get(A, 'x')).rejects.toMatchObject({ code: expect.not.stringMatching('PUBLISH_DAMAGED') });
  });

  it('locks with a file that only its owner can open, one that was there before too', async () => {
    const modeOf = async (folder: string): Promise<number> =>
      (await stat(join(folder, '.publisher.lock'))).mode & 0o777;
    await publisher.putMutable(A, 'x', bytes('one'), null);
    expect(await modeOf(dir)).toBe(0o600);
    await chmod(join(dir, '.publisher.lock'), 0o644);
    await filePublisher(dir).putMutable(A, 'x', bytes('two'), nodeHash.sha256('one'));
    expect(await modeOf(dir)).toBe(0o600);
  });

  it('locks with no file that lies elsewhere', async () => {
    await writeFile(join(dir, 'elsewhere'), '');
    await symlink(join(dir, 'elsewhere'), join(dir, '.publisher.lock'));
    await expect(publisher.putMutable(A, 'x', bytes('x'), null)).rejects.toThrow();
  });
});
