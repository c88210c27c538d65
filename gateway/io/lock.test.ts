import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockState } from './lock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MODULE = pathToFileURL(join(import.meta.dirname, 'lock.ts')).href;

/** A process that takes the lock and keeps it for good, or ends with what it was refused for. */
async function holder() {
  const script = `const { lockState } = await import(${JSON.stringify(MODULE)});
    try { lockState(${JSON.stringify(folder)}); } catch (error) { console.log(error.code); process.exit(0); }
    console.log('locked'); setInterval(() => globalThis.gc?.(), 5);`;
  const child = spawn(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
  const kill = async (): Promise<void> => {
    const ended = once(child, 'exit');
    if (child.kill('SIGKILL')) await ended;
  };
  return { said: chunk.toString('utf8').trim(), kill };
}

const LOCKED = expect.objectContaining({ code: 'GATEWAY_STATE_LOCKED' });

test('one process has the folder, for as long as it lives, whatever it is called', async () => {
  const other = await holder();
  expect(other.said).toBe('locked');
  expect(() => lockState(folder)).toThrow(LOCKED);
  expect((await holder()).said).toBe('GATEWAY_STATE_LOCKED');
  await other.kill();
  // At once, and without a look at who it was.
  const unlock = lockState(folder);
  expect((await holder()).said).toBe('GATEWAY_STATE_LOCKED');
  unlock();
  unlock();
  expect(() => lockState(join(folder, 'nowhere'))).toThrow('ENOENT');
});

test('of many that start where one was killed exactly one gets the folder', async () => {
  await (await holder()).kill();
  const starters = await Promise.all(Array.from({ length: 6 }, holder));
  expect(starters.map(({ said }) => said).toSorted()).toEqual([
    ...Array.from({ length: 5 }, () => 'GATEWAY_STATE_LOCKED'),
    'locked',
  ]);
  for (const { kill } of starters) await kill();
});

test('the same process does not take it twice, and its file is for its owner alone', () => {
  const unlock = lockState(folder);
  expect(() => lockState(folder)).toThrow(/found another gateway on it/);
  expect(() => lockState(folder)).toThrow(/found another gateway on it/);
  expect(statSync(join(folder, 'running.lock')).mode & 0o777).toBe(0o600);
  unlock();
  lockState(folder)();
});

test('what a killed process left half-written goes with the next lock, and not under another', async () => {
  const asides = ['identity.json.new', 'sequence.json.new', 'cursors.json.last'];
  const other = await holder();
  for (const name of asides) writeFileSync(join(folder, name), 'half');
  writeFileSync(join(folder, 'cursors.json'), '{}');
  expect(() => lockState(folder)).toThrow(LOCKED);
  expect(readdirSync(folder)).toEqual(expect.arrayContaining(asides));
  await other.kill();
  lockState(folder)();
  expect(readdirSync(folder)).toEqual(['cursors.json', 'running.lock']);
});

test('a file that cannot be locked is told as that', () => {
  writeFileSync(
    join(folder, 'running.lock'),
    'not of SQLite, and long enough to be taken for a database of it'.repeat(40),
  );
  expect(() => lockState(folder)).toThrow(/cannot be locked: Error: file is not a database/);
});
