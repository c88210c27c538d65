import { describe, expect, test } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import type { Json, JsonObject, ObjectSide, OrgDiff, OrgSlug } from '../model/index.ts';
import { diffOrg, type OrgDiffInput } from './index.ts';
import { objectOf, orgObjects, wholeOrg } from './objects.testkit.ts';

const acme = 'acme' as OrgSlug;
const make = orgObjects('acme');

function diff(
  base: readonly ObjectSide[] | null,
  head: readonly ObjectSide[] | null,
  more: Partial<OrgDiffInput> = {},
) {
  return diffOrg({ org: acme, base, head, limits: null, ...more }, nodeHash);
}

const words = (result: OrgDiff) => result.changes.flatMap((change) => change.fields.map((field) => field.words));
const steps = (result: OrgDiff) => result.changes.map((change) => `${change.kind} ${change.key}`);

describe('words of one changed field', () => {
  const terms = (term: Json): ObjectSide => make.policy('p', { term });
  const chain = (...entries: JsonObject[]): ObjectSide => make.policy('p', { policies: { chain: entries } });
  const cases: readonly [string, ObjectSide, ObjectSide, readonly string[]][] = [
    [
      'money with its share',
      make.wallet('main'),
      make.wallet('main', { limit: '800' }),
      ['monthly limit 500 -> 800 EUR (+60 %)'],
    ],
    [
      'money of two currencies',
      make.wallet('main'),
      make.wallet('main', { currency: 'USD', limit: '800' }),
      ['currency EUR -> USD', 'monthly limit 500 EUR -> 800 USD'],
    ],
    [
      'a small share',
      make.wallet('main'),
      make.wallet('main', { limit: '487.5' }),
      ['monthly limit 500 -> 487.5 EUR (-2.5 %)'],
    ],
    [
      'an integer',
      make.token('ci'),
      make.token('ci', { rotationOverlapHours: 48 }),
      ['rotation overlap in hours 24 -> 48 (+100 %)'],
    ],
    [
      'a member that comes',
      make.team('support'),
      make.team('support', { members: ['ana@acme.example', 'ben@acme.example'] }),
      ['member ben@acme.example added'],
    ],
    [
      'a member that goes',
      make.team('support'),
      make.team('support', { members: [] }),
      ['member ana@acme.example removed'],
    ],
    [
      'a right that is granted',
      make.token('ci', { gateways: [] }),
      make.token('ci'),
      ['may now call gateway support-production'],
    ],
    [
      'a right that is taken',
      make.token('ci'),
      make.token('ci', { gateways: [] }),
      ['may no longer call gateway support-production'],
    ],
    ['a field that comes', make.token('ci'), make.token('ci', { wallet: 'main' }), ['wallet set to main']],
    ['a field that goes', make.token('ci', { wallet: 'main' }), make.token('ci'), ['wallet main removed']],
    [
      'a bound that comes',
      make.token('ci'),
      make.token('ci', { models: ['b', 'a'] }),
      ['may now ask only for models a, b'],
    ],
    [
      'a bound that goes',
      make.token('ci', { models: ['a'] }),
      make.token('ci'),
      ['may now ask for every model, no longer only for a'],
    ],
    [
      'networks that come',
      make.token('ci'),
      make.token('ci', { addresses: ['10.0.0.0/8'] }),
      ['may now call only from 10.0.0.0/8'],
    ],
    [
      'a network that comes, and one that goes',
      make.token('ci', { addresses: ['10.0.0.0/8'] }),
      make.token('ci', { addresses: ['192.0.2.0/24'] }),
      ['may no longer call from 10.0.0.0/8', 'may now call from 192.0.2.0/24'],
    ],
    [
      'paths that go',
      make.token('ci', { paths: ['/v1/models'] }),
      make.token('ci'),
      ['may now call every path, no longer only /v1/models'],
    ],
    [
      'a model that is taken',
      make.token('ci', { models: ['gpt-4o', 'gpt-4o-mini'] }),
      make.token('ci', { models: ['gpt-4o-mini'] }),
      ['may no longer ask for model gpt-4o'],
    ],
    [
      'an object that comes in a policy',
      make.policy('p', {}),
      make.policy('p', { limit: { max: 60, window: 60, by: { header: 'x' } } }),
      ['limit set to max 60, window 60, by (header x)'],
    ],
    [
      'a group of fields',
      make.wallet('main'),
      make.wallet('main', { period: { kind: 'week', timeZone: 'Europe/Berlin', anchorDay: 1 } }),
      ['period month -> week'],
    ],
    [
      'template inputs',
      make.organization({ inputs: { limits: { month: 5 } } }),
      make.organization({ inputs: { limits: { month: 10 } } }),
      ['inputs.limits.month 5 -> 10 (+100 %)'],
    ],
    [
      'a policy chain',
      make.policy('p', { policies: { chain: ['pii-detector', 'audit-logger'] } }),
      make.policy('p', { policies: { chain: ['pii-detector', 'dlp-filter', 'audit-logger'] } }),
      ['policies.chain: dlp-filter added as 2 of 3'],
    ],
    [
      'a policy chain in another order',
      make.policy('p', { policies: { chain: ['pii-detector', 'audit-logger'] } }),
      make.policy('p', { policies: { chain: ['audit-logger', 'pii-detector'] } }),
      ['order of policies.chain pii-detector, audit-logger -> audit-logger, pii-detector'],
    ],
    [
      'an entry of a keyed list',
      make.gateway('g', { upstreams: [{ id: 'openai', account: 'acct-1', region: 'eu', secret: { env: 'KEY' } }] }),
      make.gateway('g', { upstreams: [{ id: 'openai', account: 'acct-1', region: 'us', secret: { env: 'KEY' } }] }),
      ['upstreams openai region eu -> us'],
    ],
    [
      'an entry of a keyed list that comes',
      make.gateway('g'),
      make.gateway('g', { sinks: [{ name: 'log', url: 'https://evil.example/x', secret: { env: 'KEY' } }] }),
      ['sinks set to log (url https://evil.example/x, secret (not shown))'],
    ],
    [
      'one more entry of a keyed list',
      make.gateway('g', { sinks: [{ name: 'a', url: 'https://a.example' }] }),
      make.gateway('g', {
        sinks: [
          { name: 'a', url: 'https://a.example' },
          { name: 'b', url: 'https://b.example' },
        ],
      }),
      ['sink b added: url https://b.example'],
    ],
    [
      'entries of a chain that have settings',
      chain({ 'dlp-filter': { when: { path: '/v1/' } } }, { rbac: {} }),
      chain({ 'dlp-filter': { when: { path: '/zzz' } } }, { rbac: {} }),
      [
        'policies.chain: {"dlp-filter":{"when":{"path":"/zzz"}}} added, {"dlp-filter":{"when":{"path":"/v1/"}}} removed',
      ],
    ],
    [
      'long texts that differ at the end',
      terms(`${'x'.repeat(200)}one`),
      terms(`${'x'.repeat(200)}two`),
      [`term …${'x'.repeat(20)}one -> …${'x'.repeat(20)}two`],
    ],
    [
      'long texts that differ in the middle',
      terms(`${'x'.repeat(200)}1${'y'.repeat(200)}`),
      terms(`${'x'.repeat(200)}2${'y'.repeat(200)}`),
      [`term …${'x'.repeat(20)}1${'y'.repeat(58)}… -> …${'x'.repeat(20)}2${'y'.repeat(58)}…`],
    ],
    ['a text that is cut in no emoji', terms('a'), terms(`${'x'.repeat(78)}😀y`), [`term a -> ${'x'.repeat(78)}…`]],
    [
      'long entries of a list that differ at the end',
      terms([`${'x'.repeat(200)}1`, 'b']),
      terms([`${'x'.repeat(200)}2`, 'b']),
      [`term: …${'x'.repeat(20)}2 added, …${'x'.repeat(20)}1 removed`],
    ],
    [
      'entries that are cut alike, told in full',
      terms([`a${'x'.repeat(200)}1`, `b${'x'.repeat(200)}1`]),
      terms([`a${'x'.repeat(200)}2`, `b${'x'.repeat(200)}2`]),
      [
        `term: "a${'x'.repeat(200)}2", "b${'x'.repeat(200)}2" added, "a${'x'.repeat(200)}1", "b${'x'.repeat(200)}1" removed`,
      ],
    ],
    ['a text that was a number', terms(1), terms('1'), ['term 1 -> "1"']],
    ['an entry that was a number', terms([1]), terms(['1']), ['term: "1" added, 1 removed']],
    ['a text that was an object', terms({ a: true }), terms('a'), ['term {"a":true} -> a']],
    ['a character that is not seen', terms('abc'), terms('ab\u200bc'), ['term abc -> "ab\\u{200b}c"']],
    ['a filler that counts as a letter', terms('a'), terms('a\u3164'), ['term a -> "a\\u{3164}"']],
    ['a variation', terms('⚠'), terms('⚠\ufe0f'), ['term "⚠" -> "⚠\\u{fe0f}"']],
    ['a blank of another kind', terms('a b'), terms('a\u00a0b'), ['term "a b" -> "a\\u{a0}b"']],
    ['an escape that was written out', terms('a\u200b'), terms('a\\u{200b}'), ['term "a\\u{200b}" -> "a\\\\u{200b}"']],
    [
      'a key that is not seen',
      terms({ ab: 1 }),
      terms({ 'a\u200bb': 1 }),
      ['term.ab 1 removed', 'term.a\\u{200b}b set to 1'],
    ],
    [
      'an order whose difference is far behind',
      terms([1, 2, 3, 4, 5, 6, 7, 8, 9]),
      terms([1, 2, 3, 4, 5, 6, 7, 9, 8]),
      ['term: order …, 7, 8, 9 -> …, 7, 9, 8'],
    ],
    [
      'more fields than there is room for',
      make.policy('p', {}),
      terms(Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`f${at}`, 'x'.repeat(70)]))),
      [`term set to ${[0, 1, 2].map((at) => `f${at} ${'x'.repeat(70)}`).join(', ')} and 6 more`],
    ],
  ];

  test.each(cases)('%s', (_, before, after, expected) => {
    expect(words(diff([before], [after]))).toEqual(expected);
  });

  test('the key of several fields is shown as they are, one of a single field too where it looks escaped', () => {
    const to = 'https://hooks.acme.example/~desk/reviews';
    const mail = { kind: 'email', to: 'desk@acme.example' };
    const told = (...entries: JsonObject[]) => make.review('default', { notifications: entries });
    const hook = { kind: 'webhook', to, secretEnv: 'WEBHOOK_ACME' };
    expect(words(diff([told(mail)], [told(mail, hook)]))[0]).toMatch(`notification webhook/${to} added`);
    const other = { ...hook, secretEnv: 'WEBHOOK_B' };
    expect(words(diff([told(mail, hook)], [told(mail, other)]))).toEqual([expect.stringContaining(`webhook/${to} `)]);
    expect(words(diff(null, [told(mail, hook)])).join('\n')).toContain(`, webhook/${to} (`);
    const prices = (inputPerMillion: string) =>
      objectOf(
        '_fleet',
        { kind: 'PriceBook', environment: null, name: 'list' },
        {
          currency: 'USD',
          entries: [{ model: 'meta/llama-3', from: '2025-01-01T00:00:00Z', inputPerMillion, outputPerMillion: '1' }],
        },
      );
    expect(words(diff([prices('1')], [prices('2')]))).toEqual([expect.stringContaining('meta/llama-3/2025-01-01')]);
    const paths = (...entries: string[]) => make.token('ci', { paths: entries });
    expect(words(diff([paths('/v1/models')], [paths('/v1/models', '/mcp/a~1b')]))).toEqual([
      'may now call path /mcp/a~1b',
    ]);
  });

  test('long and odd values are cut and quoted, on one line', () => {
    const [line = ''] = words(
      diff([make.team('t', { displayName: 'a\nb' })], [make.team('t', { displayName: 'x'.repeat(500) })]),
    );
    expect(line).toMatch(/^display name "a\\nb" -> x{79}…$/);
  });
});

