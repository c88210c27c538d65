import type { CodeTable } from './entry.ts';

/** What the org store refuses. Raised by drivers in `src/io/store` as errors, not as findings of a file. */
export const storeCodes = {
  STORE_UNREADABLE: {
    severity: 'critical',
    title: 'The store cannot be read',
    explain:
      'The path of the store is a directory, a file without read permission, a file that is no SQLite database, or a database with damaged pages. An empty file where published files or the log of a database say that there was one is what a copy or a disk that failed left of it. Nothing was written to it.',
    fix: 'Correct the store path in fleet.yaml, or restore the file from a backup (without -wal and -shm of before); to begin anew on purpose, take them all away.',
  },
  STORE_READ_ONLY: {
    severity: 'critical',
    title: 'The store cannot be written',
    explain:
      'The database file or its folder does not accept writes. SQLite also writes two files beside the database (-wal and -shm), so the folder must be writable too.',
    fix: 'Give the user that runs Tenantry write permission on the file and its folder.',
  },
  STORE_FOREIGN: {
    severity: 'critical',
    title: 'The database belongs to another program',
    explain: 'The file is a SQLite database with tables that Tenantry did not make. It is left as it is.',
    fix: 'Name another file in the store path.',
  },
  STORE_NEWER: {
    severity: 'critical',
    title: 'The store was written by a newer Tenantry',
    explain: 'The database has migrations that this version does not know. Migrations only go forward.',
    fix: 'Run the newer version of Tenantry, or restore a backup from before its first start.',
  },
  STORE_MIGRATION_CHANGED: {
    severity: 'critical',
    title: 'An applied migration is not the one in this version',
    explain:
      'Each migration is recorded with the SHA-256 of its text. A difference means that the schema in the file is not the one this version was tested with.',
    fix: 'Run the version that made the store; never edit a released migration, add one.',
  },
  STORE_SQLITE_OLD: {
    severity: 'critical',
    title: 'SQLite is too old',
    explain: 'Releases below 3.51.3 can lose data when the write-ahead log restarts while another process writes.',
    fix: 'Run Tenantry on a Node.js within `engines` of package.json.',
  },
  STORE_BUSY: {
    severity: 'high',
    title: 'Another process holds the store',
    explain:
      'Another process kept the write lock for longer than the busy timeout. Nothing of this transaction was written.',
    fix: 'Wait for the other command to end, then run this one again.',
  },
  STORE_FULL: {
    severity: 'critical',
    title: 'No space left for the store',
    explain: 'The disk or the quota is full. The transaction was rolled back; what was committed before is intact.',
    fix: 'Free space on the disk of the store, then run the command again.',
  },
  STORE_CONSTRAINT: {
    severity: 'critical',
    title: 'A row contradicts the schema',
    explain:
      'The schema refused a row: an id that exists already, a negative balance, or a change of an append-only table. The transaction was rolled back.',
    fix: 'Report it with the text of the error; the store is as it was before.',
  },
  STORE_CLOSED: {
    severity: 'high',
    title: 'The store is closed',
    explain: 'A call came after the store had been closed, or was still waiting for its turn when it closed.',
    fix: 'Finish all work before closing the store.',
  },
  STORE_NESTED: {
    severity: 'high',
    title: 'A store call inside a transaction',
    explain:
      'One transaction is open at a time. A call of the store from inside the work of a transaction would wait for itself for ever.',
    fix: 'Use the methods of the transaction inside its work, and the store outside.',
  },
  STORE_TRANSACTION_OVER: {
    severity: 'high',
    title: 'A transaction was used after its end',
    explain: 'The transaction object was kept and called after its work had ended, so nothing would have been written.',
    fix: 'Await every call of the transaction before its work returns.',
  },
  STORE_GENERATION_FELL: {
    severity: 'critical',
    title: 'The generation of an org fell',
    explain:
      'Gateways refuse a generation below the highest they have seen, so the store never goes back: also not after an org was removed and came back with the same uid.',
    fix: 'Plan again from the store and allocate the generation above the highest one.',
  },
  STORE_UID_CHANGED: {
    severity: 'critical',
    title: 'The uid of an org changed',
    explain: 'Keys, digests and published paths hang on the uid. Another uid under the same slug is another org.',
    fix: 'Restore the uid in org.yaml, or offboard the old org before the new one takes its slug.',
  },
  STORE_HEAD_MISSING: {
    severity: 'critical',
    title: 'Rows without the head of their org',
    explain:
      'Objects and publications belong to the head of their org: without it nothing says which uid they are for.',
    fix: 'Write the head in the same transaction; delete all objects before the head.',
  },
  STORE_VERSION_FELL: {
    severity: 'critical',
    title: 'A published version fell',
    explain: 'Versions and key epochs of published metadata only rise; clients refuse anything lower as a rollback.',
    fix: 'Read the publication again and publish above it.',
  },
  STORE_FENCED: {
    severity: 'high',
    title: 'Another controller took over',
    explain:
      'The lease under which this work began is held under a higher fence by now, so the work is out of date and nothing of it is written. A controller that meets this ends: it stood still, or its clock was wrong, for more than 30 seconds, and another process took the lease meanwhile. One that nobody overtook goes on.',
    fix: 'Ask the process that has the lease, or start this one again when that has ended.',
  },
  STORE_CURSOR_INVALID: {
    severity: 'medium',
    title: 'The page cursor is not one of this list',
    explain: 'A cursor names the last row seen. This one has another form, or names no row.',
    fix: 'Start from the first page.',
  },
  STORE_NUMBER_INVALID: {
    severity: 'high',
    title: 'A number is out of range',
    explain:
      'Amounts, sequences and times are whole numbers from 0 to 2^53 - 1. Money is counted in micro-units, never in fractions.',
    fix: 'Send whole micro-units within the range.',
  },
  STORE_OTHER_GATEWAY: {
    severity: 'critical',
    title: 'A gateway wrote for another one',
    explain: 'What a gateway posts is written under its own name alone, also inside one org.',
    fix: 'Send the name of the gateway that signed the request.',
  },
  EVENT_CHAIN_BROKEN: {
    severity: 'critical',
    title: 'The event journal of a gateway has a gap or a wrong link',
    explain:
      'Each line carries its number and the hash of the line before. A missing number, another hash, or other content under a stored number means that evidence was lost or changed.',
    fix: 'Compare the journal on the gateway with the stored events; enrol the gateway again with an empty --state to start a new chain.',
  },
} as const satisfies CodeTable;
