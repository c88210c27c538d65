import type { RepoPath } from './ids.ts';

/** A place in a file of the repository; line and column count from 1. */
export interface Place {
  readonly file: RepoPath;
  readonly line: number;
  readonly column: number;
}

/** The place of the node at a JSON pointer, or of the nearest ancestor that exists. `key` points at the key, not the value. */
export type PlaceOf = (pointer: string, at?: 'key' | 'value') => Place;

/** The first character of a file: where a finding about the file as a whole points. */
export function startOf(file: RepoPath): Place {
  return { file, line: 1, column: 1 };
}