describe('changes', () => {
  test('equal objects are not looked at', () => {
    const looked: string[] = [];
    const head = wholeOrg('acme').map((side) =>
      side.id.kind === 'Wallet' ? make.wallet('main', { limit: '800' }) : side,
    );
    const result = diff(wholeOrg('acme'), head, { onCompare: (key) => looked.push(key) });
    expect(looked).toEqual(['Wallet/main']);
    expect(steps(result)).toEqual(['update Wallet/main']);
    diff(wholeOrg('acme'), wholeOrg('acme'), { onCompare: (key) => looked.push(key) });
    expect(looked).toHaveLength(1);
  });

  test('what is referenced comes before what refers to it and goes after it', () => {
    const created = steps(diff(null, wholeOrg('acme')));
    expect(created[0]).toBe('create Organization/acme');
    const before = (a: string, b: string) =>
      expect(created.indexOf(`create ${a}`)).toBeLessThan(created.indexOf(`create ${b}`));
    before('Wallet/main', 'Gateway/production/support-production');
    before('Policy/production/support', 'Gateway/production/support-production');
    before('Gateway/production/support-production', 'Token/ci-deploy');
    before('Team/support', 'Review/default');
    const deleted = steps(diff(wholeOrg('acme'), null));
    expect(deleted).toEqual([...created].reverse().map((step) => step.replace('create', 'delete')));
  });

  test('a cycle of references is cut, the same way each time', () => {
    const sides = [make.wallet('w', { scope: 'team', team: 't' }), make.team('t', { wallet: 'w' })];
    expect(steps(diff(null, sides))).toEqual(steps(diff(null, [...sides].reverse())));
    expect(steps(diff(null, sides))).toHaveLength(2);
  });

  test('a rename is one change; two objects alike are not guessed at', () => {
    const renamed = diff([make.wallet('old')], [make.wallet('new')]);
    expect(renamed.changes).toMatchObject([{ kind: 'rename', key: 'Wallet/new', from: { name: 'old' } }]);
    expect(words(renamed)).toEqual(['renamed from old']);
    expect(steps(diff([make.wallet('old')], [make.wallet('new', { limit: '1' })]))).toEqual([
      'create Wallet/new',
      'delete Wallet/old',
    ]);
    expect(
      diff([make.wallet('a'), make.wallet('b')], [make.wallet('c')])
        .changes.map(({ kind }) => kind)
        .sort(),
    ).toEqual(['create', 'delete', 'delete']);
  });

  test('a created object is told by its main fields, money first', () => {
    const [limit, ...rest] = words(diff(null, [make.wallet('main')]));
    expect(limit).toBe('monthly limit 500 EUR');
    expect(rest).toContain('period month');
    expect(rest).toContain('thresholds 80');
  });

  test('the numbers of a set are told in their order, not in that of their texts', () => {
    const told = words(diff(null, [make.wallet('main', { thresholds: [100, 80, 9] })]));
    expect(told).toContain('thresholds 9, 80, 100');
  });

  test('a created object is told whatever order its fields are written in: all that opens, pays and decides', () => {
    const spec = Object.entries({
      ...{
        workload: 'w',
        host: 'h',
        listen: '10.0.0.1:1',
        region: 'eu',
        policy: 'support',
        teams: ['support'],
        ring: 'r',
      },
      ...{ runtime: { name: 'tenantry-gateway', version: '1.0.0' }, hostname: 'a.example', wallet: 'main' },
      upstreams: [{ id: 'openai', account: 'acct-1', region: 'eu', secret: { env: 'KEY' } }],
      limits: { requestsPerMinute: 9, models: [{ model: 'gpt', limits: { tokensPerMinute: 5 } }] },
      egress: ['evil.example'],
      sinks: [{ name: 'log', url: 'https://evil.example' }],
    } satisfies JsonObject);
    const told = (fields: typeof spec) => words(diff(null, [make.gateway('g', Object.fromEntries(fields))]));
    const first = told(spec);
    expect(told(spec.toReversed())).toEqual(first);
    expect(first).toEqual([
      'policy support',
      'wallet main',
      'egress evil.example',
      'limits of models gpt (limits (tokensPerMinute 5))',
      'sinks log (url https://evil.example)',
      'teams support',
      'upstreams openai (account acct-1, region eu, secret (not shown))',
      'requests per minute 9',
      'region eu',
      'host h',
      'hostname a.example',
      'listen address 10.0.0.1:1',
      'ring r',
      'runtime tenantry-gateway',
      'runtime version 1.0.0',
      'workload w',
    ]);
    expect(words(diff(null, [make.wallet('w', { whenExhausted: 'allow' })])).slice(0, 4)).toEqual([
      'monthly limit 500 EUR',
      'period month',
      'scope org',
      'behaviour when exhausted allow',
    ]);
    expect(words(diff(null, [make.token('t', { scopes: ['chat', 'console'] })]))).toContain('scopes chat, console');
  });

  test('a created policy is told by its chain and what it does, and how much more there is', () => {
    const document = {
      pack: { name: 'p', version: '1.0.0', enabled: false },
      consumer_groups: Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`a${at}`, at])),
      policies: { chain: ['rbac', { 'dlp-filter': { when: { path: '/v1/' } } }] },
      policy: { 'dlp-filter': { action: 'allow' }, 'prompt-injection': { response: { action: 'warn' } } },
    };
    const told = words(diff(null, [make.policy('p', document)]));
    expect(told.slice(0, 4)).toEqual([
      'policies.chain rbac, {"dlp-filter":{"when":{"path":"/v1/"}}}',
      'pack.enabled false',
      'policy.dlp-filter.action allow',
      'policy.prompt-injection.response.action warn',
    ]);
    expect(told.at(-1)).toBe('and 22 fields more');
    expect(told).toHaveLength(25);
  });

  test('the source of a changed value is what the lookup says, asked once and when it is looked at', () => {
    const place = { file: 'orgs/acme/org.yaml' as never, line: 7, column: 3 };
    const asked: string[] = [];
    const sourceOf: OrgDiffInput['sourceOf'] = (key, pointer) => {
      asked.push(`${key} ${pointer}`);
      return place;
    };
    const result = diff([make.wallet('main')], [make.wallet('main', { limit: '800' })], { sourceOf });
    expect(asked).toEqual([]);
    expect(result.changes[0]?.fields[0]?.source).toEqual(place);
    expect(result.changes[0]?.fields[0]?.source).toEqual(place);
    expect(asked).toEqual(['Wallet/main /spec/limit']);
  });

  test('the source of a list that lost an entry is asked for that entry, not for the order that follows from it', () => {
    const chain = (...kinds: readonly string[]) => [
      make.policy('p', { pack: { name: 'p', version: '1.0.0', enabled: true }, policies: { chain: [...kinds] } }),
    ];
    const asked: string[] = [];
    const sourceOf: OrgDiffInput['sourceOf'] = (_key, pointer) => {
      asked.push(pointer);
      return null;
    };
    const [change] = diff(chain('rbac', 'dlp-filter', 'audit-logger'), chain('rbac', 'audit-logger'), {
      sourceOf,
    }).changes;
    for (const field of change?.fields ?? []) expect(field.source).toBeNull();
    expect(asked).toEqual(['/spec/document/policies/chain/dlp-filter']);
  });
});

