import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { descriptors } from '../src/core/kinds/index.ts';
import type { FindingCode, Json, JsonObject, Kind } from '../src/core/model/index.ts';
import { changed, type Seen, seenOf, withValue, worldOf } from './manifest-fields.testkit.ts';

// Nothing in a manifest is accepted and ignored: of every field of every kind this table says where it shows, and for the kinds
// of an org it is shown here, by giving the field another value.

const SCHEMAS = new URL('../src/core/kinds/schemas/', import.meta.url);
const ORG_KINDS = [
  'Credentials',
  'Gateway',
  'Organization',
  'Policy',
  'PriceBook',
  'Review',
  'Team',
  'Token',
  'Wallet',
];

type Schema = { readonly [key: string]: Json };
const schemaOf = (file: string): Schema => JSON.parse(readFileSync(new URL(file, SCHEMAS), 'utf8')) as Schema;
const isNode = (value: Json | undefined): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Paths of all fields below a node that hold a value; `*` is each item of a list or each key of a map. */
function fieldsOf(file: string, given: Schema, path: string): readonly string[] {
  const reference = given['$ref'];
  if (typeof reference === 'string') {
    const [other = '', pointer = ''] = reference.split('#/');
    const steps = pointer.split('/');
    const node = steps.reduce<Json | undefined>(
      (at, step) => (isNode(at) ? at[step] : undefined),
      schemaOf(other || file),
    );
    return fieldsOf(other || file, node as Schema, path);
  }
  const { properties, items, additionalProperties: more, oneOf } = given;
  const below = [
    ...(isNode(properties) ? Object.entries(properties).map(([name, node]) => [`${path}/${name}`, node] as const) : []),
    ...(isNode(items) ? [[`${path}/*`, items] as const] : []),
    ...(isNode(more) ? [[`${path}/*`, more] as const] : []),
    ...(Array.isArray(oneOf) ? oneOf.map((node) => [path, node] as const) : []),
  ];
  return below.length === 0 ? [path] : [...new Set(below.flatMap(([at, node]) => fieldsOf(file, node as Schema, at)))];
}

/** `Kind/field` of all kinds. */
const FIELDS = readdirSync(SCHEMAS)
  .filter((file) => file !== 'common.schema.json')
  .flatMap((file) => {
    const { properties } = schemaOf(file);
    const spec = (isNode(properties) && properties['spec']) || schemaOf(file);
    return fieldsOf(file, spec as Schema, file.replace('.schema.json', ''));
  });

/** Another value, `undefined` for none, of the object of that name, or of the first of its kind. */
interface Change {
  readonly value: Json | undefined;
  readonly name?: string;
  /** Needed beside it for the field to matter: `Kind/field` and value. */
  readonly beside?: readonly [field: string, value: Json];
}

/** The field is in the bundle of a gateway, in a row of a console, or a finding judges it. */
type Shows = 'bundle' | 'row' | FindingCode;
const shown = (shows: Shows, value: Json | undefined, more: Omit<Change, 'value'> = {}) => ({ shows, value, ...more });
/** A stage that no world of this test has reads it: this file does. */
const read = (file: string) => ({ file });
/** It tells people something; files and diffs show it. */
const PEOPLE = 'people';
/** Only one value is allowed. */
const ONE_VALUE = 'one value';

const rates = (path: string, value = 1) =>
  Object.fromEntries(
    ['requestsPerMinute', 'tokensPerMinute', 'concurrentRequests'].map((name) => [
      `${path}/${name}`,
      shown('bundle', value),
    ]),
  );
const LATER = '2026-11-01T00:00:00Z';
const OTHER_POLICY: JsonObject = { pack: { name: 'x', version: '1.0.0', enabled: true }, policies: { chain: [] } };

