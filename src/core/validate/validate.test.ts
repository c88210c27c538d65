import { describe, expect, test } from 'vitest';
import { nodeZoneOffset } from '../../host/index.ts';
import type { DesiredObject, Finding, JsonObject, OrgSlug, OrgUid, Place, RepoPath } from '../model/index.ts';
import { objectOf, orgObjects, wholeOrg } from '../plan/objects.testkit.ts';
import {
  fleetFactsOf,
  type OrgContext,
  rules,
  validateFleet,
  validateGenerated,
  validateOrg,
  validateTree,
} from './index.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const make = orgObjects('acme');

function contextOf(org: string, objects: readonly DesiredObject[], more: Partial<OrgContext> = {}): OrgContext {
  const otherOrgs = { slugs: new Set(['bravo', 'bravo-eu', 'support']), uids: new Set(['bravo000000000000000']) };
  const uid = `${org}0`.padEnd(20, '0') as OrgUid;
  return { org: org as OrgSlug, uid, objects, otherOrgs, nowMs: NOW, zoneOffset: nodeZoneOffset, ...more };
}

/** wholeOrg with objects replaced by kind and name, or added. */
function acmeWith(...sides: readonly DesiredObject[]): readonly DesiredObject[] {
  const nameOf = ({ id }: DesiredObject) => `${id.kind}/${id.name}`;
  const given = new Set(sides.map(nameOf));
  return [...wholeOrg('acme').filter((old) => !given.has(nameOf(old))), ...sides];
}

const brief = (findings: readonly Finding[]) =>
  findings.map(({ code, object, place }) => `${code} ${object ?? place.file}`);
const judge = (...sides: readonly DesiredObject[]) => brief(validateOrg(contextOf('acme', acmeWith(...sides))));

const credential = (token: string, id: string, more: JsonObject = {}) => ({
  token,
  id,
  digest: id.padEnd(64, '0'),
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2027-01-01T00:00:00Z',
  ...more,
});

function unpaidGateway(): DesiredObject {
  const { wallet: _, ...spec } = make.gateway('support-production').document['spec'] as {
    readonly [key: string]: never;
  };
  return objectOf('acme', { kind: 'Gateway', environment: 'production', name: 'support-production' }, spec);
}

const gateway = (spec: JsonObject, environment?: string) => make.gateway('support-production', spec, environment);
/** The gateway without the wallet that it has in wholeOrg. */
const unpaid = unpaidGateway();
const waived = (spec: JsonObject) => make.waiver('w', spec);

