import { endOfString, type Json } from '../../model/index.ts';

/**
 * True when an object of a JSON text has a key twice, however it is escaped: of two values each parser takes another one, so that
 * who judges the text and who answers it may read two different ones. `value` is what the text was parsed to.
 */
export const repeatsKey = (text: string, value: Json): boolean => membersIn(text) > keysIn(value);

/** The members of all objects in a JSON text: as many as its colons outside of strings. */
function membersIn(text: string): number {
  let members = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') at = endOfString(text, at);
    else if (text[at] === ':') members += 1;
  }
  return members;
}

/** The keys of all objects in a value, however deep. */
function keysIn(value: Json): number {
  let keys = 0;
  const open = [value];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const inner = Object.values(next) as readonly Json[];
    if (!Array.isArray(next)) keys += inner.length;
    for (const item of inner) open.push(item);
  }
  return keys;
}
