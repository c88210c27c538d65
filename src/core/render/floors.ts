import { descriptorOf, keyedAt, ORDER_KEY } from '../kinds/index.ts';
import {
  instantMs,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type Kind,
  pointerStep,
  pointerSteps,
  type Template,
} from '../model/index.ts';
import { wordsOf } from './inputs.ts';
import { complain, type Report } from './report.ts';

type FloorRule = Template['spec']['floors'][number]['rule'];

/** A floor of a template, checked. */
export interface CompiledFloor {
  readonly kind: Kind;
  /** The steps of a JSON pointer in keyed form; `*` stands for every child. */
  readonly steps: readonly string[];
  readonly rule: FloorRule;
  /** The bound; undefined: what the template generates is the bound. */
  readonly value: Json | undefined;
  /** Where template.yaml states it. */
  readonly pointer: string;
}

/** A floor that a document does not keep. */
export interface Breach {
  readonly floor: CompiledFloor;
  /** Keyed form. */
  readonly pointer: string;
  readonly expected: string;
  readonly found: string;
}

const MONEY = /^(\d{1,9})(?:\.(\d{1,6}))?$/;

/** Checks the floors themselves: TEMPLATE_FLOOR for a field that the kind lacks or a bound that cannot be compared. */
export function compileFloors(floors: Template['spec']['floors'], report: Report): readonly CompiledFloor[] {
  return floors.map((floor, index) => {
    const pointer = `/spec/floors/${index}`;
    const steps = pointerSteps(floor.path);
    const value = floor.value as Json | undefined;
    const unknown = unknownStep(descriptorOf(floor.kind).schema, steps);
    if (unknown !== null) {
      const facts = {
        message: `${floor.kind} has no ${floor.path}`,
        expected: 'a field of the kind below /spec',
        found: unknown,
      };
      complain(report, 'TEMPLATE_FLOOR', { pointer: `${pointer}/path`, ...facts });
    }
    const bounded = floor.rule === 'min' || floor.rule === 'max';
    if (bounded && value !== undefined && order(value, value) === undefined) {
      const facts = {
        message: 'the bound cannot be compared',
        expected: 'a number, an amount or an instant',
        found: wordsOf(value),
      };
      complain(report, 'TEMPLATE_FLOOR', { pointer: `${pointer}/value`, ...facts });
    }
    return { kind: floor.kind, steps, rule: floor.rule, value, pointer };
  });
}

/** The first step that a closed object of the schema does not have, or null; references and open objects end the check. */
function unknownStep(schema: JsonObject, steps: readonly string[]): string | null {
  let node: Json | undefined = schema;
  if (steps[0] !== 'spec') return steps[0] ?? '';
  for (const step of steps) {
    if (!isJsonObject(node) || node['$ref'] !== undefined) return null;
    const { properties, items, additionalProperties } = node as { readonly [key: string]: Json | undefined };
    if (isJsonObject(items)) node = items;
    else if (isJsonObject(properties) && Object.hasOwn(properties, step)) node = properties[step];
    else return additionalProperties === false && step !== '*' ? step : null;
  }
  return null;
}

/**
 * The floors of `kind` that `after` does not keep. `before` is what the template alone generates, null for a
 * hand-written manifest, to which only floors with a stated bound apply.
 */
export function breaches(
  floors: readonly CompiledFloor[],
  kind: Kind,
  before: JsonObject | null,
  after: JsonObject,
): readonly Breach[] {
  return floors.flatMap((floor) => {
    if (floor.kind !== kind) return [];
    if (floor.value === undefined && before === null) return [];
    return placesOf(floor, before, after).flatMap((steps) => {
      const value = keyedAt(kind, after, steps);
      // Without an overlay both are one document.
      const generated = before === after ? value : before === null ? undefined : keyedAt(kind, before, steps);
      return breachAt(floor, steps, { generated, value }) ?? [];
    });
  });
}

/** What a floor speaks of, as steps in keyed form; with `*`, of the children before and after. */
function placesOf(floor: CompiledFloor, before: JsonObject | null, after: JsonObject): readonly (readonly string[])[] {
  if (!floor.steps.includes('*')) return [floor.steps];
  const own = expand(floor, after);
  if (before === null || before === after) return own;
  const known = new Set(own.map(pointerOf));
  return [...own, ...expand(floor, before).filter((steps) => !known.has(pointerOf(steps)))];
}

/** The places that steps stand for in a document; the order of an ordered list is none of its items. */
function expand({ kind, steps }: CompiledFloor, document: JsonObject): readonly (readonly string[])[] {
  let places: readonly (readonly string[])[] = [[]];
  for (const step of steps) {
    places = places.flatMap((place) => {
      if (step !== '*') return [[...place, step]];
      const value = keyedAt(kind, document, place);
      const keys = Array.isArray(value) ? [...value.keys()].map(String) : isJsonObject(value) ? Object.keys(value) : [];
      return keys.filter((key) => key !== ORDER_KEY).map((key) => [...place, key]);
    });
  }
  return places;
}

