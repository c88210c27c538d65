import { expect, test } from 'vitest';
import { emit } from '../kinds/index.ts';
import { type JsonObject, type Manifest, objectKey } from '../model/index.ts';
import { renderOrg } from './index.ts';
import {
  compiled,
  manifest,
  mustBe,
  organization,
  overlay,
  renderInput,
  type TemplateFiles,
} from './render.testkit.ts';

const WALLETS = `manifests:
  - kind: Wallet
    metadata: { name: w }
    spec: &spec
      scope: org
      currency: EUR
      limit: '500.00'
      period: { kind: month, timeZone: Europe/Berlin, anchorDay: 1 }
      thresholds: [80, 100]
      whenExhausted: block
`.replace(' &spec', '');
const second = WALLETS.replace('manifests:\n', '').replace('name: w', 'name: w2');
const FILES: TemplateFiles = {
  bodies: {
    'wallets.yaml': WALLETS + second,
    'policies.yaml': `manifests:
  - kind: Policy
    metadata: { name: p, environment: live }
    spec:
      document:
        pack: { name: p, enabled: true }
        policies: { chain: [prompt-injection, { pii-detector: { when: { path: /v1 } } }, audit-logger] }
        policy: { dlp-filter: { blocked_terms: [one, two], action: redact } }
`,
    'gateways.yaml': `manifests:
  - kind: Gateway
    metadata: { name: g, environment: live }
    spec:
      workload: chat
      host: h1
      listen: 127.0.0.1:41002
      region: eu
      policy: p
      teams: [a]
      ring: general
      runtime: { name: tenantry-gateway, version: 0.1.0 }
      upstreams:
        - { id: main, account: acct-1, region: eu, secret: { env: ACME_KEY } }
      egress: [api.example.com]
      limits: { requestsPerMinute: 100 }
`,
  },
};
const template = mustBe(compiled(FILES));
const WALLET = { kind: 'Wallet', name: 'w' };
const POLICY = { kind: 'Policy', name: 'p', environment: 'live' };
const GATEWAY = { kind: 'Gateway', name: 'g', environment: 'live' };

function patched(target: JsonObject, ...patches: readonly JsonObject[]) {
  return renderOrg(renderInput(template, { overlays: [overlay('o', target, patches)] }));
}

function documentOf(result: ReturnType<typeof patched>, key: string): JsonObject | undefined {
  return mustBe(result).objects.find((object) => objectKey(object.id) === key)?.document;
}

test.each([
  [WALLET, { op: 'replace', path: '/spec/limit', was: '500.00', value: '400.00' }, { limit: '400.00' }],
  [WALLET, { op: 'replace', path: '/spec/thresholds', was: [100, 80], value: [50, 100] }, { thresholds: [50, 100] }],
  [WALLET, { op: 'add', path: '/spec/thresholds/90', value: true }, { thresholds: [80, 90, 100] }],
  [WALLET, { op: 'remove', path: '/spec/thresholds/80', was: true }, { thresholds: [100] }],
  [WALLET, { op: 'add', path: '/spec/paymentRule', value: 'all-must-pass' }, { paymentRule: 'all-must-pass' }],
  [
    GATEWAY,
    { op: 'replace', path: '/spec/upstreams/main/account', was: 'acct-1', value: 'acct-2' },
    { upstreams: [{ account: 'acct-2' }] },
  ],
  [
    GATEWAY,
    {
      op: 'replace',
      path: '/spec/upstreams/main',
      was: { region: 'eu', account: 'acct-1', secret: { env: 'ACME_KEY' } },
      value: { account: 'a', region: 'eu', secret: { env: 'B' } },
    },
    { upstreams: [{ id: 'main', account: 'a' }] },
  ],
])('on %j the patch %j is made', (target, patch, expected) => {
  const key = 'environment' in target ? `${target.kind}/live/${target.name}` : `${target.kind}/${target.name}`;
  expect(documentOf(patched(target, patch), key)).toMatchObject({ spec: expected });
});

