import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTreeLock } from './lock.ts';

let dir: string;
const git = (...args: readonly string[]): void => {
  execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=e@example.com', ...args], { cwd: dir });
};
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tenantry-lock-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const answering = async (): Promise<string> => 'done';

test('one at a time changes a work tree; the next one gets it after it, also after a failure', async () => {
  git('init', '-q');
  const alone = openTreeLock(dir, 20);
  await alone(async () => {
    await expect(alone(answering)).rejects.toMatchObject({
      code: 'GIT_TREE_BUSY',
      message: `expected a work tree that nobody else changes, found another command that still changes ${dir} after 0.02 s; let it end first`,
    });
  });
  expect(await alone(answering)).toBe('done');
  await expect(alone(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await alone(answering)).toBe('done');
});

test('a linked work tree is another one', async () => {
  git('init', '-q');
  git('commit', '-q', '--allow-empty', '-m', 'first');
  git('worktree', 'add', '-q', 'linked');
  await openTreeLock(
    dir,
    20,
  )(async () => {
    expect(await openTreeLock(join(dir, 'linked'), 20)(answering)).toBe('done');
  });
});

test('a lock that cannot be used is said to be one', async () => {
  git('init', '-q');
  mkdirSync(join(dir, '.git/tenantry.lock'));
  await expect(openTreeLock(dir)(answering)).rejects.toMatchObject({
    code: 'GIT_FAILED',
    message: expect.stringMatching(/^expected to lock .*tenantry\.lock, found: .*; remove that file/),
  });
});

test("a folder of git's that takes no lock is said to be one", async () => {
  // Root may write everywhere but where nothing is.
  const folder = join(dir, 'gone');
  writeFileSync(join(dir, '.git'), `gitdir: ${folder}\n`);
  await expect(openTreeLock(dir)(answering)).rejects.toMatchObject({
    code: 'GIT_FAILED',
    message: expect.stringMatching(
      /^expected to write a lock into git's folder, found: ENOENT.*; make .*gone a folder that/,
    ),
  });
});

test('where no repository is, the work says so', async () => {
  expect(await openTreeLock(dir)(answering)).toBe('done');
});
