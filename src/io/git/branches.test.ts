import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CommitId, RepoPath } from '../../core/model/index.ts';
import { openRemoteBranches } from './index.ts';

// Against a real bare repository as the remote, and a second clone as somebody else.

let root = '';
let dir = '';
const run = (at: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: at, encoding: 'utf8', stdio: 'pipe' }).trim();
const git = (...args: string[]): string => run(dir, ...args);
const branches = () => openRemoteBranches(dir, 'origin');
const head = (): CommitId => git('rev-parse', 'HEAD') as CommitId;
const files = (entries: Readonly<Record<string, string | null>>) =>
  new Map(Object.entries(entries) as [RepoPath, string | null][]);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tenantry-remote-'));
  dir = join(root, 'clone');
  run(root, 'init', '-q', '--bare', '-b', 'main', 'remote.git');
  run(root, 'clone', '-q', 'remote.git', 'clone');
  git('checkout', '-q', '-b', 'main');
  git('config', 'user.name', 'Ana');
  git('config', 'user.email', 'ana@acme.example');
  mkdirSync(join(dir, 'orgs/acme'), { recursive: true });
  writeFileSync(join(dir, 'orgs/acme/org.yaml'), 'a: 1\n');
  writeFileSync(join(dir, 'orgs/acme/old.yaml'), 'b: 1\n');
  git('add', '-A');
  git('commit', '-q', '--no-gpg-sign', '-m', 'first');
  git('push', '-q', 'origin', 'main');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

it('makes the same commit for the same input, beside the work tree and without a ref', async () => {
  writeFileSync(join(dir, 'orgs/acme/org.yaml'), 'edited: true\n');
  git('add', '-A');
  const ask = {
    parent: head(),
    files: files({ 'orgs/acme/org.yaml': 'ä: 2\n', 'orgs/acme/a "b".yaml': '', 'orgs/acme/old.yaml': null }),
    message: 'Upgrade acme\n\nacme: clean',
  };
  const [one, two] = [await branches().commitOn(ask), await branches().commitOn(ask)];
  expect(one).toBe(two);
  expect(git('show', '--format=%an|%ce|%P|%B', '--name-status', '-z', one).split('\0')).toEqual([
    `Ana|ana@acme.example|${ask.parent}|Upgrade acme\n\nacme: clean\n`,
    '\nA',
    'orgs/acme/a "b".yaml',
    'D',
    'orgs/acme/old.yaml',
    'M',
    'orgs/acme/org.yaml',
    '',
  ]);
  expect(git('show', `${one}:orgs/acme/org.yaml`)).toBe('ä: 2');
  expect(git('for-each-ref', 'refs/tenantry')).toBe('');
  expect(git('status', '--porcelain')).toBe('M  orgs/acme/org.yaml');
});

it('pushes a new branch, moves one that is where it was seen, and none that is elsewhere', async () => {
  const make = (text: string) =>
    branches().commitOn({ parent: head(), files: files({ 'orgs/acme/org.yaml': text }), message: text });
  const [one, two, three] = [await make('1'), await make('2'), await make('3')];
  expect(await branches().push('tenantry/x', one, null)).toBe(true);
  expect(await branches().push('tenantry/x', one, null)).toBe(true);
  expect(await branches().push('tenantry/x', two, null)).toBe(false);
  expect(await branches().push('tenantry/x', two, one)).toBe(true);
  expect(await branches().push('tenantry/x', three, one)).toBe(false);
  expect(await branches().fetch(['tenantry/x'])).toEqual(new Map([['tenantry/x', two]]));
});

it('says which branch a remote took no push to, and in its words why', async () => {
  const hook = join(root, 'remote.git/hooks/pre-receive');
  writeFileSync(hook, '#!/bin/sh\necho no pushes by bots >&2\nexit 1\n', { mode: 0o755 });
  const commit = await branches().commitOn({ parent: head(), files: files({ 'a.txt': '1' }), message: 'one' });
  await expect(branches().push('tenantry/x', commit, null)).rejects.toThrow(
    /^the remote took no push to tenantry\/x: remote: no pushes by bots$/,
  );
});

it('fetches what somebody else pushed, as objects, and leaves out what is not there', async () => {
  run(root, 'clone', '-q', 'remote.git', 'other');
  const other = join(root, 'other');
  const identity = ['-c', 'user.name=Otto', '-c', 'user.email=otto@acme.example'];
  run(other, ...identity, 'commit', '-q', '--no-gpg-sign', '--allow-empty', '-m', 'theirs');
  run(other, 'push', '-q', 'origin', 'main');
  const found = await branches().fetch(['main', 'gone']);
  expect([...found.keys()]).toEqual(['main']);
  expect(git('log', '-1', '--format=%an', found.get('main') ?? '')).toBe('Otto');
  expect(git('rev-parse', 'main')).not.toBe(found.get('main'));
});

it('takes no option for a name, starts no program that an address names, and shows no password of an address', async () => {
  expect(() => openRemoteBranches(dir, '--upload-pack=touch x')).toThrow('expected the name of a branch or remote');
  git('remote', 'set-url', 'origin', `ext::sh -c "touch ${join(root, 'ran')}"`);
  git('config', 'protocol.ext.allow', 'always');
  await expect(branches().fetch(['main'])).rejects.toThrow("transport 'ext' not allowed");
  expect(existsSync(join(root, 'ran'))).toBe(false);
  await expect(branches().fetch(['main:refs/heads/x'])).rejects.toThrow('expected the name of a branch or remote');
  git('remote', 'set-url', 'origin', 'https://me:hunter2@127.0.0.1:9/x.git');
  const failed = await branches()
    .fetch(['main'])
    .catch((cause: unknown) => cause);
  expect(failed).toMatchObject({ code: 'GIT_FAILED' });
  expect(String(failed)).not.toContain('hunter2');
});