test('of a retired org no gateway is made, so that an overlay of one has nothing to patch and says why', () => {
  const patch = { op: 'replace', path: '/spec/region', was: 'eu', value: 'us' };
  const org = organization({ title: 'Hello' }, { retired: '2027-01-01T00:00:00Z' });
  const retired = (one: Manifest) => renderOrg(renderInput(template, { organization: org, overlays: [one] }));
  const limit = { op: 'replace', path: '/spec/limit', was: '500.00', value: '400.00' };
  const rendered = mustBe(retired(overlay('o', WALLET, [limit])));
  expect(rendered.objects.map(({ id }) => objectKey(id))).toEqual([
    'Organization/acme',
    'Policy/live/p',
    'Wallet/w',
    'Wallet/w2',
  ]);
  expect(rendered.objects[0]?.document).toMatchObject({ spec: { retired: '2027-01-01T00:00:00Z' } });
  const refused = retired(overlay('o', GATEWAY, [patch]));
  expect(refused.ok ? [] : refused.findings).toMatchObject([
    { code: 'OVERLAY_STALE', message: 'the org is retired, so nothing generates Gateway/live/g' },
  ]);
});

test('an object without labels gets one, and another', () => {
  const label = (name: string) => ({ op: 'add', path: `/metadata/labels/${name}`, value: 'yes' });
  const made = patched(WALLET, label('first'), label('second'));
  expect(documentOf(made, 'Wallet/w')).toMatchObject({ metadata: { labels: { first: 'yes', second: 'yes' } } });
  const none = patched(WALLET, { op: 'replace', path: '/metadata/labels/first', was: 'yes', value: 'no' });
  expect(none.findings).toMatchObject([{ code: 'OVERLAY_STALE', found: 'nothing' }]);
});

test('lists without keys are patched by index and at their end', () => {
  const terms = '/spec/document/policy/dlp-filter/blocked_terms';
  const made = patched(
    POLICY,
    { op: 'replace', path: `${terms}/0`, was: 'one', value: 'uno' },
    { op: 'add', path: `${terms}/-`, value: 'three' },
  );
  expect(documentOf(made, 'Policy/live/p')).toMatchObject({
    spec: { document: { policy: { 'dlp-filter': { blocked_terms: ['uno', 'two', 'three'] } } } },
  });
});

test.each([
  [WALLET, { op: 'replace', path: '/spec/limit', was: '450.00', value: '400.00' }, 'OVERLAY_STALE'],
  [WALLET, { op: 'replace', path: '/spec/limits', was: '450.00', value: '400.00' }, 'OVERLAY_STALE'],
  [WALLET, { op: 'replace', path: '/spec/thresholds', was: [80], value: [50] }, 'OVERLAY_STALE'],
  [WALLET, { op: 'remove', path: '/spec/parent', was: 'x' }, 'OVERLAY_STALE'],
  [WALLET, { op: 'add', path: '/spec/limit', value: '1.00' }, 'OVERLAY_STALE'],
  [WALLET, { op: 'add', path: '/spec/none/x', value: 1 }, 'OVERLAY_STALE'],
  [POLICY, { op: 'add', path: '/spec/document/policies/chain/0', value: 'rbac' }, 'OVERLAY_STALE'],
  [WALLET, { op: 'add', path: '/spec/thresholds/-', value: 50 }, 'OVERLAY_STALE'],
  [WALLET, { op: 'add', path: '/spec/thresholds/50', value: 50 }, 'OVERLAY_STALE'],
  [GATEWAY, { op: 'add', path: '/spec/upstreams/spare', value: 'openai' }, 'OVERLAY_STALE'],
  [{ kind: 'Wallet', name: 'none' }, { op: 'add', path: '/spec/parent', value: 'w2' }, 'OVERLAY_STALE'],
  [POLICY, { op: 'replace', path: '/spec/document/pack/version', was: '1.0.0', value: '9.0.0' }, 'OVERLAY_FORBIDDEN'],
  [POLICY, { op: 'replace', path: '/spec/document/pack', was: {}, value: {} }, 'OVERLAY_FORBIDDEN'],
  [POLICY, { op: 'replace', path: '/spec/document', was: {}, value: {} }, 'OVERLAY_FORBIDDEN'],
  [WALLET, { op: 'add', path: '/spec/__proto__', value: {} }, 'OVERLAY_FORBIDDEN'],
  [WALLET, { op: 'replace', path: '/spec/limit', was: '500.00', value: 'much' }, 'RENDERED_INVALID'],
])('on %j the patch %j is refused with %s', (target, patch, code) => {
  const { findings } = patched(target, patch);
  expect(findings).toMatchObject([{ code, org: 'acme', place: { file: 'orgs/acme/overlays/o.yaml' } }]);
});

