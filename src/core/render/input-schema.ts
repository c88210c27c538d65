import { RE2JS } from 're2js';
import { nearest } from '../kinds/index.ts';
import {
  type Finding,
  finding,
  isJsonObject,
  type Json,
  type JsonObject,
  type PlaceOf,
  pointerStep,
  valueAt,
} from '../model/index.ts';
import { type Field, isScalar, type Scalar, type ScalarType, type Shape } from './shape.ts';

/** An input schema that was read: its shape for typing, and a plain schema without references for the validator. */
export interface InputSchema {
  readonly shape: Shape;
  readonly schema: JsonObject;
  /** Every pattern, compiled once. */
  readonly patterns: ReadonlyMap<string, RE2JS>;
  /** Every default, with the schema that it must fit. */
  readonly defaults: readonly { readonly value: Json; readonly schema: JsonObject; readonly pointer: string }[];
}

const NODE_LIMIT = 5000;
const FIELD_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;
const FORBIDDEN = new Set(['constructor', 'prototype']);
const TYPES = new Set(['string', 'integer', 'number', 'boolean', 'array', 'object']);
const NOTES = new Set(['type', 'title', 'description', 'examples', 'default', '$defs', '$schema', '$comment']);

const count = (value: Json): boolean => typeof value === 'number' && Number.isInteger(value) && value >= 0;
const text = (value: Json): boolean => typeof value === 'string' && value.length <= 1000;
const number = (value: Json): boolean => typeof value === 'number' && Number.isFinite(value);
const flag = (value: Json): boolean => typeof value === 'boolean';
const texts = (value: Json): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');
const map = (value: Json): boolean => isJsonObject(value);
const scalars = (value: Json): boolean => Array.isArray(value) && value.length > 0 && value.every(isScalar);

/** Keywords by the type that they belong to, with what their value must be. Everything else is refused. */
const KEYWORDS: { readonly [type: string]: { readonly [keyword: string]: (value: Json) => boolean } } = {
  string: { enum: scalars, const: isScalar, pattern: text, minLength: count, maxLength: count },
  integer: { enum: scalars, const: isScalar, minimum: number, maximum: number, multipleOf: number },
  number: { enum: scalars, const: isScalar, minimum: number, maximum: number },
  boolean: { const: isScalar },
  array: { items: map, minItems: count, maxItems: count, uniqueItems: flag },
  object: {
    properties: map,
    required: texts,
    additionalProperties: (value) => value === false || isJsonObject(value),
    propertyNames: (value) =>
      isJsonObject(value) && Object.keys(value).join() === 'pattern' && text(value['pattern'] ?? null),
    minProperties: count,
    maxProperties: count,
  },
};

interface Reading {
  readonly root: JsonObject;
  readonly placeOf: PlaceOf;
  readonly findings: Finding[];
  readonly patterns: Map<string, RE2JS>;
  readonly defaults: { value: Json; schema: JsonObject; pointer: string }[];
  nodes: number;
}

interface Read {
  readonly shape: Shape;
  readonly schema: JsonObject;
}

const NOTHING: Read = { shape: { type: 'map', fields: new Map() }, schema: { type: 'object' } };
const ROOT = '/spec/inputs';

/** Reads `spec.inputs` of a template; findings are TEMPLATE_SCHEMA at the place of the keyword. */
export function readInputSchema(root: JsonObject, placeOf: PlaceOf, findings: Finding[]): InputSchema {
  const reading: Reading = { root, placeOf, findings, patterns: new Map(), defaults: [], nodes: 0 };
  const { shape, schema } = readNode(reading, root, ROOT, []);
  if (shape.type !== 'map') refuse(reading, ROOT, 'a closed object', 'another type');
  return { shape, schema, patterns: reading.patterns, defaults: reading.defaults };
}

function refuse(reading: Reading, pointer: string, expected: string, found: string): void {
  reading.findings.push(
    finding('TEMPLATE_SCHEMA', {
      place: reading.placeOf(pointer),
      message: `the input schema is not one at ${pointer}`,
      expected,
      found,
    }),
  );
}

/** `trail`: the references that led here, so that a schema that contains itself is refused. */
function readNode(reading: Reading, node: Json | undefined, pointer: string, trail: readonly string[]): Read {
  reading.nodes += 1;
  if (reading.nodes > NODE_LIMIT || trail.length > 20) {
    if (reading.nodes <= NODE_LIMIT + 1) refuse(reading, pointer, `at most ${NODE_LIMIT} nodes, 20 deep`, 'more');
    return NOTHING;
  }
  if (!isJsonObject(node)) {
    refuse(reading, pointer, 'a schema', node === undefined ? 'nothing' : 'another value');
    return NOTHING;
  }
  if (Object.hasOwn(node, '$ref')) return readReference(reading, node, pointer, trail);
  const type = node['type'];
  if (typeof type !== 'string' || !TYPES.has(type)) {
    refuse(reading, pointer, `a type of ${[...TYPES].join(', ')}`, typeof type === 'string' ? type : 'none');
    return NOTHING;
  }
  const kept = keywordsOf(reading, node, type, pointer);
  if (type === 'object') return readObject(reading, { node, kept, pointer, trail });
  if (type === 'array') return readArray(reading, { node, kept, pointer, trail });
  return { shape: { type: 'scalar', scalar: type as ScalarType, values: valuesOf(node) }, schema: kept };
}