const TABLE: {
  readonly [field: string]: ReturnType<typeof shown> | ReturnType<typeof read> | typeof PEOPLE | typeof ONE_VALUE;
} = {
  'Credentials/tokens/*/token': shown('CREDENTIALS_UNKNOWN_TOKEN', 'nobody'),
  'Credentials/tokens/*/id': shown('bundle', 'acme2'),
  'Credentials/tokens/*/digest': shown('bundle', 'ab'.repeat(32)),
  'Credentials/tokens/*/notBefore': shown('bundle', '2026-02-01T00:00:00Z'),
  'Credentials/tokens/*/notAfter': shown('bundle', LATER),
  'Gateway/workload': PEOPLE,
  'Gateway/host': shown('ISO_I28_DEDICATED_HOST_SHARED', 'bravo-1'),
  'Gateway/listen': shown('ISO_I20_LISTEN_COLLISION', '10.0.0.1:41009', {
    beside: ['Gateway/host', 'bravo-1'],
  }),
  'Gateway/hostname': shown('ISO_I21_HOSTNAME_SHARED', 'ai.bravo.example'),
  'Gateway/region': shown('ISO_I30_REGION_OUTSIDE', 'ap-south'),
  'Gateway/policy': shown('bundle', 'spare'),
  'Gateway/teams/*': shown('bundle', 'other'),
  'Gateway/wallet': shown('bundle', 'main'),
  'Gateway/ring': shown('GATEWAY_RING_UNKNOWN', 'nowhere'),
  'Gateway/runtime/name': ONE_VALUE,
  'Gateway/runtime/version': shown('ISO_I58_RUNTIME_REFUSED', '0.9.0'),
  'Gateway/upstreams/*/id': shown('UPSTREAM_MISMATCH', 'elsewhere'),
  'Gateway/upstreams/*/account': shown('ISO_I13_UPSTREAM_ACCOUNT_SHARED', 'bravo-1'),
  'Gateway/upstreams/*/region': shown('ISO_I30_REGION_OUTSIDE', 'ap-south'),
  'Gateway/upstreams/*/secret/env': shown('UPSTREAM_MISMATCH', 'OTHER_KEY'),
  'Gateway/upstreams/*/secret/store': shown('ISO_I10_SECRET_OUTSIDE_ORG', 'bravo.kept'),
  'Gateway/sinks/*/name': shown('bundle', 'zzz'),
  'Gateway/sinks/*/url': shown('bundle', 'https://other.acme.example/'),
  'Gateway/sinks/*/secret/env': shown('bundle', 'OTHER'),
  'Gateway/sinks/*/secret/store': shown('bundle', 'acme/other'),
  'Gateway/egress/*': shown('GATEWAY_EGRESS', 'api.anthropic.com'),
  ...rates('Gateway/limits'),
  ...rates('Gateway/limits/perAddress'),
  'Gateway/limits/models/*/model': shown('bundle', 'gpt-4o'),
  ...rates('Gateway/limits/models/*/limits'),
  'Gateway/limits/bodyBytes': shown('bundle', 2048),
  'Organization/displayName': shown('ISO_I46_NAME_COLLISION', 'bravo'),
  'Organization/uid': shown('ISO_I15_SHARED_UID', 'bravo000000000000000'),
  'Organization/isolation': shown('ISO_I29_NO_CEILING', 'shared', { beside: ['Gateway/limits', {}] }),
  'Organization/owners/*': read('src/flows/owners.ts'),
  'Organization/domains/*': shown('ISO_I17_DOMAIN_SHARED', 'bravo.example'),
  'Organization/regions/*': shown('ISO_I30_REGION_OUTSIDE', 'ap-south'),
  'Organization/template': read('src/core/render/generate.ts'),
  'Organization/inputs': read('src/core/render/generate.ts'),
  'Organization/retired': shown('RETIRED_ORG_LIVE', '2026-03-01T00:00:00Z'),
  'Organization/onExpired': shown('bundle', 'keep-serving'),
  'Policy/document': shown('bundle', OTHER_POLICY),
  'PriceBook/currency': shown('bundle', 'USD'),
  'PriceBook/source': PEOPLE,
  'PriceBook/entries/*/model': shown('bundle', 'gpt-4o'),
  'PriceBook/entries/*/from': shown('bundle', '2026-02-01T00:00:00Z'),
  'PriceBook/entries/*/inputPerMillion': shown('bundle', '9'),
  'PriceBook/entries/*/outputPerMillion': shown('bundle', '9'),
  'Review/queue': shown('bundle', 'zzz'),
  'Review/reviewers/teams/*': read('src/flows/control/escalations.ts'),
  'Review/slaMinutes': shown('bundle', 61),
  'Review/notifications/*/kind': shown('REVIEW_CHANNEL', 'email'),
  'Review/notifications/*/to': shown('ISO_I31_CHANNEL_SHARED', 'https://hooks.bravo.example/'),
  'Review/notifications/*/secretEnv': shown('ISO_I08_SHARED_SECRET_REF', 'BRAVO_HOOK'),
  'Review/onTimeout': read('src/flows/control/escalate.ts'),
  'Team/displayName': shown('row', 'x'),
  'Team/leads/*': shown('row', 'x@acme.example'),
  'Team/members/*': shown('row', 'x@acme.example'),
  'Team/delegation/mayManageTokens': shown('row', true),
  'Team/delegation/mayAdjustWallets': shown('row', true),
  ...rates('Team/limits'),
  'Team/wallet': shown('row', 'main'),
  'Token/displayName': shown('row', 'x'),
  'Token/owner': shown('ISO_I03_OWNER_OF_ANOTHER_ORG', 'x@bravo.example'),
  'Token/team': shown('bundle', 'other'),
  'Token/wallet': shown('bundle', 'main'),
  'Token/gateways/*': shown('bundle', 'nowhere'),
  'Token/scopes/*': shown('bundle', 'models'),
  'Token/models/*': shown('bundle', 'gpt-4o'),
  'Token/paths/*': shown('bundle', '/v1/responses'),
  'Token/addresses/*': shown('bundle', '192.0.3.0/24'),
  ...rates('Token/limits'),
  'Token/role': shown('bundle', 'x'),
  'Token/expires': shown('bundle', LATER),
  'Token/rotationOverlapHours': read('src/flows/tokens.ts'),
  'Wallet/scope': shown('bundle', 'user', { name: 'team' }),
  'Wallet/team': shown('row', 'other', { name: 'team' }),
  'Wallet/user': shown('row', 'ben@acme.example', { name: 'person' }),
  'Wallet/parent': shown('bundle', 'main', { name: 'person' }),
  'Wallet/currency': shown('bundle', 'USD'),
  'Wallet/limit': shown('bundle', '6', { name: 'person' }),
  'Wallet/period/kind': shown('bundle', 'day', { name: 'team' }),
  'Wallet/period/timeZone': shown('bundle', 'UTC', { name: 'team' }),
  'Wallet/period/anchorDay': shown('bundle', 3, { name: 'team' }),
  'Wallet/thresholds/*': shown('bundle', 51, { name: 'team' }),
  'Wallet/whenExhausted': shown('bundle', 'allow', { name: 'team' }),
  'Wallet/paymentRule': shown('bundle', 'first-that-can-pay', { name: 'team' }),
  // Of the kinds that no org has at run time, those that no program reads.
  'Fleet/displayName': PEOPLE,
  'Fleet/staff/*/displayName': PEOPLE,
  'Template/displayName': PEOPLE,
  'Template/changelog/*': PEOPLE,
};

