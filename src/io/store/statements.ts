import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { translated } from './error.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;
/** A row as the values of its columns in their order. */
export type List = readonly SQLOutputValue[];
export type Bind = SQLInputValue;

/** Work done through one connection since it was opened; tests assert that it is proportional. */
export interface StoreCounters {
  /** Write transactions begun; reads open none. */
  transactions: number;
  /** Statements that were run; a batch of rows is few of them. */
  statements: number;
  rowsRead: number;
  /** Rows that statements inserted, updated or deleted, rolled back ones included. */
  rowsWritten: number;
}

/** Statements by their text, prepared once; errors come out typed. */
export interface Sql {
  get(text: string, ...values: readonly Bind[]): Row | undefined;
  all(text: string, ...values: readonly Bind[]): readonly Row[];
  /** As `all`, for reads of many thousand rows, where an object for each row would cost most. */
  lists(text: string, ...values: readonly Bind[]): readonly List[];
  /** Row by row, for walks that must not hold everything in memory; finish it before the next write. */
  each(text: string, ...values: readonly Bind[]): Iterable<Row>;
  /** The number of rows changed. */
  run(text: string, ...values: readonly Bind[]): number;
  /** Inserts rows of equally many values, many of them per statement; `into` ends with the list of columns. */
  insert(into: string, rows: readonly (readonly Bind[])[]): void;
  /** BEGIN, COMMIT and their like, for which SQLite repeats the count of the statement before. */
  control(text: string): void;
}

/** Rows of one statement of `insert`: the largest that fits goes first, so that few texts are prepared. */
const ROWS_PER_STATEMENT = [64, 8, 1] as const;

const valuesOf = (rows: number, columns: number): string => {
  const row = `(${Array(columns).fill('?').join(', ')})`;
  return Array(rows).fill(row).join(', ');
};

/** Prepares on first use; `counters` is added to. */
export function preparedSql(database: DatabaseSync, counters: StoreCounters): Sql {
  const cache = new Map<string, StatementSync>();
  const listing = new Map<string, StatementSync>();
  const preparedIn = (statements: Map<string, StatementSync>, text: string): StatementSync => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    const statement = database.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  const prepared = (text: string): StatementSync => preparedIn(cache, text);
  const preparedLists = (text: string): StatementSync => {
    const statement = preparedIn(listing, text);
    statement.setReturnArrays(true);
    return statement;
  };
  const run = (text: string, values: readonly Bind[]): number => {
    counters.statements += 1;
    const changes = Number(typed(() => prepared(text).run(...values)).changes);
    counters.rowsWritten += changes;
    return changes;
  };
  return {
    get(text, ...values) {
      counters.statements += 1;
      const row = typed(() => prepared(text).get(...values));
      if (row !== undefined) counters.rowsRead += 1;
      return row;
    },
    all(text, ...values) {
      counters.statements += 1;
      const rows = typed(() => prepared(text).all(...values));
      counters.rowsRead += rows.length;
      return rows;
    },
    lists(text, ...values) {
      counters.statements += 1;
      // With setReturnArrays a row is an array, which the types do not know.
      const rows = typed(() => preparedLists(text).all(...values)) as unknown as readonly List[];
      counters.rowsRead += rows.length;
      return rows;
    },
    *each(text, ...values) {
      counters.statements += 1;
      try {
        for (const row of prepared(text).iterate(...values)) {
          counters.rowsRead += 1;
          yield row;
        }
      } catch (error) {
        throw translated(error);
      }
    },
    run: (text, ...values) => run(text, values),
    insert(into, rows) {
      let from = 0;
      for (const size of ROWS_PER_STATEMENT) {
        for (; rows.length - from >= size; from += size) {
          const text = `${into} VALUES ${valuesOf(size, rows[0]?.length ?? 0)}`;
          run(text, rows.slice(from, from + size).flat());
        }
      }
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
