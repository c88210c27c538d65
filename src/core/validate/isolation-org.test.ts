import { describe, expect, test } from 'vitest';
import type { DesiredObject, FindingCode, JsonObject } from '../model/index.ts';
import { orgObjects } from '../plan/objects.testkit.ts';
import { validateOrg } from './index.ts';
import { contextOf, moderation, policyWith, target, withObjects } from './isolation.testkit.ts';

const make = orgObjects('acme');
const gateway = (spec: JsonObject): DesiredObject => make.gateway('support-production', spec);
const organization = (spec: JsonObject): DesiredObject => make.organization(spec);
const waiver = (spec: JsonObject): DesiredObject => make.waiver('w', spec);
const waiverOfAnything = (): DesiredObject => {
  const made = waiver({});
  const { found: _, ...spec } = made.document['spec'] as JsonObject;
  return { ...made, document: { ...made.document, spec } };
};
const upstream = (more: JsonObject): JsonObject => ({
  upstreams: [{ id: 'openai', account: 'acme-account', region: 'eu-central', secret: { env: 'KEY' }, ...more }],
});
const chain = (options: JsonObject): JsonObject => ({ policies: { chain: [{ 'prompt-injection': options }] } });
const rbac = (tools: readonly string[]): JsonObject => ({
  policies: { chain: ['rbac'] },
  policy: { rbac: { deny_if_missing: [], roles: { agent: { allowed_tools: tools } } } },
});
const userLimit: JsonObject = { user_rate_limit: { max_requests: 5, window_seconds: 60, header_names: ['x-user-id'] } };
const all: JsonObject = { max_requests: 50, window_seconds: 60 };
const period = (kind: string, anchorDay: number): JsonObject => ({ period: { kind, timeZone: 'UTC', anchorDay } });

const sink = (store: string): JsonObject => ({
  name: store.replace('/', '-'),
  url: 'https://x.acme.example/',
  secret: { store },
});

interface Case {
  readonly code: FindingCode;
  /** Pointer of the object at fault. */
  readonly at: string;
  readonly bad: readonly DesiredObject[];
  /** Close by, and in order. */
  readonly good: readonly DesiredObject[];
}

const TOOLS: JsonObject = { id: 'docs', url: 'https://tools.example/mcp', allowed_tools: [] };

