import {
  byCodeUnit,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type Kind,
  pointerStep,
  pointerSteps,
  valueAt,
} from '../model/index.ts';
import { type FactNode, factsOf, stepInto } from './facts.ts';
import { type ValidationError, validators } from './generated/validators.js';
import { hasDoubleKeys, itemKey } from './keyed.ts';
import { nearest } from './nearest.ts';
import { expectedText, formatText, foundText, quoted } from './shape-words.ts';

/** One thing in the shape of a document that is not as its schema says. Values of sensitive fields are never in it. */
export interface ShapeError {
  readonly cause: 'unknown-field' | 'missing-field' | 'wrong-value' | 'duplicate-item';
  /** JSON pointer into the document. */
  readonly pointer: string;
  /** Whether the key at the pointer is meant or its value. */
  readonly at: 'key' | 'value';
  readonly message: string;
  readonly expected: string;
  readonly found: string;
  readonly fix: string;
}

/** What is wrong with the shape of a document of `kind`, one error for each cause, in the order of their pointers. */
export function validateShape(kind: Kind, document: JsonObject): readonly ShapeError[] {
  const root = factsOf(kind);
  const validate = validators[kind];
  const valid = validate(document);
  const errors = valid ? [] : shapeErrors(document, root, validate.errors ?? []);
  if (valid && !holdsDoubles(document, root)) return [];
  const doubles: ShapeError[] = [];
  collectDoubles(document, root, { pointer: '', sensitive: false }, doubles);
  return [...errors, ...doubles];
}

/** One validator error with what it is about. */
interface Subject {
  readonly error: ValidationError;
  readonly pointer: string;
  /** The key that is unknown, missing or no name; null when the value at the pointer is meant. */
  readonly key: string | null;
  readonly node: FactNode | undefined;
  readonly sensitive: boolean;
  readonly value: Json | undefined;
}

function shapeErrors(document: JsonObject, root: FactNode, all: readonly ValidationError[]): readonly ShapeError[] {
  const subjects = all.filter(isCause).map((error) => subjectOf(document, root, error));
  const [unknown, causes] = [new Map<string, string>(), new Map<string, Subject>()];
  for (const subject of subjects) {
    if (subject.error.keyword === 'additionalProperties') {
      const meant = nearest(subject.key ?? '', missingFirst(subject, subjects));
      if (meant !== undefined) unknown.set(`${subject.pointer}\n${meant}`, subject.key ?? '');
    }
    const id = `${subject.pointer}\n${subject.key ?? ''}`;
    const other = causes.get(id);
    if (other === undefined || rank(subject.error) < rank(other.error)) causes.set(id, subject);
  }
  return [...causes.values()]
    .filter(({ error, pointer, key }) => error.keyword !== 'required' || !unknown.has(`${pointer}\n${key}`))
    .map((subject) => describe(subject, subjects))
    .sort((a, b) => byCodeUnit(a.pointer, b.pointer));
}

/** `if` says that `then` failed, which is reported itself; the same for the name of a property. */
function isCause(error: ValidationError): boolean {
  return error.keyword !== 'if' && error.propertyName === undefined;
}

function rank(error: ValidationError): number {
  if (error.keyword === 'type') return 0;
  return error.keyword === 'enum' || error.keyword === 'const' ? 1 : 2;
}

function subjectOf(document: JsonObject, root: FactNode, error: ValidationError): Subject {
  const { additionalProperty, missingProperty, propertyName } = error.params;
  const key = [additionalProperty, missingProperty, propertyName].find((name) => typeof name === 'string');
  let node: FactNode | undefined = root;
  let sensitive = false;
  for (const step of pointerSteps(error.instancePath)) {
    node = node === undefined ? undefined : stepInto(node, step);
    sensitive ||= node?.facts.sensitive === true;
  }
  const value = valueAt(document, error.instancePath);
  return { error, pointer: error.instancePath, key: typeof key === 'string' ? key : null, node, sensitive, value };
}

/** Known keys of the subject's map that it does not have, those that must be there first. */
function missingFirst(subject: Subject, subjects: readonly Subject[]): readonly string[] {
  const required = subjects
    .filter(({ error, pointer }) => error.keyword === 'required' && pointer === subject.pointer)
    .map(({ key }) => key ?? '');
  const { value } = subject;
  const known = [...(subject.node?.properties.keys() ?? [])];
  return [...required, ...known.filter((name) => isJsonObject(value) && !Object.hasOwn(value, name))];
}

function describe(subject: Subject, subjects: readonly Subject[]): ShapeError {
  switch (subject.error.keyword) {
    case 'additionalProperties':
      return unknownKey(subject, nearest(subject.key ?? '', missingFirst(subject, subjects)));
    case 'required':
      return missingKey(subject);
    case 'propertyNames':
      return wrongName(subject);
    default:
      return wrongValue(subject);
  }
}

