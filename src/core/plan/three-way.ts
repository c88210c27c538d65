import { fieldFacts } from '../kinds/index.ts';
import { isJsonObject, type Json, type JsonObject, type Kind, pointerStep } from '../model/index.ts';

/** Three versions of one value in keyed form; undefined: nothing there. */
export interface Sides {
  readonly base: Json | undefined;
  readonly ours: Json | undefined;
  readonly theirs: Json | undefined;
}

/** A place that both sides changed, each in its own way. */
export interface Clash extends Sides {
  /** Keyed form, from the root of the document. */
  readonly pointer: string;
}

export interface Merged {
  /** Where the sides clash it holds ours, so that nothing of ours is lost. */
  readonly value: Json | undefined;
  readonly clashes: readonly Clash[];
}

/**
 * Merges three versions of what stands at `pointer` of a kind's documents. Maps are merged field by field, and lists whose
 * schema says so (`x-merge` keyed or union) item by item; every other value is one thing, which two sides may not both
 * change. Pure and symmetric: with the sides swapped, the same clashes, and the same value where there are none.
 */
export function mergeThreeWay(kind: Kind, sides: Sides, pointer = ''): Merged {
  const { base, ours, theirs } = sides;
  if (sameJson(ours, theirs) || sameJson(base, theirs)) return { value: ours, clashes: [] };
  if (sameJson(base, ours)) return { value: theirs, clashes: [] };
  const opens = isJsonObject(ours) && isJsonObject(theirs) && (base === undefined || isJsonObject(base));
  if (!opens || !mergesBelow(kind, pointer)) return { value: ours, clashes: [{ pointer, ...sides }] };
  return mergeFields(kind, { base: base ?? {}, ours, theirs }, pointer);
}

interface Maps {
  readonly base: JsonObject;
  readonly ours: JsonObject;
  readonly theirs: JsonObject;
}

function mergeFields(kind: Kind, { base, ours, theirs }: Maps, pointer: string): Merged {
  const value: Record<string, Json> = {};
  const clashes: Clash[] = [];
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const field = { base: own(base, key), ours: own(ours, key), theirs: own(theirs, key) };
    const merged = mergeThreeWay(kind, field, `${pointer}/${pointerStep(key)}`);
    if (merged.value !== undefined) value[key] = merged.value;
    clashes.push(...merged.clashes);
  }
  return { value, clashes };
}

/** Fields of a map are things of their own; items of a list are only where its schema merges them. */
function mergesBelow(kind: Kind, pointer: string): boolean {
  const { list, merge } = fieldFacts(kind, pointer);
  return list === null || merge === 'keyed' || merge === 'union';
}

function own(map: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** The same JSON value, whatever the order of keys; undefined equals only itself. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: Json, index) => sameJson(item, b[index] as Json));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => sameJson(a[key], own(b, key)));
}
