import { type DetectorFilter, type Filtered, filterText } from './filter.ts';

const WORD_END = /([a-z0-9])(?=[A-Z])|[_-]+/g;

/**
 * A value with the key that it stands under: what a detector knows by the word before it may have that word as its key. What
 * changes is the value alone.
 */
export function filterMember(filter: DetectorFilter, text: string, key: string | null | undefined): Filtered {
  const alone = filterText(filter, text);
  if (key === null || key === undefined || text === '') return alone;
  const before = `${key.replace(WORD_END, '$1 ')}: `;
  const both = filterText(filter, before + text);
  if (both.matches <= alone.matches) return alone;
  // What is found in the key is not of the value, and its place is where keys are read.
  if (filterText(filter, before).matches > 0 || !both.text.startsWith(before)) return alone;
  return { text: both.text.slice(before.length), matches: both.matches };
}
