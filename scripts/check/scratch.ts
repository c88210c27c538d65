import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Where tests keep their folders: in memory where there is room. They make and remove fleets by the hundred, and a disk that
// makes each of their writes durable takes more of the time than what is tested.

const MEMORY = '/dev/shm';
/** Several times what all tests that run at once keep. */
const ROOM_BYTES = 4 * 2 ** 30;

const roomBytes = (): number => {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize;
  } catch {
    return 0;
  }
};

/** A mount may forbid to start programs, and tests write some. */
const startsPrograms = (folder: string): boolean => {
  const program = join(folder, 'program');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o700 });
  return spawnSync(program).status === 0;
};

const NAME = /^tenantry-tests-(\d+)-/;

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** What runs that were killed left behind would stay in memory until the machine ends. */
const removeLeftBehind = (): void => {
  for (const name of readdirSync(MEMORY)) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) remove(join(MEMORY, name));
  }
};

/** Sets TMPDIR of the tests, unless the caller has; returns what removes the folder. */
export function setup(): (() => void) | undefined {
  const isGiven = process.env['TMPDIR'] !== undefined;
  if (isGiven || roomBytes() < ROOM_BYTES) return undefined;
  removeLeftBehind();
  const folder = mkdtempSync(join(MEMORY, `tenantry-tests-${process.pid}-`));
  // Like /tmp for whoever a test becomes: to go through, not to look around in.
  chmodSync(folder, 0o711);
  if (!startsPrograms(folder)) {
    remove(folder);
    return undefined;
  }
  process.env['TMPDIR'] = folder;
  return () => remove(folder);
}
