/** A JSON value as plain readonly data. */
export type Json = null | boolean | number | string | JsonArray | JsonObject;
export type JsonArray = readonly Json[];
export type JsonObject = { readonly [key: string]: Json };

/** True for a plain JSON object (not an array, not null). */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Orders strings by UTF-16 code unit, the order RFC 8785 uses for keys; locale-free and therefore repeatable. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** One step of an RFC 6901 JSON pointer, escaped. */
export function pointerStep(key: string): string {
  // Most steps need no escape, and this runs for every field of every manifest.
  return key.includes('~') || key.includes('/') ? key.replaceAll('~', '~0').replaceAll('/', '~1') : key;
}

/** The unescaped steps of an RFC 6901 JSON pointer; "" is the root. */
export function pointerSteps(pointer: string): readonly string[] {
  if (pointer === '') return [];
  const steps = pointer.slice(1).split('/');
  return pointer.includes('~') ? steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~')) : steps;
}

/** The value at `pointer` by own properties only, or undefined. */
export function valueAt(value: Json, pointer: string): Json | undefined {
  let current: Json | undefined = value;
  for (const step of pointerSteps(pointer)) {
    if (Array.isArray(current)) {
      current = /^(0|[1-9][0-9]*)$/.test(step) ? (current as JsonArray)[Number(step)] : undefined;
    } else if (isJsonObject(current) && Object.hasOwn(current, step)) {
      current = current[step];
    } else {
      return undefined;
    }
  }
  return current;
}
