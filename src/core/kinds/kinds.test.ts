import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isJsonObject, type Json, type JsonObject, KINDS, type Kind } from '../model/index.ts';
import { factsOf } from './facts.ts';
import { descriptorOf, descriptors, fieldFacts, references, type Topic, validateShape } from './index.ts';
import { sample } from './samples.testkit.ts';
import common from './schemas/common.schema.json' with { type: 'json' };

const schemaNames = readdirSync(new URL('schemas', import.meta.url)).map((name) => name.replace('.schema.json', ''));

test('KINDS, descriptors and schemas name the same kinds', () => {
  expect(descriptors.map(({ kind }) => kind)).toEqual(KINDS);
  expect(schemaNames.filter((name) => name !== 'common').sort()).toEqual([...KINDS].sort());
  for (const kind of KINDS) expect(descriptorOf(kind).schema['title']).toBe(kind);
});

test('every kind has a valid sample, so its schema is not too narrow', () => {
  for (const kind of KINDS) expect({ kind, errors: validateShape(kind, sample(kind)) }).toEqual({ kind, errors: [] });
});

/** Every schema below `properties` or `items`, with where it stands. */
function fieldsOf(schema: JsonObject, where: string): readonly (readonly [string, JsonObject])[] {
  const below = (value: Json | undefined, step: string) =>
    isJsonObject(value) ? [[`${where}/${step}`, value] as const, ...fieldsOf(value, `${where}/${step}`)] : [];
  const properties = isJsonObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  return [...properties.flatMap(([name, part]) => below(part, name)), ...below(schema['items'], 'items')];
}

const allFields = [
  ...descriptors.flatMap(({ kind, schema }) => fieldsOf(schema, kind)),
  ...Object.entries(common.$defs).flatMap(([name, part]) => fieldsOf(part as JsonObject, `common ${name}`)),
];

test('every field says what it is, and every map is closed or open on purpose', () => {
  expect(allFields.length).toBeGreaterThan(150);
  const silent = allFields.filter(([, field]) => field['description'] === undefined && field['$ref'] === undefined);
  expect(silent.map(([where]) => where)).toEqual([]);
  const open = allFields.filter(([, field]) => field['type'] === 'object' && field['additionalProperties'] === true);
  expect(open.map(([where]) => where)).toEqual([
    'Organization/spec/inputs',
    'Policy/spec/document',
    'Template/spec/inputs',
    'Template/spec/starter',
  ]);
  const forgotten = allFields.filter(
    ([, field]) => field['type'] === 'object' && field['additionalProperties'] === undefined,
  );
  expect(forgotten.map(([where]) => where)).toEqual([]);
});

test('every list says how it is read, and its keys are required fields of its items', () => {
  for (const [where, field] of allFields.filter(([, { type }]) => type === 'array')) {
    expect({ where, list: field['x-list'] }).toEqual({
      where,
      list: expect.stringMatching(/^(keyed|set|atomic|ordered)$/),
    });
    const keys = field['x-keys'];
    if (field['x-list'] !== 'keyed') continue;
    const items = field['items'] as { readonly required: readonly string[] };
    expect(items.required).toEqual(expect.arrayContaining(keys as string[]));
  }
});

test('facts come from the schema, also through references and lists', () => {
  expect(fieldFacts('Wallet', '/spec/limit')).toEqual({
    words: 'limit',
    sensitive: false,
    money: true,
    ref: null,
    immutable: false,
    floor: 'max',
    merge: 'replace',
    list: null,
    choice: false,
    topic: 'money',
  });
  expect(fieldFacts('Team', '/spec/members')).toMatchObject({ list: 'set', merge: 'union', words: 'members' });
  expect(fieldFacts('Team', '/spec/members/ana@acme.example')).toMatchObject({ words: 'members ana@acme.example' });
  expect(fieldFacts('Credentials', '/spec/tokens/ci~1k3/token').ref).toBe('Token');
  expect(fieldFacts('Organization', '/spec/uid')).toMatchObject({ immutable: true, merge: 'locked' });
});

test('the topic of a field is that of the nearest field above that names one, also in open documents', () => {
  const topics: readonly (readonly [Kind, string, Topic])[] = [
    ['Wallet', '/spec/parent', 'money'],
    ['Wallet', '/spec/period/kind', 'money'],
    ['Wallet', '/spec/whenExhausted', 'money'],
    ['Wallet', '/spec/thresholds/80', 'other'],
    ['Credentials', '/spec/tokens/ci~1k3/notAfter', 'access'],
    ['Review', '/spec/onTimeout', 'policy'],
    ['Review', '/spec/reviewers/teams/support', 'access'],
    ['Organization', '/spec/onExpired', 'policy'],
    ['Organization', '/spec/regions/eu', 'access'],
    ['Organization', '/spec/displayName', 'other'],
    ['Fleet', '/spec/staffTokens/abcd', 'access'],
    ['Fleet', '/spec/ci/ref', 'access'],
    ['Gateway', '/spec/sinks/log/url', 'access'],
    ['Gateway', '/spec/upstreams/openai/account', 'access'],
    ['Gateway', '/spec/wallet', 'money'],
    ['Gateway', '/spec/limits/models/gpt/limits/requestsPerMinute', 'policy'],
    ['Policy', '/spec/document/policy/rbac/roles', 'policy'],
    ['Policy', '/spec/document/pack/version', 'other'],
    ['Policy', '/spec/document/pack/enabled', 'policy'],
    ['PriceBook', '/spec/entries/gpt~12026/inputPerMillion', 'money'],
    ['Gateway', '/metadata/labels/tier', 'other'],
    ['Gateway', '/spec/no/such/field', 'access'],
  ];
  expect(topics.map(([kind, path]) => [kind, path, fieldFacts(kind, path).topic])).toEqual(topics);
});