const isOfOrg = (field: string): boolean => ORG_KINDS.includes(field.split('/')[0] ?? '');
const shownHere = Object.entries(TABLE).flatMap(([field, how]) =>
  typeof how === 'object' && 'shows' in how ? [[field, how] as const] : [],
);
const PRICES: JsonObject = {
  ...{ currency: 'EUR', source: 'the provider' },
  entries: [{ model: 'gpt-4o-mini', from: '2026-01-01T00:00:00Z', inputPerMillion: '1', outputPerMillion: '2' }],
};

/** What shows when a field has another value. */
function seenWith(field: string, { value, name }: Change, world = worldOf('acme')): Promise<Seen> {
  const [kind = '', ...steps] = field.split('/');
  // Of two that differ in how they name their secret, the second names it so.
  const first = field.endsWith('/store') ? '1' : '0';
  const pointer = `/${steps.map((step) => (step === '*' ? first : step)).join('/')}`;
  if (kind === 'PriceBook') return seenOf('acme', world, withValue(PRICES, pointer, value));
  return seenOf('acme', changed(world, { kind: kind as Kind, name }, pointer, value), PRICES);
}

describe('every field of every manifest', () => {
  let base: Seen;
  beforeAll(async () => {
    base = await seenOf('acme', worldOf('acme'), PRICES);
  });

  test('is of a kind that is shown here, where templates make it', () => {
    const made = descriptors.filter(({ origin }) => origin === 'generated').map(({ kind }) => kind);
    expect(made.filter((kind) => !ORG_KINDS.includes(kind))).toEqual([]);
  });

  test('of an org has its line here, and no line is about a field that is not there', () => {
    const fields = new Set(FIELDS);
    expect(FIELDS.filter((field) => isOfOrg(field) && TABLE[field] === undefined)).toEqual([]);
    expect(Object.keys(TABLE).filter((field) => !fields.has(field))).toEqual([]);
  });

  test('begins with a world in order', () => {
    expect([...base.findings]).toEqual([]);
  });

  test.each(shownHere)('%s shows', async (field, how) => {
    const { beside } = how;
    const world = beside === undefined ? worldOf('acme') : besides(beside);
    const before = beside === undefined ? base : await seenOf('acme', world, PRICES);
    const after = await seenWith(field, how, world);
    if (how.shows === 'bundle') expect(after.bundle).not.toBe(before.bundle);
    else if (how.shows === 'row') expect(after.rows).not.toBe(before.rows);
    else {
      const of = ({ findings }: Seen) => [...findings].filter((text) => text.startsWith(`${how.shows} acme`)).sort();
      expect(of(after)).not.toEqual(of(before));
    }
  });

  test('that is read elsewhere is read there, and of the kinds without an org somewhere', () => {
    const sources = sourcesOf('src')
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    const lastWord = (field: string) =>
      field
        .split('/')
        .filter((step) => step !== '*')
        .at(-1) ?? '';
    const isReadIn = (text: string, field: string) => new RegExp(`\\b${lastWord(field)}\\b`).test(text);
    for (const [field, how] of Object.entries(TABLE)) {
      if (typeof how === 'object' && 'file' in how)
        expect([field, isReadIn(readFileSync(how.file, 'utf8'), field)]).toEqual([field, true]);
    }
    const others = FIELDS.filter((field) => !isOfOrg(field) && TABLE[field] === undefined);
    expect(others.length).toBeGreaterThan(80);
    expect(others.filter((field) => !isReadIn(sources, field))).toEqual([]);
  });
});

function besides([field, value]: readonly [string, Json]): ReturnType<typeof worldOf> {
  const [kind = '', ...steps] = field.split('/');
  return changed(worldOf('acme'), { kind: kind as Kind, name: undefined }, `/${steps.join('/')}`, value);
}

/** Programs alone: no schema, no generated type, no words of findings, no test. */
function sourcesOf(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['generated', 'schemas', 'codes'].includes(entry.name) ? [] : sourcesOf(path);
    return /\.ts$/.test(path) && !/\.(test|testkit)\.ts$/.test(path) ? [path] : [];
  });
}
