import jsonpatch, { type Operation } from 'fast-json-patch';
import { toKeyed } from '../kinds/index.ts';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type Kind,
  parseJson,
  pointerStep,
  pointerSteps,
} from '../model/index.ts';

export type { Operation };

/** The RFC 6902 operations from one document of a kind to another, in keyed form; none exactly when they mean the same. */
export function keyedPatch(kind: Kind, before: JsonObject, after: JsonObject): readonly Operation[] {
  return compareKeyed(toKeyed(kind, before), toKeyed(kind, after));
}

/** The operations between two documents that are in keyed form already; the inputs are not shared with the result. */
export function compareKeyed(before: JsonObject, after: JsonObject): readonly Operation[] {
  return jsonpatch.compare(structuredCopy(before), structuredCopy(after));
}

/** `document` (in keyed form) with the operations applied; the input stays as it is. Throws when they do not fit. */
export function applyKeyed(document: JsonObject, operations: readonly Operation[]): JsonObject {
  return jsonpatch.applyPatch<JsonObject>(structuredCopy(document), [...operations], true).newDocument;
}

/** The pointers at which two keyed documents differ; a difference inside a plain list is one of the whole list. */
export function changedPointers(before: JsonObject, after: JsonObject): readonly string[] {
  const pointers = compareKeyed(before, after).map(({ path }) => listAbove(before, after, path));
  return [...new Set(pointers)];
}

function listAbove(before: JsonObject, after: JsonObject, pointer: string): string {
  let [left, right]: [Json | undefined, Json | undefined] = [before, after];
  let above = '';
  for (const step of pointerSteps(pointer)) {
    if (Array.isArray(left) || Array.isArray(right)) return above;
    left = child(left, step);
    right = child(right, step);
    above += `/${pointerStep(step)}`;
  }
  return above;
}

function child(value: Json | undefined, step: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function structuredCopy(value: JsonObject): JsonObject {
  return parseJson(JSON.stringify(value)) as JsonObject;
}
