import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findStale, writeStale } from './files.ts';
import { generate } from './generate.ts';

const COMMON = {
  $defs: {
    slug: { type: 'string', minLength: 2, pattern: '^[a-z]+$', description: 'A short name.' },
    owner: {
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: { name: { $ref: '#/$defs/slug' }, mail: { type: 'string', 'x-sensitive': true } },
    },
    unused: { type: 'string' },
  },
};

const manifest = (kind: string, spec: object): object => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  $id: `https://tenantry.example/${kind}.schema.json`,
  title: `The ${kind}`,
  type: 'object',
  additionalProperties: false,
  required: ['kind', 'spec'],
  properties: { kind: { const: kind }, spec },
});

const TEAM = manifest('Team', {
  type: 'object',
  additionalProperties: false,
  required: ['owners'],
  properties: {
    owners: {
      type: 'array',
      items: { $ref: 'common.schema.json#/$defs/owner' },
      'x-list': 'keyed',
      'x-keys': ['name'],
    },
    parent: { $ref: 'common.schema.json#/$defs/slug', description: 'The team above.', 'x-ref': 'Team' },
    grid: { type: 'array', items: { type: 'array', items: { type: 'integer' } }, uniqueItems: true, minItems: 1 },
    'x-note': { type: 'string', maxLength: 2 },
  },
  anyOf: [{ required: ['parent'] }, { required: ['grid'] }, { required: ['owners'] }],
});

const WALLET = {
  ...manifest('Wallet', { $ref: '#/$defs/wallet-spec' }),
  $defs: {
    'wallet-spec': {
      type: 'object',
      additionalProperties: { type: 'string' },
      required: ['period'],
      properties: { period: { enum: ['day', 'month'] }, owner: { $ref: 'common.schema.json#/$defs/owner' } },
    },
  },
};

const POLICY = { type: 'object', additionalProperties: false, properties: { action: { enum: ['block', 'log'] } } };
const DOCUMENT = {
  type: 'object',
  additionalProperties: false,
  properties: { 'prompt-injection': { $ref: 'kinds/prompt-injection.schema.json' } },
};

let root = '';

const plant = (path: string, schema: object): void => {
  const target = join(root, 'src/core', path);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, JSON.stringify(schema));
};

const plantKinds = (): void => {
  plant('kinds/schemas/common.schema.json', COMMON);
  plant('kinds/schemas/Team.schema.json', TEAM);
  plant('kinds/schemas/Wallet.schema.json', WALLET);
};

const writeAll = async () => {
  const files = await generate(root);
  writeStale(root, files, findStale(root, files));
  return files;
};

interface Validate {
  (data: unknown): boolean;
  readonly errors: readonly object[] | null;
}