test('what makes no item of a list with keys is told as that, also where a floor is about the list', () => {
  const floors = [{ kind: 'Wallet', path: '/spec/thresholds', rule: 'contains', value: [100] }];
  const item = (value: number | boolean) => {
    const one = overlay('o', WALLET, [{ op: 'add', path: '/spec/thresholds/50', value }]);
    return renderOrg(renderInput(mustBe(floored(JSON.stringify(floors))), { overlays: [one] }));
  };
  expect(item(50).findings).toMatchObject([
    { code: 'OVERLAY_STALE', message: 'add /spec/thresholds/50 makes no item of the list', found: '50 with 50' },
  ]);
  expect(item(true).findings).toEqual([]);
});

test('what identifies an object cannot be patched, even past the schema', () => {
  for (const path of ['/metadata/name', '/kind', '/apiVersion', '/metadata/org', '/spec']) {
    const item = overlay('o', WALLET, [{ op: 'add', path: '/spec/x', value: 1 }]);
    const spec = { ...item.spec, patches: [{ op: 'add', path, value: 'x' }] };
    const { findings } = renderOrg(renderInput(template, { overlays: [{ ...item, spec }] }));
    expect(findings).toMatchObject([{ code: 'OVERLAY_FORBIDDEN', found: path }]);
  }
});

test('a stale guard shows what is there, but never a secret reference', () => {
  const shown = patched(WALLET, { op: 'replace', path: '/spec/limit', was: '1.00', value: '2.00' }).findings;
  expect(shown).toMatchObject([{ expected: '"1.00"', found: '"500.00"', place: { line: 8 } }]);
  const hidden = patched(GATEWAY, { op: 'replace', path: '/spec/upstreams/main/secret/env', was: 'WRONG', value: 'X' });
  expect(JSON.stringify(hidden.findings)).not.toMatch(/ACME_KEY|WRONG/);
});

test('an overlay changes its target alone, and neither the template nor a later render', () => {
  const plain = mustBe(renderOrg(renderInput(template)));
  const made = mustBe(patched(WALLET, { op: 'add', path: '/spec/thresholds/50', value: true }));
  const differing = made.objects.filter((object, index) => object.text !== plain.objects[index]?.text);
  expect(differing.map((object) => objectKey(object.id))).toEqual(['Wallet/w']);
  expect(mustBe(renderOrg(renderInput(template)))).toEqual(plain);
});

test('what no input reaches is one frozen value for all orgs, which an overlay copies and never changes', () => {
  const before = documentOf(renderOrg(renderInput(template)), 'Wallet/w')?.['spec'];
  const own = patched(WALLET, { op: 'replace', path: '/spec/period/anchorDay', was: 1, value: 15 });
  const after = documentOf(renderOrg(renderInput(template)), 'Wallet/w')?.['spec'];
  expect(documentOf(own, 'Wallet/w')).toMatchObject({ spec: { period: { anchorDay: 15, timeZone: 'Europe/Berlin' } } });
  expect(after).toBe(before);
  expect(after).toMatchObject({ period: { anchorDay: 1 }, thresholds: [80, 100] });
  const { period, thresholds } = after as { readonly period: object; readonly thresholds: object };
  expect([after as object, period, thresholds].every(Object.isFrozen)).toBe(true);
});

test('overlays apply in the order of their files', () => {
  const first = overlay('a', WALLET, [{ op: 'replace', path: '/spec/limit', was: '500.00', value: '400.00' }]);
  const next = overlay('b', WALLET, [{ op: 'replace', path: '/spec/limit', was: '400.00', value: '300.00' }]);
  const result = renderOrg(renderInput(template, { overlays: [next, first] }));
  expect(documentOf(result, 'Wallet/w')).toMatchObject({ spec: { limit: '300.00' } });
});

const floored = (floors: string) => compiled({ ...FILES, floors });
const custom = (limit: string) =>
  manifest(
    'orgs/acme/custom/w3.yaml',
    emit({
      apiVersion: 'tenantry/v1',
      kind: 'Wallet',
      metadata: { org: 'acme', name: 'w3' },
      spec: {
        scope: 'org',
        currency: 'EUR',
        limit,
        period: { kind: 'month', timeZone: 'UTC', anchorDay: 1 },
        thresholds: [100],
        whenExhausted: 'block',
      },
    }),
  );
const limitTo = (value: string): JsonObject => ({ op: 'replace', path: '/spec/limit', was: '500.00', value });
const CHAIN = '/spec/document/policies/chain';

