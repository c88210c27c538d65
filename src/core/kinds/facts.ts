import { isJsonObject, isKind, type Json, type JsonObject, type Kind, pointerSteps } from '../model/index.ts';
import { descriptorOf } from './descriptors.ts';
import common from './schemas/common.schema.json' with { type: 'json' };

export type ListType = 'keyed' | 'set' | 'atomic' | 'ordered';
export type MergeType = 'replace' | 'union' | 'keyed' | 'locked';

/** What people look for first in a change; `other` is all the rest. */
export const TOPICS = ['money', 'access', 'policy', 'other'] as const;
export type Topic = (typeof TOPICS)[number];

/** What the schema says of one field beside its shape. */
export interface FieldFacts {
  /** How a diff calls the field; fields of a list's item carry the list's words and the item's key before their own. */
  readonly words: string;
  /** Never shown: only that it changed. True below a sensitive field too. */
  readonly sensitive: boolean;
  /** A decimal string of money. */
  readonly money: boolean;
  /** The kind that the field names an object of. */
  readonly ref: Kind | null;
  readonly immutable: boolean;
  /** `max`: an org may only lower it; `min`: only raise it. */
  readonly floor: 'min' | 'max' | null;
  readonly merge: MergeType;
  /** How a list is read; null for everything else. */
  readonly list: ListType | null;
  /** One of a few words, each of which has a meaning of its own. */
  readonly choice: boolean;
  /** What a change of the field is about: as the schema says of it, or of the nearest field above. */
  readonly topic: Topic;
}

/** One field of a kind with the fields below it. Compiled once from the schema. */
export interface FactNode {
  readonly facts: Omit<FieldFacts, 'words' | 'topic'>;
  /** `x-words`, or null. */
  readonly words: string | null;
  /** `x-topic`, or null: that of the field above. */
  readonly topic: Topic | null;
  /** What a value must look like, in words; with an example where the schema has one. */
  readonly format: { readonly text: string; readonly example: string | null };
  readonly properties: ReadonlyMap<string, FactNode>;
  /** Fields of any other name: values of a map. */
  readonly additional: FactNode | null;
  readonly items: FactNode | null;
  /** Fields that identify an item of a keyed or ordered list; empty when the item is its own key. */
  readonly keys: readonly string[];
  readonly integer: boolean;
  /** A list with a key, or something below it that is one. */
  readonly holdsLists: boolean;
  readonly holdsReferences: boolean;
  /** The `properties` that hold lists, and those that hold references: what walks of every document go through. */
  readonly listFields: readonly (readonly [string, FactNode])[];
  readonly referenceFields: readonly (readonly [string, FactNode])[];
}

const compiled = new Map<Kind, FactNode>();

/** The fields of `kind`, from its schema. */
export function factsOf(kind: Kind): FactNode {
  const known = compiled.get(kind);
  if (known !== undefined) return known;
  const node = compileNode(descriptorOf(kind).schema, false);
  compiled.set(kind, node);
  return node;
}

// The same few hundred pointers are asked for in every object of a kind; bounded, so that data cannot make it grow.
const known = new Map<Kind, Map<string, FieldFacts>>();
const MOST_POINTERS = 4_000;

/**
 * The facts of the field at a JSON pointer, in keyed form or in the document's own: list steps may be keys or indexes.
 * Below a field that the schema leaves open, the facts are those of nothing in particular.
 */
export function fieldFacts(kind: Kind, pointer: string): FieldFacts {
  let ofKind = known.get(kind);
  if (ofKind === undefined || ofKind.size >= MOST_POINTERS) {
    ofKind = new Map();
    known.set(kind, ofKind);
  }
  let facts = ofKind.get(pointer);
  if (facts === undefined) {
    facts = factsAt(kind, pointer);
    ofKind.set(pointer, facts);
  }
  return facts;
}

function factsAt(kind: Kind, pointer: string): FieldFacts {
  let node: FactNode = factsOf(kind);
  const words: string[] = [];
  let sensitive = false;
  let topic = node.topic ?? 'other';
  for (const step of pointerSteps(pointer)) {
    const next = stepInto(node, step);
    const named = node.items === null && node.properties.has(step);
    if (next === undefined || !named) words.push(keyText(node, step));
    else if (next.words !== null) words.push(next.words);
    else if (next.properties.size === 0) words.push(inWords(step));
    node = next ?? OPEN;
    sensitive ||= node.facts.sensitive;
    topic = node.topic ?? topic;
  }
  return { ...node.facts, sensitive, topic, words: words.join(' ') };
}

/** The key of an item of the keyed list at a pointer, as people read it: its fields as they stand in the item, with a slash between them. */
export function keyInWords(kind: Kind, list: string, key: string): string {
  let node: FactNode | undefined = factsOf(kind);
  for (const step of pointerSteps(list)) node = node === undefined ? undefined : stepInto(node, step);
  return node === undefined ? key : keyText(node, key);
}

/** Only a key of several fields is escaped, so a key of one is text of the item and shown as it is. */
function keyText({ keys }: FactNode, key: string): string {
  return keys.length > 1 ? pointerSteps(`/${key}`).join('/') : key;
}

/** The node one step below, by field name or, in a list, by index or key; undefined where the schema is open. */
export function stepInto(node: FactNode, step: string): FactNode | undefined {
  return node.items ?? node.properties.get(step) ?? node.additional ?? undefined;
}

