import type { Json, JsonArray, JsonObject } from './json.ts';

// Integers that no double is. They are rounded where a text is parsed, and an id that is rounded is another one: so what was
// written is kept beside the object or list that holds it, is read by policies, and is written again where nothing took its place.

type Holder = JsonArray | JsonObject;

const written = new WeakMap<Holder, Map<string, string>>();

const INTEGER = /^-?\d{16,}$/;

/** Notes how the number at `key` was written, where that is an integer that the number is not. */
export function noteWritten(holder: Holder, key: string, source: string): void {
  const value = memberAt(holder, key);
  if (!INTEGER.test(source) || value !== Number(source) || String(value) === source) return;
  const known = written.get(holder) ?? new Map<string, string>();
  written.set(holder, known.set(key, source));
}

/** How the integer at `key` was written; undefined where the number there says it. */
export const writtenAt = (holder: Holder, key: string | number): string | undefined =>
  written.get(holder)?.get(String(key));

/** `copy`, which is to say its integers as `original` does, where it has the same at the same keys. */
export function exactAs<Copy extends Holder>(copy: Copy, original: Holder): Copy {
  const known = written.get(original);
  if (known === undefined || copy === original) return copy;
  for (const [key, source] of known) noteWritten(copy, key, source);
  return copy;
}

const memberAt = (holder: Holder, key: string): Json | undefined =>
  Object.hasOwn(holder, key) ? (holder as JsonObject)[key] : undefined;

/** A number in JSON that may be a rounded one. */
const MAYBE_ROUNDED = /[:,[-]\d{16,}[,}\]]|\de\+\d/;

const { rawJSON } = JSON as unknown as { readonly rawJSON: (text: string) => unknown };

/** As JSON.stringify, with each integer as it was written in the text that it was parsed from. */
export function writeJson(value: Json): string {
  const plain = JSON.stringify(value);
  if (!MAYBE_ROUNDED.test(plain)) return plain;
  return JSON.stringify(value, function (this: Holder, key: string, item: Json) {
    const source = typeof item === 'number' ? writtenAt(this, key) : undefined;
    return source === undefined ? item : rawJSON(source);
  });
}
