import type { ErrorObject } from 'ajv';
import {
  isJsonObject,
  type Json,
  type JsonObject,
  type Manifest,
  pointerStep,
  pointerSteps,
  valueAt,
} from '../model/index.ts';
import type { CompiledTemplate } from './template.ts';

/** What is wrong with migrated inputs; the pointer is below the inputs. */
export interface InputFault {
  readonly cause: 'input-missing' | 'input-unknown' | 'input-invalid';
  readonly pointer: string;
  readonly words: string;
  /** What the org says there; undefined: nothing. */
  readonly found: Json | undefined;
  /** A value that the template itself gives as an example of this input; undefined: it gives none. */
  readonly example: Json | undefined;
}

/** What of an org's inputs a template does not accept, one fault for each place. */
export function inputFaults(template: CompiledTemplate, manifest: Manifest, inputs: JsonObject): readonly InputFault[] {
  const faults = new Map<string, InputFault>();
  for (const error of template.checkInputs(inputs) ?? []) {
    const fault = faultOf(error, manifest, inputs);
    if (fault !== null && !faults.has(fault.pointer)) faults.set(fault.pointer, fault);
  }
  return [...faults.values()];
}

function faultOf(error: ErrorObject, manifest: Manifest, inputs: JsonObject): InputFault | null {
  const at = error.instancePath.slice('/inputs'.length);
  const params: { readonly [key: string]: unknown } = error.params;
  if (error.keyword === 'propertyNames') return null;
  if (error.keyword === 'required') {
    const pointer = `${at}/${pointerStep(String(params['missingProperty']))}`;
    const words = `the new template needs the input${noteOf(manifest, pointer)}`;
    return { cause: 'input-missing', pointer, words, found: undefined, example: exampleOf(manifest, pointer) };
  }
  const name = error.keyword === 'additionalProperties' ? String(params['additionalProperty']) : error.propertyName;
  const pointer = name === undefined ? at : `${at}/${pointerStep(name)}`;
  const found = valueAt(inputs, pointer);
  if (error.keyword === 'additionalProperties') {
    return {
      cause: 'input-unknown',
      pointer,
      words: 'the new template does not have the input',
      found,
      example: undefined,
    };
  }
  const words = `the new template does not accept the input: it ${error.message ?? 'must be another value'}`;
  return { cause: 'input-invalid', pointer, words, found, example: exampleOf(manifest, pointer) };
}

/** What the schema says of the input, for a person who must find a value. */
function noteOf(manifest: Manifest, pointer: string): string {
  const note = schemaAt(manifest, pointer)?.['description'];
  return typeof note === 'string' ? ` (${note})` : '';
}

function exampleOf(manifest: Manifest, pointer: string): Json | undefined {
  const schema = schemaAt(manifest, pointer) ?? {};
  const { examples, enum: allowed, const: only } = schema as { readonly [key: string]: Json | undefined };
  const starter = valueAt((manifest.spec['starter'] ?? null) as Json, pointer);
  const listed = Array.isArray(examples) ? (examples[0] as Json | undefined) : undefined;
  const own = starter !== undefined && !JSON.stringify(starter).includes('{{') ? starter : undefined;
  return listed ?? own ?? only ?? (Array.isArray(allowed) ? (allowed[0] as Json | undefined) : undefined);
}

/** The schema of one input, references followed; null where the template has none. */
function schemaAt(manifest: Manifest, pointer: string): JsonObject | null {
  const root = manifest.spec['inputs'] as Json;
  let schema = resolved(root, root);
  for (const step of pointerSteps(pointer)) {
    if (schema === null) return null;
    const { properties, items, additionalProperties } = schema as { readonly [key: string]: Json | undefined };
    const named = isJsonObject(properties) && Object.hasOwn(properties, step) ? properties[step] : undefined;
    schema = resolved(root, named ?? items ?? additionalProperties ?? null);
  }
  return schema;
}

function resolved(root: Json, schema: Json): JsonObject | null {
  if (!isJsonObject(schema)) return null;
  const { $ref: reference } = schema;
  if (typeof reference !== 'string') return schema;
  const target = valueAt(root, reference.slice(1));
  return target !== undefined && isJsonObject(target) ? { ...target, ...schema } : null;
}
