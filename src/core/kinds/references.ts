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

/** What is named, wherever it is. */
export type Named = Omit<Reference, 'pointer'>;

/** The references of a manifest that are wanted, all by default, by `x-ref` of its schema, in the order of the schema. */
export function references(
  kind: Kind,
  document: JsonObject,
  isWanted: (named: Named) => boolean = () => true,
): readonly Reference[] {
  const found: Reference[] = [];
  const { metadata } = document;
  const own = isJsonObject(metadata) ? metadata['environment'] : undefined;
  const take: Found = (target, name, steps) => {
    const sameEnvironment = descriptorOf(target).environments === 'required' && typeof own === 'string';
    const named: Named = { kind: target, name, environment: sameEnvironment ? own : null };
    if (isWanted(named)) found.push({ ...named, pointer: pointerOf(steps) });
  };
  collect(document, factsOf(kind), { steps: [], found: take });
  return found;
}

type Found = (kind: Kind, name: string, steps: readonly (string | number)[]) => void;

interface Walk {
  /** Leads to the value at hand; grows and shrinks with the walk, so that only what is wanted gets a pointer. */
  readonly steps: (string | number)[];
  readonly found: Found;
}

function collect(value: Json, node: FactNode, walk: Walk): void {
  if (typeof value === 'string') {
    if (node.facts.ref !== null) walk.found(node.facts.ref, value, walk.steps);
  } else if (Array.isArray(value)) {
    if (node.items?.holdsReferences !== true) return;
    for (let index = 0; index < value.length; index += 1) inside((value as JsonArray)[index], node.items, index, walk);
  } else if (isJsonObject(value)) {
    for (const [key, next] of node.referenceFields) if (Object.hasOwn(value, key)) inside(value[key], next, key, walk);
    if (node.additional?.holdsReferences !== true) return;
    for (const key of Object.keys(value)) {
      if (!node.properties.has(key)) inside(value[key], node.additional, key, walk);
    }
  }
}

function inside(value: Json | undefined, node: FactNode, step: string | number, walk: Walk): void {
  if (value === undefined) return;
  walk.steps.push(step);
  collect(value, node, walk);
  walk.steps.pop();
}

function pointerOf(steps: readonly (string | number)[]): string {
  return steps.map((step) => `/${pointerStep(String(step))}`).join('');
}
