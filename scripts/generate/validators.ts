import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import { isSchema, type Schema, type SchemaFile } from './schemas.ts';

const BASE = 'tenantry:/';
const ANNOTATIONS = new Set(['title', 'description', 'examples', 'default', '$comment', '$schema', 'deprecated']);
const NAME_MAPS = new Set(['properties', 'patternProperties', '$defs', 'dependentRequired', 'dependentSchemas']);
const DATA = new Set(['enum', 'const', 'required']);

// What ajv would `require` at run time, written here so that the generated file stands alone. `equal` is asked about
// parsed manifests only, so it knows JSON, also in objects without a prototype.
const RUNTIME: Readonly<Record<string, string>> = {
  'require("ajv/dist/runtime/ucs2length").default': `(text) => {
  let length = 0;
  for (const _ of text) length++;
  return length;
}`,
  'require("ajv/dist/runtime/equal").default': `function equal(a, b) {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return a !== a && b !== b;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
}`,
};

const OPTIONS: Options = {
  allErrors: true,
  strict: true,
  strictRequired: false,
  allowUnionTypes: true,
  inlineRefs: false,
  verbose: false,
  code: { source: true, esm: true, lines: true, optimize: true },
};

/** Keywords of ours (`x-…`) anywhere in the schemas; names below `properties` are nobody's keyword. */
const ownKeywords = (value: unknown): readonly string[] => {
  if (Array.isArray(value)) return value.flatMap(ownKeywords);
  if (!isSchema(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    if (key.startsWith('x-')) return [key];
    return NAME_MAPS.has(key) && isSchema(item) ? Object.values(item).flatMap(ownKeywords) : ownKeywords(item);
  });
};

/** Validators need no words and no field facts: leaving them out halves the generated file. */
const withoutAnnotations = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutAnnotations);
  if (!isSchema(value)) return value;
  const kept = Object.entries(value).filter(([key]) => !ANNOTATIONS.has(key) && !key.startsWith('x-'));
  return Object.fromEntries(
    kept.map(([key, item]) => {
      if (DATA.has(key)) return [key, item];
      if (!NAME_MAPS.has(key) || !isSchema(item)) return [key, withoutAnnotations(item)];
      return [key, Object.fromEntries(Object.entries(item).map(([name, part]) => [name, withoutAnnotations(part)]))];
    }),
  );
};

const idOf = (file: SchemaFile): string => BASE + file.path;

const explain = (file: SchemaFile, error: unknown): Error =>
  new Error(`src/core/${file.path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });

const compileAll = (ajv: Ajv, files: readonly SchemaFile[], wanted: readonly SchemaFile[], full: boolean): void => {
  const keywords = new Set(files.flatMap((file) => ownKeywords(file.schema)));
  for (const keyword of keywords) ajv.addKeyword(keyword);
  for (const file of files) {
    const { $schema: _, ...schema } = (full ? file.schema : withoutAnnotations(file.schema)) as Schema;
    try {
      ajv.addSchema({ ...schema, $id: idOf(file) });
    } catch (error) {
      throw explain(file, error);
    }
  }
  for (const file of wanted) {
    try {
      ajv.getSchema(idOf(file));
    } catch (error) {
      throw explain(file, error);
    }
  }
};

const tidy = (code: string): string => {
  let text = code.replace(/^"use strict";\s*/, '').replace(/^\/\*# sourceURL=.*\*\/;?\n/gm, '');
  for (const [required, inlined] of Object.entries(RUNTIME)) text = text.replaceAll(required, inlined);
  const rest = /require\([^)]*\)/.exec(text);
  if (rest !== null) {
    throw new Error(
      `Expected validators that stand alone, found ${rest[0]}. Add its code to RUNTIME in scripts/generate/validators.ts.`,
    );
  }
  // ajv writes every schema it touched into the file; most are never read. Its names may hold a $, so no \b here.
  const uses = new Map<string, number>();
  for (const [name] of text.matchAll(/schema\d+/g)) uses.set(name, (uses.get(name) ?? 0) + 1);
  return text.replace(/^const (schema\d+) = .*;\n/gm, (line, name: string) => (uses.get(name) === 1 ? '' : line));
};

/**
 * Stand-alone validators for `wanted`, as one ES module without imports.
 * @param names the exported name of each wanted file, and the key under which `validators` holds it
 */
export const compileValidators = (
  files: readonly SchemaFile[],
  wanted: readonly SchemaFile[],
  names: (file: SchemaFile) => string,
): string => {
  // Compiled for both dialects with everything in it: a keyword that only one of them knows is refused here.
  compileAll(new Ajv2020(OPTIONS), files, wanted, true);
  const ajv = new Ajv(OPTIONS);
  compileAll(ajv, files, wanted, false);
  const refs = Object.fromEntries(wanted.map((file) => [names(file), idOf(file)]));
  const code = tidy(standalone.default(ajv, refs));
  const table = wanted.map((file) => `  ${JSON.stringify(file.kind)}: ${names(file)},`);
  return `${code.trimEnd()}\n\nexport const validators = Object.freeze({\n  __proto__: null,\n${table.join('\n')}\n});\n`;
};