describe('sensitive values', () => {
  const secret = (store: string) => ({
    upstreams: [{ id: 'openai', account: 'acct-1', region: 'eu', secret: { store } }],
  });
  const planted = 'planted-Zx81-value';
  const overlay = (value: string) =>
    make.overlay('o', {
      target: { kind: 'Gateway', name: 'g', environment: 'production' },
      reason: 'because',
      patches: [
        {
          path: '/spec/upstreams/openai/secret',
          op: 'replace',
          value: { store: value },
          was: { store: `${value}-before` },
        },
        { path: '/spec/upstreams/openai', op: 'add', value: { account: 'a', region: 'eu', secret: { store: value } } },
      ],
    });

  const shown = (result: OrgDiff) =>
    JSON.stringify(result.changes.map(({ fields }) => fields)) + JSON.stringify(result.hazards);

  test.each<[string, readonly ObjectSide[] | null, readonly ObjectSide[] | null]>([
    ['changed', [make.gateway('g', secret('before'))], [make.gateway('g', secret(planted))]],
    ['changed away', [make.gateway('g', secret(planted))], [make.gateway('g', secret('after'))]],
    ['in an entry that comes', [make.gateway('g')], [make.gateway('g', secret(planted))]],
    ['in an object that comes', null, [make.gateway('g', secret(planted))]],
    ['in an object that goes', [make.gateway('g', secret(planted))], []],
    ['patched in by an overlay', [overlay('before')], [overlay(planted)]],
    ['in a new overlay', [], [overlay(planted)]],
    ['in an overlay that goes', [overlay(planted)], null],
  ])('%s', (_, base, head) => {
    const result = diff(base, head);
    expect(result.changes).not.toEqual([]);
    expect(shown(result)).not.toContain('planted');
  });

  test('text that looks like a secret is in no diff, wherever it stands', () => {
    const key = `sk-${'a1'.repeat(12)}`;
    const policies = [{ note: 'none' }, { note: `use ${key}` }, { terms: [key] }, { deep: { api: key } }, {}];
    for (const base of policies) {
      for (const head of policies) {
        const both = diff([make.policy('p', base)], [make.policy('p', head)]);
        const alone = [diff([make.policy('p', base)], []), diff([], [make.policy('p', head)])];
        const told = [both, ...alone].flatMap(({ changes }) => changes.flatMap(({ fields }) => fields));
        expect(JSON.stringify(told)).not.toContain('a1a1');
      }
    }
  });

  test('appear as changed and nothing else', () => {
    const result = diff(
      [make.gateway('g', secret('a'))],
      [make.gateway('g', { upstreams: [{ id: 'openai', account: 'acct-1', region: 'eu', secret: { env: 'B' } }] })],
    );
    expect(result.changes[0]?.fields).toEqual([
      {
        path: '/spec/upstreams/openai/secret',
        before: { changed: true },
        after: { changed: true },
        words: 'upstreams openai secret changed',
        source: null,
      },
    ]);
  });
});