describe('rules of one org', () => {
  const cases: readonly [string, readonly DesiredObject[], readonly string[]][] = [
    ['an org in order', [], []],
    [
      'a reference to nothing',
      [make.token('ci-deploy', { wallet: 'mian' })],
      ['ISO_I02_REF_NOT_IN_ORG Token/ci-deploy'],
    ],
    [
      'a reference to nothing, of a list',
      [make.review('default', { reviewers: { teams: ['support', 'nobody'] } })],
      ['ISO_I02_REF_NOT_IN_ORG Review/default'],
    ],
    [
      'a reference with a path',
      [make.token('ci-deploy', { wallet: '../bravo/main' })],
      ['ISO_I03_TOKEN_CROSSES_ORG Token/ci-deploy'],
    ],
    [
      'a reference with another org',
      [make.token('ci-deploy', { wallet: 'bravo/main' })],
      ['ISO_I03_TOKEN_CROSSES_ORG Token/ci-deploy'],
    ],
    [
      'a reference by another uid',
      [make.token('ci-deploy', { wallet: 'bravo000000000000000' })],
      ['ISO_I03_TOKEN_CROSSES_ORG Token/ci-deploy'],
    ],
    [
      'a reference to an object called after another org',
      [make.token('ci-deploy', { wallet: 'bravo-eu-main' })],
      ['ISO_I03_TOKEN_CROSSES_ORG Token/ci-deploy'],
    ],
    [
      'an own object that is called like another org',
      [make.wallet('bravo-main'), make.token('ci-deploy', { wallet: 'bravo-main' })],
      [],
    ],
    [
      'a policy of another environment',
      [gateway({}, 'staging')],
      ['GATEWAY_POLICY_ENVIRONMENT Gateway/staging/support-production'],
    ],
    [
      'one gateway name in two environments',
      [...wholeOrg('acme'), make.policy('support', undefined, 'staging'), gateway({ listen: '10.0.0.1:1' }, 'staging')],
      [
        'GATEWAY_NAME_DUPLICATE Gateway/production/support-production',
        'GATEWAY_NAME_DUPLICATE Gateway/staging/support-production',
      ],
    ],
    [
      'a policy that the engine refuses',
      [make.policy('support', {})],
      ['POLICY_SHAPE Policy/production/support', 'POLICY_SHAPE Policy/production/support'],
    ],
    [
      'an upstream that is not what the policy uses',
      [gateway({ upstreams: [{ id: 'openai', account: 'a', region: 'eu', secret: { env: 'OTHER' } }] })],
      ['UPSTREAM_MISMATCH Gateway/production/support-production'],
    ],
    [
      'an upstream that no target of the policy is',
      [gateway({ upstreams: [{ id: 'other', account: 'a', region: 'eu', secret: { env: 'KEY' } }] })],
      ['UPSTREAM_MISMATCH Gateway/production/support-production'],
    ],
    [
      'an upstream that is what the policy uses',
      [gateway({ upstreams: [{ id: 'openai', account: 'a', region: 'eu', secret: { env: 'KEY' } }] })],
      [],
    ],
    [
      'a gateway whose policy goes where its egress does not lead',
      [gateway({ egress: ['api.anthropic.com', '*.api.openai.com', 'api.openai.com:8443'] })],
      ['GATEWAY_EGRESS Gateway/production/support-production'],
    ],
    [
      'a gateway with two sinks, of which its egress knows one',
      [
        gateway({
          egress: ['api.openai.com:443', '*.acme.example'],
          sinks: [
            { name: 'a', url: 'https://logs.acme.example/in' },
            { name: 'b', url: 'https://acme.example/in' },
          ],
        }),
      ],
      ['GATEWAY_EGRESS Gateway/production/support-production'],
    ],
    ['a token that nothing pays for', [unpaid], ['ISO_I38_TOKEN_WITHOUT_WALLET Token/ci-deploy']],
    ['a token that its team pays for', [unpaid, make.team('support', { wallet: 'main' })], []],
    ['a token that pays for itself', [unpaid, make.token('ci-deploy', { wallet: 'main' })], []],
    [
      'a token for one network and path',
      [make.token('ci-deploy', { addresses: ['10.0.0.0/8'], paths: ['/v1/messages'] })],
      [],
    ],
    [
      'a token for what is no network',
      [make.token('ci-deploy', { addresses: ['10.0.0.0/8', '10.0.0.1/8'] })],
      ['TOKEN_ADDRESS_INVALID Token/ci-deploy'],
    ],
    [
      'a token for the console with addresses',
      [make.token('ci-deploy', { scopes: ['chat', 'console'], addresses: ['10.0.0.0/8'] })],
      ['TOKEN_CONSOLE_ADDRESSES Token/ci-deploy'],
    ],
    [
      'a token with a path that no scope opens',
      [make.token('ci-deploy', { scopes: ['chat'], paths: ['/v1/embeddings', '/v1/messages'] })],
      ['TOKEN_PATH_UNREACHABLE Token/ci-deploy'],
    ],
    [
      'a token with the path of a tool server, and the scope or not',
      [
        make.token('ci-deploy', { scopes: ['mcp'], paths: ['/mcp/search'] }),
        make.token('other', { scopes: ['chat'], paths: ['/mcp/search'] }),
      ],
      ['TOKEN_PATH_UNREACHABLE Token/other'],
    ],
    [
      'a limit of a model that a target has',
      [gateway({ limits: { models: [{ model: 'gpt-4o-mini', limits: { requestsPerMinute: 1 } }] } })],
      [],
    ],
    [
      'a limit of a model that no target has',
      [gateway({ limits: { models: [{ model: 'gpt-4', limits: { requestsPerMinute: 1 } }] } })],
      ['GATEWAY_LIMIT_MODEL_UNKNOWN Gateway/production/support-production'],
    ],
    [
      'a token for 401 days',
      [make.token('ci-deploy', { expires: '2027-07-07T00:00:00Z' })],
      ['TOKEN_EXPIRES_FAR Token/ci-deploy'],
    ],
    ['a token for 400 days', [make.token('ci-deploy', { expires: '2027-07-06T00:00:00Z' })], []],
    ['a wallet that is its own parent', [make.wallet('main', { parent: 'main' })], ['WALLET_CYCLE Wallet/main']],
    [
      'a longer cycle with a wallet below it',
      [make.wallet('a', { parent: 'b' }), make.wallet('b', { parent: 'a' }), make.wallet('c', { parent: 'a' })],
      ['WALLET_CYCLE Wallet/a', 'WALLET_CYCLE Wallet/b'],
    ],
    [
      'a parent of another currency',
      [make.wallet('child', { parent: 'main', currency: 'USD' })],
      ['WALLET_CURRENCY_MISMATCH Wallet/child'],
    ],
    ['a parent of the same currency', [make.wallet('child', { parent: 'main' })], []],
    [
      'a queue without people',
      [make.team('empty', { leads: [], members: [] }), make.review('default', { reviewers: { teams: ['empty'] } })],
      ['REVIEW_UNSTAFFED Review/default'],
    ],
    [
      'a queue with a lead',
      [make.team('empty', { members: [] }), make.review('default', { reviewers: { teams: ['empty'] } })],
      [],
    ],
    [
      'days that begin nowhere',
      [make.wallet('side', { period: { kind: 'month', timeZone: 'Europe/Atlantis', anchorDay: 1 } })],
      ['WALLET_ZONE Wallet/side'],
    ],
    [
      'a token that has just expired',
      [make.token('old', { expires: '2026-06-01T00:00:00Z' })],
      ['TOKEN_EXPIRED Token/old'],
    ],
    ['a token of one more second', [make.token('old', { expires: '2026-06-01T00:00:01Z' })], []],
    ['a queue behind the first by name', [make.review('alpha')], ['REVIEW_SECOND Review/default']],
    [
      'a webhook that nothing is signed for, or that is not reached over https, and mail with a secret',
      [
        make.review('default', {
          notifications: [
            { kind: 'webhook', to: 'https://hooks.acme.example/a' },
            { kind: 'webhook', to: 'http://hooks.acme.example/b', secretEnv: 'WEBHOOK_ACME' },
            { kind: 'webhook', to: 'lead@acme.example', secretEnv: 'WEBHOOK_ACME' },
            { kind: 'email', to: 'lead@acme.example', secretEnv: 'WEBHOOK_ACME' },
            ...['169.254.169.254', '[::ffff:169.254.169.254]', '0.0.0.0', '0xa9fea9fe'].map((host) => ({
              kind: 'webhook',
              to: `https://${host}/latest`,
              secretEnv: 'WEBHOOK_ACME',
            })),
          ],
        }),
      ],
      Array.from({ length: 8 }, () => 'REVIEW_CHANNEL Review/default'),
    ],
    [
      'channels in order',
      [
        make.review('default', {
          notifications: [
            { kind: 'webhook', to: 'https://hooks.acme.example/a', secretEnv: 'WEBHOOK_ACME' },
            { kind: 'webhook', to: 'http://127.0.0.1:4199/a', secretEnv: 'WEBHOOK_ACME' },
            { kind: 'webhook', to: 'https://10.1.2.3/a', secretEnv: 'WEBHOOK_ACME' },
            { kind: 'email', to: 'lead@acme.example' },
          ],
        }),
      ],
      [],
    ],
    [
      'a credential of no token',
      [make.credentials([credential('gone', 'abcd')])],
      ['CREDENTIALS_UNKNOWN_TOKEN Credentials/credentials'],
    ],
    [
      'credentials in order',
      [make.credentials([credential('ci-deploy', 'abcd'), credential('ci-deploy', 'efgh')])],
      [],
    ],
    [
      'two credentials of one id',
      [make.credentials([credential('ci-deploy', 'abcd'), credential('ci-deploy', 'abcd')])],
      ['CREDENTIALS_ID_DUPLICATE Credentials/credentials'],
    ],
    [
      'an expired credential',
      [make.credentials([credential('ci-deploy', 'abcd', { notAfter: '2026-06-01T00:00:00Z' })])],
      ['CREDENTIALS_EXPIRED Credentials/credentials'],
    ],
    ['a waiver in order', [waived({})], []],
    ['an expired waiver', [waived({ expires: '2026-06-01T00:00:00Z' })], ['ISO_I60_WAIVER_EXPIRED Waiver/w']],
    [
      'a waiver of a critical finding',
      [waived({ code: 'ISO_I01_REF_CROSSES_ORG' })],
      ['ISO_I60_WAIVER_TOO_WIDE Waiver/w'],
    ],
    ['a waiver of waivers', [waived({ code: 'ISO_I60_WAIVER_EXPIRED' })], ['ISO_I60_WAIVER_TOO_WIDE Waiver/w']],
    [
      'a waiver of a high finding with one approver',
      [waived({ code: 'WALLET_CYCLE', approvers: ['@ana'] })],
      ['ISO_I60_WAIVER_TOO_WIDE Waiver/w'],
    ],
    [
      'a waiver of a high finding with two approvers',
      [waived({ code: 'WALLET_CYCLE', approvers: ['@ana', '@ben'] })],
      [],
    ],
    ['a waiver of no finding', [waived({ code: 'WALLET_CIRCLE' })], ['WAIVER_UNKNOWN_CODE Waiver/w']],
  ];

  test.each(cases)('%s', (_, sides, expected) => {
    expect(judge(...sides)).toEqual(expected);
  });

  const policyThatSends = (parts: JsonObject): DesiredObject => {
    const { document } = make.policy('support').document['spec'] as { readonly document: JsonObject };
    return make.policy('support', { ...document, ...parts });
  };
  const egressOf = (egress: readonly string[], sides: readonly DesiredObject[] = []) =>
    validateOrg(contextOf('acme', acmeWith(gateway({ egress: [...egress] }), ...sides)))
      .filter(({ code }) => code === 'GATEWAY_EGRESS')
      .map(({ found }) => found);

  test.each<readonly [string, JsonObject]>([
    [
      'a target',
      { providers: { targets: [{ id: 'openai', provider: 'openai', model: 'm', base_url: 'https://x.example/v1' }] } },
    ],
    ['a tool server', { tool_servers: [{ id: 't', url: 'https://x.example/mcp' }] }],
    ['a webhook', { callbacks: [{ url: 'https://x.example/hook' }] }],
    ['a service that a policy asks', { policy: { 'external-moderation': { endpoint: 'https://x.example/judge' } } }],
  ])('what %s is reached at is in the egress of the gateway', (_, parts) => {
    const side = policyThatSends(parts);
    expect(egressOf(['api.openai.com'], [side])).toEqual(['x.example:443']);
    expect(egressOf(['api.openai.com', 'x.example'], [side])).toEqual([]);
  });

  test.each([
    ['api.openai.com', true],
    ['API.OpenAI.com.', true],
    ['api.openai.com:443', true],
    ['*.openai.com', true],
    ['api.openai.com:444', false],
    ['*.api.openai.com', false],
    ['openai.com', false],
    ['i.openai.com', false],
  ])('an egress of %s leads to api.openai.com: %s', (entry, leads) => {
    expect(egressOf([entry])).toEqual(leads ? [] : ['api.openai.com:443']);
  });

  test.each([
    ['2001:db8::443', true],
    ['[2001:db8::443]', true],
    ['[2001:db8::443]:8443', true],
    ['[2001:db8::443]:443', false],
    ['2001:db8::', false],
  ])('an egress of %s leads to an address of IPv6: %s', (entry, leads) => {
    const sinks = [{ name: 'a', url: 'https://[2001:db8::443]:8443/in' }];
    const found = validateOrg(contextOf('acme', acmeWith(gateway({ egress: ['api.openai.com', entry], sinks }))));
    const codes = found.map(({ code }) => code).filter((code) => code === 'GATEWAY_EGRESS');
    expect(codes).toEqual(leads ? [] : ['GATEWAY_EGRESS']);
  });

  test('the provider itself is meant where a target says no place, and the gateway is named with the place of the use', () => {
    const target = { id: 'openai', provider: 'anthropic', model: 'm' };
    const sides = acmeWith(gateway({ egress: [] }), policyThatSends({ providers: { targets: [target] } }));
    const found = validateOrg(contextOf('acme', sides)).find(({ code }) => code === 'GATEWAY_EGRESS');
    expect(found).toMatchObject({ severity: 'high', found: 'api.anthropic.com:443' });
    expect(found?.place.file).toMatch(/gateways\/production\/support-production/);
    expect(found?.related?.map(({ file }) => file)).toEqual([expect.stringMatching(/policies\/production\/support/)]);
  });

  test('a retired org has no token, gateway or credentials of its own, and all else as before', () => {
    const retired = wholeOrg('acme').flatMap((side) => {
      if (side.id.kind === 'Organization') return [make.organization({ retired: '2026-05-01T00:00:00Z' })];
      return side.id.kind === 'Token' || side.id.kind === 'Gateway' ? [] : [side];
    });
    expect(brief(validateOrg(contextOf('acme', retired)))).toEqual([]);
    const own = [make.gateway('own'), make.token('own', { gateways: ['own'] })];
    const left = [...retired, ...own, make.credentials([credential('own', 'abcd')]), make.wallet('own')];
    expect(brief(validateOrg(contextOf('acme', left)))).toEqual([
      'RETIRED_ORG_LIVE Credentials/credentials',
      'RETIRED_ORG_LIVE Gateway/production/own',
      'RETIRED_ORG_LIVE Token/own',
    ]);
    expect(validateOrg(contextOf('acme', left))[0]).toMatchObject({ severity: 'critical', place: { line: 1 } });
  });

  test.each([
    ['2026-06-02T00:00:00Z', 0],
    ['2026-06-02T00:00:01Z', 1],
    ['2027-06-01T00:00:00Z', 1],
  ])(
    'an org that is retired at %s, checked at the beginning of June 2026, is told %i times that it would be at once',
    (retired, times) => {
      const sides = wholeOrg('acme').flatMap((side) => {
        if (side.id.kind === 'Organization') return [make.organization({ retired })];
        return side.id.kind === 'Token' || side.id.kind === 'Gateway' ? [] : [side];
      });
      const context = { ...contextOf('acme', sides), nowMs: Date.parse('2026-06-01T00:00:00Z') };
      expect(brief(validateOrg(context))).toEqual(Array(times).fill('RETIRED_LATER Organization/acme'));
    },
  );

  test('the nearest name is suggested', () => {
    const [found] = validateOrg(contextOf('acme', acmeWith(make.token('ci-deploy', { wallet: 'mian' }))));
    expect(found).toMatchObject({ severity: 'high', expected: 'one of main', found: '"mian"' });
    expect(found?.fix).toContain('Did you mean "main"?');
  });

  test('findings stand at the input that causes them, or at the file', () => {
    const objects = acmeWith(make.token('ci-deploy', { wallet: 'nothing' }));
    const place: Place = { file: 'orgs/acme/org.yaml' as RepoPath, line: 9, column: 5 };
    const sourceOf: OrgContext['sourceOf'] = (key, pointer) =>
      key === 'Token/ci-deploy' && pointer === '/spec/wallet' ? place : null;
    expect(validateOrg(contextOf('acme', objects, { sourceOf }))[0]?.place).toEqual(place);
    expect(validateOrg(contextOf('acme', objects))[0]?.place).toEqual({
      file: 'orgs/acme/tokens/ci-deploy.yaml',
      line: 1,
      column: 1,
    });
  });
});

