import { describe, expect, test } from 'vitest';
import type { DesiredObject, FindingCode, JsonObject } from '../model/index.ts';
import { orgObjects, wholeOrg } from '../plan/objects.testkit.ts';
import { fleetFactsOf, validateFleet } from './index.ts';
import { contextOf, moderation, policyWith, target, withObjects } from './isolation.testkit.ts';

const acme = orgObjects('acme');
const bravo = orgObjects('bravo');
const [mine, theirs] = ['acme', 'bravo'].map((org) => (spec: JsonObject): DesiredObject => {
  const make = orgObjects(org);
  return make.gateway('support-production', spec);
}) as [(spec: JsonObject) => DesiredObject, (spec: JsonObject) => DesiredObject];
const account = (name: string): JsonObject => ({
  upstreams: [{ id: 'openai', account: name, region: 'eu', secret: { env: 'KEY' } }],
});
const SHARED: JsonObject = { secret_key_ref: { store: 'moderation.key' } };
const sink = (url: string): JsonObject => ({ sinks: [{ name: 's', url }] });
const told = (kind: string, to: string): JsonObject => ({ notifications: [{ kind, to }] });
const signed = (org: string, secretEnv: string): DesiredObject =>
  orgObjects(org).review('default', {
    notifications: [{ kind: 'webhook', to: `https://hooks.${org}.example/`, secretEnv }],
  });
const targets = (base: string): JsonObject => ({ providers: { targets: [target({ base_url: base })] } });
const digest = 'd'.repeat(64);
const credentials = (org: string, id: string): DesiredObject =>
  orgObjects(org).credentials([
    { token: 'ci-deploy', id, digest, notBefore: '2026-01-01T00:00:00Z', notAfter: '2027-01-01T00:00:00Z' },
  ]);

interface Case {
  readonly code: FindingCode;
  readonly acme: readonly DesiredObject[];
  readonly bravo: readonly DesiredObject[];
  /** Where the findings stand; empty: the case is in order. */
  readonly at: readonly string[];
}

const GATEWAY = 'Gateway/production/support-production/spec';
const DOCUMENT = 'Policy/production/support/spec/document';
const POLICY = `${DOCUMENT}/providers/targets/0`;
const hook = (url: string): JsonObject => ({ callbacks: [{ type: 'webhook', url }] });

