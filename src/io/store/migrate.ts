import type { DatabaseSync } from 'node:sqlite';
import type { Hash, Sha256Hex } from '../../core/model/index.ts';
import { storeError } from './error.ts';

/** One step forward of the schema. */
export interface Migration {
  /** Counts from 1 without a gap. */
  readonly number: number;
  readonly name: string;
  readonly sql: string;
}

/** Marks the file as Tenantry's own ("TNTY" in ASCII), so that another program's database is never touched. */
const APPLICATION_ID = 0x544e5459;

const RECORDS = `CREATE TABLE migrations (
  number INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL) STRICT`;

/**
 * Checks without writing that the database is empty or Tenantry's, with the known migrations unchanged, and gives the
 * number of the last applied one (0 for an empty database). Refuses STORE_FOREIGN, STORE_NEWER, STORE_MIGRATION_CHANGED.
 */
export function appliedMigrations(database: DatabaseSync, known: readonly Migration[], hash: Hash): number {
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n']);
  const id = Number(database.prepare('PRAGMA application_id').get()?.['application_id']);
  if (tables === 0 && id === 0) return 0;
  if (id !== APPLICATION_ID) {
    const expected = 'an empty database or one that Tenantry made';
    const found = `${tables} tables and indexes, application id ${id}`;
    throw storeError('STORE_FOREIGN', { message: 'This is not our database', expected, found });
  }
  const rows = database.prepare('SELECT number, name, checksum FROM migrations ORDER BY number').all();
  rows.forEach((row, index) => {
    const migration = known[index];
    if (migration === undefined) throw newer(known.length, Number(rows.at(-1)?.['number']));
    const checksum = checksumOf(migration, hash);
    if (row['number'] !== migration.number || row['checksum'] !== checksum) {
      throw storeError('STORE_MIGRATION_CHANGED', {
        message: `Migration ${migration.number} is not the one that was applied`,
        expected: `${migration.name} ${checksum}`,
        found: `${row['name']} ${row['checksum']}`,
      });
    }
  });
  return rows.length;
}

/** Applies what is missing, all in one transaction that other processes wait for; nothing when up to date. */
export function migrate(database: DatabaseSync, known: readonly Migration[], hash: Hash): void {
  if (appliedMigrations(database, known, hash) === known.length) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    // Again, now that nobody else can: another process may have migrated in between.
    const applied = appliedMigrations(database, known, hash);
    if (applied === 0) database.exec(`PRAGMA application_id = ${APPLICATION_ID}; ${RECORDS}`);
    for (const migration of known.slice(applied)) {
      database.exec(migration.sql);
      database
        .prepare('INSERT INTO migrations (number, name, checksum) VALUES (?, ?, ?)')
        .run(migration.number, migration.name, checksumOf(migration, hash));
    }
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

const checksumOf = (migration: Migration, hash: Hash): Sha256Hex => hash.sha256(migration.sql);

const newer = (known: number, found: number) =>
  storeError('STORE_NEWER', {
    message: 'The store is newer than this program',
    expected: `at most migration ${known}`,
    found: `migration ${found}`,
  });