test.each([
  ['[{ kind: Wallet, path: /spec/limit, rule: max }]', WALLET, limitTo('499.999999'), []],
  ['[{ kind: Wallet, path: /spec/limit, rule: max }]', WALLET, limitTo('500'), []],
  ['[{ kind: Wallet, path: /spec/limit, rule: max }]', WALLET, limitTo('500.000001'), ['FLOOR_LOOSENED']],
  ["[{ kind: Wallet, path: /spec/limit, rule: max, value: '900' }]", WALLET, limitTo('1000'), ['FLOOR_LOOSENED']],
  ["[{ kind: Wallet, path: /spec/limit, rule: min, value: '100' }]", WALLET, limitTo('99'), ['FLOOR_LOOSENED']],
  ['[{ kind: Wallet, path: /spec/limit, rule: locked }]', WALLET, limitTo('400'), ['OVERLAY_FLOOR']],
  ['[{ kind: Wallet, path: /spec/whenExhausted, rule: locked }]', WALLET, limitTo('400'), []],
  [
    '[{ kind: Wallet, path: /spec/thresholds, rule: contains }]',
    WALLET,
    { op: 'add', path: '/spec/thresholds/90', value: true },
    [],
  ],
  [
    '[{ kind: Wallet, path: /spec/thresholds, rule: contains }]',
    WALLET,
    { op: 'remove', path: '/spec/thresholds/80', was: true },
    ['FLOOR_LOOSENED'],
  ],
  [
    '[{ kind: Gateway, path: /spec/limits/requestsPerMinute, rule: max }]',
    GATEWAY,
    { op: 'remove', path: '/spec/limits/requestsPerMinute', was: 100 },
    ['FLOOR_LOOSENED'],
  ],
  [
    `[{ kind: Policy, path: ${CHAIN}, rule: contains, value: [pii-detector, audit-logger] }]`,
    POLICY,
    { op: 'replace', path: `${CHAIN}/0`, was: 'prompt-injection', value: 'rbac' },
    [],
  ],
  [
    `[{ kind: Policy, path: ${CHAIN}, rule: contains, value: [pii-detector, audit-logger] }]`,
    POLICY,
    { op: 'remove', path: `${CHAIN}/2`, was: 'audit-logger' },
    ['FLOOR_LOOSENED'],
  ],
  // A condition takes a policy away from requests: an entry has none but those that the template gives it.
  ...(
    [
      ['audit-logger', { 'audit-logger': { when: { path: '/v1' } } }, ['FLOOR_LOOSENED']],
      ['audit-logger', { 'audit-logger': { targeting: { scope: 'team', teams: ['a'] } } }, ['FLOOR_LOOSENED']],
      ['audit-logger', { 'audit-logger': { parallel: false } }, []],
      [
        { 'pii-detector': { when: { path: '/v1' } } },
        { 'pii-detector': { when: { path: '/zzz' } } },
        ['FLOOR_LOOSENED'],
      ],
      [
        { 'pii-detector': { when: { path: '/v1' } } },
        { 'pii-detector': { stage: 'pre-request', when: { path: '/v1' } } },
        [],
      ],
      [{ 'pii-detector': { when: { path: '/v1' } } }, 'pii-detector', []],
    ] as const
  ).flatMap(([was, value, codes]) =>
    ['', ', value: [pii-detector, audit-logger]'].map(
      (stated) =>
        [
          `[{ kind: Policy, path: ${CHAIN}, rule: contains${stated} }]`,
          POLICY,
          { op: 'replace', path: `${CHAIN}/${was === 'audit-logger' ? 2 : 1}`, was, value },
          [...codes],
        ] as [string, JsonObject, JsonObject, string[]],
    ),
  ),
  // What else loosens a wallet than its limit.
  [
    '[{ kind: Wallet, path: /spec/parent, rule: locked }]',
    WALLET,
    { op: 'add', path: '/spec/parent', value: 'w2' },
    ['OVERLAY_FLOOR'],
  ],
  [
    '[{ kind: Wallet, path: /spec/period/kind, rule: locked }]',
    WALLET,
    { op: 'replace', path: '/spec/period/kind', was: 'month', value: 'week' },
    ['OVERLAY_FLOOR'],
  ],
  [
    '[{ kind: Wallet, path: /spec/whenExhausted, rule: locked, value: block }]',
    WALLET,
    { op: 'replace', path: '/spec/whenExhausted', was: 'block', value: 'allow' },
    ['OVERLAY_FLOOR'],
  ],
  [
    "[{ kind: Gateway, path: '/spec/upstreams/*/region', rule: locked, value: eu }]",
    GATEWAY,
    { op: 'replace', path: '/spec/upstreams/main/region', was: 'eu', value: 'us' },
    ['OVERLAY_FLOOR'],
  ],
  [
    "[{ kind: Gateway, path: '/spec/upstreams/*/region', rule: locked, value: eu }]",
    GATEWAY,
    { op: 'replace', path: '/spec/upstreams/main/account', was: 'acct-1', value: 'b' },
    [],
  ],
])('under the floors %s, on %j the patch %j gives %j', (floors, target, patch, codes) => {
  const input = renderInput(mustBe(floored(floors)), { overlays: [overlay('o', target, [patch])] });
  expect(renderOrg(input).findings.map((finding) => finding.code)).toEqual(codes);
});

