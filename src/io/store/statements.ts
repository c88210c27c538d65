import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { translated } from './error.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;
export type Bind = SQLInputValue;

/** Work done through one connection since it was opened; tests assert that it is proportional. */
export interface StoreCounters {
  /** Write transactions begun; reads open none. */
  transactions: number;
  rowsRead: number;
  /** Rows that statements inserted, updated or deleted, rolled back ones included. */
  rowsWritten: number;
}

/** Statements by their text, prepared once; errors come out typed. */
export interface Sql {
  get(text: string, ...values: readonly Bind[]): Row | undefined;
  all(text: string, ...values: readonly Bind[]): readonly Row[];
  /** Row by row, for walks that must not hold everything in memory; finish it before the next write. */
  each(text: string, ...values: readonly Bind[]): Iterable<Row>;
  /** The number of rows changed. */
  run(text: string, ...values: readonly Bind[]): number;
  /** BEGIN, COMMIT and their like, for which SQLite repeats the count of the statement before. */
  control(text: string): void;
}

/** Prepares on first use; `counters` is added to. */
export function preparedSql(database: DatabaseSync, counters: StoreCounters): Sql {
  const cache = new Map<string, StatementSync>();
  const prepared = (text: string): StatementSync => {
    const known = cache.get(text);
    if (known !== undefined) return known;
    const statement = database.prepare(text);
    cache.set(text, statement);
    return statement;
  };
  return {
    get(text, ...values) {
      const row = typed(() => prepared(text).get(...values));
      if (row !== undefined) counters.rowsRead += 1;
      return row;
    },
    all(text, ...values) {
      const rows = typed(() => prepared(text).all(...values));
      counters.rowsRead += rows.length;
      return rows;
    },
    *each(text, ...values) {
      try {
        for (const row of prepared(text).iterate(...values)) {
          counters.rowsRead += 1;
          yield row;
        }
      } catch (error) {
        throw translated(error);
      }
    },
    run(text, ...values) {
      const changes = Number(typed(() => prepared(text).run(...values)).changes);
      counters.rowsWritten += changes;
      return changes;
    },
    control(text) {
      typed(() => prepared(text).run());
    },
  };
}

function typed<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translated(error);
  }
}