test('every kind that changes are told of says what they are about, so that a new field is told with the rest', () => {
  const NOT_TOLD: readonly Kind[] = ['Overlay', 'Conflict', 'Approval', 'Template'];
  const silent = KINDS.filter((kind) => factsOf(kind).properties.get('spec')?.topic === null);
  expect(silent).toEqual(NOT_TOLD);
});

test('a secret is sensitive as a whole and in its parts, in keyed form and by index', () => {
  for (const pointer of ['secret', 'secret/env', 'secret/store', 'secret/anything/below']) {
    expect(fieldFacts('Gateway', `/spec/upstreams/openai/${pointer}`).sensitive).toBe(true);
    expect(fieldFacts('Gateway', `/spec/upstreams/0/${pointer}`).sensitive).toBe(true);
  }
  expect(fieldFacts('Gateway', '/spec/upstreams/openai/account').sensitive).toBe(false);
});

test('words name the item of a list and the field in it, and speak for open objects too', () => {
  expect(fieldFacts('Gateway', '/spec/upstreams/openai/region').words).toBe('upstreams openai region');
  expect(fieldFacts('Approval', '/spec/changes/acme').words).toBe('changes acme');
  expect(fieldFacts('Policy', '/spec/document/pack/name').words).toBe('policy pack name');
  expect(fieldFacts('Policy', '/spec/document/policies/chain').list).toBe('ordered');
  expect(fieldFacts('Wallet', '/spec/no/such/field').sensitive).toBe(false);
});

test('every reference is found with its place in the document', () => {
  expect(references('Token', sample('Token'))).toEqual([
    { kind: 'Team', name: 'support', environment: null, pointer: '/spec/team' },
    { kind: 'Wallet', name: 'support', environment: null, pointer: '/spec/wallet' },
    { kind: 'Gateway', name: 'acme-support', environment: null, pointer: '/spec/gateways/0' },
  ]);
  expect(references('Gateway', sample('Gateway')).map(({ kind, pointer }) => `${kind} ${pointer}`)).toEqual([
    'Policy /spec/policy',
    'Team /spec/teams/0',
    'Wallet /spec/wallet',
  ]);
  expect(references('Credentials', sample('Credentials'))[0]?.pointer).toBe('/spec/tokens/0/token');
  expect(references('Organization', sample('Organization'))).toEqual([]);
});

test('a reference to a kind with environments carries that of its manifest', () => {
  expect(references('Gateway', sample('Gateway'))[0]).toEqual({
    kind: 'Policy',
    name: 'baseline',
    environment: 'production',
    pointer: '/spec/policy',
  });
});

test('the facts of a kind are compiled once', () => {
  expect(factsOf('Wallet')).toBe(factsOf('Wallet'));
});

test('each publisher driver takes its own settings and no others', () => {
  const errors = (publisher: JsonObject): number => validateShape('Fleet', sample('Fleet', { publisher })).length;
  const all = { path: 'published', endpoint: 'https://at.example', region: 'eu', bucket: 'bundles', prefix: 'fleet' };
  const drivers = {
    files: { needs: ['path'], may: [] },
    s3: { needs: ['endpoint', 'region', 'bucket'], may: ['prefix'] },
    oci: { needs: ['endpoint'], may: ['prefix'] },
  } as const;
  for (const [driver, { needs, may }] of Object.entries(drivers)) {
    const only = (names: readonly string[]): JsonObject => ({
      driver,
      ...Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name))),
    });
    const own: readonly string[] = [...needs, ...may];
    expect([driver, errors(only(needs)), errors(only(own))]).toEqual([driver, 0, 0]);
    for (const name of needs) expect(errors(only(own.filter((other) => other !== name)))).toBeGreaterThan(0);
    for (const name of Object.keys(all).filter((other) => !own.includes(other)))
      expect([driver, name, errors(only([...own, name])) > 0]).toEqual([driver, name, true]);
  }
});

test('a program that signs has a name, and is bounded where there is one alone', () => {
  const errors = (signer: JsonObject): number => validateShape('Fleet', sample('Fleet', { signer })).length;
  const more: JsonObject = { timeoutSeconds: 5, pooled: ['online'], firstEpochs: { online: 2 } };
  const program = { driver: 'command', program: 'kms' };
  for (const good of [{ driver: 'sealed-file' }, { driver: 'environment' }, program, { ...program, ...more }])
    expect([good, errors(good)]).toEqual([good, 0]);
  for (const bad of [
    { driver: 'command' },
    { driver: 'command', program: '../kms' },
    { ...program, pooled: ['root'] },
    { ...program, timeoutSeconds: 0 },
    ...Object.entries({ ...more, program: 'kms' }).map(([key, value]) => ({ driver: 'sealed-file', [key]: value })),
  ])
    expect([bad, errors(bad) > 0]).toEqual([bad, true]);
});
