import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Cuts the operations that src/io/forge uses out of GitHub's own OpenAPI description, as the fake forge checks requests
// against them. Input: the file generated/api.github.com.json of the npm package @octokit/openapi, which is too large to
// be a dependency. Usage: node --import tsx scripts/forge/extract.ts <api.github.com.json> <version>

const USED: readonly string[] = [
  'pulls/get',
  'pulls/list',
  'pulls/create',
  'pulls/update',
  'pulls/request-reviewers',
  'pulls/list-requested-reviewers',
  'issues/list-comments',
  'issues/create-comment',
  'issues/update-comment',
  'issues/delete-comment',
  'issues/list-labels-on-issue',
  'issues/add-labels',
  'issues/remove-label',
  'issues/list-for-repo',
  'issues/create',
  'issues/update',
  'checks/list-for-ref',
  'checks/create',
  'checks/update',
  'code-scanning/upload-sarif',
];

type Json = null | boolean | number | string | readonly Json[] | JsonObject;
interface JsonObject {
  readonly [key: string]: Json;
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const PROSE = new Set(['description', 'examples', 'example', 'summary', 'externalDocs', 'x-github', 'title']);

/** A schema with every reference replaced by what it names, and without prose. `inside`: the keys are names, not keywords. */
const resolved = (root: JsonObject, value: Json, inside = false): Json => {
  if (Array.isArray(value)) return value.map((item: Json) => resolved(root, item));
  if (!isObject(value)) return value;
  const { $ref, nullable } = value;
  if (typeof $ref === 'string') return resolved(root, lookUp(root, $ref));
  const isOut = (key: string): boolean => !inside && (PROSE.has(key) || key === 'nullable');
  const kept = Object.entries(value).filter(([key]) => !isOut(key));
  const schema = Object.fromEntries(
    kept.map(([key, item]) => [key, resolved(root, item, !inside && key === 'properties')] as const),
  );
  // The word of OpenAPI 3.0 for what JSON Schema says with a type.
  return !inside && nullable === true ? { anyOf: [schema, { type: 'null' }] } : schema;
};

const lookUp = (root: JsonObject, pointer: string): Json => {
  let at: Json | undefined = root;
  for (const step of pointer.slice(2).split('/')) at = isObject(at) ? at[step] : undefined;
  if (at === undefined) throw new Error(`Expected ${pointer} in the description, found nothing.`);
  return at;
};

const operationsOf = (root: JsonObject): readonly JsonObject[] => {
  const { paths } = root;
  return Object.entries(isObject(paths) ? paths : {}).flatMap(([path, methods]) =>
    Object.entries(isObject(methods) ? methods : {}).flatMap(([method, operation]) => {
      if (!isObject(operation) || !USED.includes(String(operation['operationId']))) return [];
      const { operationId, parameters, requestBody, responses } = operation;
      return [
        {
          operationId: operationId ?? '',
          method,
          path,
          parameters: resolved(root, parameters ?? []),
          body: bodySchema(root, requestBody),
          statuses: Object.keys(isObject(responses) ? responses : {}).map(Number),
        },
      ];
    }),
  );
};

const bodySchema = (root: JsonObject, requestBody: Json | undefined): Json => {
  if (!isObject(requestBody)) return null;
  const { content } = requestBody;
  const json = isObject(content) ? content['application/json'] : undefined;
  return isObject(json) ? resolved(root, json['schema'] ?? {}) : null;
};

const [file = '', version = ''] = process.argv.slice(2);
const operations = operationsOf(JSON.parse(readFileSync(file, 'utf8')) as JsonObject);
const missing = USED.filter((id) => !operations.some(({ operationId }) => operationId === id));
if (missing.length > 0) throw new Error(`Expected ${missing.join(', ')} in ${file}, found no such operation.`);
const source = `@octokit/openapi ${version}, generated/api.github.com.json: GitHub's OpenAPI description of api.github.com, MIT`;
const text = JSON.stringify({ source, operations }, null, 1);
writeFileSync(join(import.meta.dirname, 'operations.json'), `${text}\n`);
