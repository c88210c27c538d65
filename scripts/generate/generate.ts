import { join } from 'node:path';
import { readSchemas, type SchemaFile } from './schemas.ts';
import { compileTypes, mentionedTypes } from './types.ts';
import { compileValidators } from './validators.ts';

/** Folders whose every file this script owns, relative to src/core. */
export const GENERATED_FOLDERS = ['model/generated', 'kinds/generated', 'policy/generated'] as const;

/** Path relative to src/core → text. */
export type GeneratedFiles = ReadonlyMap<string, string>;

const banner = (source: string): string => `// Generated from ${source} by \`npm run generate\`. Do not edit.\n\n`;

const validatorName = (file: SchemaFile): string => `validate${file.typeName}`;

interface Declared {
  readonly owners: readonly SchemaFile[];
  readonly text: string;
}

/** All declarations by name, with the schemas that reach each; the same name must mean the same everywhere. */
const declareAll = async (files: readonly SchemaFile[], wanted: readonly SchemaFile[]) => {
  const all = new Map<string, Declared>();
  for (const file of wanted) {
    for (const [name, text] of await compileTypes(files, file)) {
      const known = all.get(name);
      if (known !== undefined && known.text !== text) {
        const paths = [...known.owners, file].map((owner) => owner.path).join(' and ');
        throw new Error(
          `Expected "${name}" to mean one thing, found different types in ${paths}. Rename one definition.`,
        );
      }
      all.set(name, { owners: [...(known?.owners ?? []), file], text });
    }
  }
  return all;
};

const importLine = (names: readonly string[], from: string): string =>
  names.length === 0 ? '' : `import type { ${names.join(', ')} } from '${from}';\n\n`;

const kindTypes = async (files: readonly SchemaFile[], kinds: readonly SchemaFile[]): Promise<[string, string][]> => {
  const all = await declareAll(files, kinds);
  const entries = [...all].sort(([a], [b]) => (a < b ? -1 : 1));
  const shared = entries.filter(([, declared]) => declared.owners.length > 1);
  const sharedNames = new Set(shared.map(([name]) => name));
  const perKind = kinds.map((kind): [string, string] => {
    const own = entries.filter(([name, { owners }]) => owners.includes(kind) && !sharedNames.has(name));
    const ordered = [
      ...own.filter(([name]) => name === kind.typeName),
      ...own.filter(([name]) => name !== kind.typeName),
    ];
    const text = ordered.map(([, declared]) => declared.text).join('\n\n');
    const needed = [...mentionedTypes(text)].filter((name) => sharedNames.has(name)).sort();
    return [
      `model/generated/${kind.typeName}.ts`,
      `${banner(`src/core/${kind.path}`)}${importLine(needed, './common.ts')}${text}\n`,
    ];
  });
  const common = shared.map(([, declared]) => declared.text).join('\n\n');
  const modules = [...(shared.length > 0 ? ['common'] : []), ...kinds.map((kind) => kind.typeName)];
  const index = [
    importAll(kinds),
    ...modules.map((name) => `export type * from './${name}.ts';\n`),
    '\n/** The type of each manifest kind, by its name. */\nexport interface ManifestByKind {\n',
    ...kinds.map((kind) => `  readonly ${kind.kind}: ${kind.typeName};\n`),
    '}\n',
  ];
  return [
    ...perKind,
    ...(shared.length > 0
      ? [['model/generated/common.ts', `${banner('the $defs that several kinds use')}${common}\n`] as [string, string]]
      : []),
    ['model/generated/index.ts', banner('src/core/kinds/schemas') + index.join('')],
  ];
};

const importAll = (kinds: readonly SchemaFile[]): string =>
  `${kinds.map((kind) => `import type { ${kind.typeName} } from './${kind.typeName}.ts';\n`).join('')}\n`;

const policyTypes = async (
  files: readonly SchemaFile[],
  policies: readonly SchemaFile[],
): Promise<[string, string]> => {
  const all = await declareAll(files, policies);
  const text = [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, declared]) => declared.text);
  return ['policy/generated/types.ts', `${banner('src/core/policy')}${text.join('\n\n')}\n`];
};

const validatorTypes = (wanted: readonly SchemaFile[], types: string): string => {
  const names = wanted.map((file) => file.typeName).sort();
  return `${importLine(names, types)}/** One thing that is wrong. It never holds the value itself, which may be a secret. */
export interface ValidationError {
  readonly keyword: string;
  /** JSON pointer into the data. */
  readonly instancePath: string;
  /** JSON pointer into the schema. */
  readonly schemaPath: string;
  readonly params: { readonly [name: string]: unknown };
  readonly propertyName?: string;
  readonly message?: string;
}

/** Is it valid? If not, \`errors\` holds all that is wrong, until the next call. */
export interface Validate<Type> {
  (data: unknown): data is Type;
  readonly errors?: readonly ValidationError[] | null;
}

${wanted.map((file) => `export declare const ${validatorName(file)}: Validate<${file.typeName}>;\n`).join('')}
/** Every validator by the kind that people write. */
export declare const validators: {
${wanted.map((file) => `  readonly ${JSON.stringify(file.kind)}: Validate<${file.typeName}>;\n`).join('')}};
`;
};

/** Everything that is generated from the schemas below `root`/src/core. Reads files, writes none. */
export const generate = async (root: string): Promise<GeneratedFiles> => {
  const files = readSchemas(join(root, 'src/core'));
  const kinds = files.filter((file) => file.role === 'kind');
  const policies = files.filter((file) => file.role === 'policy' || file.role === 'document');
  const result = new Map<string, string>();
  if (kinds.length > 0) {
    for (const [path, text] of await kindTypes(files, kinds)) result.set(path, text);
    result.set(
      'kinds/generated/validators.js',
      banner('src/core/kinds/schemas') + compileValidators(files, kinds, validatorName),
    );
    const types = validatorTypes(kinds, '../../model/generated/index.ts');
    result.set('kinds/generated/validators.d.ts', banner('src/core/kinds/schemas') + types);
  }
  if (policies.length > 0) {
    result.set(...(await policyTypes(files, policies)));
    result.set(
      'policy/generated/validators.js',
      banner('src/core/policy') + compileValidators(files, policies, validatorName),
    );
    result.set('policy/generated/validators.d.ts', banner('src/core/policy') + validatorTypes(policies, './types.ts'));
  }
  return result;
};
