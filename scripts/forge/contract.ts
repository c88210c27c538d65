import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';

// What GitHub's own OpenAPI description allows, for the operations in operations.json (see extract.ts).

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema?: object;
}

interface Operation {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: object | null;
  readonly statuses: readonly number[];
}

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** A request that the description knows: which operation, its path parameters, and what is wrong with it. */
export interface Recognised {
  readonly operation: string;
  readonly statuses: readonly number[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly faults: readonly string[];
}

interface Compiled extends Operation {
  readonly pattern: RegExp;
  readonly checkBody: ValidateFunction | null;
  readonly checkParameter: ReadonlyMap<string, ValidateFunction>;
}

const { operations } = JSON.parse(readFileSync(join(import.meta.dirname, 'operations.json'), 'utf8')) as {
  readonly operations: readonly Operation[];
};

const bodies = new Ajv({ strict: false, allErrors: true, validateFormats: false });
const texts = new Ajv({ strict: false, allErrors: true, validateFormats: false, coerceTypes: true });

const compiled: readonly Compiled[] = operations.map((operation) => ({
  ...operation,
  pattern: new RegExp(`^${operation.path.replace(/\{([a-z_]+)\}/g, '(?<$1>[^/]+)')}$`),
  checkBody: operation.body === null ? null : bodies.compile(operation.body),
  checkParameter: new Map(
    operation.parameters.map(({ name, schema }) => [
      name,
      texts.compile({ type: 'object', properties: { value: schema ?? {} } }),
    ]),
  ),
}));

/** The operation of a request, or undefined when no operation that we use fits. */
export const recognise = (request: Request): Recognised | undefined => {
  for (const operation of compiled) {
    const match = operation.method === request.method.toLowerCase() ? operation.pattern.exec(request.path) : null;
    if (match === null) continue;
    const parameters = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    const { operationId, statuses } = operation;
    const faults = [...parameterFaults(operation, parameters, request.query), ...bodyFaults(operation, request.body)];
    return { operation: operationId, statuses, parameters, faults };
  }
  return undefined;
};

const parameterFaults = (
  operation: Compiled,
  path: Readonly<Record<string, string>>,
  query: URLSearchParams,
): readonly string[] => {
  const given = { ...Object.fromEntries(query), ...path };
  const known = new Set(operation.parameters.map(({ name }) => name));
  const unknown = Object.keys(given).filter((name) => !known.has(name));
  const missing = operation.parameters.filter(({ name, required }) => required === true && given[name] === undefined);
  const wrong = Object.entries(given).filter(
    ([name, value]) => operation.checkParameter.get(name)?.({ value }) === false,
  );
  return [
    ...unknown.map((name) => `${name}: no such parameter`),
    ...missing.map(({ name }) => `${name}: missing`),
    ...wrong.map(([name, value]) => `${name}: ${value} is not allowed`),
  ];
};

const bodyFaults = ({ checkBody, operationId }: Compiled, body: unknown): readonly string[] => {
  if (checkBody === null) return body === undefined ? [] : [`${operationId}: expected no body`];
  if (checkBody(body)) return [];
  return (checkBody.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message ?? 'wrong'}`);
};
