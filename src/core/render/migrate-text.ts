import { isMap, isPair, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from 'yaml';
import { isJsonObject, type Json, type JsonObject, pointerStep, pointerSteps } from '../model/index.ts';
import {
  beginsLine,
  cut,
  endOf,
  flowText,
  jsonAt,
  lineEnd,
  lineStart,
  memberAt,
  nodeAt,
  spotIn,
  startOf,
  withComments,
} from './migrate-splice.ts';

/**
 * One change of a YAML file; pointers are those of the document as the edits before it left it. What is set at the place
 * behind the last item of a list is added to it.
 */
export type YamlEdit =
  | { readonly op: 'set'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string }
  /** `to` is free. */
  | { readonly op: 'move'; readonly from: string; readonly to: string };

/**
 * The text with the edits made: what they do not touch keeps its bytes, a moved value takes its comments along. undefined
 * where an edit has no place in the text. The caller reads the result again and compares it with what it wanted.
 */
export function editYaml(text: string, edits: readonly YamlEdit[]): string | undefined {
  let edited: string | undefined = text;
  for (const edit of edits) {
    if (edited === undefined) return undefined;
    edited = editOnce(edited, edit);
  }
  return edited;
}

function editOnce(text: string, edit: YamlEdit): string | undefined {
  switch (edit.op) {
    case 'set':
      return setAt(text, edit.path, edit.value);
    case 'remove':
      return removeAt(text, edit.path, lineStart);
    case 'move':
      return moveTo(text, edit.from, edit.to);
  }
}

/** The pointer of the parent and the last step. */
function splitPointer(pointer: string): readonly [string, string] {
  const at = pointer.lastIndexOf('/');
  return [pointer.slice(0, at), pointerSteps(pointer).at(-1) ?? ''];
}

function setAt(text: string, pointer: string, value: Json): string | undefined {
  const [above, step] = splitPointer(pointer);
  const parent = nodeAt(text, above);
  const spot = spotIn(parent, step);
  if (spot === undefined) return insertAt(text, pointer, value);
  const node = memberAt(spot);
  const item = spot.parent.items[spot.index];
  if (isPair(item)) {
    const colon = text.indexOf(':', (item.key as Node | null)?.range?.[1] ?? 0);
    const start = isBlockCollection(node) || node === null ? colon + 1 : startOf(node);
    const gap = start === colon + 1 ? ' ' : '';
    return cut(text, start, Math.max(start, endOf(text, node)), gap + flowText(value));
  }
  return cut(text, startOf(node), endOf(text, node), flowText(value));
}

function isBlockCollection(node: unknown): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

/** Adds a field, with the maps above it that are missing. */
function insertAt(text: string, pointer: string, value: Json): string | undefined {
  const [above, step] = splitPointer(pointer);
  const parent = nodeAt(text, above);
  if (isSeq(parent)) return step === String(parent.items.length) ? appendItem(text, parent, value) : undefined;
  if (isMap(parent))
    return insertField(text, parent, (indent) => fieldLines(parent, `${indent}${flowText(step)}`, value));
  if (parent !== undefined && !(isScalar(parent) && parent.value === null)) return undefined;
  if (above === '') return undefined;
  const field: JsonObject = { [step]: value };
  return parent === undefined ? insertAt(text, above, field) : setAt(text, above, field);
}

/** A field on one line; a list of objects, which others will be added to, with a line for each where the map is a block. */
function fieldLines(map: YAMLMap, key: string, value: Json): readonly string[] {
  const isList = Array.isArray(value) && value.length > 0 && value.every(isJsonObject);
  if (!isList || map.flow === true || map.items.length === 0) return [`${key}: ${flowText(value)}`];
  const indent = /^ */.exec(key)?.[0] ?? '';
  return [`${key}:`, ...value.map((item: Json) => `${indent}  - ${flowText(item)}`)];
}

/** Puts an item behind the last one. */
function appendItem(text: string, list: YAMLSeq, value: Json): string {
  const last: unknown = list.items.at(-1);
  if (last === undefined) return cut(text, startOf(list), endOf(text, list), `[${flowText(value)}]`);
  const end = endOf(text, last);
  if (list.flow === true) return cut(text, end, end, `, ${flowText(value)}`);
  const indent = ' '.repeat(startOf(list) - lineStart(text, startOf(list)));
  const line = lineEnd(text, end);
  return cut(text, line, line, `${text[line - 1] === '\n' ? '' : '\n'}${indent}- ${flowText(value)}\n`);
}

/** Puts lines, or in a flow map the one line, after the last field of a map. */
function insertField(text: string, map: YAMLMap, linesAt: (indent: string) => readonly string[]): string | undefined {
  const first: unknown = map.items[0];
  const last: unknown = map.items.at(-1);
  if (map.flow === true || first === undefined) {
    const [line, ...more] = linesAt('');
    if (line === undefined || more.length > 0) return undefined;
    if (first === undefined) return cut(text, startOf(map), endOf(text, map), `{ ${line} }`);
    const end = endOf(text, last);
    return cut(text, end, end, `, ${line}`);
  }
  const indent = ' '.repeat(startOf(first) - lineStart(text, startOf(first)));
  const end = lineEnd(text, endOf(text, last));
  const gap = text[end - 1] === '\n' ? '' : '\n';
  return cut(text, end, end, `${gap}${linesAt(indent).join('\n')}\n`);
}

function removeAt(text: string, pointer: string, linesFrom: (text: string, at: number) => number): string | undefined {
  const [above, step] = splitPointer(pointer);
  const spot = spotIn(nodeAt(text, above), step);
  if (spot === undefined) return undefined;
  const { parent, index } = spot;
  const items: readonly unknown[] = parent.items;
  const item = items[index];
  if (items.length === 1) return setAt(text, above, isMap(parent) ? {} : []);
  if (parent.flow === true) {
    const next = items[index + 1];
    if (next !== undefined) return cut(text, startOf(item), startOf(next));
    return cut(text, endOf(text, items[index - 1]), endOf(text, item));
  }
  const start = startOf(item);
  const dashed = isSeq(parent);
  if (!dashed && !beginsLine(text, start)) return cut(text, start, startOf(items[index + 1]));
  return cut(text, linesFrom(text, start), lineEnd(text, endOf(text, item)));
}

function moveTo(text: string, from: string, to: string): string | undefined {
  const [above, step] = splitPointer(from);
  const [target, name] = splitPointer(to);
  const parent = nodeAt(text, above);
  const spot = spotIn(parent, step);
  if (spot === undefined || !isMap(parent)) return undefined;
  const pair = parent.items[spot.index];
  const key = (pair?.key ?? null) as Node | null;
  if (above === target) return renamed(text, startOf(pair), key?.range?.[1] ?? 0, name);
  const ready = nodeAt(text, target) === undefined ? insertAt(text, target, {}) : text;
  if (ready === undefined) return undefined;
  const inserted = carry(ready, { above, step, target, name });
  return inserted === undefined ? undefined : removeAt(inserted, from, withComments);
}

/** Another key in the place of one. A value may stand right behind the colon of a quoted key, but not of a plain one. */
function renamed(text: string, from: number, to: number, name: string): string {
  const isTight = /^:\S/.test(text.slice(to, to + 2));
  return isTight ? cut(text, from, to + 1, `${flowText(name)}: `) : cut(text, from, to, flowText(name));
}

interface Carrying {
  readonly above: string;
  readonly step: string;
  readonly target: string;
  readonly name: string;
}

/** The field put into another map: line by line with its comments where both maps are blocks, else on one line. */
function carry(text: string, { above, step, target, name }: Carrying): string | undefined {
  const source = nodeAt(text, above);
  const map = nodeAt(text, target);
  const spot = spotIn(source, step);
  if (!isMap(source) || !isMap(map) || spot === undefined) return undefined;
  const pair: unknown = source.items[spot.index];
  const start = startOf(pair);
  const value = jsonAt(text, `${above}/${pointerStep(step)}`);
  const asLines = source.flow !== true && map.flow !== true && map.items.length > 0 && beginsLine(text, start);
  if (!asLines) return insertField(text, map, (indent) => [`${indent}${flowText(name)}: ${flowText(value)}`]);
  const lines = text
    .slice(withComments(text, start), lineEnd(text, endOf(text, pair)))
    .replace(/\n$/, '')
    .split('\n');
  const column = start - lineStart(text, start);
  return insertField(text, map, (indent) =>
    lines.map((line) => {
      const shifted = line.trim() === '' ? line : indent + line.slice(Math.min(column, line.search(/\S/)));
      const isKey = line.startsWith(`${' '.repeat(column)}${step}`) && !line.trimStart().startsWith('#');
      return isKey ? `${indent}${flowText(name)}${shifted.slice(indent.length + step.length)}` : shifted;
    }),
  );
}
