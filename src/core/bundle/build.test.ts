import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import { emit } from '../kinds/index.ts';
import {
  type Bundle,
  type BundleData,
  contentDigestOf,
  type DesiredObject,
  type DesiredOrg,
  type JsonObject,
  type Kind,
  type OrgSlug,
  type OrgUid,
  type RepoPath,
} from '../model/index.ts';
import { type BundleInput, buildBundle, DEFAULT_BUNDLE_LIMITS, gatewayNames, packBundle, readBundle } from './index.ts';

const DIGEST = 'ab'.repeat(32);
const UID = 'aaaabbbbccccddddeeee' as OrgUid;
const UNTIL = '2027-01-31T00:00:00Z';

function object(kind: Kind, name: string, spec: JsonObject, environment: string | null = null): DesiredObject {
  const metadata = environment === null ? { org: 'acme', name } : { org: 'acme', name, environment };
  const document = { apiVersion: 'tenantry/v1', kind, metadata, spec };
  const text = JSON.stringify(document);
  const path = `orgs/acme/${kind}/${name}.yaml` as RepoPath;
  return { id: { kind, environment, name }, path, origin: 'generated', document, text, digest: nodeHash.sha256(text) };
}

const wallet = (name: string, change: JsonObject = {}): DesiredObject =>
  object('Wallet', name, {
    scope: 'team',
    team: 'support',
    user: 'ana@acme.example',
    currency: 'EUR',
    limit: '500.10',
    period: { kind: 'month', timeZone: 'Europe/Berlin', anchorDay: 1 },
    thresholds: [90, 50],
    whenExhausted: 'block',
    ...change,
  });

const token = (name: string, change: JsonObject = {}): DesiredObject =>
  object('Token', name, {
    owner: 'ana@acme.example',
    team: 'support',
    gateways: ['desk'],
    scopes: ['models', 'chat', 'console'],
    expires: UNTIL,
    rotationOverlapHours: 24,
    ...change,
  });

const gateway = (name: string, change: JsonObject = {}): DesiredObject =>
  object(
    'Gateway',
    name,
    {
      workload: 'support',
      host: 'edge-1',
      listen: '127.0.0.1:41002',
      region: 'eu-central',
      policy: 'baseline',
      teams: ['support', 'care'],
      wallet: 'main',
      ring: 'pilot',
      runtime: { name: 'tenantry-gateway', version: '1.0.0' },
      upstreams: [{ id: 'openai', account: 'account-77', region: 'eu', secret: { env: 'OPENAI_API_KEY' } }],
      egress: [],
      limits: { requestsPerMinute: 600 },
      ...change,
    },
    'production',
  );

const document: JsonObject = {
  pack: { name: 'baseline', version: '1.2.0+0123456789ab', enabled: true },
  policies: { chain: ['prompt-injection'] },
  providers: {
    targets: [
      { id: 'openai', provider: 'openai:chat:gpt-4o' },
      {
        id: 'many',
        provider: 'anthropic',
        model: 'claude',
        models: [{ model_id: 'meta/llama-3', aliases: ['llama'] }],
      },
    ],
  },
};

const OBJECTS: readonly DesiredObject[] = [
  object('Organization', 'acme', { displayName: 'Acme', uid: UID, isolation: 'dedicated' }),
  object('Team', 'support', { displayName: 'Support', leads: ['ana@acme.example'], members: ['ben@acme.example'] }),
  object('Policy', 'baseline', { document }, 'production'),
  object('Policy', 'baseline', { document: { pack: { name: 'other', version: '1.0.0', enabled: true } } }, 'staging'),
  gateway('desk'),
  gateway('lab', { wallet: 'lab', teams: ['lab'] }),
  wallet('main'),
  wallet('support', { parent: 'main', limit: '0.000001', paymentRule: 'all-must-pass' }),
  wallet('lab'),
  token('ci', { wallet: 'support', models: ['gpt-4o', 'claude'], role: 'agent' }),
  token('plain'),
  token('lab-only', { gateways: ['lab'] }),
  token('console-only', { scopes: ['console'] }),
  object('Credentials', 'credentials', {
    tokens: [
      { token: 'ci', id: 'zzzz', digest: DIGEST, notBefore: '2026-01-01T00:00:00Z', notAfter: UNTIL },
      { token: 'ci', id: 'aaaa', digest: DIGEST, notBefore: '2026-01-01T00:00:00Z', notAfter: UNTIL },
      { token: 'lab-only', id: 'llll', digest: DIGEST, notBefore: '2026-01-01T00:00:00Z', notAfter: UNTIL },
    ],
  }),
  object('Review', 'care', {
    queue: 'care',
    reviewers: { teams: ['care'] },
    slaMinutes: 60,
    notifications: [{ kind: 'email', to: 'ana@acme.example' }],
    onTimeout: 'deny',
  }),
];