const cases: readonly Case[] = [
  {
    code: 'ISO_I03_OWNER_OF_ANOTHER_ORG',
    acme: [acme.token('ci-deploy', { owner: 'eve@eu.bravo.example' })],
    bravo: [],
    at: ['acme Token/ci-deploy/spec/owner'],
  },
  {
    code: 'ISO_I03_OWNER_OF_ANOTHER_ORG',
    acme: [acme.token('ci-deploy', { owner: 'eve@notbravo.example' })],
    bravo: [],
    at: [],
  },
  {
    code: 'ISO_I03_OWNER_OF_ANOTHER_ORG',
    acme: [acme.token('ci-deploy', { owner: 'ops@msp.example' })],
    bravo: [bravo.organization({ domains: ['msp.example'] })],
    at: [],
  },
  {
    code: 'ISO_I06_PERSON_OF_ANOTHER_ORG',
    acme: [acme.team('support', { members: ['ana@acme.example', 'eve@BRAVO.example'] })],
    bravo: [],
    at: ['acme Team/support/spec/members/1'],
  },
  {
    code: 'ISO_I06_PERSON_OF_ANOTHER_ORG',
    acme: [acme.wallet('own', { scope: 'user', user: 'eve@bravo.example' })],
    bravo: [],
    at: ['acme Wallet/own/spec/user'],
  },
  {
    code: 'ISO_I06_PERSON_OF_ANOTHER_ORG',
    acme: [acme.team('support', { leads: ['eve@other.example', 'group:eve'] })],
    bravo: [],
    at: [],
  },
  {
    code: 'ISO_I07_TARGET_OF_ANOTHER_ORG',
    acme: [policyWith('acme', targets('https://ai.bravo.example:8443/v1'))],
    bravo: [],
    at: [`acme ${POLICY}/base_url`],
  },
  {
    code: 'ISO_I07_TARGET_OF_ANOTHER_ORG',
    acme: [policyWith('acme', targets('https://ai.acme.example/v1'))],
    bravo: [],
    at: [],
  },
  {
    code: 'ISO_I07_TARGET_OF_ANOTHER_ORG',
    acme: [policyWith('acme', moderation({ endpoint: 'https://ai.bravo.example/judge' }))],
    bravo: [],
    at: ['acme Policy/production/support/spec/document/policy/external-moderation/endpoint'],
  },
  {
    code: 'ISO_I08_SHARED_SECRET_REF',
    acme: [mine({ host: 'h1', ...account('a') }), policyWith('acme', moderation(SHARED))],
    bravo: [theirs({ host: 'h2', ...account('b') }), policyWith('bravo', moderation(SHARED))],
    at: ['acme', 'bravo'].map(
      (org) => `${org} Policy/production/support/spec/document/policy/external-moderation/secret_key_ref`,
    ),
  },
  {
    code: 'ISO_I08_SHARED_SECRET_REF',
    acme: [mine({ host: 'h1', ...account('a') })],
    bravo: [theirs({ host: 'h1', ...account('b') })],
    at: [
      `acme ${POLICY}/secret_key_ref`,
      `acme ${GATEWAY}/upstreams/0/secret`,
      `bravo ${POLICY}/secret_key_ref`,
      `bravo ${GATEWAY}/upstreams/0/secret`,
    ],
  },
  {
    code: 'ISO_I08_SHARED_SECRET_REF',
    acme: [mine({ host: 'h1', ...account('a') })],
    bravo: [theirs({ host: 'h2', ...account('b') })],
    at: [],
  },
  {
    code: 'ISO_I08_SHARED_SECRET_REF',
    acme: [mine({ host: 'h1', sinks: [{ name: 's', url: 'https://a.example/', secret: { store: 'sink/key' } }] })],
    bravo: [theirs({ host: 'h2', sinks: [{ name: 's', url: 'https://b.example/', secret: { store: 'sink/key' } }] })],
    at: [`acme ${GATEWAY}/sinks/0/secret`, `bravo ${GATEWAY}/sinks/0/secret`],
  },
  {
    code: 'ISO_I08_SHARED_SECRET_REF',
    acme: [signed('acme', 'WEBHOOK_ONE')],
    bravo: [signed('bravo', 'WEBHOOK_ONE')],
    at: ['acme', 'bravo'].map((org) => `${org} Review/default/spec/notifications/0/secretEnv`),
  },
  {
    code: 'ISO_I08_SHARED_SECRET_REF',
    acme: [signed('acme', 'WEBHOOK_ONE')],
    bravo: [signed('bravo', 'WEBHOOK_TWO')],
    at: [],
  },
  {
    code: 'ISO_I11_SHARED_TOKEN_DIGEST',
    acme: [credentials('acme', 'aaaa')],
    bravo: [credentials('bravo', 'bbbb')],
    at: ['acme Credentials/credentials/spec/tokens/0/digest', 'bravo Credentials/credentials/spec/tokens/0/digest'],
  },
  { code: 'ISO_I11_SHARED_TOKEN_DIGEST', acme: [credentials('acme', 'aaaa')], bravo: [], at: [] },
  {
    code: 'ISO_I13_UPSTREAM_ACCOUNT_SHARED',
    acme: [mine(account('Proj-One'))],
    bravo: [theirs(account('proj-one'))],
    at: [`acme ${GATEWAY}/upstreams/0/account`, `bravo ${GATEWAY}/upstreams/0/account`],
  },
  {
    code: 'ISO_I13_UPSTREAM_ACCOUNT_SHARED',
    acme: [mine(account('proj-one')), policyWith('acme', targets('https://api.mistral.ai'))],
    bravo: [theirs(account('proj-one'))],
    at: [],
  },
  {
    code: 'ISO_I15_SHARED_UID',
    acme: [],
    bravo: [bravo.organization({ uid: 'acme0000000000000000' })],
    at: ['acme Organization/acme/spec/uid', 'bravo Organization/bravo/spec/uid'],
  },
  { code: 'ISO_I15_SHARED_UID', acme: [], bravo: [], at: [] },
  {
    code: 'ISO_I17_DOMAIN_SHARED',
    acme: [acme.organization({ domains: ['one.example', 'two.example'] })],
    bravo: [bravo.organization({ domains: ['two.example'] })],
    at: ['acme Organization/acme/spec/domains/1', 'bravo Organization/bravo/spec/domains/0'],
  },
  {
    code: 'ISO_I17_DOMAIN_SHARED',
    acme: [acme.organization({ domains: ['one.example'] })],
    bravo: [bravo.organization({ domains: ['a.b.one.example'] })],
    at: ['acme Organization/acme/spec/domains/0', 'bravo Organization/bravo/spec/domains/0'],
  },
  {
    code: 'ISO_I17_DOMAIN_SHARED',
    acme: [acme.organization({ domains: ['one.example', 'eu.one.example'] })],
    bravo: [bravo.organization({ domains: ['other-one.example'] })],
    at: [],
  },
  {
    code: 'ISO_I19_PERSON_IN_TWO_ORGS',
    acme: [acme.team('support', { leads: ['Eve@free.example'] })],
    bravo: [bravo.team('support', { members: ['eve@free.example'] })],
    at: ['acme Team/support/spec/leads/0', 'bravo Team/support/spec/members/0'],
  },
  {
    code: 'ISO_I19_PERSON_IN_TWO_ORGS',
    acme: [acme.team('support', { leads: ['group:msp-operations'] })],
    bravo: [bravo.team('support', { leads: ['group:msp-operations'] })],
    at: [],
  },
  {
    code: 'ISO_I20_LISTEN_COLLISION',
    acme: [mine({ host: 'h', listen: '0.0.0.0:80' })],
    bravo: [theirs({ host: 'h', listen: '[2001:db8::1]:80' })],
    at: [`acme ${GATEWAY}/listen`, `bravo ${GATEWAY}/listen`],
  },
  {
    code: 'ISO_I20_LISTEN_COLLISION',
    acme: [mine({ host: 'h', listen: '10.0.0.1:80' })],
    bravo: [theirs({ host: 'h', listen: '[2001:db8::1]:80' })],
    at: [],
  },
  {
    code: 'ISO_I21_HOSTNAME_SHARED',
    acme: [mine({ hostname: 'ai.free.example' })],
    bravo: [theirs({ hostname: 'ai.free.example' })],
    at: [`acme ${GATEWAY}/hostname`, `bravo ${GATEWAY}/hostname`],
  },
  {
    code: 'ISO_I21_HOSTNAME_SHARED',
    acme: [mine({ hostname: 'ai.bravo.example' })],
    bravo: [],
    at: [`acme ${GATEWAY}/hostname`],
  },
  {
    code: 'ISO_I21_HOSTNAME_SHARED',
    acme: [mine({ hostname: 'ai.acme.example' })],
    bravo: [theirs({ hostname: 'ai.bravo.example' })],
    at: [],
  },
  {
    code: 'ISO_I22_EGRESS_OF_ANOTHER_ORG',
    acme: [mine({ egress: ['api.openai.com', 'Files.Bravo.example.:443'] })],
    bravo: [],
    at: [`acme ${GATEWAY}/egress/1`],
  },
  {
    code: 'ISO_I22_EGRESS_OF_ANOTHER_ORG',
    acme: [mine({ egress: ['*.cloud.example'] })],
    bravo: [bravo.organization({ domains: ['bravo.cloud.example'] })],
    at: [`acme ${GATEWAY}/egress/0`],
  },
  {
    code: 'ISO_I22_EGRESS_OF_ANOTHER_ORG',
    acme: [mine({ egress: ['*.acme.example', 'api.openai.com'] })],
    bravo: [],
    at: [],
  },
  {
    code: 'ISO_I28_DEDICATED_HOST_SHARED',
    acme: [mine({ host: 'h', listen: '10.0.0.1:1' })],
    bravo: [bravo.organization({ isolation: 'shared' }), theirs({ host: 'h', listen: '10.0.0.1:2' })],
    at: [`acme ${GATEWAY}/host`, `bravo ${GATEWAY}/host`],
  },
  {
    code: 'ISO_I28_DEDICATED_HOST_SHARED',
    acme: [acme.organization({ isolation: 'shared' }), mine({ host: 'h' })],
    bravo: [bravo.organization({ isolation: 'shared' }), theirs({ host: 'h' })],
    at: [],
  },
  {
    code: 'ISO_I31_CHANNEL_SHARED',
    acme: [acme.review('default', told('webhook', 'https://Hooks.example:443/a/?key=1'))],
    bravo: [bravo.review('default', told('webhook', 'https://hooks.example/a#b'))],
    at: ['acme Review/default/spec/notifications/0/to', 'bravo Review/default/spec/notifications/0/to'],
  },
  {
    code: 'ISO_I31_CHANNEL_SHARED',
    acme: [acme.review('default', told('email', 'Watch@free.example'))],
    bravo: [bravo.review('default', told('email', 'watch@free.example'))],
    at: ['acme Review/default/spec/notifications/0/to', 'bravo Review/default/spec/notifications/0/to'],
  },
  {
    code: 'ISO_I31_CHANNEL_SHARED',
    acme: [acme.review('default', told('email', 'ops@msp.example'))],
    bravo: [bravo.review('default', told('email', 'ops@msp.example'))],
    at: [],
  },
  {
    code: 'ISO_I32_SINK_OF_ANOTHER_ORG',
    acme: [mine(sink('https://logs.bravo.example/in'))],
    bravo: [],
    at: [`acme ${GATEWAY}/sinks/0/url`],
  },
  {
    code: 'ISO_I32_SINK_OF_ANOTHER_ORG',
    acme: [acme.review('default', told('email', 'eve@bravo.example'))],
    bravo: [],
    at: ['acme Review/default/spec/notifications/0/to'],
  },
  { code: 'ISO_I32_SINK_OF_ANOTHER_ORG', acme: [mine(sink('https://bravo.logs.example/in'))], bravo: [], at: [] },
  {
    code: 'ISO_I34_SINK_NESTED',
    acme: [policyWith('acme', hook('https://logs.example/in'))],
    bravo: [policyWith('bravo', hook('https://logs.example/in/bravo'))],
    at: [`acme ${DOCUMENT}/callbacks/0/url`, `bravo ${DOCUMENT}/callbacks/0/url`],
  },
  {
    code: 'ISO_I32_SINK_OF_ANOTHER_ORG',
    acme: [policyWith('acme', hook('https://logs.bravo.example/in'))],
    bravo: [],
    at: [`acme ${DOCUMENT}/callbacks/0/url`],
  },
  {
    code: 'ISO_I07_TARGET_OF_ANOTHER_ORG',
    acme: [
      policyWith('acme', { tool_servers: [{ id: 'docs', url: 'https://ai.bravo.example/mcp', allowed_tools: [] }] }),
    ],
    bravo: [],
    at: [`acme ${DOCUMENT}/tool_servers/0/url`],
  },
  {
    code: 'ISO_I34_SINK_NESTED',
    acme: [mine(sink('https://logs.example/in/'))],
    bravo: [theirs(sink('https://logs.example:443/in/bravo?x=1'))],
    at: [`acme ${GATEWAY}/sinks/0/url`, `bravo ${GATEWAY}/sinks/0/url`],
  },
  {
    code: 'ISO_I34_SINK_NESTED',
    acme: [mine(sink('https://logs.example/in/acme'))],
    bravo: [theirs(sink('https://logs.example/in/acme-eu'))],
    at: [],
  },
  {
    code: 'ISO_I34_SINK_NESTED',
    acme: [mine(sink('https://logs.example/in/a%2Fb'))],
    bravo: [theirs(sink('https://logs.example/in/x/../a'))],
    at: [`acme ${GATEWAY}/sinks/0/url`, `bravo ${GATEWAY}/sinks/0/url`],
  },
  {
    code: 'ISO_I46_NAME_COLLISION',
    acme: [acme.organization({ displayName: 'Brаvо Ltd.' })],
    bravo: [bravo.organization({ displayName: 'BRAVO-LTD' })],
    at: ['acme Organization/acme/spec/displayName', 'bravo Organization/bravo/spec/displayName'],
  },
  {
    code: 'ISO_I46_NAME_COLLISION',
    acme: [acme.organization({ displayName: 'Br4vo' })],
    bravo: [bravo.organization({ displayName: 'Bravo' })],
    at: [],
  },
];

