import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { gitFolder } from './folder.ts';
import { GitError } from './process.ts';

const FILE = 'tenantry.lock';
const BUSY = 5; // SQLITE_BUSY
/** What may be waited for: an upgrade of a thousand orgs reads, renders and writes within this. */
const LONGEST_WAIT_MS = 60_000;

/** Runs `work` while no other command changes the same work tree. */
export type Alone = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Makes who changes the work tree of `dir` wait for who does so already: of two commands that read a file and write it again,
 * the later one would undo the earlier. The lock is the operating system's on an empty file in git's folder, through SQLite; it
 * ends with its process, at whatever moment. Not to be called within itself. GIT_TREE_BUSY after `longestWaitMs`.
 */
export function openTreeLock(dir: string, longestWaitMs: number = LONGEST_WAIT_MS): Alone {
  return async (work) => {
    const folder = gitFolder(dir);
    // Where no repository is, the work itself says so.
    if (folder === undefined) return work();
    const path = join(folder, FILE);
    makeLockFile({ folder, path });
    const { DatabaseSync } = await import('node:sqlite');
    const database = orRefuse(path, () => new DatabaseSync(path, { timeout: longestWaitMs }));
    try {
      take(database, { dir, path, longestWaitMs });
      return await work();
    } finally {
      database.close();
    }
  };
}

interface Taking {
  readonly dir: string;
  readonly path: string;
  readonly longestWaitMs: number;
}

function take(database: { exec(sql: string): void }, { dir, path, longestWaitMs }: Taking): void {
  orRefuse(path, () => {
    try {
      database.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      if ((error as { readonly errcode?: unknown }).errcode !== BUSY) throw error;
      const found = `another command that still changes ${dir} after ${longestWaitMs / 1000} s`;
      throw new GitError(
        'GIT_TREE_BUSY',
        `expected a work tree that nobody else changes, found ${found}; let it end first`,
      );
    }
  });
}

/** GIT_FAILED where the lock cannot be used, such as one that another user made. */
function orRefuse<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof GitError) throw cause;
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new GitError(
      'GIT_FAILED',
      `expected to lock ${path}, found: ${found}; remove that file where it is of another user`,
    );
  }
}

/** For its owner alone: who could read it could lock it too. GIT_FAILED where git's folder takes no file. */
function makeLockFile({ folder, path }: { readonly folder: string; readonly path: string }): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    throw new GitError(
      'GIT_FAILED',
      `expected to write a lock into git's folder, found: ${message}; make ${folder} a folder that you may write to`,
    );
  }
}