function unknownKey(subject: Subject, meant: string | undefined): ShapeError {
  const { pointer, key, node, sensitive } = subject;
  const known = [...(node?.properties.keys() ?? [])].sort(byCodeUnit).join(', ');
  const shown = sensitive ? 'a key' : quoted(key ?? '');
  return {
    cause: 'unknown-field',
    pointer: sensitive ? pointer : `${pointer}/${pointerStep(key ?? '')}`,
    at: 'key',
    message: `${nameOf(pointer)} has ${sensitive ? 'a field' : `a field ${shown}`} that does not exist`,
    expected: `one of ${known}`,
    found: shown,
    fix: meant === undefined ? 'Remove the field, or write one that exists.' : `Did you mean ${quoted(meant)}?`,
  };
}

function missingKey({ pointer, key, node, value }: Subject): ShapeError {
  const field = node?.properties.get(key ?? '');
  const present = isJsonObject(value) ? Object.keys(value).filter((name) => node?.properties.has(name)) : [];
  return {
    cause: 'missing-field',
    pointer,
    at: 'key',
    message: `${nameOf(pointer)} lacks the field ${quoted(key ?? '')}`,
    expected: `${quoted(key ?? '')}${field === undefined ? '' : `: ${formatText(field)}`}`,
    found: present.length === 0 ? 'no field' : `only ${present.sort(byCodeUnit).join(', ')}`,
    fix: `Add ${quoted(key ?? '')}.`,
  };
}

function wrongName({ pointer, key, sensitive, error }: Subject): ShapeError {
  return {
    cause: 'wrong-value',
    pointer: sensitive ? pointer : `${pointer}/${pointerStep(key ?? '')}`,
    at: 'key',
    message: `a name in ${nameOf(pointer)} is not allowed`,
    expected: expectedText(error, undefined),
    found: sensitive ? 'another name' : quoted(key ?? ''),
    fix: 'Write a name of the expected form.',
  };
}

function wrongValue({ error, pointer, node, sensitive, value }: Subject): ShapeError {
  const { allowedValues } = error.params;
  const words = Array.isArray(allowedValues) ? allowedValues.filter((item) => typeof item === 'string') : [];
  const meant = typeof value === 'string' && !sensitive ? nearest(value, words) : undefined;
  return {
    cause: 'wrong-value',
    pointer,
    at: 'value',
    message: `${nameOf(pointer)} is not what it must be`,
    expected: expectedText(error, node),
    found: foundText(error, value, sensitive),
    fix: meant === undefined ? 'Write a value of the expected form.' : `Did you mean ${quoted(meant)}?`,
  };
}

/** How a sentence calls what a pointer leads to. */
function nameOf(pointer: string): string {
  const steps = pointerSteps(pointer);
  const last = steps.at(-1);
  if (last === undefined) return 'the document';
  return /^[0-9]+$/.test(last) ? `item ${Number(last) + 1} of ${quoted(steps.at(-2) ?? '')}` : quoted(last);
}

interface Where {
  readonly pointer: string;
  readonly sensitive: boolean;
}

/** Whether `collectDoubles` would find any: nearly never, and this way asks for no pointers. */
function holdsDoubles(value: Json, node: FactNode): boolean {
  const { items, additional } = node;
  if (isJsonObject(value)) {
    const named = node.listFields.some(
      ([key, next]) => Object.hasOwn(value, key) && holdsDoubles(value[key] ?? null, next),
    );
    if (named || additional?.holdsLists !== true) return named;
    return Object.entries(value).some(([key, item]) => !node.properties.has(key) && holdsDoubles(item, additional));
  }
  if (!Array.isArray(value) || items === null) return false;
  return hasDoubleKeys(value, node) || (items.holdsLists && value.some((item: Json) => holdsDoubles(item, items)));
}

/** Items of keyed, set and ordered lists that have the key of an item before them. */
function collectDoubles(value: Json, node: FactNode, where: Where, found: ShapeError[]): void {
  if (!node.holdsLists) return;
  const sensitive = where.sensitive || node.facts.sensitive;
  if (isJsonObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      const next = node.properties.get(key) ?? node.additional;
      const pointer = `${where.pointer}/${pointerStep(key)}`;
      if (next !== null) collectDoubles(item, next, { pointer, sensitive }, found);
    }
    return;
  }
  const { items } = node;
  if (!Array.isArray(value) || items === null) return;
  const seen = new Map<string, number>();
  for (const [index, item] of (value as JsonArray).entries()) {
    const pointer = `${where.pointer}/${index}`;
    const key = node.facts.list === 'atomic' ? undefined : itemKey(item, node);
    const first = key === undefined ? undefined : seen.get(key);
    if (first !== undefined) found.push(double({ pointer, sensitive }, key ?? '', first));
    else if (key !== undefined) seen.set(key, index);
    collectDoubles(item, items, { pointer, sensitive }, found);
  }
}

function double({ pointer, sensitive }: Where, key: string, first: number): ShapeError {
  return {
    cause: 'duplicate-item',
    pointer,
    at: 'value',
    message: `${nameOf(pointer)} says the same as item ${first + 1}`,
    expected: 'every item once',
    found: sensitive ? 'an item twice' : `${quoted(key)} twice`,
    fix: 'Remove one of the two.',
  };
}