describe('an org that is retired', () => {
  const retired = '2027-01-04T09:00:00Z';
  const rest = [make.team('support'), make.wallet('main')];
  const served = [make.organization(), ...rest, make.gateway('a'), make.gateway('b'), make.token('ci')];

  test('is told with what ends by it, and with what begins where it is taken back', () => {
    const after = [make.organization({ retired }), ...rest];
    const gone = diff(served, after);
    expect(gone.changes[0]?.fields.map((field) => field.words)).toEqual([
      'the org is retired, 2027-01-04T09:00:00Z: 2 gateways and 1 token end',
    ]);
    expect(steps(gone).slice(1).toSorted()).toEqual([
      'delete Gateway/production/a',
      'delete Gateway/production/b',
      'delete Token/ci',
    ]);
    expect(words(diff(after, served))[0]).toBe(
      'the org is no longer retired: 2 gateways and 1 token begin, without the secrets they had',
    );
  });

  test('keeps the place of the line, and the usual words where only the time moves', () => {
    const place = { file: 'orgs/acme/org.yaml', line: 9, column: 3 } as never;
    const base = [make.organization({ retired }), ...rest];
    const later = [make.organization({ retired: '2027-02-01T00:00:00Z' }), ...rest];
    expect(words(diff(base, later))).toEqual(['retirement 2027-01-04T09:00:00Z -> 2027-02-01T00:00:00Z']);
    const [change] = diff(served, base, { sourceOf: () => place }).changes;
    expect(change?.fields).toMatchObject([{ path: '/spec/retired', after: retired, source: place }]);
  });
});
