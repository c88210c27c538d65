import { instantText } from '../../core/model/index.ts';
import type { Span } from '../evidence/index.ts';

/** True for a moment of the span. */
export function isIn({ fromMs, toMs }: Span, atMs: number): boolean {
  return atMs >= fromMs && atMs < toMs;
}

/** The moment as text; null for none. */
export function textAt(atMs: number | null | undefined): string | null {
  return atMs === null || atMs === undefined ? null : instantText(atMs);
}

/** Rows in the order of their keys. */
export function sortedBy<Row>(rows: Iterable<Row>, keyOf: (row: Row) => string): readonly Row[] {
  return [...rows]
    .map((row) => [keyOf(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}
