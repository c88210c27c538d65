import {
  byCodeUnit,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type Kind,
  parseJson,
  pointerStep,
  pointerSteps,
} from '../model/index.ts';
import { type FactNode, factsOf, stepInto } from './facts.ts';

/** In the keyed form of an ordered list: its keys in order, as the text of a JSON array, so that a change is one value. */
export const ORDER_KEY = '$order';
/** In keyed form: wraps a map that stands where a list belongs, so that it is not taken for one. */
const MAP_KEY = '$map';

/**
 * The document with every list that has keys as a map: `keyed` by key to the rest of the item, `set` by value to true,
 * `ordered` like either with its order under ORDER_KEY. A list that cannot be told apart by key stays a list.
 */
export function toKeyed(kind: Kind, document: JsonObject): JsonObject {
  return mapObject(document, factsOf(kind), keyedValue);
}

/**
 * The way back: maps become lists, `keyed` and `set` sorted by key, `ordered` in their order with items that it does not
 * name after the others by key. What is no keyed form stays as it is, for shape validation to refuse.
 */
export function fromKeyed(kind: Kind, keyed: JsonObject): JsonObject {
  return mapObject(keyed, factsOf(kind), listValue);
}

/** The keyed form of a pointer into `document`; steps that lead to nothing stay as they are. */
export function keyedPointer(kind: Kind, document: JsonObject, pointer: string): string {
  let [node, value]: [FactNode | undefined, Json | undefined] = [factsOf(kind), document];
  let result = '';
  for (const step of pointerSteps(pointer)) {
    const keys: readonly string[] | undefined = keysOf(value, node);
    result += `/${pointerStep(keys?.[Number(step)] ?? step)}`;
    value = child(value, step);
    node = node === undefined ? undefined : stepInto(node, step);
  }
  return result;
}

/** The pointer into `document` of a pointer in keyed form, or of its nearest ancestor that exists. */
export function documentPointer(kind: Kind, document: JsonObject, pointer: string): string {
  let [node, value]: [FactNode | undefined, Json | undefined] = [factsOf(kind), document];
  let result = '';
  for (const step of pointerSteps(pointer)) {
    const keys: readonly string[] | undefined = keysOf(value, node);
    const found = keys === undefined ? step : String(keys.indexOf(step));
    value = child(value, found);
    if (value === undefined) return result;
    result += `/${pointerStep(found)}`;
    node = node === undefined ? undefined : stepInto(node, step);
  }
  return result;
}

/** What `toKeyed` has at a pointer, given as its steps, or undefined; converts nothing else of the document. */
export function keyedAt(kind: Kind, document: JsonObject, steps: readonly string[]): Json | undefined {
  let at: Keyed = { value: document, node: factsOf(kind) };
  for (const step of steps) {
    at = keyedChild(at, step);
    if (at.value === undefined) return undefined;
  }
  const { value, node } = at;
  return value === undefined || node === undefined ? value : keyedValue(value, node);
}

/** A value on the way into a document, not converted yet; without a node, what is below it is in keyed form as it is. */
interface Keyed {
  readonly value: Json | undefined;
  readonly node: FactNode | undefined;
}

function keyedChild({ value, node }: Keyed, step: string): Keyed {
  if (node === undefined || !hasKeys(node)) {
    return { value: child(value, step), node: node === undefined ? undefined : stepInto(node, step) };
  }
  if (isJsonObject(value)) return { value: step === MAP_KEY ? value : undefined, node: undefined };
  const keys = keysOf(value, node);
  if (keys === undefined || !Array.isArray(value)) return { value: child(value, step), node: node.items ?? undefined };
  if (step === ORDER_KEY) {
    return {
      value: node.facts.list === 'ordered' && keys.length > 1 ? JSON.stringify(keys) : undefined,
      node: undefined,
    };
  }
  const item = (value as JsonArray)[keys.indexOf(step)];
  return {
    value: isJsonObject(item) ? withoutKeys(item, node) : item === undefined ? undefined : true,
    node: node.items ?? undefined,
  };
}