describe('rules across orgs', () => {
  const accounts = Array.from({ length: 50 }, (_, index) => `account-${index}`);
  const secret = (value: JsonObject) => ({
    upstreams: [{ id: 'openai', account: accounts.pop() ?? '', region: 'eu', secret: value }],
  });
  type Sides = readonly DesiredObject[];
  const other = (org: string) => orgObjects(org);
  const facts = (...orgs: readonly (readonly [string, Sides])[]) =>
    orgs.flatMap(([org, sides]) => fleetFactsOf(contextOf(org, sides)));
  const two = (acme: Sides, bravo: Sides) => validateFleet(facts(['acme', acme], ['bravo', bravo]));

  const cases: readonly [string, Sides, Sides, readonly string[]][] = [
    ['two orgs in order', wholeOrg('acme'), wholeOrg('bravo'), []],
    [
      'one uid',
      [make.organization()],
      [other('bravo').organization({ uid: 'acme0000000000000000' })],
      ['ISO_I15_SHARED_UID Organization/acme', 'ISO_I15_SHARED_UID Organization/bravo'],
    ],
    [
      'one secret of one host',
      [gateway({ host: 'h', listen: '10.0.0.1:1', ...secret({ env: 'KEY' }) })],
      [other('bravo').gateway('g', { host: 'h', listen: '10.0.0.1:2', ...secret({ env: 'KEY' }) })],
      [
        'ISO_I08_SHARED_SECRET_REF Gateway/production/support-production',
        'ISO_I08_SHARED_SECRET_REF Gateway/production/g',
      ],
    ],
    [
      'one variable name on two hosts',
      [gateway({ host: 'h', ...secret({ env: 'KEY' }) })],
      [other('bravo').gateway('g', { host: 'i', ...secret({ env: 'KEY' }) })],
      [],
    ],
    [
      'one path of the secret store',
      [gateway({ host: 'h', ...secret({ store: 'msp/openai' }) })],
      [other('bravo').gateway('g', { host: 'i', ...secret({ store: 'msp//openai/' }) })],
      [
        'ISO_I08_SHARED_SECRET_REF Gateway/production/support-production',
        'ISO_I08_SHARED_SECRET_REF Gateway/production/g',
      ],
    ],
    [
      'one secret that policies name',
      [gateway({ host: 'h', listen: '10.0.0.1:1' }), make.policy('support')],
      [other('bravo').gateway('g', { host: 'h', listen: '10.0.0.1:2' }), other('bravo').policy('support')],
      ['ISO_I08_SHARED_SECRET_REF Policy/production/support', 'ISO_I08_SHARED_SECRET_REF Policy/production/support'],
    ],
    [
      'one secret twice in one org',
      [
        gateway({ listen: '10.0.0.1:1', ...secret({ store: 'x' }) }),
        make.gateway('g', { listen: '10.0.0.1:2', ...secret({ store: 'x' }) }),
      ],
      [],
      [],
    ],
    [
      'one address of one host',
      [gateway({ host: 'h' })],
      [other('bravo').gateway('g', { host: 'h' })],
      [
        'ISO_I20_LISTEN_COLLISION Gateway/production/support-production',
        'ISO_I20_LISTEN_COLLISION Gateway/production/g',
      ],
    ],
    ['one address of two hosts', [gateway({ host: 'h' })], [other('bravo').gateway('g', { host: 'i' })], []],
    ['two ports', [gateway({ host: 'h' })], [other('bravo').gateway('g', { host: 'h', listen: '10.0.0.1:41003' })], []],
    [
      'two addresses',
      [gateway({ host: 'h' })],
      [other('bravo').gateway('g', { host: 'h', listen: '10.0.0.2:41002' })],
      [],
    ],
    [
      'a wildcard',
      [gateway({ host: 'h' })],
      [other('bravo').gateway('g', { host: 'h', listen: '0.0.0.0:41002' })],
      [
        'ISO_I20_LISTEN_COLLISION Gateway/production/support-production',
        'ISO_I20_LISTEN_COLLISION Gateway/production/g',
      ],
    ],
    [
      'a wildcard of IPv6',
      [gateway({ host: 'h' })],
      [other('bravo').gateway('g', { host: 'h', listen: '[::]:41002' })],
      [
        'ISO_I20_LISTEN_COLLISION Gateway/production/support-production',
        'ISO_I20_LISTEN_COLLISION Gateway/production/g',
      ],
    ],
    [
      'IPv4 in IPv6',
      [gateway({ host: 'h' })],
      [other('bravo').gateway('g', { host: 'h', listen: '[::ffff:10.0.0.1]:41002' })],
      [
        'ISO_I20_LISTEN_COLLISION Gateway/production/support-production',
        'ISO_I20_LISTEN_COLLISION Gateway/production/g',
      ],
    ],
    [
      'IPv6 in two spellings',
      [gateway({ host: 'h', listen: '[2001:DB8::1]:80' })],
      [other('bravo').gateway('g', { host: 'h', listen: '[2001:db8:0:0:0:0:0:1]:80' })],
      [
        'ISO_I20_LISTEN_COLLISION Gateway/production/support-production',
        'ISO_I20_LISTEN_COLLISION Gateway/production/g',
      ],
    ],
    [
      'one address twice in one org',
      [gateway({}), make.gateway('g')],
      [],
      [
        'ISO_I20_LISTEN_COLLISION Gateway/production/g',
        'ISO_I20_LISTEN_COLLISION Gateway/production/support-production',
      ],
    ],
    [
      'one digest in two orgs',
      [make.credentials([credential('t', 'abcd')])],
      [other('bravo').credentials([credential('t', 'efgh', { digest: 'abcd'.padEnd(64, '0') })])],
      ['ISO_I11_SHARED_TOKEN_DIGEST Credentials/credentials', 'ISO_I11_SHARED_TOKEN_DIGEST Credentials/credentials'],
    ],
    [
      'one digest twice in one org',
      [make.credentials([credential('t', 'abcd'), credential('t', 'efgh', { digest: 'abcd'.padEnd(64, '0') })])],
      [],
      ['ISO_I11_SHARED_TOKEN_DIGEST Credentials/credentials', 'ISO_I11_SHARED_TOKEN_DIGEST Credentials/credentials'],
    ],
  ];

  test.each(cases)('%s', (_, acme, bravo, expected) => {
    expect(brief(two(acme, bravo))).toEqual(expected);
  });

  test.each([
    ['acme-eu', 'acmeeu', true],
    ['acme0', 'acmeo', true],
    ['acme', 'acme-eu', false],
  ])('the names %s and %s collide: %s', (a, b, collide) => {
    const found = validateFleet(
      facts(
        [a, [other(a).organization({ uid: 'a'.repeat(20) })]],
        [b, [other(b).organization({ uid: 'b'.repeat(20) })]],
      ),
    );
    expect(brief(found)).toEqual(
      collide ? [`ISO_I46_NAME_COLLISION Organization/${a}`, `ISO_I46_NAME_COLLISION Organization/${b}`] : [],
    );
  });

  test('a finding names a few of many others, and its place is asked for only then', () => {
    const orgs = Array.from({ length: 40 }, (_, index) => `org-${String.fromCharCode(97 + (index % 26))}${index}x`);
    const shared = { uid: 'u'.repeat(20) };
    const asked: string[] = [];
    const found = validateFleet(
      facts(...orgs.map((org) => [org, [other(org).organization(shared)]] as const)),
      ({ org }) => {
        asked.push(org);
        return null;
      },
    );
    expect(found).toHaveLength(40);
    expect(found[7]?.related).toHaveLength(5);
    expect(found[7]?.message).toContain('and 34 more');
    expect(asked).toHaveLength(40 * 6);
    const clean: string[] = [];
    validateFleet(facts(['acme', wholeOrg('acme')]), ({ org }) => {
      clean.push(org);
      return null;
    });
    expect(clean).toEqual([]);
  });

  test('a secret reference is compared, never said', () => {
    const found = two(
      [gateway({ host: 'h', ...secret({ store: 'planted/path' }) })],
      [other('bravo').gateway('g', { host: 'i', ...secret({ store: 'planted/path' }) })],
    );
    expect(found).toHaveLength(2);
    expect(JSON.stringify(found)).not.toContain('planted');
  });

  test('facts are plain JSON', () => {
    const all = facts(['acme', wholeOrg('acme')]);
    expect(all.length).toBeGreaterThan(0);
    expect(JSON.parse(JSON.stringify(all))).toEqual(all);
  });
});