test('a floor with a bound holds for what the template and custom/ make, too', () => {
  const tight = mustBe(floored("[{ kind: Wallet, path: /spec/limit, rule: max, value: '400' }]"));
  const { findings } = renderOrg(renderInput(tight, { custom: [custom('401')] }));
  expect(findings).toMatchObject([
    { code: 'FLOOR_LOOSENED', object: 'Wallet/w', place: { file: 'templates/t/1.0.0/wallets.yaml' } },
    { code: 'FLOOR_LOOSENED', object: 'Wallet/w2' },
    {
      code: 'FLOOR_LOOSENED',
      object: 'Wallet/w3',
      place: { file: 'orgs/acme/custom/w3.yaml' },
      expected: 'at most 400',
    },
  ]);
  const relative = mustBe(floored('[{ kind: Wallet, path: /spec/limit, rule: max }]'));
  expect(renderOrg(renderInput(relative, { custom: [custom('9000')] })).ok).toBe(true);
});

test('what a list lacks, and what counts only under conditions, is said', () => {
  const floors = `[{ kind: Policy, path: ${CHAIN}, rule: contains, value: [rbac, dlp-filter, pii-detector, audit-logger] }]`;
  const narrowed = { 'audit-logger': { when: { path: '/zzz' } } };
  const input = renderInput(mustBe(floored(floors)), {
    overlays: [overlay('o', POLICY, [{ op: 'replace', path: `${CHAIN}/2`, was: 'audit-logger', value: narrowed }])],
  });
  expect(renderOrg(input).findings).toMatchObject([
    {
      code: 'FLOOR_LOOSENED',
      expected: 'a list with rbac, dlp-filter, pii-detector, audit-logger',
      found: 'no rbac, no dlp-filter, audit-logger under conditions of its own',
      place: { file: 'orgs/acme/overlays/o.yaml' },
    },
  ]);
});

const customPolicy = (targets: readonly JsonObject[]) =>
  manifest(
    'orgs/acme/custom/own.yaml',
    emit({
      apiVersion: 'tenantry/v1',
      kind: 'Policy',
      metadata: { org: 'acme', environment: 'live', name: 'own' },
      spec: { document: { pack: { name: 'own', version: '1.0.0', enabled: true }, providers: { targets } } },
    }),
  );

test('of an ordered list each item counts, its order does not', () => {
  const keeps = { data_policy: { zero_data_retention: true } };
  const floors =
    "[{ kind: Policy, path: '/spec/document/providers/targets/*/data_policy/zero_data_retention', rule: locked, value: true }]";
  const found = (...targets: readonly JsonObject[]) =>
    renderOrg(renderInput(mustBe(floored(floors)), { custom: [customPolicy(targets)] })).findings;
  const [main, spare] = [
    { id: 'main', ...keeps },
    { id: 'spare', provider: 'x' },
  ];
  expect(found(main)).toEqual([]);
  expect(found(main, { ...spare, ...keeps })).toEqual([]);
  expect(found(main, spare)).toMatchObject([
    {
      message: expect.stringContaining('/targets/spare/data_policy/zero_data_retention'),
      expected: 'true, which the template states',
      found: 'nothing',
      place: { file: 'orgs/acme/custom/own.yaml', line: 18 },
    },
  ]);
});

test.each([
  ['[{ kind: Wallet, path: /spec/limits, rule: max }]', 'limits'],
  ['[{ kind: Wallet, path: /metadata/name, rule: locked }]', 'metadata'],
  ['[{ kind: Wallet, path: /spec/limit, rule: max, value: much }]', 'a text of 4 characters'],
  ['[{ kind: Wallet, path: /spec/limit, rule: max, value: [5] }]', 'a list of 1'],
  ['[{ kind: Gateway, path: /spec/limits/requestsPerHour, rule: max, value: 5 }]', 'requestsPerHour'],
])('the floors %s are refused before any org exists', (floors, found) => {
  expect(floored(floors).findings).toMatchObject([
    { code: 'TEMPLATE_FLOOR', found, place: { file: 'templates/t/1.0.0/template.yaml' } },
  ]);
});
