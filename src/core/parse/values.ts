import { isJsonObject, type Json, type JsonArray, type JsonObject, pointerStep, unseenIn } from '../model/index.ts';
import { numberOf } from './text.ts';

/** A value that YAML can say and that must not come further: where, which rule it breaks, and what it is. */
export interface BadValue {
  readonly pointer: string;
  readonly rule: 'key' | 'number' | 'text' | 'unseen' | 'depth';
  readonly found: string;
}

/**
 * The first value that is no safe JSON: a key `__proto__`, a number that is not finite, is -0 or a whole number beyond
 * 2^53, half a surrogate pair, a character that was hidden in an escape, or nesting beyond `maxDepth`. Undefined when all is well. Called on every file read.
 */
export function badValue(value: Json, maxDepth: number): BadValue | undefined {
  if (typeof value === 'string') return badText(value);
  if (typeof value === 'number') return isSafe(value) ? undefined : bad('number', 'another number');
  if (typeof value !== 'object' || value === null) return undefined;
  if (maxDepth === 0) return bad('depth', 'more');
  return Array.isArray(value) ? badItem(value, maxDepth) : badField(value as JsonObject, maxDepth);
}

function bad(rule: BadValue['rule'], found: string): BadValue {
  return { pointer: '', rule, found };
}

function badText(text: string): BadValue | undefined {
  if (!text.isWellFormed()) return bad('text', 'half of a surrogate pair');
  const unseen = unseenIn(text);
  return unseen === undefined ? undefined : bad('unseen', numberOf(unseen.character));
}

function isSafe(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) && !Object.is(value, -0) : Number.isFinite(value);
}

function badItem(list: JsonArray, maxDepth: number): BadValue | undefined {
  for (let index = 0; index < list.length; index++) {
    const item = badValue(list[index] ?? null, maxDepth - 1);
    if (item !== undefined) return { ...item, pointer: `/${index}${item.pointer}` };
  }
  return undefined;
}

function badField(map: JsonObject, maxDepth: number): BadValue | undefined {
  for (const key of Object.keys(map)) {
    const field = key === '__proto__' ? bad('key', key) : (badText(key) ?? badValue(map[key] ?? null, maxDepth - 1));
    if (field !== undefined) return { ...field, pointer: `/${pointerStep(key)}${field.pointer}` };
  }
  return undefined;
}

/** The pointer of the first difference between two values, or undefined when they are the same. */
export function firstDifference(a: Json, b: Json): string | undefined {
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return '';
    return firstOf(a.map((item: Json, index) => [String(index), item, b[index] ?? null]));
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const keys = Object.keys(a);
    if (keys.length !== Object.keys(b).length || !keys.every((key) => Object.hasOwn(b, key))) return '';
    return firstOf(keys.map((key) => [key, a[key] ?? null, b[key] ?? null]));
  }
  return Object.is(a, b) ? undefined : '';
}

function firstOf(pairs: readonly (readonly [string, Json, Json])[]): string | undefined {
  for (const [step, a, b] of pairs) {
    const below = firstDifference(a, b);
    if (below !== undefined) return `/${pointerStep(step)}${below}`;
  }
  return undefined;
}
