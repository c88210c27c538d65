import { nearest } from './nearest.ts';

/** More names than these nobody reads, and a fleet has a thousand. */
const LISTED_MAX = 20;
const SHOWN = 3;

/** What was expected where `text` is none of the names that there are; `none` says what would have been one. */
export function oneOf(names: readonly string[], text: string, none: string): string {
  if (names.length === 0) return none;
  if (names.length <= LISTED_MAX) return `one of ${names.join(', ')}`;
  const meant = nearest(text, names);
  return `one of ${names.length}, such as ${meant ?? names.slice(0, SHOWN).join(', ')}`;
}
