import { toKeyed } from '../kinds/index.ts';
import {
  byCodeUnit,
  type FieldChange,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type ObjectKey,
  type ObjectSide,
  objectKey,
  type Place,
  pointerStep,
  type Shown,
  valueAt,
} from '../model/index.ts';
import { changedPointers } from './keyed.ts';
import { isOrder, orderChanged, positionOf } from './ordered.ts';
import { type IsSensitive, sensitiveAbove, sensitiveFields, withoutSensitive } from './sensitive.ts';
import { fieldWords } from './words.ts';

/** Which line of an input a value of the head side comes from; `pointer` is in keyed form. */
export type ProvenanceOf = (key: ObjectKey, pointer: string) => Place | null;

/** The changed fields between two documents of one object, sorted by pointer; sensitive values only as changed. */
export function fieldChanges(before: ObjectSide, after: ObjectSide, sourceOf?: ProvenanceOf): readonly FieldChange[] {
  const { kind } = after.id;
  const [left, right] = [toKeyed(kind, before.document), toKeyed(kind, after.document)];
  const wasSensitive = sensitiveFields(kind, left);
  const willBeSensitive = sensitiveFields(kind, right);
  const isSensitive: IsSensitive = (pointer) => wasSensitive(pointer) || willBeSensitive(pointer);
  const pointers = changedPointers(left, right).map((pointer) => sensitiveAbove(isSensitive, pointer));
  const currencies = { before: currencyOf(left), after: currencyOf(right) };
  const period = periodOf(right);
  const told = [...new Set(pointers)].filter((path) => !isOrder(path) || orderChanged(left, right, path));
  return told.sort(byCodeUnit).map((path) => {
    const values = shownSides(isSensitive, path, { before: valueAt(left, path), after: valueAt(right, path) });
    const position = positionOf(right, path);
    const words = fieldWords({ kind, path, sensitive: isSensitive(path), ...values, currencies, position, period });
    return withSource(
      { path, ...values, words },
      () => sourceOf?.(objectKey(after.id), changedLeaf(left, right, path)) ?? null,
    );
  });
}

/** A field whose place is looked up when it is first asked for: a trace costs renders, and most places are never shown. */
export function withSource(field: Omit<FieldChange, 'source'>, find: () => Place | null): FieldChange {
  let found: Place | null | undefined;
  return {
    ...field,
    get source() {
      if (found === undefined) found = find();
      return found;
    },
  };
}

/** The values of one field as a report may show them. */
export function shownSides(
  isSensitive: IsSensitive,
  path: string,
  values: { readonly before: Json | undefined; readonly after: Json | undefined },
): { readonly before?: Shown; readonly after?: Shown } {
  const { before, after } = values;
  return {
    ...(before === undefined ? {} : { before: withoutSensitive(isSensitive, path, before) }),
    ...(after === undefined ? {} : { after: withoutSensitive(isSensitive, path, after) }),
  };
}

/** The currency that amounts of the object are in; empty where it has none. */
export function currencyOf(document: JsonObject): string {
  const currency = valueAt(document, '/spec/currency');
  return typeof currency === 'string' ? currency : '';
}

/** How often the limit of a wallet starts anew; empty for other objects. */
export function periodOf(document: JsonObject): string {
  const period = valueAt(document, '/spec/period/kind');
  return typeof period === 'string' ? period : '';
}

/** A decimal string of at most six places, as the schema of money allows, in millionths. */
export function microsOf(decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  return BigInt(`${whole}${fraction.padEnd(6, '0').slice(0, 6)}`);
}

/** The first leaf at or below a changed pointer that is new or other than before, else one that is gone: the line to look at. */
function changedLeaf(left: JsonObject, right: JsonObject, path: string): string {
  let pointer = path;
  for (;;) {
    const [before, after] = [valueAt(left, pointer), valueAt(right, pointer)];
    const next = Array.isArray(after) ? newItem(before, after) : changedKey(before, after);
    if (next === undefined) return pointer;
    pointer = `${pointer}/${pointerStep(next)}`;
  }
}

function newItem(before: Json | undefined, after: JsonArray): string | undefined {
  const known = new Set(Array.isArray(before) ? before.map((item) => JSON.stringify(item)) : []);
  const index = after.findIndex((item) => !known.has(JSON.stringify(item)));
  return index < 0 ? undefined : String(index);
}

function changedKey(before: Json | undefined, after: Json | undefined): string | undefined {
  const [left = {}, right = {}] = [before, after].map((side) => (isJsonObject(side) ? side : {}));
  const keys = [...Object.keys(right), ...Object.keys(left)];
  return keys.find((key) => JSON.stringify(left[key]) !== JSON.stringify(right[key]));
}
