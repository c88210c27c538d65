import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import type { NewFolder } from '../../ports/index.ts';
import { openNewFolder, openReadFolder } from './index.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tenantry-folder-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

async function begun(path: string): Promise<NewFolder> {
  const folder = await openNewFolder(path);
  if (folder === undefined) throw new Error('expected a new folder');
  return folder;
}

describe('a new folder', () => {
  it('is there under its name with all of its files once it is kept, and not before', async () => {
    const at = join(dir, 'a/b/pack');
    const folder = await begun(at);
    expect(readdirSync(dir)).toEqual([]);
    const file = await folder.file('lines');
    const text = 'é'.repeat(50_000);
    await file.write(text);
    await file.write(new Uint8Array([10]));
    expect(await file.end()).toEqual({ length: 100_001, sha256: nodeHash.sha256(`${text}\n`) });
    expect(readdirSync(join(dir, 'a/b'))).toEqual([expect.stringMatching(/^\.pack\.part-/)]);
    expect(await folder.keep()).toBe(true);
    folder.drop();
    expect(readdirSync(join(dir, 'a/b'))).toEqual(['pack']);
    expect(readFileSync(join(at, 'lines'), 'utf8')).toBe(`${text}\n`);
    expect([statSync(at).mode & 0o777, statSync(join(at, 'lines')).mode & 0o777]).toEqual([0o700, 0o600]);
  });

  it('leaves nothing when it is dropped, and is none where something is: a file, a folder, a link that leads nowhere', async () => {
    const folder = await begun(join(dir, 'pack'));
    await (await folder.file('x')).end();
    folder.drop();
    expect(readdirSync(dir)).toEqual([]);
    writeFileSync(join(dir, 'file'), '');
    mkdirSync(join(dir, 'folder'));
    symlinkSync('/nowhere', join(dir, 'link'));
    for (const name of ['file', 'folder', 'link']) expect(await openNewFolder(join(dir, name))).toBeUndefined();
  });

  it('knows what others began beside it, and nothing that is no such folder', async () => {
    const killed = await begun(join(dir, 'a/one'));
    expect(await killed.begun()).toEqual([]);
    await (await killed.file('x')).end();
    for (const name of ['.config-backup', 'one.part-abcdef', '.part-abcdef']) mkdirSync(join(dir, 'a', name));
    writeFileSync(join(dir, 'a/.file.part-abcdef'), '');
    const own = await begun(join(dir, 'a/two'));
    await (await own.file('x')).end();
    expect(await own.begun()).toEqual([
      join(dir, 'a', readdirSync(join(dir, 'a')).find((name) => name.startsWith('.one')) ?? ''),
    ]);
    own.drop();
    killed.drop();
    expect(await own.begun()).toEqual([]);
  });

  it.runIf(existsSync('/proc/self'))('says that there can be none where the system makes none', async () => {
    const folder = await begun('/proc/tenantry/of/pack');
    await expect(folder.file('x')).rejects.toMatchObject({ code: 'ENOENT', path: '/proc/tenantry' });
    folder.drop();
  });

  it('does not take the place of what came meanwhile', async () => {
    const folder = await begun(join(dir, 'pack'));
    await (await folder.file('x')).end();
    mkdirSync(join(dir, 'pack'));
    writeFileSync(join(dir, 'pack/theirs'), 'kept');
    expect(await folder.keep()).toBe(false);
    folder.drop();
    expect(readdirSync(dir)).toEqual(['pack']);
    expect(readdirSync(join(dir, 'pack'))).toEqual(['theirs']);
    const another = await begun(join(dir, 'other'));
    await (await another.file('x')).end();
    writeFileSync(join(dir, 'other'), 'a file');
    expect(await another.keep()).toBe(false);
  });
});

describe('reading a folder', () => {
  it('gives bytes and checksums of regular files alone, and bounds what it reads', async () => {
    writeFileSync(join(dir, 'a'), 'four');
    mkdirSync(join(dir, 'b'));
    symlinkSync('a', join(dir, 'c'));
    execFileSync('mkfifo', [join(dir, 'd')]);
    const folder = openReadFolder(dir);
    expect(await folder.names()).toEqual(['a', 'b', 'c', 'd']);
    expect([...((await folder.bytes('a', 4)) ?? [])]).toEqual([...Buffer.from('four')]);
    expect(await folder.bytes('a', 3)).toBeUndefined();
    expect(await folder.facts('a')).toEqual({ length: 4, sha256: nodeHash.sha256('four') });
    for (const name of ['b', 'c', 'd', 'gone']) {
      expect([name, await folder.bytes(name, 9), await folder.facts(name)]).toEqual([name, undefined, undefined]);
    }
  });

  it('gives line after line, whatever blocks they come in; nothing for one that is too long or no UTF-8', async () => {
    const long = 'x'.repeat(200_000);
    const bad = Buffer.from([0xff, 0x0a]);
    writeFileSync(
      join(dir, 'lines'),
      Buffer.concat([Buffer.from(`é\n\n${long}\n${long}y\n`), bad, Buffer.from('last')]),
    );
    const found: (string | undefined)[] = [];
    for await (const line of openReadFolder(dir).lines('lines', long.length)) found.push(line);
    expect(found).toEqual(['é', '', long, undefined, undefined, 'last']);
    for await (const line of openReadFolder(dir).lines('gone', 9)) expect(line).toBe('no line');
  });
});
