import { closeSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Hash } from '../../core/model/index.ts';
import type { OrgStore, RuntimeStore } from '../../ports/index.ts';
import { connect } from './connection.ts';
import { isBusy, storeError, translated } from './error.ts';
import { appliedMigrations, migrate } from './migrate.ts';
import { migrations } from './migrations/index.ts';
import { orgStore } from './orgs.ts';
import { runtimeStore } from './runtime.ts';
import type { StoreCounters } from './statements.ts';

export interface SqliteStoreOptions {
  /** The database file; its folder is made when missing. `:memory:` is a store that ends with its process. */
  readonly path: string;
  readonly hash: Hash;
  /** Whether something else says that there was a store, so that an empty file is what is left of it; nothing does without it. */
  readonly hasTraces?: () => boolean;
  /** How long to wait for another process's transaction; 5,000 by default. */
  readonly busyTimeoutMs?: number;
}

export interface SqliteStore {
  /** Its `close` closes both. */
  readonly orgs: OrgStore;
  readonly runtime: RuntimeStore;
  readonly counters: Readonly<StoreCounters>;
}

/**
 * Opens the store, making or migrating it as needed. Throws a StoreError, with nothing half-written: STORE_SQLITE_OLD,
 * STORE_UNREADABLE, STORE_READ_ONLY, STORE_FOREIGN, STORE_NEWER, STORE_MIGRATION_CHANGED, STORE_BUSY, STORE_FULL.
 */
export function openSqliteStore(options: SqliteStoreOptions): SqliteStore {
  refuseOldSqlite(process.versions['sqlite'] ?? '0');
  if (options.path !== ':memory:') prepareFile(resolve(options.path), options.hasTraces ?? (() => false));
  const connection = connect(openDatabase(options), options.hash);
  return { orgs: orgStore(connection), runtime: runtimeStore(connection), counters: connection.counters };
}

const OLDEST_SQLITE = [3, 51, 3] as const;

/** Refuses releases that can corrupt a write-ahead log (reference: SQLite 3.51.3 release notes, WAL reset). */
export function refuseOldSqlite(version: string): void {
  const parts = version.split('.').map(Number);
  const difference = OLDEST_SQLITE.map((least, index) => (parts[index] ?? 0) - least).find((step) => step !== 0) ?? 0;
  if (difference >= 0) return;
  const expected = `SQLite ${OLDEST_SQLITE.join('.')} or newer`;
  throw storeError('STORE_SQLITE_OLD', { message: 'The built-in SQLite is too old', expected, found: version });
}

/**
 * Makes sure that `path` is a file that SQLite may read and write, before SQLite touches it. By opening it, since asking
 * for permissions tells of the real user and not of the effective one. (SQLite itself refuses a folder without room for
 * the write-ahead log.)
 */
function prepareFile(path: string, hasTraces: () => boolean): void {
  const folder = dirname(path);
  attempt('STORE_UNREADABLE', folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }));
  // Before the file itself: whoever makes a store writes to the file before it has a log.
  const log = attempt('STORE_UNREADABLE', path, () => statSync(`${path}-wal`, { throwIfNoEntry: false }));
  const facts = attempt('STORE_UNREADABLE', path, () => statSync(path, { throwIfNoEntry: false }));
  // SQLite takes it for a new database, and deletes the log of the one that was there.
  if ((facts?.size ?? 0) === 0 && (log?.size ?? 0) > 0)
    throw unreadable(path, 'the database that its log (-wal) goes on', facts === undefined ? 'none' : 'an empty file');
  if (facts === undefined) {
    attempt('STORE_READ_ONLY', path, () => closeSync(openSync(path, 'a', 0o600)));
    return;
  }
  if (!facts.isFile()) throw unreadable(path, 'a file', facts.isDirectory() ? 'a directory' : 'no regular file');
  const head = attempt('STORE_UNREADABLE', path, () => headOf(path));
  // SQLite takes a short file of anything for an empty database and would write over it.
  if (head !== '' && head !== HEADER) throw unreadable(path, 'a SQLite database', 'a file of another format');
  if (head === '' && hasTraces()) throw unreadable(path, 'the database that made what is published', 'an empty file');
  attempt('STORE_READ_ONLY', path, () => closeSync(openSync(path, 'r+')));
}

function attempt<T>(code: 'STORE_UNREADABLE' | 'STORE_READ_ONLY', path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const expected = code === 'STORE_READ_ONLY' ? 'permission to write' : 'permission to read';
    throw storeError(code, {
      message: `The store cannot use ${path}`,
      expected,
      found: messageOf(error),
      cause: error,
    });
  }
}

const HEADER = 'SQLite format 3\0';

function headOf(path: string): string {
  const file = openSync(path, 'r');
  try {
    const head = Buffer.alloc(HEADER.length);
    return head.toString('latin1', 0, readSync(file, head, 0, head.length, 0));
  } finally {
    closeSync(file);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const unreadable = (path: string, expected: string, found: string) =>
  storeError('STORE_UNREADABLE', { message: `The store ${path} cannot be opened`, expected, found });

/** Readers and one writer side by side, and every commit on the disk before it is acknowledged. */
function useWriteAheadLog(database: DatabaseSync, path: string, busyTimeoutMs: number): void {
  const mode = journalMode(database, performance.now() + busyTimeoutMs);
  const expected = 'a file system with locks and shared memory (no network share)';
  if (mode !== 'wal' && path !== ':memory:') throw unreadable(path, expected, `journal mode ${mode}`);
  database.exec('PRAGMA synchronous = FULL');
}

const PAUSE_MS = 5;

/**
 * The journal mode after the log was asked for, until an instant of `performance.now()`. Where others ask for it on the same new
 * file, SQLite waits for nobody, since each of them may be in the way of the other.
 */
function journalMode(database: DatabaseSync, untilMs: number): unknown {
  for (;;) {
    try {
      return database.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    } catch (error) {
      if (!isBusy(error) || performance.now() >= untilMs) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}

function openDatabase({ path, hash, busyTimeoutMs = 5000 }: SqliteStoreOptions): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { timeout: busyTimeoutMs, defensive: true, enableForeignKeyConstraints: true });
    // Reads alone, so that a file that is refused stays as it was, byte for byte.
    appliedMigrations(database, migrations, hash);
    useWriteAheadLog(database, path, busyTimeoutMs);
    migrate(database, migrations, hash);
    return database;
  } catch (error) {
    database?.close();
    throw translated(error);
  }
}
