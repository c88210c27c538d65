import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { isJsonObject, type Json, type JsonObject, valueAt } from '../src/core/model/index.ts';

// Every JSON that a case has a command print is compared with the schema that is published for it.

const SCHEMAS = join(import.meta.dirname, '../src/core/report/schemas');
const MOST_FAULTS = 12;

const ajv = new Ajv({ allErrors: true, strict: true });
const compiled = new Map<string, ValidateFunction>();

/**
 * Compares what a command printed with its published schema, where it was asked for JSON and printed anything; each line for
 * itself with `--follow` and of `events export`. Throws what is wrong, laid out for people.
 */
export function proveOutput(args: readonly string[], stdout: string): void {
  if (stdout === '' || args.includes('--help')) return;
  const command = `tenantry ${args.join(' ')}`;
  const isExport = args[0] === 'events' && args[1] === 'export';
  const asksJson = args.some((arg, at) => arg === '--format=json' || (arg === 'json' && args[at - 1] === '--format'));
  if (isExport || (asksJson && args.includes('--follow')))
    for (const line of stdout.trimEnd().split('\n')) proveAnswer(line, command);
  else if (asksJson) proveAnswer(stdout, command);
}

/** Compares one answer with the schema that it names; `from` says in the error where it comes from. Gives it back, parsed. */
export function proveAnswer(text: string, from: string): JsonObject {
  const answer = parsed(text);
  if (!isJsonObject(answer)) throw new Error(`${from}: expected one JSON object, found ${shortly(text)}`);
  const [, name] = /^tenantry\/([a-z-]+)\/v1$/.exec(String(answer['schema'])) ?? [];
  if (name === undefined)
    throw new Error(`${from}: expected a schema tenantry/<name>/v1, found ${shortly(answer['schema'] ?? null)}`);
  const validate = validatorOf(name);
  if (validate === undefined)
    throw new Error(`${from}: expected ${join(SCHEMAS, name)}.schema.json, found no such file`);
  if (validate(answer)) return answer;
  const faults = (validate.errors ?? []).map((fault) => `  ${faultText(answer, fault)}`);
  const more = faults.length > MOST_FAULTS ? [`  and ${faults.length - MOST_FAULTS} more`] : [];
  const head = `${from}: the answer does not fit src/core/report/schemas/${name}.schema.json:`;
  throw new Error([head, ...faults.slice(0, MOST_FAULTS), ...more].join('\n'));
}

function validatorOf(name: string): ValidateFunction | undefined {
  const path = join(SCHEMAS, `${name}.schema.json`);
  const known = compiled.get(name);
  if (known !== undefined || !existsSync(path)) return known;
  const made = ajv.compile(JSON.parse(readFileSync(path, 'utf8')) as JsonObject);
  compiled.set(name, made);
  return made;
}

/** `/orgs/0/ring must be string, found null` */
function faultText(answer: JsonObject, { instancePath, message, params }: ErrorObject): string {
  const { additionalProperty, allowedValues, allowedValue } = params as { readonly [name: string]: Json };
  const detail = additionalProperty ?? allowedValues ?? allowedValue;
  const about = detail === undefined ? '' : ` (${shortly(detail)})`;
  const found = instancePath === '' ? '' : `, found ${shortly(valueAt(answer, instancePath) ?? null)}`;
  return `${instancePath === '' ? '/' : instancePath} ${message ?? ''}${about}${found}`;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

const shortly = (value: Json): string => JSON.stringify(value).slice(0, 200);