function pointerOf(steps: readonly string[]): string {
  return steps.map((step) => `/${pointerStep(step)}`).join('');
}

/** What stands at one place: what the template generates there, and what the document has. */
interface Sides {
  readonly generated: Json | undefined;
  readonly value: Json | undefined;
}

function breachAt(floor: CompiledFloor, steps: readonly string[], sides: Sides): Breach | null {
  const { rule } = floor;
  const bound = floor.value ?? sides.generated;
  const missing = rule === 'contains' ? missingOf(bound, sides) : [];
  if (rule === 'contains' ? missing.length === 0 : keeps(rule, bound, sides.value)) return null;
  return {
    floor,
    pointer: pointerOf(steps),
    expected: wantedWords(floor, bound),
    found: missing.length === 0 ? foundWords(sides.value) : missing.join(', '),
  };
}

function foundWords(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  return isJsonObject(value) || Array.isArray(value) ? 'another value' : String(value);
}

function keeps(rule: Exclude<FloorRule, 'contains'>, bound: Json | undefined, value: Json | undefined): boolean {
  if (rule === 'locked') return equal(bound, value);
  if (bound === undefined) return true;
  const difference = value === undefined ? undefined : order(value, bound);
  return difference !== undefined && (rule === 'max' ? difference <= 0 : difference >= 0);
}

/** What of a bound a list does not have, in words. */
function missingOf(bound: Json | undefined, { generated, value }: Sides): readonly string[] {
  return bounds(bound).flatMap((item) => {
    const own = conditionsAt(value, item);
    if (own === undefined) return [`no ${wordOf(item)}`];
    const isNarrower = Object.keys(own).length > 0 && !equal(own, conditionsAt(generated, item));
    return isNarrower ? [`${wordOf(item)} under conditions of its own`] : [];
  });
}

/** What a list must contain: the items of a list or of a set in keyed form, or the one value. */
function bounds(bound: Json | undefined): readonly Json[] {
  if (bound === undefined) return [];
  if (Array.isArray(bound)) return bound.map((item: Json) => nameOf(item) ?? item);
  return isJsonObject(bound) ? Object.keys(bound).filter((key) => key !== ORDER_KEY) : [bound];
}

/** The conditions under which an item of a list, or of a set in keyed form, counts; undefined where it is not there. */
function conditionsAt(list: Json | undefined, item: Json): JsonObject | undefined {
  if (isJsonObject(list)) return Object.hasOwn(list, wordOf(item)) ? {} : undefined;
  if (!Array.isArray(list)) return undefined;
  const entry = (list as JsonArray).find((one) => equal(one, item) || nameOf(one) === item);
  if (entry === undefined) return undefined;
  return isJsonObject(entry) ? conditionsOf(entry[wordOf(item)]) : {};
}

/** An item that is a map with one key counts as that key: an entry of a chain with options. */
function nameOf(item: Json): string | undefined {
  const keys = isJsonObject(item) ? Object.keys(item) : [];
  return keys.length === 1 ? keys[0] : undefined;
}

/** What of the options of a chain entry says when it counts; the others do not take it away from any request. */
function conditionsOf(options: Json | undefined): JsonObject {
  if (!isJsonObject(options)) return {};
  return Object.fromEntries(Object.entries(options).filter(([key]) => key === 'when' || key === 'targeting'));
}

function wordOf(item: Json): string {
  return isJsonObject(item) || Array.isArray(item) ? JSON.stringify(item) : String(item);
}

function wantedWords({ rule, value }: CompiledFloor, bound: Json | undefined): string {
  const shown = isJsonObject(bound) || Array.isArray(bound) ? bounds(bound).map(wordOf).join(', ') : String(bound);
  switch (rule) {
    case 'max':
      return `at most ${shown}`;
    case 'min':
      return `at least ${shown}`;
    case 'contains':
      return `a list with ${shown}`;
    case 'locked':
      if (value !== undefined) return `${shown}, which the template states`;
      return bound === undefined ? 'nothing, as generated' : 'the value that the template generates';
  }
}

/** Negative, zero or positive for numbers, amounts of money or instants; undefined for what cannot be compared. */
function order(a: Json, b: Json): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a !== 'string' || typeof b !== 'string') return undefined;
  const [left, right] = [magnitude(a), magnitude(b)];
  if (left === undefined || right === undefined || left.unit !== right.unit) return undefined;
  return left.value - right.value;
}

function magnitude(text: string): { readonly unit: string; readonly value: number } | undefined {
  const money = MONEY.exec(text);
  if (money !== null) {
    const [, whole = '', fraction = ''] = money;
    return { unit: 'money', value: Number(whole) * 1_000_000 + Number(fraction.padEnd(6, '0')) };
  }
  const instant = instantMs(text);
  return instant === undefined ? undefined : { unit: 'instant', value: instant };
}

/** The same JSON value, whatever the order of keys. */
export function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item: Json, index) => equal(item, b[index] as Json));
  }
  if (!isJsonObject(a) || !isJsonObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}
