import { fieldFacts, holdsSecretText } from '../kinds/index.ts';
import {
  isJsonObject,
  isKind,
  type Json,
  type JsonObject,
  type Kind,
  pointerStep,
  pointerSteps,
  type Shown,
  valueAt,
} from '../model/index.ts';

/** True when the value at a pointer (keyed form) of one document must never be shown. */
export type IsSensitive = (pointer: string) => boolean;

/**
 * Which fields of a document are sensitive: what its schema says, text that looks like a secret wherever it stands, and for an overlay also what the schema of the
 * patched object says of the patched field, so that no value gets into a report by being patched in.
 */
export function sensitiveFields(kind: Kind, document: JsonObject): IsSensitive {
  const bySchema = sensitiveBySchema(kind, document);
  return (pointer) => {
    const value = valueAt(document, pointer);
    return bySchema(pointer) || (typeof value === 'string' && holdsSecretText(value));
  };
}

function sensitiveBySchema(kind: Kind, document: JsonObject): IsSensitive {
  const own: IsSensitive = (pointer) => fieldFacts(kind, pointer).sensitive;
  const target = valueAt(document, '/spec/target/kind');
  if (kind !== 'Overlay' || typeof target !== 'string' || !isKind(target)) return own;
  return (pointer) => {
    const [spec, patches, path, part, ...below] = pointerSteps(pointer);
    const isValue = spec === 'spec' && patches === 'patches' && (part === 'value' || part === 'was');
    if (!isValue || path === undefined) return own(pointer);
    return fieldFacts(target, [path, ...below.map(pointerStep)].join('/')).sensitive;
  };
}

/** The value at `pointer` with every sensitive part replaced by {changed: true}. */
export function withoutSensitive(isSensitive: IsSensitive, pointer: string, value: Json): Shown {
  return masked(isSensitive, pointer, value) as Shown;
}

/** The topmost sensitive field at or above a pointer, so that not even which part of it changed is told. */
export function sensitiveAbove(isSensitive: IsSensitive, pointer: string): string {
  let path = '';
  for (const step of pointerSteps(pointer)) {
    path += `/${pointerStep(step)}`;
    if (isSensitive(path)) return path;
  }
  return pointer;
}

/** True for what stands in the place of a sensitive value. */
export function isMasked(value: Json): boolean {
  return isJsonObject(value) && value['changed'] === true && Object.keys(value).length === 1;
}

function masked(isSensitive: IsSensitive, pointer: string, value: Json): Json {
  if (isSensitive(pointer)) return { changed: true };
  if (Array.isArray(value)) return value.map((item, index) => masked(isSensitive, `${pointer}/${index}`, item));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, masked(isSensitive, `${pointer}/${pointerStep(key)}`, part)]),
  );
}
