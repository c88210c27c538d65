import { isJsonObject, type Json, type JsonArray, type JsonObject, pointerStep } from '../model/index.ts';

/** A value that YAML can say and that must not come further: where, and which rule it breaks. */
export interface BadValue {
  readonly pointer: string;
  readonly rule: 'key' | 'number' | 'text' | 'depth';
}

/**
 * The first value that is no safe JSON: a key `__proto__`, a number that is not finite, is -0 or a whole number beyond
 * 2^53, half a surrogate pair, or nesting beyond `maxDepth`. Undefined when all is well. Called on every file read.
 */
export function badValue(value: Json, maxDepth: number): BadValue | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : { pointer: '', rule: 'text' };
  if (typeof value === 'number') return isSafe(value) ? undefined : { pointer: '', rule: 'number' };
  if (typeof value !== 'object' || value === null) return undefined;
  if (maxDepth === 0) return { pointer: '', rule: 'depth' };
  return Array.isArray(value) ? badItem(value, maxDepth) : badField(value as JsonObject, maxDepth);
}

function isSafe(value: number): boolean {
  return Number.isInteger(value) ? Number.isSafeInteger(value) && !Object.is(value, -0) : Number.isFinite(value);
}

function badItem(list: JsonArray, maxDepth: number): BadValue | undefined {
  for (let index = 0; index < list.length; index++) {
    const bad = badValue(list[index] ?? null, maxDepth - 1);
    if (bad !== undefined) return { ...bad, pointer: `/${index}${bad.pointer}` };
  }
  return undefined;
}

function badField(map: JsonObject, maxDepth: number): BadValue | undefined {
  for (const key of Object.keys(map)) {
    if (key === '__proto__') return { pointer: '/__proto__', rule: 'key' };
    const bad = key.isWellFormed() ? badValue(map[key] ?? null, maxDepth - 1) : { pointer: '', rule: 'text' as const };
    if (bad !== undefined) return { ...bad, pointer: `/${pointerStep(key)}${bad.pointer}` };
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
