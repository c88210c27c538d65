import { isJsonObject, type Json, pointerStep, pointerSteps, valueAt } from '../../model/index.ts';
import type { ValidationError } from '../generated/validators.js';
import type { Report } from '../kinds/kind.ts';
import { isKnownValue, knownKeys } from './known.ts';
import { suggestion } from './suggest.ts';

export interface ShapeSource {
  readonly document: Json;
  /** Of what was validated, relative to the document. */
  readonly pointer: string;
  readonly report: Report;
  /** The schema that was validated against, for the keys it has. */
  readonly schema: Json;
  /** Pointers that have a finding of their own already. */
  readonly told: ReadonlySet<string>;
}

/** Turns the errors of a generated validator into findings that name the key, what was expected and what to do. */
export function reportShape(errors: readonly ValidationError[], source: ShapeSource): void {
  for (const error of errors) {
    const pointer = source.pointer + error.instancePath;
    if (source.told.has(pointer)) continue;
    if (error.keyword === 'additionalProperties') reportKey(error, pointer, source);
    else reportValue(error, pointer, source);
  }
}

function reportKey(error: ValidationError, parent: string, { report, told, schema }: ShapeSource): void {
  const key = String(error.params['additionalProperty']);
  const pointer = `${parent}/${pointerStep(key)}`;
  if (told.has(pointer)) return;
  const steps = pointerSteps(parent);
  const place = steps.length === 0 ? 'at the top level' : `in ${steps.join('.')}`;
  const refused = knownKeys(steps);
  if (refused.includes(key)) {
    report('POLICY_UNSUPPORTED_KEY', pointer, {
      message: `${key} ${place} is known, but not enforced.`,
      expected: 'only what is enforced',
      found: key,
      at: 'key',
    });
    return;
  }
  const properties = propertiesOf(schema, error);
  const meant = suggestion(key, [...properties, ...refused]);
  report('POLICY_UNKNOWN_KEY', pointer, {
    message: `${key} ${place} is not a key of the policy language.`,
    expected: `one of ${properties.join(', ')}`,
    found: key,
    at: 'key',
    ...(meant === undefined ? {} : { fix: `Did you mean ${meant}?` }),
  });
}

/** The keys of the closed object that an error is about. */
function propertiesOf(schema: Json, error: ValidationError): readonly string[] {
  let at: Json | undefined = schema;
  for (const step of pointerSteps(error.instancePath)) at = resolve(schema, below(at, step));
  const properties = isJsonObject(at) ? at['properties'] : undefined;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

/** The schema of one key or item of a value that `schema` describes. */
function below(schema: Json | undefined, step: string): Json | undefined {
  if (!isJsonObject(schema)) return undefined;
  const properties = schema['properties'];
  const own = isJsonObject(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined;
  return own ?? schema['items'] ?? schema['additionalProperties'];
}

function resolve(root: Json, schema: Json | undefined): Json | undefined {
  const reference = isJsonObject(schema) ? schema['$ref'] : undefined;
  return typeof reference === 'string' ? valueAt(root, reference.slice(1)) : schema;
}

function reportValue(error: ValidationError, pointer: string, { document, report }: ShapeSource): void {
  const value = valueAt(document, pointer);
  const steps = pointerSteps(pointer);
  const name = steps.length === 0 ? 'the document' : steps.join('.');
  if ((error.keyword === 'const' || error.keyword === 'enum') && isKnownValue(steps, value)) {
    report('POLICY_UNSUPPORTED_VALUE', pointer, {
      message: `${name} has a value that is known, but not enforced.`,
      expected: expectedOf(error),
      found: String(value),
    });
    return;
  }
  report('POLICY_SHAPE', pointer, {
    message:
      error.keyword === 'required'
        ? `${name} lacks ${String(error.params['missingProperty'])}.`
        : `${name} is not as expected.`,
    expected: expectedOf(error),
    found: foundIn(error, value),
  });
}

function expectedOf(error: ValidationError): string {
  const { params } = error;
  switch (error.keyword) {
    case 'required':
      return `the key ${String(params['missingProperty'])}`;
    case 'type':
      return `a value of type ${String(params['type'])}`;
    case 'const':
      return `the value ${JSON.stringify(params['allowedValue'])}`;
    case 'enum':
      return `one of ${(params['allowedValues'] as readonly unknown[]).map(String).join(', ')}`;
    case 'pattern':
      return `text that matches ${String(params['pattern'])}`;
    default:
      return `a value that ${error.message ?? 'is valid'}`;
  }
}

/** What was found, without the value: it may be a secret. Only numbers, booleans and short words of an enum are repeated. */
function foundIn(error: ValidationError, value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (error.keyword === 'required')
    return `keys ${isJsonObject(value) ? Object.keys(value).join(', ') || 'none' : 'none'}`;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string')
    return error.keyword === 'enum' || error.keyword === 'const'
      ? value.slice(0, 60)
      : `text of ${value.length} characters`;
  return Array.isArray(value) ? `a list of ${value.length}` : `an object of ${Object.keys(value).length} keys`;
}
