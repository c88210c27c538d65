import { codes } from '../../core/model/index.ts';
import type { ChainEnd, StoreError } from '../../ports/index.ts';

export type StoreCode = StoreError['code'];

/** What the one who refuses knows; the fix comes from the code table. */
interface Refusal {
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly cause?: unknown;
  readonly end?: ChainEnd;
}

/** The typed error of `code`, ready to throw. */
export function storeError(code: StoreCode, refusal: Refusal): StoreError {
  const { message, expected, found, cause, end } = refusal;
  const error = new Error(`${message}: expected ${expected}, found ${found}`, cause === undefined ? {} : { cause });
  error.name = 'StoreError';
  return Object.assign(error, { code, expected, found, fix: codes[code].fix }, end === undefined ? {} : { end });
}

interface SqliteFailure extends Error {
  readonly errcode: number;
}

function isSqliteFailure(error: unknown): error is SqliteFailure {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number';
}

const BUSY = 5;

/** True where another connection has what is needed. */
export function isBusy(error: unknown): boolean {
  return isSqliteFailure(error) && (error.errcode & 0xff) === BUSY;
}

/** Primary result codes of SQLite (the low byte of an extended code) that a person can do something about. */
const MEANING: ReadonlyMap<number, readonly [StoreCode, string]> = new Map([
  [BUSY, ['STORE_BUSY', 'the write lock within the busy timeout']],
  [6, ['STORE_BUSY', 'a table that nobody else has locked']],
  [8, ['STORE_READ_ONLY', 'a database that accepts writes']],
  [10, ['STORE_UNREADABLE', 'a disk that reads and writes without faults']],
  [11, ['STORE_UNREADABLE', 'a database with intact pages']],
  [13, ['STORE_FULL', 'space on the disk']],
  [14, ['STORE_UNREADABLE', 'a file that opens']],
  [19, ['STORE_CONSTRAINT', 'a row that the schema accepts']],
  [26, ['STORE_UNREADABLE', 'a SQLite database']],
]);

const CONSTRAINT_FOREIGN_KEY = 787;

/** The typed form of what node:sqlite threw; anything else comes back as it is. */
export function translated(error: unknown): unknown {
  if (!isSqliteFailure(error)) return error;
  const found = error.message;
  if (error.errcode === CONSTRAINT_FOREIGN_KEY) {
    return storeError('STORE_HEAD_MISSING', {
      message: 'The transaction leaves objects behind',
      expected: 'the head of their org',
      found,
      cause: error,
    });
  }
  const meaning = MEANING.get(error.errcode & 0xff);
  if (meaning === undefined) return error;
  const [code, expected] = meaning;
  return storeError(code, { message: 'The store refused', expected, found, cause: error });
}

/** Whole numbers from 0 that JavaScript and SQLite both hold exactly. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

/** Refuses STORE_NUMBER_INVALID for anything but a whole number from 0 to 2^53 - 1. */
export function requireCount(name: string, value: number): number {
  if (isCount(value)) return value;
  throw storeError('STORE_NUMBER_INVALID', {
    message: `${name} is out of range`,
    expected: 'a whole number from 0 to 9007199254740991',
    found: String(value),
  });
}
