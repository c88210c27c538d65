import { closeSync, constants, fchmodSync, fstatSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { publishError } from './error.ts';

const FILE = '.publisher.lock';
const OWNER_ONLY = 0o600;
const BUSY = 5; // SQLITE_BUSY
const LONGEST_WAIT_MS = 10_000;
const PAUSE_MS = 4;

/** Runs `work` while no other process, and no other call of this one, does so in the same folder. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * A lock for everyone who publishes into a folder. SQLite's own file lock is it: a process that dies lets go of it, at
 * whatever moment, and nothing is ever written. Who publishes there is one user. PUBLISH_UNREACHABLE when another process holds it for ten seconds.
 */
export function lockIn(dir: string): Exclusively {
  let database: DatabaseSync | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const open = (): DatabaseSync => {
    mkdirSync(dir, { recursive: true });
    const path = join(dir, FILE);
    if (database === undefined) keepToOwner(path);
    database ??= new DatabaseSync(path, { timeout: 0 });
    return database;
  };
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    await take(open(), dir);
    try {
      return await work();
    } finally {
      database?.exec('ROLLBACK');
    }
  };
  return (work) => {
    const turn = last.then(() => alone(work));
    last = turn.catch(() => undefined);
    return turn;
  };
}

/**
 * Makes the file one that nobody else can open: who may read it may lock it, for as long as they like. It stays in the
 * folder, since the one above may not be ours to write to.
 */
function keepToOwner(path: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, OWNER_ONLY);
  try {
    if ((fstatSync(file).mode & 0o777) !== OWNER_ONLY) fchmodSync(file, OWNER_ONLY);
  } finally {
    closeSync(file);
  }
}

async function take(database: DatabaseSync, dir: string): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += PAUSE_MS) {
    try {
      return database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      if ((error as { readonly errcode?: unknown }).errcode !== BUSY) throw error;
      if (waitedMs < LONGEST_WAIT_MS) await pause();
      else
        throw publishError(
          'PUBLISH_UNREACHABLE',
          `expected the lock of ${dir} within 10 s, found it held by another process`,
        );
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE_MS);
  });
}