const cases: readonly Case[] = [
  {
    code: 'ISO_I01_REF_CROSSES_ORG',
    at: 'Gateway/production/support-production/spec/teams/0',
    bad: [gateway({ teams: ['bravo-support'] })],
    good: [make.team('bravo-support'), gateway({ teams: ['bravo-support'] })],
  },
  {
    code: 'ISO_I02_REF_NOT_IN_ORG',
    at: 'Gateway/production/support-production/spec/teams/0',
    bad: [gateway({ teams: ['nobody'] })],
    good: [gateway({ teams: ['support'] })],
  },
  {
    code: 'ISO_I03_TOKEN_CROSSES_ORG',
    at: 'Token/ci-deploy/spec/gateways/0',
    bad: [make.token('ci-deploy', { gateways: ['bravo-eu-production'] })],
    good: [make.token('ci-deploy', { gateways: ['support-production'] })],
  },
  {
    code: 'ISO_I04_WALLET_CROSSES_ORG',
    at: 'Wallet/child/spec/parent',
    bad: [make.wallet('child', { parent: 'bravo-main' })],
    good: [make.wallet('child', { parent: 'main' })],
  },
  {
    code: 'ISO_I04_WALLET_CROSSES_ORG',
    at: 'Team/support/spec/wallet',
    bad: [make.team('support', { wallet: 'bravo000000000000000' })],
    good: [make.team('support', { wallet: 'main' })],
  },
  {
    code: 'ISO_I05_TARGETING_NOT_OF_ORG',
    at: 'Policy/production/support/spec/document/policies/chain/0/prompt-injection/targeting/teams/1',
    bad: [policyWith('acme', chain({ targeting: { scope: 'team', teams: ['support', 'bravo-support'] } }))],
    good: [policyWith('acme', chain({ targeting: { scope: 'team', teams: ['support'] } }))],
  },
  {
    code: 'ISO_I05_TARGETING_NOT_OF_ORG',
    at: 'Policy/production/support/spec/document/policies/chain/0/prompt-injection/targeting/gateways',
    bad: [policyWith('acme', chain({ targeting: { gateways: 'support-staging' } }))],
    good: [policyWith('acme', chain({ targeting: { gateways: ['support-production'] } }))],
  },
  {
    code: 'ISO_I06_REVIEWER_CROSSES_ORG',
    at: 'Review/default/spec/reviewers/teams/1',
    bad: [make.review('default', { reviewers: { teams: ['support', 'bravo-support'] } })],
    good: [make.review('default', { reviewers: { teams: ['support'] } })],
  },
  ...[
    'bravo/openai',
    'acme-eu/openai',
    'acme/../bravo/key',
    'shared/openai',
    'acme/*',
    'org/bravo/key',
    'acme..bravo',
  ].map(
    (store): Case => ({
      code: 'ISO_I10_SECRET_OUTSIDE_ORG',
      at: 'Gateway/production/support-production/spec/upstreams/0/secret/store',
      bad: [gateway({ upstreams: [{ id: 'other', account: 'acme-account', region: 'eu', secret: { store } }] })],
      good: ['acme/openai', 'acme.openai.key', 'org/acme/openai', `org/${'acme0'.padEnd(20, '0')}/k`].map(
        (own, index) =>
          make.gateway(`g${index}`, {
            upstreams: [{ id: 'other', account: 'a', region: 'eu', secret: { store: own } }],
          }),
      ),
    }),
  ),
  {
    code: 'ISO_I10_SECRET_OUTSIDE_ORG',
    at: 'Gateway/production/support-production/spec/sinks/1/secret/store',
    bad: [gateway({ sinks: [sink('acme/one'), sink('bravo/two')] })],
    good: [gateway({ sinks: [sink('acme/one'), sink('org/acme/two')] })],
  },
  {
    code: 'ISO_I10_SECRET_OUTSIDE_ORG',
    at: 'Policy/production/support/spec/document/providers/targets/0/secret_key_ref/store',
    bad: [policyWith('acme', { providers: { targets: [target({ secret_key_ref: { store: 'bravo.key' } })] } })],
    good: [policyWith('acme', { providers: { targets: [target({ secret_key_ref: { store: 'acme.key' } })] } })],
  },
  {
    code: 'ISO_I10_SECRET_OUTSIDE_ORG',
    at: 'Policy/production/support/spec/document/policy/external-moderation/secret_key_ref/store',
    bad: [policyWith('acme', moderation({ secret_key_ref: { store: 'bravo.key' } }))],
    good: [policyWith('acme', moderation({ secret_key_ref: { store: 'acme.key' } }))],
  },
  ...['gmail.com', 'co.uk', 'blob.core.windows.net'].map(
    (domain): Case => ({
      code: 'ISO_I17_PUBLIC_DOMAIN',
      at: 'Organization/acme/spec/domains/1',
      bad: [organization({ domains: ['acme.example', domain] })],
      good: [organization({ domains: ['acme.example', 'acme.co.uk', 'acme.blob.core.windows.net'] })],
    }),
  ),
  ...['*', '*.com', '*.*.example', '*.amazonaws.com', 'a*.example', '*.Amazonaws.com.'].map(
    (entry): Case => ({
      code: 'ISO_I22_EGRESS_TOO_WIDE',
      at: 'Gateway/production/support-production/spec/egress/0',
      bad: [gateway({ egress: [entry] })],
      good: [gateway({ egress: ['api.openai.com', '*.openai.com', 'bucket.s3.amazonaws.com:443'] })],
    }),
  ),
  ...[
    ...['10.0.0.7', '169.254.169.254', '[fd00:ec2::254]', '[::ffff:169.254.169.254]', 'localhost:8080', '127.1'],
    ...[
      '2130706433',
      '0x7f000001',
      '017700000001',
      'metadata.google.internal',
      'vault.svc',
      '[::1]:443',
      '::1',
      'fd00::1:443',
      '192.168.1.1',
    ],
    ...['[fe80::1]', '[64:ff9b::a9fe:a9fe]', 'printer.local', '100.64.3.2', '172.31.0.1', '0.0.0.0', '[::]'],
  ].map(
    (entry): Case => ({
      code: 'ISO_I23_EGRESS_PRIVATE',
      at: 'Gateway/production/support-production/spec/egress/1',
      bad: [gateway({ egress: ['api.openai.com', entry] })],
      good: [
        gateway({ egress: ['8.8.8.8', '[2606:4700::1111]:443', '172.32.0.1', 'internal.example', '*.openai.com'] }),
      ],
    }),
  ),
  {
    code: 'ISO_I23_EGRESS_PRIVATE',
    at: 'Policy/production/support/spec/document/providers/targets/0/base_url',
    bad: [policyWith('acme', { providers: { targets: [target({ base_url: 'https://10.1.2.3/v1' })] } })],
    good: [policyWith('acme', { providers: { targets: [target({ base_url: 'https://api.openai.com/v1' })] } })],
  },
  {
    code: 'ISO_I10_SECRET_OUTSIDE_ORG',
    at: 'Policy/production/support/spec/document/tool_servers/0/secret_key_ref/store',
    bad: [policyWith('acme', { tool_servers: [{ ...TOOLS, secret_key_ref: { store: 'bravo.key' } }] })],
    good: [policyWith('acme', { tool_servers: [{ ...TOOLS, secret_key_ref: { store: 'acme.key' } }] })],
  },
  {
    code: 'ISO_I23_EGRESS_PRIVATE',
    at: 'Policy/production/support/spec/document/tool_servers/0/url',
    bad: [policyWith('acme', { tool_servers: [{ ...TOOLS, url: 'https://10.1.2.3/mcp' }] })],
    good: [policyWith('acme', { tool_servers: [TOOLS] })],
  },
  {
    code: 'ISO_I23_EGRESS_PRIVATE',
    at: 'Policy/production/support/spec/document/callbacks/0/url',
    bad: [policyWith('acme', { callbacks: [{ type: 'webhook', url: 'https://169.254.169.254/x' }] })],
    good: [policyWith('acme', { callbacks: [{ type: 'prometheus' }] })],
  },
  {
    code: 'ISO_I23_EGRESS_PRIVATE',
    at: 'Policy/production/support/spec/document/policy/flagged-review/provider/endpoint',
    bad: [policyWith('acme', { policy: { 'flagged-review': { provider: { endpoint: 'https://10.1.2.3/v1' } } } })],
    good: [policyWith('acme', { policy: { 'flagged-review': { provider: { endpoint: 'https://8.8.8.8/v1' } } } })],
  },
  {
    code: 'ISO_I23_EGRESS_PRIVATE',
    at: 'Gateway/production/support-production/spec/sinks/0/url',
    bad: [gateway({ sinks: [{ name: 's', url: 'http://127.0.0.1:9/x' }] })],
    good: [gateway({ sinks: [{ name: 's', url: 'https://logs.acme.example/x' }] })],
  },
  {
    code: 'ISO_I24_LIMIT_BY_CLIENT_HEADER',
    at: 'Policy/production/support/spec/document/user_rate_limit',
    bad: [policyWith('acme', userLimit)],
    good: [policyWith('acme', { ...userLimit, global_rate_limit: all })],
  },
  {
    code: 'ISO_I24_LIMIT_BY_CLIENT_HEADER',
    at: 'Policy/production/support/spec/document/user_rate_limit',
    bad: [policyWith('acme', userLimit), gateway({ limits: { concurrentRequests: 5 } })],
    good: [policyWith('acme', userLimit), gateway({ limits: { requestsPerMinute: 60 } })],
  },
  {
    code: 'ISO_I29_NO_CEILING',
    at: 'Gateway/production/support-production/spec/limits',
    bad: [organization({ isolation: 'shared' }), gateway({ limits: { requestsPerMinute: 60 } })],
    good: [
      organization({ isolation: 'shared' }),
      gateway({ limits: { requestsPerMinute: 60, concurrentRequests: 4 } }),
    ],
  },
  {
    code: 'ISO_I30_REGION_OUTSIDE',
    at: 'Gateway/production/support-production/spec/region',
    bad: [organization({ regions: ['eu-central', 'eu-north'] }), gateway({ region: 'us-east' })],
    good: [organization({ regions: ['eu-central', 'eu-north'] }), gateway({ region: 'eu-north' })],
  },
  {
    code: 'ISO_I30_REGION_OUTSIDE',
    at: 'Gateway/production/support-production/spec/upstreams/0/region',
    bad: [organization({ regions: ['eu-central'] }), gateway(upstream({ region: 'us-east' }))],
    good: [organization({ regions: ['eu-central'] }), gateway(upstream({}))],
  },
  {
    code: 'ISO_I30_REGION_OUTSIDE',
    at: 'Gateway/production/support-production/spec/host',
    bad: [gateway({ host: 'edge-us' })],
    good: [gateway({ host: 'edge-eu' })],
  },
  {
    code: 'GATEWAY_HOST',
    at: 'Gateway/production/support-production/spec/host',
    bad: [gateway({ host: 'edge-nowhere' })],
    good: [gateway({ host: 'edge-eu' })],
  },
  {
    code: 'ISO_I36_WILDCARD_TOOL',
    at: 'Policy/production/support/spec/document/policy/rbac/roles/agent/allowed_tools/1',
    bad: [policyWith('acme', rbac(['lookup', '*']))],
    good: [policyWith('acme', rbac(['lookup', 'refund']))],
  },
  {
    code: 'ISO_I38_TOKEN_LOOSER_THAN_TEAM',
    at: 'Token/ci-deploy/spec/wallet',
    bad: [
      make.wallet('desk', { parent: 'main' }),
      make.team('support', { wallet: 'desk' }),
      make.token('ci-deploy', { wallet: 'main' }),
    ],
    good: [
      make.wallet('desk', { parent: 'main' }),
      make.wallet('app', { parent: 'desk' }),
      make.team('support', { wallet: 'desk' }),
      make.token('ci-deploy', { wallet: 'app' }),
    ],
  },
  {
    code: 'ISO_I39_WALLET_LOOSER_THAN_PARENT',
    at: 'Wallet/child/spec/limit',
    bad: [make.wallet('child', { parent: 'main', limit: '500.000001' })],
    good: [make.wallet('child', { parent: 'main', limit: '500.00' })],
  },
  {
    code: 'ISO_I39_WALLET_LOOSER_THAN_PARENT',
    at: 'Wallet/child/spec/limit',
    bad: [make.wallet('child', { parent: 'main', limit: '600', ...period('day', 1) })],
    good: [make.wallet('child', { parent: 'main', limit: '600', ...period('total', 1) })],
  },
  {
    code: 'ISO_I39_WALLET_LOOSER_THAN_PARENT',
    at: 'Wallet/child/spec/whenExhausted',
    bad: [make.wallet('child', { parent: 'main', whenExhausted: 'allow' })],
    good: [make.wallet('child', { parent: 'main', whenExhausted: 'hold' })],
  },
  {
    code: 'ISO_I58_RUNTIME_REFUSED',
    at: 'Gateway/production/support-production/spec/runtime/version',
    bad: [gateway({ runtime: { name: 'tenantry-gateway', version: '0.9.0' } })],
    good: [gateway({ runtime: { name: 'tenantry-gateway', version: '1.1.0' } })],
  },
  {
    code: 'ISO_I58_RUNTIME_UNTESTED',
    at: 'Gateway/production/support-production/spec/runtime/version',
    bad: [gateway({ runtime: { name: 'tenantry-gateway', version: '1.2.0' } })],
    good: [gateway({ runtime: { name: 'tenantry-gateway', version: '1.1.0' } })],
  },
  {
    code: 'ISO_I60_WAIVER_EXPIRED',
    at: 'Waiver/w/spec/expires',
    bad: [waiver({ expires: '2026-06-01T00:00:00Z' })],
    good: [waiver({ expires: '2026-09-01T00:00:00Z' })],
  },
  {
    code: 'ISO_I60_WAIVER_TOO_WIDE',
    at: 'Waiver/w/spec/expires',
    bad: [waiver({ expires: '2027-07-07T00:00:00Z' })],
    good: [waiver({ expires: '2027-07-06T00:00:00Z' })],
  },
  {
    code: 'ISO_I60_WAIVER_TOO_WIDE',
    at: 'Waiver/w/spec/approvers',
    bad: [waiver({ code: 'ISO_I39_WALLET_LOOSER_THAN_PARENT', approvers: ['@ana', '@Ana'] })],
    good: [waiver({ code: 'ISO_I39_WALLET_LOOSER_THAN_PARENT', approvers: ['@ana', '@ben'] })],
  },
  {
    code: 'ISO_I60_WAIVER_TOO_WIDE',
    at: 'Waiver/w/spec/code',
    bad: [waiver({ code: 'ISO_I08_SHARED_SECRET_REF' })],
    good: [waiver({ code: 'ISO_I19_PERSON_IN_TWO_ORGS' })],
  },
  {
    code: 'ISO_I60_WAIVER_TOO_WIDE',
    at: 'Waiver/w/spec/object',
    bad: [waiverOfAnything()],
    good: [waiver({})],
  },
  {
    code: 'ISO_I60_WAIVER_APPROVER',
    at: 'Waiver/w/spec/approvers',
    bad: [waiver({ approvers: ['@ana', '@nobody/atall'] })],
    good: [waiver({ approvers: ['@Ana'] })],
  },
  ...['@msp/operators', '@MSP/Operators', '@msp/platform'].map(
    (approver): Case => ({
      code: 'ISO_I60_WAIVER_SELF_APPROVED',
      at: 'Waiver/w/spec/approvers',
      bad: [waiver({ approvers: [approver] })],
      good: [waiver({ owner: '@msp/operators', approvers: ['@ana'] })],
    }),
  ),
  {
    code: 'ISO_I62_POLICY_CHOSEN_BY_CLIENT',
    at: 'Policy/production/support/spec/document/policies/chain/0/prompt-injection/when/header',
    bad: [policyWith('acme', chain({ when: { header: { 'x-workflow': 'letters' } } }))],
    good: [policyWith('acme', chain({ when: { path: '/v1/chat', model: ['gpt-4o-mini'] } }))],
  },
  {
    code: 'WALLET_SCOPE_INVERTED',
    at: 'Wallet/child/spec/parent',
    bad: [
      make.wallet('desk', { scope: 'team', team: 'support' }),
      make.wallet('child', { scope: 'org', parent: 'desk' }),
    ],
    good: [
      make.wallet('desk', { scope: 'team', team: 'support' }),
      make.wallet('child', { scope: 'user', user: 'ana@acme.example', parent: 'desk' }),
    ],
  },
  {
    code: 'WALLET_PERIOD',
    at: 'Wallet/main/spec/period/anchorDay',
    bad: [make.wallet('main', period('week', 8))],
    good: [make.wallet('main', period('week', 7))],
  },
  {
    code: 'WALLET_PERIOD',
    at: 'Wallet/main/spec/period/anchorDay',
    bad: [make.wallet('main', period('total', 2))],
    good: [make.wallet('main', period('month', 28))],
  },
  {
    code: 'WALLET_THRESHOLDS',
    at: 'Wallet/main/spec/thresholds',
    bad: [make.wallet('main', { thresholds: [] })],
    good: [make.wallet('main', { thresholds: [], whenExhausted: 'allow' })],
  },
  {
    code: 'WALLET_LIMIT_ZERO',
    at: 'Wallet/main/spec/limit',
    bad: [make.wallet('main', { limit: '0.00' })],
    good: [make.wallet('main', { limit: '0.000001' })],
  },
  {
    code: 'GATEWAY_RING_UNKNOWN',
    at: 'Gateway/production/support-production/spec/ring',
    bad: [gateway({ ring: 'nightly' })],
    good: [gateway({ ring: 'canary' })],
  },
  {
    code: 'WAIVER_ENDS_SOON',
    at: 'Waiver/w/spec/expires',
    bad: [waiver({ expires: '2026-06-15T00:00:00Z' })],
    good: [waiver({ expires: '2026-06-15T00:00:01Z' })],
  },
];

const judge = (objects: readonly DesiredObject[]) => validateOrg(contextOf('acme', withObjects('acme', ...objects)));

describe('rules of one org', () => {
  test.each(cases.map((item, index) => [item.code, index, item] as const))('%s (%i)', (code, _, { at, bad, good }) => {
    const found = judge(bad).filter((item) => item.code === code);
    expect(found.map(({ place }) => place.file)).toEqual([`acme ${at}`]);
    expect(judge(good).filter((item) => item.code === code)).toEqual([]);
  });

  test('secret paths are never said', () => {
    const found = judge([gateway(upstream({ secret: { store: 'planted/path' } }))]);
    expect(found.map(({ code }) => code)).toContain('ISO_I10_SECRET_OUTSIDE_ORG');
    expect(JSON.stringify(found)).not.toContain('planted');
  });

  test('without fleet.yaml no ring, host or version is wrong', () => {
    const { fleet: _, ...bare } = contextOf('acme', withObjects('acme', gateway({ ring: 'nightly', host: 'edge-us' })));
    expect(validateOrg(bare)).toEqual([]);
  });
});
