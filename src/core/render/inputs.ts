import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import type { RegExpEngine, RegExpLike } from 'ajv/dist/types/index.js';
import { RE2JS } from 're2js';
import { nearest } from '../kinds/index.ts';
import {
  type Finding,
  finding,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type Manifest,
  type PlaceOf,
  pointerStep,
  pointerSteps,
  valueAt,
} from '../model/index.ts';
import { compileAutomaton } from './automaton.ts';
import type { InputSchema } from './input-schema.ts';
import { type Shape, shapeWords } from './shape.ts';

/** Checks inputs; null when they are valid. */
export type CheckInputs = (inputs: JsonObject) => readonly ErrorObject[] | null;

/** Where a filled value comes from: input pointer to the pointer of its default in template.yaml. */
export type Fallbacks = Map<string, string>;

const INPUTS = '/spec/inputs';
const MOST_FINDINGS = 50;

/**
 * Compiles the validator of a template's inputs, once per template. Patterns run on a linear-time engine. Defaults that
 * do not fit their own schema become TEMPLATE_SCHEMA findings.
 */
export function compileInputCheck(input: InputSchema, placeOf: PlaceOf, findings: Finding[]): CheckInputs {
  const validate = validatorOf(input);
  checkDefaults(input, validate, placeOf, findings);
  return (inputs) => (validate({ inputs }) ? null : (validate.errors ?? []));
}

/** Versions of a template mostly share their input schema, and compiling one is the dearest step of a template. */
const compiled = new Map<string, ValidateFunction>();
const MOST_COMPILED = 32;

function validatorOf(input: InputSchema): ValidateFunction {
  const defaults = Object.fromEntries(input.defaults.map((item, index) => [`d${index}`, item.schema]));
  const schema = {
    type: 'object',
    properties: { inputs: input.schema, defaults: { type: 'object', properties: defaults } },
  };
  const key = JSON.stringify(schema);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const ajv = new Ajv({
    allErrors: true,
    strict: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    validateFormats: false,
    ownProperties: true,
    logger: false,
    // Unoptimised code compiles in half the time, and runs once for each org.
    code: { regExp: linearTime(input.patterns), optimize: false },
  });
  const validate = ajv.compile(schema);
  if (compiled.size >= MOST_COMPILED) compiled.clear();
  compiled.set(key, validate);
  return validate;
}

/**
 * ajv's way to regular expressions, on the linear-time engine. ajv tells patterns apart by their text alone, so an
 * adapter without a `toString` of its own would make all patterns of a schema one.
 */
function linearTime(patterns: ReadonlyMap<string, RE2JS>): RegExpEngine {
  const engine = (pattern: string): RegExpLike => {
    const compiledPattern = patterns.get(pattern) ?? RE2JS.compile(pattern);
    // Most texts of an org meet a pattern, and the engine's own set-up costs more than a short text.
    const test = compileAutomaton(compiledPattern) ?? ((text: string) => compiledPattern.test(text));
    return { test, toString: () => pattern } as RegExpLike;
  };
  return Object.assign(engine, { code: 'linearTime' });
}

function checkDefaults(input: InputSchema, validate: ValidateFunction, placeOf: PlaceOf, findings: Finding[]): void {
  const values = Object.fromEntries(input.defaults.map((item, index) => [`d${index}`, item.value]));
  if (validate({ defaults: values })) return;
  const wrong = new Set((validate.errors ?? []).map((error) => pointerSteps(error.instancePath)[1]));
  for (const [index, item] of input.defaults.entries()) {
    if (!wrong.has(`d${index}`)) continue;
    findings.push(
      finding('TEMPLATE_SCHEMA', {
        place: placeOf(item.pointer),
        message: 'the default does not fit its own schema',
        expected: 'a default that is valid',
        found: wordsOf(item.value),
      }),
    );
  }
}

/** The findings of invalid inputs, at their places in org.yaml. Values are never quoted: they may hold a secret. */
export function inputFindings(errors: readonly ErrorObject[], shape: Shape, organization: Manifest): Finding[] {
  const seen = new Set<string>();
  const findings: Finding[] = [];
  for (const error of errors) {
    if (error.keyword === 'propertyNames' || findings.length === MOST_FINDINGS) continue;
    const described = describe(error, shape, organization);
    const key = `${described.pointer} ${described.facts.expected}`;
    if (seen.has(key)) continue;
    seen.add(key);
    findings.push(
      finding('INPUT_INVALID', {
        ...described.facts,
        org: organization.org,
        place: organization.placeOf(described.pointer, described.at),
      }),
    );
  }
  return findings;
}

interface Described {
  readonly pointer: string;
  readonly at: 'key' | 'value';
  readonly facts: {
    readonly message: string;
    readonly expected: string;
    readonly found: string;
    readonly fix?: string;
  };
}

