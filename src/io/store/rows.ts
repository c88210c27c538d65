import { type Json, parseJson } from '../../core/model/index.ts';
import type { Page } from '../../ports/index.ts';
import { storeError } from './error.ts';
import type { List, Row } from './statements.ts';

/** A column that must hold a text. STRICT tables make sure of it, so another type means a damaged file. */
export function text<T extends string = string>(row: Row, column: string): T {
  return textCell(row[column], column);
}

/** As `text`, by the place of the column in the statement. */
export function textAt<T extends string = string>(row: List, column: number): T {
  return textCell(row[column], column);
}

function textCell<T extends string>(value: unknown, column: string | number): T {
  if (typeof value !== 'string') throw damaged(column, 'a text', value);
  return value as T;
}

export function textOrNull<T extends string = string>(row: Row, column: string): T | null {
  return row[column] === null ? null : text<T>(row, column);
}

export function count(row: Row, column: string): number {
  return countCell(row[column], column);
}

export function countAt(row: List, column: number): number {
  return countCell(row[column], column);
}

function countCell(value: unknown, column: string | number): number {
  if (typeof value !== 'number') throw damaged(column, 'a whole number', value);
  return value;
}

export function countOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : count(row, column);
}

/** A column of JSON that this driver wrote itself. */
export function json<T extends Json | object = Json>(row: Row, column: string): T {
  const value = text(row, column);
  try {
    return parseJson(value) as T;
  } catch {
    throw damaged(column, 'JSON', value);
  }
}

const damaged = (column: string | number, expected: string, value: unknown) =>
  storeError('STORE_UNREADABLE', {
    message: `Column ${column} is damaged`,
    expected,
    found: typeof value === 'string' ? `text of ${value.length} characters` : typeof value,
  });

const MOST_ROWS = 1000;

/** How many rows a page may bring. */
export function limitOf(page: Page): number {
  return Number.isSafeInteger(page.limit) ? Math.min(Math.max(page.limit, 1), MOST_ROWS) : MOST_ROWS;
}

/** The number in a cursor that is one, or `first` without a cursor. */
export function numberAfter(page: Page, first: number): number {
  if (page.after === undefined) return first;
  if (!/^[0-9]{1,15}$/.test(page.after)) throw wrongCursor('the number of the last row seen', page.after);
  return Number(page.after);
}

export const wrongCursor = (expected: string, found: string) =>
  storeError('STORE_CURSOR_INVALID', { message: 'The page cursor is wrong', expected, found: JSON.stringify(found) });