const judge = (one: readonly DesiredObject[], two: readonly DesiredObject[]) => {
  const contexts = [
    contextOf('acme', withObjects('acme', ...one)),
    contextOf('bravo', withObjects('bravo', ...two)),
  ] as const;
  const facts = contexts.flatMap((context) => fleetFactsOf(context));
  const source = new Map(contexts.map((context) => [context.org, context.sourceOf]));
  return validateFleet(facts, ({ org, object, pointer }) => source.get(org)?.(object, pointer) ?? null);
};

describe('rules across orgs', () => {
  test.each(cases.map((item, index) => [item.code, index, item] as const))('%s (%i)', (code, _, item) => {
    const found = judge(item.acme, item.bravo).filter((finding) => finding.code === code);
    expect(found.map(({ place }) => place.file).sort()).toEqual([...item.at].sort());
    for (const { related, org } of found) {
      expect(related?.length).toBeGreaterThan(0);
      expect(related?.some(({ file }) => file.startsWith(org === 'acme' ? 'bravo ' : 'acme '))).toBe(true);
    }
  });

  test('two whole orgs have nothing between them', () => {
    expect(judge(wholeOrg('acme'), wholeOrg('bravo'))).toEqual([]);
  });

  test('every case is answered by one that is in order', () => {
    for (const { code } of cases) {
      expect([code, cases.some((item) => item.code === code && item.at.length === 0)]).toEqual([code, true]);
      expect([code, cases.some((item) => item.code === code && item.at.length > 0)]).toEqual([code, true]);
    }
  });
});