const PRICES: JsonObject = {
  currency: 'EUR',
  source: 'the provider',
  entries: [
    { model: 'gpt-4o', from: '2026-06-01T00:00:00Z', inputPerMillion: '2.50', outputPerMillion: '10' },
    { model: 'gpt-4o', from: '2026-01-01T00:00:00Z', inputPerMillion: '5', outputPerMillion: '15' },
    { model: 'llama', from: '2026-01-01T00:00:00Z', inputPerMillion: '0.1', outputPerMillion: '0.2' },
    { model: 'unused', from: '2026-01-01T00:00:00Z', inputPerMillion: '1', outputPerMillion: '1' },
  ],
};

function desired(objects: readonly DesiredObject[] = OBJECTS): DesiredOrg {
  return { org: 'acme' as OrgSlug, uid: UID, objects, contentDigest: contentDigestOf(objects, nodeHash) };
}

const build = (objects: readonly DesiredObject[] = OBJECTS, change: Partial<BundleInput> = {}) =>
  buildBundle(
    { fleet: 'example', desired: desired(objects), gateway: 'desk', prices: PRICES, onExpired: 'block', ...change },
    nodeHash,
  );

function built(objects: readonly DesiredObject[] = OBJECTS, change: Partial<BundleInput> = {}): Bundle {
  const result = build(objects, change);
  if (!result.ok) throw new Error(JSON.stringify(result.findings));
  return result.value;
}

function dataOf(bundle: Bundle): BundleData {
  return JSON.parse(new TextDecoder().decode(bundle.files.get('data.json'))) as BundleData;
}

const replaced = (kind: Kind, name: string, by: DesiredObject): readonly DesiredObject[] =>
  OBJECTS.map((each) => (each.id.kind === kind && each.id.name === name ? by : each));

