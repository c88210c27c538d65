import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';

/** A field of a schema, and whether it has one value alone. */
export interface Field {
  readonly path: string;
  readonly hasOneValue: boolean;
}

/** Every leaf that a schema has a name for: `a.b`, `a.*` of any name, `a[].b` of items. */
export function fieldsOf(schema: Json): readonly Field[] {
  const root = schema as JsonObject;
  const found = new Map<string, Field>();
  const walk = (given: Json | undefined, path: string): void => {
    const node = resolved(root, given);
    const below: (readonly [string, Json])[] = [];
    for (const [name, item] of Object.entries((node['properties'] ?? {}) as JsonObject))
      below.push([path === '' ? name : `${path}.${name}`, item]);
    if (isJsonObject(node['additionalProperties'])) below.push([`${path}.*`, node['additionalProperties']]);
    const items = node['type'] === 'array' ? resolved(root, node['items']) : {};
    if (items['properties'] !== undefined || isJsonObject(items['additionalProperties']))
      below.push([`${path}[]`, items]);
    const choices = [...((node['oneOf'] ?? []) as Json[]), ...((node['anyOf'] ?? []) as Json[])];
    for (const choice of choices) if (resolved(root, choice)['properties'] !== undefined) below.push([path, choice]);
    for (const [deeper, item] of below) walk(item, deeper);
    const values = node['const'] === undefined ? (node['enum'] as Json[] | undefined) : [node['const']];
    if (below.length === 0 && path !== '') found.set(path, { path, hasOneValue: values?.length === 1 });
  };
  walk(schema, '');
  return [...found.values()];
}

function resolved(root: JsonObject, node: Json | undefined): JsonObject {
  if (!isJsonObject(node)) return {};
  const reference = node['$ref'];
  if (typeof reference !== 'string') return node;
  const name = reference.split('/').at(-1) ?? '';
  return ((root['$defs'] as JsonObject | undefined)?.[name] ?? {}) as JsonObject;
}