function readReference(reading: Reading, node: JsonObject, pointer: string, trail: readonly string[]): Read {
  const reference = node['$ref'];
  const extra = Object.keys(node).find((key) => key !== '$ref' && (!NOTES.has(key) || key === 'type'));
  const target = typeof reference === 'string' && reference.startsWith('#/$defs/') ? reference.slice(1) : null;
  const found = target === null ? undefined : valueAt(reading.root, target);
  if (target === null || found === undefined || trail.includes(target) || extra !== undefined) {
    const expected =
      'a reference to an own definition (#/$defs/name) that does not lead back here, without constraints';
    refuse(reading, `${pointer}/$ref`, expected, extra ?? String(reference));
    return NOTHING;
  }
  return readNode(reading, found, ROOT + target, [...trail, target]);
}

function keywordsOf(reading: Reading, node: JsonObject, type: string, pointer: string): JsonObject {
  const known = KEYWORDS[type] ?? {};
  const kept: Record<string, Json> = { type };
  for (const [keyword, value] of Object.entries(node)) {
    const fits = Object.hasOwn(known, keyword) ? known[keyword] : undefined;
    if (fits?.(value)) kept[keyword] = value;
    else if (fits !== undefined)
      refuse(reading, `${pointer}/${keyword}`, `a value that fits ${keyword}`, 'another value');
    else if (!NOTES.has(keyword)) {
      const meant = nearest(keyword, Object.keys(known));
      const expected = `a keyword for type ${type}${meant === undefined ? '' : `, such as ${meant}`}`;
      refuse(reading, `${pointer}/${pointerStep(keyword)}`, expected, keyword);
    }
  }
  compilePatterns(reading, kept, pointer);
  return kept;
}

/** Compiles `pattern`, and that of `propertyNames`, on the linear-time engine; refused where it does not know them. */
function compilePatterns(reading: Reading, kept: JsonObject, pointer: string): void {
  const names = kept['propertyNames'];
  for (const [source, at] of [
    [kept['pattern'], 'pattern'],
    [isJsonObject(names) ? names['pattern'] : undefined, 'propertyNames/pattern'],
  ] as const) {
    if (source === undefined || (typeof source === 'string' && reading.patterns.has(source))) continue;
    try {
      reading.patterns.set(String(source), RE2JS.compile(String(source)));
    } catch {
      refuse(reading, `${pointer}/${at}`, 'a pattern of RE2 syntax', 'another pattern');
    }
  }
}

function valuesOf(node: JsonObject): readonly Scalar[] | null {
  const constant = node['const'];
  if (isScalar(constant)) return [constant];
  const listed = node['enum'];
  return Array.isArray(listed) ? listed.filter(isScalar) : null;
}

interface Part {
  readonly node: JsonObject;
  readonly kept: JsonObject;
  readonly pointer: string;
  readonly trail: readonly string[];
}

function readArray(reading: Reading, { node, kept, pointer, trail }: Part): Read {
  const items = readNode(reading, node['items'], `${pointer}/items`, deeper(trail, pointer));
  return { shape: { type: 'list', items: items.shape }, schema: { ...kept, items: items.schema } };
}

function readObject(reading: Reading, part: Part): Read {
  const { node, kept, pointer, trail } = part;
  const additional = node['additionalProperties'];
  if (isJsonObject(additional) && node['properties'] === undefined) {
    const values = readNode(reading, additional, `${pointer}/additionalProperties`, deeper(trail, pointer));
    const schema = { ...kept, additionalProperties: values.schema };
    return { shape: { type: 'dict', values: values.shape }, schema };
  }
  if (additional !== false) {
    refuse(
      reading,
      pointer,
      'additionalProperties: false (or one schema for all values, without properties)',
      'an open object',
    );
  }
  const required = Array.isArray(node['required']) ? node['required'] : [];
  const properties = isJsonObject(node['properties']) ? node['properties'] : {};
  const fields = new Map<string, Field>();
  const schemas: Record<string, Json> = {};
  for (const [name, child] of Object.entries(properties)) {
    const at = `${pointer}/properties/${pointerStep(name)}`;
    if (!FIELD_NAME.test(name) || FORBIDDEN.has(name)) {
      refuse(reading, at, 'a name of letters, digits, _ and - that starts with a letter', 'another name');
      continue;
    }
    const read = readNode(reading, child, at, deeper(trail, pointer));
    schemas[name] = read.schema;
    const fallback = isJsonObject(child) && Object.hasOwn(child, 'default') ? child['default'] : undefined;
    if (fallback !== undefined)
      reading.defaults.push({ value: fallback, schema: read.schema, pointer: `${at}/default` });
    const isAlways = fallback !== undefined || required.includes(name);
    fields.set(name, { shape: read.shape, always: isAlways, fallback, fallbackPointer: `${at}/default` });
  }
  const unknown = required.find((name) => typeof name === 'string' && !fields.has(name));
  if (unknown !== undefined) refuse(reading, `${pointer}/required`, 'names of properties', String(unknown));
  const missing = required.filter((name) => typeof name === 'string' && fields.get(name)?.fallback === undefined);
  const schema = { ...kept, properties: schemas, required: missing, additionalProperties: false };
  return { shape: { type: 'map', fields }, schema };
}

/** One step deeper: depth is bounded by the length of the trail. */
function deeper(trail: readonly string[], pointer: string): readonly string[] {
  return [...trail, pointer];
}
