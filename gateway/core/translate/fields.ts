import { isJsonObject, type Json, type JsonObject, parseJson } from '../../../src/core/model/index.ts';

// What the translations share. A field is carried, means nothing at its value, or refuses the request by its name: nothing
// of a request is dropped without a word.

/** A request cannot be said in the other format; the message names the field. */
export class NotCarried extends Error {}

/** The outcome of `work`, or the sentence why the request cannot be carried. */
export function carriedOr(work: () => JsonObject): JsonObject | string {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotCarried) return error.message;
    throw error;
  }
}

/** Refuses the field at `place`, in the words of a request. */
export function refuseField(place: string, why = 'has no counterpart in the format of the target'): never {
  throw new NotCarried(`"${place.slice(0, 120)}" ${why}.`);
}

/** What becomes of one field: it is written, or it refuses by its place. */
export type CarryField<Draft> = (value: Json, place: string, draft: Draft) => void;

/** Every field of `source` by its rule; null counts as absent, a field without a rule refuses. */
export function carryFields<Draft>(
  source: JsonObject,
  rules: ReadonlyMap<string, CarryField<Draft>>,
  at: { readonly place: string; readonly draft: Draft },
): void {
  for (const [key, value] of Object.entries(source)) {
    if (value === null) continue;
    const place = at.place === '' ? key : `${at.place}.${key}`;
    const rule = rules.get(key);
    if (rule === undefined) refuseField(place);
    rule(value, place, at.draft);
  }
}

/** Efforts that both families know by the same word. */
export const EFFORTS: ReadonlySet<Json> = new Set<Json>(['low', 'medium', 'high', 'xhigh', 'max']);

/** Read elsewhere, or a hint that changes no answer. */
export const apart = (): void => {};

/** Fields that `carryFields` lets stand beside each other, read elsewhere; any other refuses. */
export const named = <Draft>(...names: readonly string[]): ReadonlyMap<string, CarryField<Draft>> =>
  new Map(names.map((name): [string, CarryField<Draft>] => [name, apart]));

/** Refuses what `value` holds besides the fields of `rules`. */
export function checkFields(value: JsonObject, rules: ReadonlyMap<string, CarryField<null>>, place: string): void {
  carryFields(value, rules, { place, draft: null });
}

/** A field that may only stand at a value that means nothing. */
export const onlyAt =
  <Draft>(...values: readonly Json[]): CarryField<Draft> =>
  (value, place) => {
    const text = JSON.stringify(value);
    if (!values.some((allowed) => JSON.stringify(allowed) === text)) refuseField(place);
  };

/** Written as it is, under a name of the other format. */
export const copiedAs =
  (name: string): CarryField<{ [key: string]: Json }> =>
  (value, _place, draft) => {
    draft[name] = value;
  };

export function objectAt(value: Json | undefined, place: string): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : refuseField(place, 'is no object');
}

/** `value` when it is an object, else an empty one: for answers, of which nothing is refused. */
export function objectOr(value: Json | undefined): JsonObject {
  return value !== undefined && isJsonObject(value) ? value : {};
}

export function textAt(value: Json | undefined, place: string): string {
  return typeof value === 'string' ? value : refuseField(place, 'is no text');
}

export function listAt(value: Json | undefined, place: string): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : refuseField(place, 'is no list');
}

/** JSON text to the object it is, or undefined. */
export function parsedObject(text: string): JsonObject | undefined {
  try {
    const value = parseJson(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
