import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** A JSON Schema as it stands in its file. */
export type Schema = { readonly [key: string]: unknown };

/** What a schema file describes. `shared` files only hold $defs for the others. */
export type Role = 'kind' | 'policy' | 'document' | 'shared';

/** One schema file below src/core. */
export interface SchemaFile {
  /** Relative to src/core, with forward slashes. */
  readonly path: string;
  readonly role: Role;
  /** The manifest kind or policy kind as people write it. */
  readonly kind: string;
  /** The name of the TypeScript type. */
  readonly typeName: string;
  readonly schema: Schema;
}

const SUFFIX = '.schema.json';
const KINDS = 'kinds/schemas';
const POLICIES = 'policy/kinds';
const DOCUMENT = 'policy/document.schema.json';

/** `prompt-injection` → `PromptInjection`. */
export const pascalCase = (text: string): string =>
  text
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join('');

export const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readSchema = (core: string, path: string): Schema => {
  const text = readFileSync(join(core, path), 'utf8');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`${path}: expected JSON, found ${String(error)}. Correct the file.`);
  }
  if (!isSchema(parsed)) throw new Error(`${path}: expected a JSON object, found something else. Write a JSON Schema.`);
  return parsed;
};

const listSchemas = (core: string, folder: string): readonly string[] =>
  existsSync(join(core, folder))
    ? readdirSync(join(core, folder))
        .filter((name) => name.endsWith(SUFFIX))
        .sort()
        .map((name) => posix.join(folder, name))
    : [];

const nameOf = (path: string): string => posix.basename(path).slice(0, -SUFFIX.length);

const isShared = (name: string): boolean => name === 'common' || name.startsWith('_');

/** All schema files below `core` (the folder src/core), in a fixed order; folders that do not exist yet hold none. */
export const readSchemas = (core: string): readonly SchemaFile[] => {
  const kinds = listSchemas(core, KINDS).map((path): SchemaFile => {
    const name = nameOf(path);
    const role = /^[A-Z]/.test(name) ? 'kind' : 'shared';
    return { path, role, kind: name, typeName: pascalCase(name), schema: readSchema(core, path) };
  });
  const policies = listSchemas(core, POLICIES).map((path): SchemaFile => {
    const name = nameOf(path);
    const role = isShared(name) ? 'shared' : 'policy';
    return { path, role, kind: name, typeName: `Policy${pascalCase(name)}`, schema: readSchema(core, path) };
  });
  const documents = listSchemas(core, 'policy').map((path): SchemaFile => {
    const role = path === DOCUMENT ? 'document' : 'shared';
    const typeName = `Policy${pascalCase(nameOf(path))}`;
    return { path, role, kind: nameOf(path), typeName, schema: readSchema(core, path) };
  });
  return [...kinds, ...policies, ...documents];
};