/** `rotationOverlapHours` as "rotation overlap hours". */
function inWords(step: string): string {
  return step.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

const OPEN: FactNode = {
  facts: {
    sensitive: false,
    money: false,
    ref: null,
    immutable: false,
    floor: null,
    merge: 'replace',
    list: null,
    choice: false,
  },
  words: null,
  topic: null,
  format: { text: 'a value', example: null },
  properties: new Map(),
  additional: null,
  items: null,
  keys: [],
  integer: false,
  holdsLists: false,
  holdsReferences: false,
  listFields: [],
  referenceFields: [],
};

/** `inCommon`: a `$ref` without a file leads into the shared definitions. */
function compileNode(schema: JsonObject, inCommon: boolean): FactNode {
  const target = targetOf(schema, inCommon);
  const full: JsonObject = target === null ? schema : { ...target, ...schema };
  const shared = inCommon || target !== null;
  const properties = new Map(
    entriesOf(full['properties']).map(([name, part]) => [name, compileNode(part, shared)] as const),
  );
  for (const [pointer, list] of entriesOf(full['x-lists'])) addList(properties, pointerSteps(pointer), list);
  for (const [pointer, topic] of Object.entries(isJsonObject(full['x-topics']) ? full['x-topics'] : {}))
    addTopic(properties, pointerSteps(pointer), topicOf(topic));
  const [additional, items] = [full['additionalProperties'], full['items']];
  const below = isJsonObject(additional) ? compileNode(additional, shared) : null;
  const item = isJsonObject(items) ? compileNode(items, shared) : null;
  return assemble(full, properties, below, { item, description: textOf((target ?? full)['description']) });
}

function assemble(
  full: JsonObject,
  properties: ReadonlyMap<string, FactNode>,
  additional: FactNode | null,
  rest: { readonly item: FactNode | null; readonly description: string | null },
): FactNode {
  const ref = textOf(full['x-ref']);
  const list = rest.item === null ? null : ((textOf(full['x-list']) ?? 'atomic') as ListType);
  const parts = [...properties.values(), additional, rest.item].filter((part) => part !== null);
  const floor = textOf(full['x-floor']);
  return {
    facts: {
      sensitive: full['x-sensitive'] === true,
      money: full['x-money'] === true,
      ref: ref !== null && isKind(ref) ? ref : null,
      immutable: full['x-immutable'] === true,
      floor: floor === 'min' || floor === 'max' ? floor : null,
      merge: (textOf(full['x-merge']) ?? 'replace') as MergeType,
      list,
      choice: Array.isArray(full['enum']),
    },
    words: textOf(full['x-words']),
    topic: topicOf(full['x-topic']),
    format: { text: rest.description ?? 'a value', example: exampleOf(full['examples']) },
    properties,
    additional,
    items: rest.item,
    keys: Array.isArray(full['x-keys']) ? full['x-keys'].filter((key) => typeof key === 'string') : [],
    integer: full['type'] === 'integer',
    holdsLists: (list !== null && list !== 'atomic') || parts.some((part) => part.holdsLists),
    holdsReferences: ref !== null || parts.some((part) => part.holdsReferences),
    listFields: [...properties].filter(([, part]) => part.holdsLists),
    referenceFields: [...properties].filter(([, part]) => part.holdsReferences),
  };
}

function topicOf(value: Json | undefined): Topic | null {
  return TOPICS.find((topic) => topic === value) ?? null;
}

function exampleOf(examples: Json | undefined): string | null {
  return Array.isArray(examples) ? textOf(examples[0]) : null;
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

function entriesOf(value: Json | undefined): readonly (readonly [string, JsonObject])[] {
  if (!isJsonObject(value)) return [];
  return Object.entries(value).filter((entry): entry is [string, JsonObject] => isJsonObject(entry[1]));
}

/** What a `$ref` leads to: only definitions of common.schema.json are ever referenced. */
function targetOf(schema: JsonObject, inCommon: boolean): JsonObject | null {
  const reference = textOf(schema['$ref']);
  if (reference === null) return null;
  const [file, pointer = ''] = reference.split('#');
  const name = pointer.startsWith('/$defs/') ? pointer.slice('/$defs/'.length) : '';
  const definitions: JsonObject = common.$defs;
  const target = Object.hasOwn(definitions, name) ? definitions[name] : undefined;
  if ((file === 'common.schema.json' || (file === '' && inCommon)) && isJsonObject(target)) return target;
  throw new RangeError(`$ref ${reference} leads nowhere`);
}

/** `x-lists` says of an open object which lists inside have keys; their items stay open. */
function addList(properties: Map<string, FactNode>, steps: readonly string[], list: JsonObject): void {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  if (rest.length === 0) {
    const node = assemble(list, new Map(), null, { item: OPEN, description: null });
    properties.set(step, node);
    return;
  }
  const inner = new Map(properties.get(step)?.properties ?? []);
  addList(inner, rest, list);
  const listFields = [...inner].filter(([, part]) => part.holdsLists);
  properties.set(step, { ...OPEN, properties: inner, holdsLists: true, listFields });
}

/** `x-topics` says of an open object what parts of it are about. */
function addTopic(properties: Map<string, FactNode>, steps: readonly string[], topic: Topic | null): void {
  const [step, ...rest] = steps;
  if (step === undefined) return;
  const node = properties.get(step) ?? { ...OPEN, words: step };
  if (rest.length === 0) {
    properties.set(step, { ...node, topic });
    return;
  }
  const inner = new Map(node.properties);
  addTopic(inner, rest, topic);
  properties.set(step, { ...node, properties: inner });
}
