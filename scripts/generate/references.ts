import { posix } from 'node:path';
import { isSchema, type Schema, type SchemaFile } from './schemas.ts';

interface Target {
  readonly file: SchemaFile;
  /** The name in its $defs; undefined for the whole file. */
  readonly def: string | undefined;
}

/** Where a `$ref` in `from` leads. Only whole files and `#/$defs/<name>` are allowed: anything else has no name. */
const resolveReference = (files: readonly SchemaFile[], from: SchemaFile, reference: string): Target => {
  const [location = '', pointer = ''] = reference.split('#');
  const path = location === '' ? from.path : posix.join(posix.dirname(from.path), location);
  const file = files.find((candidate) => candidate.path === path);
  if (file === undefined) {
    throw new Error(
      `${from.path}: $ref "${reference}" expected a schema at src/core/${path}, found none. Correct the path.`,
    );
  }
  if (pointer === '' || pointer === '/') return { file, def: undefined };
  const def = /^\/\$defs\/([^/]+)$/.exec(pointer)?.[1];
  if (def === undefined) {
    throw new Error(`${from.path}: $ref "${reference}" expected <file>#/$defs/<name>. Move the part into $defs.`);
  }
  return { file, def };
};

const contentOf = (target: Target, from: SchemaFile): Schema => {
  if (target.def === undefined) {
    const { $defs: _, $schema: __, $id: ___, ...content } = target.file.schema;
    return content;
  }
  const defs = target.file.schema['$defs'];
  const content = isSchema(defs) ? defs[target.def] : undefined;
  if (!isSchema(content)) {
    throw new Error(
      `${from.path}: expected "${target.def}" in the $defs of ${target.file.path}, found none. Add it there.`,
    );
  }
  return content;
};

/** Rebuild a schema with every `$ref` replaced by what `rewrite` answers. */
const mapReferences = (value: unknown, rewrite: (reference: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapReferences(item, rewrite));
  if (!isSchema(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) =>
      key === '$ref' && typeof item === 'string' ? [key, rewrite(item)] : [key, mapReferences(item, rewrite)],
    ),
  );
};

/**
 * One schema that stands alone: every definition it reaches, in its own file or in another, is in its `$defs` under
 * its own name, so that a type generator sees names and needs no file.
 */
export const standAlone = (files: readonly SchemaFile[], root: SchemaFile): Schema => {
  const taken = new Map<string, string>();
  const defs: Record<string, unknown> = {};
  const collect = (from: SchemaFile, value: unknown): unknown =>
    mapReferences(value, (reference) => {
      const target = resolveReference(files, from, reference);
      if (target.file === root && target.def === undefined) return '#';
      const name = target.def ?? target.file.typeName;
      const address = `${target.file.path}#${target.def ?? ''}`;
      const holder = taken.get(name);
      if (holder !== undefined && holder !== address) {
        throw new Error(
          `${root.path}: expected one definition called "${name}", found ${holder} and ${address}. Rename one.`,
        );
      }
      if (holder === undefined) {
        taken.set(name, address);
        defs[name] = collect(target.file, contentOf(target, from));
      }
      return `#/$defs/${name}`;
    });
  const body = collect(root, contentOf({ file: root, def: undefined }, root)) as Schema;
  return { ...body, $defs: defs };
};
