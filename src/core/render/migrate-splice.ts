import { isMap, isPair, isScalar, isSeq, type Node, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';
import { isPlain } from '../kinds/index.ts';
import { isJsonObject, type Json, type JsonObject, pointerSteps, valueAt } from '../model/index.ts';

// Cuts and insertions in the text of a YAML file, so that what is not changed keeps its bytes. Nothing here is trusted:
// whoever edits reads the result again and compares (`editYaml`).

/** A place in a document: the collection, and which of its members. */
export interface Spot {
  readonly parent: YAMLMap | YAMLSeq;
  readonly step: string;
  readonly index: number;
}

function parse(text: string): ReturnType<typeof parseDocument> {
  return parseDocument(text, { version: '1.2', schema: 'core', strict: true, logLevel: 'silent' });
}

/** The value at a pointer; null where there is none. */
export function jsonAt(text: string, pointer: string): Json {
  return valueAt(parse(text).toJS({ maxAliasCount: 0 }) as Json, pointer) ?? null;
}

/** The node at a pointer; undefined where there is none. */
export function nodeAt(text: string, pointer: string): unknown {
  let node: unknown = parse(text).contents;
  for (const step of pointerSteps(pointer)) {
    const spot = spotIn(node, step);
    if (spot === undefined) return undefined;
    node = memberAt(spot);
  }
  return node;
}

export function spotIn(node: unknown, step: string): Spot | undefined {
  if (isMap(node)) {
    const index = node.items.findIndex((pair) => keyOf(pair) === step);
    return index < 0 ? undefined : { parent: node, step, index };
  }
  if (!isSeq(node) || !/^\d+$/.test(step) || Number(step) >= node.items.length) return undefined;
  return { parent: node, step, index: Number(step) };
}

export function memberAt({ parent, index }: Spot): unknown {
  const item: unknown = parent.items[index];
  return isPair(item) ? item.value : item;
}

function keyOf(pair: Pair<unknown, unknown>): string | undefined {
  return isScalar(pair.key) ? String(pair.key.value) : undefined;
}

/** Where a member begins: its key, or the item itself. */
export function startOf(item: unknown): number {
  const node = (isPair(item) ? item.key : item) as Node | null;
  return node?.range?.[0] ?? 0;
}

/** Where a node's own text ends, without the white space and comments that the parser counts in. */
export function endOf(text: string, item: unknown): number {
  if (isPair(item)) {
    const value = item.value as Node | null;
    const end = value === null ? 0 : endOf(text, value);
    return Math.max(end, ((item.key as Node | null)?.range?.[1] ?? 0) + 1);
  }
  if ((isMap(item) || isSeq(item)) && item.flow !== true && item.items.length > 0)
    return endOf(text, item.items.at(-1));
  const end = (item as Node).range?.[1] ?? 0;
  return isScalar(item) && item.type?.startsWith('BLOCK') === true ? trimmedEnd(text, end) : end;
}

function trimmedEnd(text: string, end: number): number {
  let at = end;
  while (at > 0 && /\s/.test(text[at - 1] ?? '')) at -= 1;
  return at;
}

export function lineStart(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/** The offset after the line break that ends the line at `at`. */
export function lineEnd(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found < 0 ? text.length : found + 1;
}

export function cut(text: string, from: number, to: number, instead = ''): string {
  return text.slice(0, from) + instead + text.slice(to);
}

/** True when nothing but white space stands before the offset on its line. */
export function beginsLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === '';
}

/** The start of the lines that belong to the member at `at`: its own, and the comment lines right above it. */
export function withComments(text: string, at: number): number {
  let start = lineStart(text, at);
  while (start > 0) {
    const above = lineStart(text, start - 1);
    if (!/^\s*#/.test(text.slice(above, start))) return start;
    start = above;
  }
  return start;
}

/** A value as one line that is the same in and outside of flow collections. */
export function flowText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map((item: Json) => flowText(item)).join(', ')}]`;
  if (isJsonObject(value)) return flowMap(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  if (isPlain(value) && !/[,[\]{}]/.test(value)) return value;
  return /^[\x20-\x7e]*$/.test(value) ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value);
}

function flowMap(value: JsonObject): string {
  const fields = Object.entries(value).map(([key, item]) => `${flowText(key)}: ${flowText(item)}`);
  return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
}