function describe(error: ErrorObject, shape: Shape, organization: Manifest): Described {
  const path = error.instancePath.slice('/inputs'.length);
  const pointer = INPUTS + path;
  const here = path === '' ? 'inputs' : `inputs${path.replaceAll('/', '.')}`;
  const value = valueAt(organization.document, pointer);
  const params: { readonly [key: string]: unknown } = error.params;
  if (error.keyword === 'additionalProperties') {
    return unknownInput(pointer, String(params['additionalProperty']), shapeAt(shape, path), here);
  }
  if (error.keyword === 'required') {
    const name = String(params['missingProperty']);
    const facts = {
      message: `${here} lacks ${name}`,
      expected: wanted(shapeAt(shape, `${path}/${name}`)),
      found: 'nothing',
    };
    return { pointer, at: 'key', facts: { ...facts, fix: `Add ${name}.` } };
  }
  const name = error.propertyName;
  if (name !== undefined) {
    const facts = {
      message: `${here} has a key that it may not have`,
      expected: limitWords(error, params),
      found: name,
    };
    return { pointer: `${pointer}/${pointerStep(name)}`, at: 'key', facts };
  }
  const expected = error.keyword === 'type' ? wanted(shapeAt(shape, path)) : limitWords(error, params);
  return { pointer, at: 'value', facts: { message: `${here} is not valid`, expected, found: wordsOf(value) } };
}

function unknownInput(pointer: string, name: string, shape: Shape | undefined, here: string): Described {
  const known = shape?.type === 'map' ? [...shape.fields.keys()] : [];
  const meant = nearest(name, known);
  return {
    pointer: `${pointer}/${pointerStep(name)}`,
    at: 'key',
    facts: {
      message: `${here} has no field ${name}`,
      expected: `one of ${known.join(', ')}`,
      found: name,
      fix: meant === undefined ? 'Delete it.' : `Write ${meant}, or delete it.`,
    },
  };
}

/** What a value breaks, in words; ajv's own sentence where that is good enough. */
function limitWords(error: ErrorObject, params: { readonly [key: string]: unknown }): string {
  switch (error.keyword) {
    case 'enum':
      return `one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`;
    case 'const':
      return String(params['allowedValue']);
    case 'pattern':
      return `a text that matches ${String(params['pattern'])}`;
    default:
      return (error.message ?? 'another value').replace(/^must (NOT )?/, (_, not) => (not ? 'not to ' : 'to '));
  }
}

function wanted(shape: Shape | undefined): string {
  if (shape === undefined) return 'a value';
  if (shape.type !== 'scalar' || shape.values === null) return shapeWords(shape);
  return `one of ${shape.values.join(', ')}`;
}

/** A value's kind and size, never the value. */
export function wordsOf(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  return typeof value === 'object' ? 'a map' : `a ${typeof value}`;
}

function shapeAt(shape: Shape, pointer: string): Shape | undefined {
  let current: Shape | undefined = shape;
  for (const step of pointerSteps(pointer)) {
    if (current === undefined) return undefined;
    if (current.type === 'map') current = current.fields.get(step)?.shape;
    else if (current.type === 'list') current = current.items;
    else current = current.type === 'dict' ? current.values : undefined;
  }
  return current;
}

/** Notes the defaults that fill values; `pointer` is where in org.yaml the value at hand would stand. */
interface Noting {
  readonly fallbacks: Fallbacks;
  readonly pointer: string;
}

/**
 * A copy of valid inputs with every default filled in, as null-prototype maps: what the scope of a template holds.
 * `fallbacks`, if given, takes down which values are defaults, by their pointer in org.yaml.
 */
export function fillDefaults(shape: Shape, inputs: JsonObject, fallbacks: Fallbacks | null): Json {
  return fill(shape, inputs, fallbacks === null ? null : { fallbacks, pointer: INPUTS });
}

function fill(shape: Shape, value: Json, noting: Noting | null): Json {
  switch (shape.type) {
    case 'scalar':
      return value;
    case 'list':
      return (value as JsonArray).map((item, index) => fill(shape.items, item, below(noting, String(index))));
    case 'dict': {
      const copy = emptyMap();
      for (const [key, item] of Object.entries(value as JsonObject)) {
        copy[key] = fill(shape.values, item, below(noting, key));
      }
      return copy;
    }
    case 'map':
      return fillMap(shape, isJsonObject(value) ? value : {}, noting);
  }
}

function fillMap(shape: Extract<Shape, { type: 'map' }>, value: JsonObject, noting: Noting | null): Json {
  // The names are those of the template's schema, in which `__proto__` cannot stand: a plain object is enough, and small.
  const copy: Record<string, Json> = {};
  for (const [name, field] of shape.fields) {
    const own = Object.hasOwn(value, name) ? value[name] : undefined;
    const given = own ?? field.fallback;
    if (given === undefined) continue;
    const inner = below(noting, name);
    if (own === undefined) inner?.fallbacks.set(inner.pointer, field.fallbackPointer);
    copy[name] = fill(field.shape, given, inner);
  }
  return copy;
}

function below(noting: Noting | null, step: string): Noting | null {
  return noting === null ? null : { ...noting, pointer: `${noting.pointer}/${pointerStep(step)}` };
}

function emptyMap(): Record<string, Json> {
  return Object.create(null) as Record<string, Json>;
}