describe('buildBundle', () => {
  it('holds what the gateway needs', () => {
    const data = dataOf(built());
    expect(data).toEqual({
      org: 'acme',
      teams: [{ name: 'care' }, { name: 'support' }],
      tokens: [
        {
          name: 'ci',
          team: 'support',
          wallet: 'support',
          scopes: ['chat', 'models'],
          models: ['claude', 'gpt-4o'],
          role: 'agent',
          notAfterMs: Date.parse(UNTIL),
          credentials: ['aaaa', 'zzzz'].map((id) => ({
            id,
            digest: DIGEST,
            notBeforeMs: Date.parse('2026-01-01T00:00:00Z'),
            notAfterMs: Date.parse(UNTIL),
          })),
        },
        {
          name: 'plain',
          team: 'support',
          wallet: 'main',
          scopes: ['chat', 'models'],
          models: null,
          role: null,
          notAfterMs: Date.parse(UNTIL),
          credentials: [],
        },
      ],
      wallets: [
        {
          name: 'main',
          scope: 'team',
          parent: null,
          currency: 'EUR',
          limitMicros: 500_100_000,
          period: { kind: 'month', timeZone: 'Europe/Berlin', anchorDay: 1 },
          thresholds: [50, 90],
          whenExhausted: 'block',
          paymentRule: 'first-that-can-pay',
        },
        {
          name: 'support',
          scope: 'team',
          parent: 'main',
          currency: 'EUR',
          limitMicros: 1,
          period: { kind: 'month', timeZone: 'Europe/Berlin', anchorDay: 1 },
          thresholds: [50, 90],
          whenExhausted: 'block',
          paymentRule: 'all-must-pass',
        },
      ],
      prices: [
        {
          model: 'gpt-4o',
          fromMs: Date.parse('2026-01-01T00:00:00Z'),
          currency: 'EUR',
          inputMicrosPerMillion: 5_000_000,
          outputMicrosPerMillion: 15_000_000,
        },
        {
          model: 'gpt-4o',
          fromMs: Date.parse('2026-06-01T00:00:00Z'),
          currency: 'EUR',
          inputMicrosPerMillion: 2_500_000,
          outputMicrosPerMillion: 10_000_000,
        },
        {
          model: 'llama',
          fromMs: Date.parse('2026-01-01T00:00:00Z'),
          currency: 'EUR',
          inputMicrosPerMillion: 100_000,
          outputMicrosPerMillion: 200_000,
        },
      ],
      reviews: [{ name: 'care', queue: 'care', slaMinutes: 60 }],
      limits: { requestsPerMinute: 600, concurrentRequests: null, bodyBytes: 4_194_304 },
      onExpired: 'block',
    });
  });

  it('has the sinks of its gateway, by name, and of a gateway without sinks no word', () => {
    const sinks = [
      { name: 'siem', url: 'https://logs.acme.example/x', secret: { store: 'acme/siem' } },
      { name: 'cold', url: 'https://cold.acme.example/' },
    ];
    const bundle = built(replaced('Gateway', 'desk', gateway('desk', { sinks })));
    expect(dataOf(bundle).sinks).toEqual([sinks[1], sinks[0]]);
    expect(readBundle(packBundle(bundle), DEFAULT_BUNDLE_LIMITS, nodeHash)).toMatchObject({ ok: true });
    expect(dataOf(built())).not.toHaveProperty('sinks');
  });

  it('is what its reader accepts, with the policy in the one emitted form and without a digest in its version', () => {
    const bundle = built();
    const read = readBundle(packBundle(bundle), DEFAULT_BUNDLE_LIMITS, nodeHash);
    const plain = { ...document, pack: { name: 'baseline', version: '1.2.0', enabled: true } };
    expect(read).toMatchObject({
      ok: true,
      value: {
        header: {
          format: 'tenantry/bundle/v1',
          fleet: 'example',
          orgUid: UID,
          gateway: 'desk',
          environment: 'production',
        },
        policyText: emit(plain),
        contentDigest: bundle.contentDigest,
      },
    });
  });

  it('holds no address, no account, no secret reference, nothing of other gateways', () => {
    const text = [...built().files.values()].map((bytes) => new TextDecoder().decode(bytes)).join('\n');
    for (const word of [
      '@',
      'ana',
      'ben',
      'account-77',
      'OPENAI_API_KEY',
      'lab',
      'console',
      'edge-1',
      '41002',
      'unused',
    ]) {
      expect(text, word).not.toContain(word);
    }
  });

  it('is the same whatever the order of the objects and whatever changes elsewhere', () => {
    const { contentDigest } = built();
    fc.assert(
      fc.property(fc.shuffledSubarray([...OBJECTS], { minLength: OBJECTS.length }), (objects) => {
        expect(built(objects).contentDigest).toBe(contentDigest);
      }),
      { numRuns: 20 },
    );
    expect(built(replaced('Wallet', 'lab', wallet('lab', { limit: '1' }))).contentDigest).toBe(contentDigest);
    expect(built(replaced('Gateway', 'lab', gateway('lab', { teams: ['x'] }))).contentDigest).toBe(contentDigest);
    expect(built(replaced('Wallet', 'main', wallet('main', { limit: '1' }))).contentDigest).not.toBe(contentDigest);
    expect(built(OBJECTS, { fleet: 'other' }).contentDigest).not.toBe(contentDigest);
  });

  it("the org's word on expiry goes before the fleet's", () => {
    expect(dataOf(built(OBJECTS, { onExpired: 'keep-serving' })).onExpired).toBe('keep-serving');
    const org = object('Organization', 'acme', { displayName: 'Acme', uid: UID, onExpired: 'keep-serving' });
    expect(dataOf(built(replaced('Organization', 'acme', org))).onExpired).toBe('keep-serving');
  });

  it('does without prices and wallets', () => {
    const objects = replaced('Gateway', 'desk', gateway('desk', { wallet: undefined as never })).filter(
      (each) => each.id.kind !== 'Token',
    );
    const data = dataOf(built(objects, { prices: null }));
    expect(data).toMatchObject({ wallets: [], prices: [], tokens: [] });
  });

  it.each([
    ['no such gateway', 'Gateway/nobody', OBJECTS, { gateway: 'nobody' }],
    [
      'no such policy',
      'Policy/production/baseline',
      OBJECTS.filter((each) => each.id.environment !== 'production' || each.id.kind !== 'Policy'),
      {},
    ],
    [
      'no such wallet',
      'Wallet/support',
      OBJECTS.filter((each) => each.id.name !== 'support' || each.id.kind !== 'Wallet'),
      {},
    ],
    ['no such parent', 'Wallet/main', OBJECTS.filter((each) => each.id.name !== 'main'), {}],
  ] as const)('%s: a finding that names it', (_, expected, objects, change) => {
    expect(build(objects, change)).toMatchObject({
      ok: false,
      findings: [{ code: 'BUNDLE_REFERENCE', org: 'acme', expected }],
    });
  });

  it.each([
    ['a limit', replaced('Wallet', 'main', wallet('main', { limit: '1e9' })), {}],
    ['an expiry', replaced('Token', 'ci', token('ci', { expires: 'soon' })), {}],
    [
      'a price',
      OBJECTS,
      {
        prices: {
          ...PRICES,
          entries: [{ model: 'gpt-4o', from: UNTIL, inputPerMillion: '-1', outputPerMillion: '1' }],
        },
      },
    ],
  ] as const)('%s that cannot be used: a finding at its object', (_, objects, change) => {
    expect(build(objects, change)).toMatchObject({ ok: false, findings: [{ code: 'BUNDLE_VALUE', org: 'acme' }] });
  });

  it('wallets in a circle come to an end', () => {
    const objects = replaced('Wallet', 'main', wallet('main', { parent: 'support' }));
    expect(dataOf(built(objects)).wallets.map((each) => each.name)).toEqual(['main', 'support']);
  });

  it('holds limits and what bounds a token, sorted, and says nothing of what no manifest says', () => {
    const limits = { requestsPerMinute: 1, tokensPerMinute: 2, concurrentRequests: 3 };
    const models = ['gpt-4o', 'claude'].map((model) => ({ model, limits }));
    const desk = gateway('desk', { limits: { tokensPerMinute: 4, perAddress: limits, models } });
    const ci = token('ci', { paths: ['/v1/models', '/v1/embeddings'], addresses: ['10.0.0.0/8', '::1'], limits });
    const team = object('Team', 'support', { displayName: 'Support', leads: [], members: [], limits });
    const rest = OBJECTS.filter(({ id }) => id.kind !== 'Team' && id.name !== 'desk' && id.name !== 'ci');
    const data = dataOf(built([...rest, desk, ci, team]));
    expect(data.limits).toMatchObject({ tokensPerMinute: 4, perAddress: limits, models: models.toReversed() });
    expect(data.teams).toContainEqual({ name: 'support', limits });
    expect(data.tokens.find(({ name }) => name === 'ci')).toMatchObject({
      paths: ['/v1/embeddings', '/v1/models'],
      addresses: ['10.0.0.0/8', '::1'],
      limits,
    });
    const plain = dataOf(built(OBJECTS));
    expect(Object.keys(plain.limits)).toEqual(['bodyBytes', 'concurrentRequests', 'requestsPerMinute']);
    expect(plain.tokens.flatMap((item) => Object.keys(item))).not.toContain('addresses');
  });

  it('lists the gateways of an org', () => {
    expect(gatewayNames(desired())).toEqual(['desk', 'lab']);
  });
});