/** The keys of a list's items in their order, or undefined when it is no list with keys. */
function keysOf(value: Json | undefined, node: FactNode | undefined): readonly string[] | undefined {
  return Array.isArray(value) && node !== undefined && hasKeys(node) ? listKeys(value, node) : undefined;
}

function child(value: Json | undefined, step: string): Json | undefined {
  if (Array.isArray(value)) return /^(0|[1-9][0-9]*)$/.test(step) ? (value as JsonArray)[Number(step)] : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

type Convert = (value: Json, node: FactNode) => Json;

/** The object with `convert` done to every field that holds lists; the same object when none of them changes. */
function mapObject(object: JsonObject, node: FactNode, convert: Convert): JsonObject {
  let copy: Record<string, Json> | undefined;
  const put = (key: string, next: FactNode): void => {
    const value = object[key];
    if (value === undefined || !Object.hasOwn(object, key)) return;
    const converted = convert(value, next);
    if (converted === value) return;
    copy ??= { ...object };
    copy[key] = converted;
  };
  for (const [key, next] of node.listFields) put(key, next);
  const { additional } = node;
  if (additional?.holdsLists === true) {
    for (const key of Object.keys(object)) if (!node.properties.has(key)) put(key, additional);
  }
  return copy ?? object;
}

function hasKeys(node: FactNode): boolean {
  return node.facts.list !== null && node.facts.list !== 'atomic';
}

function isScalarList(node: FactNode): boolean {
  return node.keys.length === 0;
}

function keyedValue(value: Json, node: FactNode): Json {
  if (!hasKeys(node)) return descend(value, node, keyedValue);
  if (isJsonObject(value)) return { [MAP_KEY]: value };
  const keys = Array.isArray(value) ? listKeys(value, node) : undefined;
  if (!Array.isArray(value) || keys === undefined) return descend(value, node, keyedValue);
  const map: Record<string, Json> = {};
  value.forEach((item: Json, index) => {
    map[keys[index] ?? ''] = isJsonObject(item) ? itemBody(item, node) : true;
  });
  if (node.facts.list === 'ordered' && keys.length > 1) map[ORDER_KEY] = JSON.stringify(keys);
  return map;
}

/** Lists that are not keyed themselves may hold objects that hold keyed lists. */
function descend(value: Json, node: FactNode, convert: Convert): Json {
  if (isJsonObject(value)) return mapObject(value, node, convert);
  const { items } = node;
  if (!Array.isArray(value) || items === null || !items.holdsLists) return value;
  return value.map((item: Json) => convert(item, items));
}

function withoutKeys(item: JsonObject, node: FactNode): JsonObject {
  return Object.fromEntries(Object.entries(item).filter(([name]) => !node.keys.includes(name)));
}

function itemBody(item: JsonObject, node: FactNode): JsonObject {
  const rest = withoutKeys(item, node);
  return node.items?.holdsLists ? mapObject(rest, node.items, keyedValue) : rest;
}

/** The keys of the items in their order; undefined when one has none, two have the same, or a key is reserved. */
function listKeys(list: JsonArray, node: FactNode): readonly string[] | undefined {
  const keys: string[] = [];
  for (const item of list) {
    const key = itemKey(item, node);
    if (key === undefined) return undefined;
    keys.push(key);
  }
  return new Set(keys).size === keys.length ? keys : undefined;
}

/** True when two items of a list with keys have the same one. */
export function hasDoubleKeys(list: JsonArray, node: FactNode): boolean {
  if (!hasKeys(node) || list.length < 2 || isAscending(list, node)) return false;
  const seen = new Set<string>();
  return list.some((item) => {
    const key = itemKey(item, node);
    return key !== undefined && seen.size === seen.add(key).size;
  });
}

/** The key of one item: the value itself, or its key fields, escaped and joined by a slash when there are several. */
export function itemKey(item: Json, node: FactNode): string | undefined {
  if (isScalarList(node)) return scalarKey(item, node);
  if (!isJsonObject(item)) return undefined;
  const parts: string[] = [];
  for (const name of node.keys) {
    const part = Object.hasOwn(item, name) ? item[name] : undefined;
    if (typeof part !== 'string') return undefined;
    parts.push(part);
  }
  const key = parts.length === 1 ? (parts[0] ?? '') : parts.map(pointerStep).join('/');
  return isReserved(key) ? undefined : key;
}

function scalarKey(item: Json, node: FactNode): string | undefined {
  if (node.items?.integer) return Number.isSafeInteger(item) ? String(item) : undefined;
  return typeof item === 'string' && !isReserved(item) ? item : undefined;
}

/** Keys that mean something to us or to JavaScript. */
function isReserved(key: string): boolean {
  return key.startsWith('$') || key === '__proto__';
}

function listValue(value: Json, node: FactNode): Json {
  if (!hasKeys(node) || !isJsonObject(value)) return descend(value, node, listValue);
  const wrapped = value[MAP_KEY];
  if (Object.hasOwn(value, MAP_KEY) && wrapped !== undefined) return wrapped;
  const items: Json[] = [];
  for (const key of keysInOrder(value, node)) {
    const item = itemOf(key, value[key] ?? null, node);
    if (item === undefined) return value;
    items.push(item);
  }
  return items;
}

function keysInOrder(map: JsonObject, node: FactNode): readonly string[] {
  const keys = Object.keys(map)
    .filter((key) => key !== ORDER_KEY)
    .sort(node.items?.integer ? (a, b) => Number(a) - Number(b) : byCodeUnit);
  const order = map[ORDER_KEY];
  if (node.facts.list !== 'ordered' || typeof order !== 'string') return keys;
  const present = new Set(keys);
  const named = orderNames(order).filter((key) => present.delete(key));
  return [...named, ...keys.filter((key) => present.has(key))];
}

function orderNames(text: string): readonly string[] {
  try {
    const parsed: unknown = parseJson(text);
    return Array.isArray(parsed) ? parsed.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}

function itemOf(key: string, body: Json, node: FactNode): Json | undefined {
  if (isScalarList(node)) {
    if (body !== true) return undefined;
    if (!node.items?.integer) return key;
    return String(Number(key)) === key ? Number(key) : undefined;
  }
  const parts = node.keys.length === 1 ? [key] : pointerSteps(`/${key}`);
  if (!isJsonObject(body) || parts.length !== node.keys.length) return undefined;
  const fields = node.keys.map((name, index): [string, Json] => [name, parts[index] ?? '']);
  const rest = node.items?.holdsLists ? mapObject(body, node.items, listValue) : body;
  return { ...rest, ...Object.fromEntries(fields) };
}

/** One list with its items sorted by key if they are `keyed` or a `set`, what they hold left as it is: what `emit` writes. */
export function canonicalList(list: JsonArray, node: FactNode): JsonArray {
  if (node.facts.list !== 'keyed' && node.facts.list !== 'set') return list;
  if (list.length < 2 || isAscending(list, node)) return list;
  const keys = listKeys(list, node);
  if (keys === undefined) return list;
  return sortBy(list, isScalarList(node) && node.items?.integer ? keys.map(Number) : keys);
}

/** True when each item has a text as its key that is above the one before it: what a generated list mostly is. */
function isAscending(list: JsonArray, node: FactNode): boolean {
  if (node.items?.integer) return false;
  let before: string | undefined;
  for (const item of list) {
    const key = itemKey(item, node);
    if (key === undefined || (before !== undefined && key <= before)) return false;
    before = key;
  }
  return true;
}

/** `list` sorted by `keys`; the same list when it is sorted already, which a generated one is. */
function sortBy(list: JsonArray, keys: readonly string[] | readonly number[]): JsonArray {
  let sorted = true;
  for (let index = 1; index < keys.length && sorted; index++) sorted = (keys[index - 1] ?? '') <= (keys[index] ?? '');
  if (sorted) return list;
  const pairs = list.map((item, index) => ({ item, key: keys[index] ?? '' }));
  return pairs.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map((pair) => pair.item);
}
