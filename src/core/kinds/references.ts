import { isJsonObject, type Json, type JsonArray, type JsonObject, type Kind, pointerStep } from '../model/index.ts';
import { descriptorOf } from './descriptors.ts';
import { type FactNode, factsOf } from './facts.ts';

/** One place where a manifest names another object of its org (or, in Fleet, of the fleet). */
export interface Reference {
  readonly kind: Kind;
  readonly name: string;
  /** The environment that the target must be in; null when its kind has none, or when any will do. */
  readonly environment: string | null;
  /** JSON pointer into the document, for its place. */
  readonly pointer: string;
}

/** Every reference of a manifest, by `x-ref` of its schema, in the order of the document. */
export function references(kind: Kind, document: JsonObject): readonly Reference[] {
  const found: Reference[] = [];
  const { metadata } = document;
  const own = isJsonObject(metadata) ? metadata['environment'] : undefined;
  collect(document, factsOf(kind), '', (target, name, pointer) => {
    const sameEnvironment = descriptorOf(target).environments === 'required' && typeof own === 'string';
    found.push({ kind: target, name, environment: sameEnvironment ? own : null, pointer });
  });
  return found;
}

type Found = (kind: Kind, name: string, pointer: string) => void;

function collect(value: Json, node: FactNode, pointer: string, found: Found): void {
  if (!node.holdsReferences) return;
  if (typeof value === 'string' && node.facts.ref !== null) {
    found(node.facts.ref, value, pointer);
  } else if (Array.isArray(value)) {
    const { items } = node;
    if (items === null) return;
    for (const [index, item] of (value as JsonArray).entries()) collect(item, items, `${pointer}/${index}`, found);
  } else if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const next = node.properties.get(key) ?? node.additional;
      if (next !== null) collect(item, next, `${pointer}/${pointerStep(key)}`, found);
    }
  }
}