describe('rules of the tree', () => {
  const tree = (path: string, mode = '100644') => ({ path: path as RepoPath, mode });
  const judgeTree = (...entries: readonly { path: RepoPath; mode: string }[]) =>
    brief(validateTree({ entries, odd: [] }));
  const good = [
    'fleet.yaml',
    'prices/default.yaml',
    'templates/baseline/1.2.0/template.yaml',
    'templates/baseline/1.2.0/wallets.yaml',
    'orgs/acme/org.yaml',
    'orgs/acme/custom/extra/more.yaml',
    'orgs/acme/policies/production/support.yaml',
    'README.md',
    'src/main.ts',
  ].map((path) => tree(path));

  test.each<[string, { path: RepoPath; mode: string }, string]>([
    ['a symbolic link', tree('orgs/acme/org.yaml', '120000'), 'ISO_I47_ODD_MODE orgs/acme/org.yaml'],
    ['a submodule', tree('orgs/acme/teams/a.yaml', '160000'), 'ISO_I47_ODD_MODE orgs/acme/teams/a.yaml'],
    ['an executable', tree('orgs/acme/teams/a.yaml', '100755'), 'ISO_I47_ODD_MODE orgs/acme/teams/a.yaml'],
    [
      'a file that nothing reads',
      tree('orgs/acme/wallet/main.yaml'),
      'ISO_I48_UNKNOWN_FILE orgs/acme/wallet/main.yaml',
    ],
    ['another extension', tree('orgs/acme/wallets/main.yml'), 'ISO_I48_UNKNOWN_FILE orgs/acme/wallets/main.yml'],
    ['a file beside the orgs', tree('orgs/notes.txt'), 'ISO_I48_UNKNOWN_FILE orgs/notes.txt'],
    ['a reserved org', tree('orgs/shared/org.yaml'), 'ISO_I47_ODD_PATH orgs/shared/org.yaml'],
    ['an org name in capitals', tree('orgs/Bravo/org.yaml'), 'ISO_I47_ODD_PATH orgs/Bravo/org.yaml'],
    ['a device name', tree('orgs/acme/custom/aux.yaml'), 'ISO_I47_ODD_PATH orgs/acme/custom/aux.yaml'],
    [
      'a hidden direction',
      tree('orgs/acme/custom/a\u202egnp.yaml'),
      'ISO_I47_ODD_PATH orgs/acme/custom/a\\u{202e}gnp.yaml',
    ],
  ])('%s', (_, entry, expected) => {
    expect(judgeTree(...good)).toEqual([]);
    expect(judgeTree(entry)).toEqual([expected]);
  });

  test('odd paths that git listed', () => {
    expect(brief(validateTree({ entries: [], odd: [{ shown: 'orgs/acme/\\u0001', mode: '100644' }] }))).toEqual([
      'ISO_I47_ODD_PATH orgs/acme/\\u0001',
    ]);
  });

  test('case: where two spellings part, once each', () => {
    const found = validateTree({
      entries: ['docs/A/one.md', 'docs/A/two.md', 'docs/a/one.md'].map((path) => tree(path)),
      odd: [],
    });
    expect(found.map(({ code, found: name }) => `${code} ${name}`).sort()).toEqual([
      'ISO_I47_CASE_COLLISION docs/A',
      'ISO_I47_CASE_COLLISION docs/a',
    ]);
  });

  test('generated files: missing, left over, different', () => {
    const path = (name: string) => `orgs/acme/wallets/${name}.yaml` as RepoPath;
    const facts = { org: 'acme' as OrgSlug, missing: [path('a')], extra: [path('b')], differing: [path('c')] };
    const found = validateGenerated(facts);
    expect(brief(found)).toEqual(['a', 'b', 'c'].map((name) => `GENERATED_STALE ${path(name)}`));
    expect(found[0]?.fix).toContain('tenantry render --org acme --write');
    expect(found[0]?.org).toBe('acme');
    expect(validateGenerated({ ...facts, missing: [], extra: [], differing: [] })).toEqual([]);
  });
});

test('every rule is listed once', () => {
  expect(new Set(rules).size).toBe(rules.length);
  expect(new Set(rules.map(({ code }) => code)).size).toBe(rules.length);
});
