import type { DatabaseSync } from 'node:sqlite';
import type { Hash } from '../../core/model/index.ts';
import { storeError, translated } from './error.ts';
import { openLane } from './lane.ts';
import { preparedSql, type Sql, type StoreCounters } from './statements.ts';

/** The one connection that both ports share: statements, turns, transactions. */
export interface Connection {
  readonly sql: Sql;
  readonly hash: Hash;
  readonly counters: StoreCounters;
  /** A read of one statement. */
  read<T>(work: () => T): Promise<T>;
  /** A read of several statements that see the same moment. */
  snapshot<T>(work: () => T): Promise<T>;
  /** A write transaction: all or nothing. */
  write<T>(work: () => T | Promise<T>): Promise<T>;
  close(): void;
}

export function connect(database: DatabaseSync, hash: Hash): Connection {
  const counters: StoreCounters = { transactions: 0, statements: 0, rowsRead: 0, rowsWritten: 0 };
  const sql = preparedSql(database, counters);
  const lane = openLane();
  const inTransaction = async <T>(begin: string, work: () => T | Promise<T>): Promise<T> => {
    sql.control(begin);
    try {
      const value = await work();
      sql.control('COMMIT');
      return value;
    } catch (error) {
      // A full disk makes SQLite roll back on its own.
      if (database.isTransaction) sql.control('ROLLBACK');
      throw translated(error);
    }
  };
  return {
    sql,
    hash,
    counters,
    read: (work) => lane.run(work),
    snapshot: (work) => lane.run(() => inTransaction('BEGIN', work)),
    write: (work) =>
      lane.run(() => {
        counters.transactions += 1;
        return inTransaction('BEGIN IMMEDIATE', work);
      }),
    close: () => lane.close(() => database.close()),
  };
}

/** The time during which a transaction object may be used. */
export interface Lifetime {
  /** Runs `work` now while the transaction is open; refuses STORE_TRANSACTION_OVER afterwards. */
  during<T>(work: () => T): Promise<T>;
  end(): void;
}

export function lifetime(): Lifetime {
  let open = true;
  return {
    async during(work) {
      if (open) return work();
      throw storeError('STORE_TRANSACTION_OVER', {
        message: 'The transaction is over',
        expected: 'calls before its work returns',
        found: 'a call afterwards',
      });
    },
    end() {
      open = false;
    },
  };
}