const load = async (path: string): Promise<Record<string, Validate>> => {
  // Under a new name each time, because modules are cached by address.
  const copy = join(root, `${path.replaceAll('/', '-')}-${Math.random()}.mjs`);
  cpSync(join(root, 'src/core', path), copy);
  return import(pathToFileURL(copy).href);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tenantry-generate-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('generate', () => {
  test('without any schema there is nothing to generate', async () => {
    expect([...(await generate(root)).keys()]).toEqual([]);
  });

  test('types are named, shared once, read-only and closed', async () => {
    plantKinds();
    const files = await generate(root);
    expect(files.get('model/generated/Team.ts')).toMatchInlineSnapshot(`
      "// Generated from src/core/kinds/schemas/Team.schema.json by \`npm run generate\`. Do not edit.

      import type { Owner, Slug } from './common.ts';

      export interface Team {
        readonly kind: "Team";
        readonly spec: {
          readonly owners: readonly Owner[];
          /**
           * The team above.
           */
          readonly parent?: Slug;
          readonly grid?: readonly (readonly number[])[];
          readonly "x-note"?: string;
        };
      }
      "
    `);
    expect(files.get('model/generated/Wallet.ts')).toMatchInlineSnapshot(`
      "// Generated from src/core/kinds/schemas/Wallet.schema.json by \`npm run generate\`. Do not edit.

      import type { Owner } from './common.ts';

      export interface Wallet {
        readonly kind: "Wallet";
        readonly spec: WalletSpec;
      }

      export interface WalletSpec {
        readonly period: ("day" | "month");
        readonly owner?: Owner;
        readonly [k: string]: string | "day" | "month" | Owner | undefined;
      }
      "
    `);
    expect(files.get('model/generated/common.ts')).toMatchInlineSnapshot(`
      "// Generated from the $defs that several kinds use by \`npm run generate\`. Do not edit.

      export interface Owner {
        readonly name: Slug;
        readonly mail?: string;
      }

      /**
       * A short name.
       */
      export type Slug = string;
      "
    `);
    expect(files.get('model/generated/index.ts')).toMatchInlineSnapshot(`
      "// Generated from src/core/kinds/schemas by \`npm run generate\`. Do not edit.

      import type { Team } from './Team.ts';
      import type { Wallet } from './Wallet.ts';

      export type * from './common.ts';
      export type * from './Team.ts';
      export type * from './Wallet.ts';

      /** The type of each manifest kind, by its name. */
      export interface ManifestByKind {
        readonly Team: Team;
        readonly Wallet: Wallet;
      }
      "
    `);
  });

  test('everything written compiles as core does', async () => {
    plantKinds();
    plant('policy/kinds/prompt-injection.schema.json', POLICY);
    plant('policy/document.schema.json', DOCUMENT);
    const files = await writeAll();
    const rootNames = [...files.keys()]
      .filter((path) => path.endsWith('.ts'))
      .map((path) => join(root, 'src/core', path));
    const options: ts.CompilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: [],
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.Preserve,
      allowImportingTsExtensions: true,
    };
    const found = ts.getPreEmitDiagnostics(ts.createProgram({ rootNames, options }));
    expect(found.map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))).toEqual([]);
    expect([...files.values()].join('\n')).not.toMatch(/\brequire\(|\bimport (?!type)/);
  });

  test('validators report everything that is wrong, and never the value', async () => {
    plantKinds();
    await writeAll();
    const { validateTeam, validateWallet } = await load('kinds/generated/validators.js');
    expect(validateTeam?.({ kind: 'Team', spec: { owners: [{ name: 'ab' }], grid: [[1], [2]] } })).toBe(true);
    const bare = Object.assign(Object.create(null), { kind: 'Wallet', spec: { period: 'day', owner: { name: 'ab' } } });
    expect(validateWallet?.(bare)).toBe(true);
    const secret = 'SECRET';
    const wrong = {
      kind: 'Team',
      spec: { owners: [{ name: secret, mail: 1 }], grid: [[1], [1]], 'x-note': secret, no: 1 },
    };
    expect(validateTeam?.(wrong)).toBe(false);
    const errors = validateTeam?.errors ?? [];
    expect(errors.map((error) => 'keyword' in error && error.keyword).sort()).toEqual([
      'additionalProperties',
      'maxLength',
      'pattern',
      'type',
      'uniqueItems',
    ]);
    expect(JSON.stringify(errors)).not.toContain(secret);
  });

  test('policies: one types file, one validator per kind, one for the document', async () => {
    plant('policy/kinds/prompt-injection.schema.json', POLICY);
    plant('policy/document.schema.json', DOCUMENT);
    const files = await writeAll();
    expect(files.get('policy/generated/types.ts')).toContain('export interface PolicyPromptInjection');
    expect(files.get('policy/generated/types.ts')).toContain(
      "readonly 'prompt-injection'?: PolicyPromptInjection;".replaceAll("'", '"'),
    );
    const validators = await load('policy/generated/validators.js');
    expect(Object.keys(validators).sort()).toEqual([
      'validatePolicyDocument',
      'validatePolicyPromptInjection',
      'validators',
    ]);
    expect(validators['validatePolicyDocument']?.({ 'prompt-injection': { action: 'no' } })).toBe(false);
    expect(Object.keys(validators['validators'] ?? {})).toEqual(['prompt-injection', 'document']);
  });

  test('what is stale is named: missing, different, left over; after writing nothing is', async () => {
    plantKinds();
    const files = await writeAll();
    expect(findStale(root, files)).toEqual([]);
    rmSync(join(root, 'src/core/model/generated/Team.ts'));
    writeFileSync(join(root, 'src/core/model/generated/Wallet.ts'), 'edited');
    writeFileSync(join(root, 'src/core/model/generated/Gone.ts'), 'old');
    expect(findStale(root, files)).toEqual([
      { path: 'src/core/model/generated/Team.ts', why: 'missing' },
      { path: 'src/core/model/generated/Wallet.ts', why: 'different' },
      { path: 'src/core/model/generated/Gone.ts', why: 'left over' },
    ]);
    writeStale(root, files, findStale(root, files));
    expect(findStale(root, files)).toEqual([]);
  });

  test.each([
    [
      'a reference that leads nowhere',
      { properties: { a: { $ref: 'common.schema.json#/$defs/none' } } },
      /"none".*common/,
    ],
    ['a reference to no file', { properties: { a: { $ref: 'other.schema.json#/$defs/a' } } }, /other\.schema\.json/],
    ['a keyword that nobody knows', { type: 'object', propertees: {} }, /propertees/],
    ['a keyword of one dialect only', { type: 'object', unevaluatedProperties: false }, /unevaluatedProperties/],
    [
      'a definition called like another kind',
      { $defs: { team: { type: 'string' } }, properties: { a: { $ref: '#/$defs/team' } } },
      /Team/,
    ],
  ])('refuses %s', async (_, schema, message) => {
    plantKinds();
    plant('kinds/schemas/Wrong.schema.json', { type: 'object', ...schema });
    await expect(generate(root)).rejects.toThrow(message);
  });
});
