import type { JsonObject, Kind, OrgSlug } from '../model/index.ts';

export const ACME = 'acme' as OrgSlug;
const DIGEST = 'a3'.repeat(32);
const INSTANT = '2027-01-31T00:00:00Z';

/** metadata and spec of one valid manifest of each kind. */
const bodies: { readonly [kind in Kind]: { readonly metadata: JsonObject; readonly spec: JsonObject } } = {
  Fleet: {
    metadata: { name: 'northwind' },
    spec: {
      displayName: 'Northwind Managed AI',
      renderVersion: 1,
      owners: { platform: ['@northwind/platform'] },
      signingKeys: [{ id: 'ops', key: `ssh-ed25519 ${'A'.repeat(68)}`, owner: '@ops' }],
      staff: [{ address: 'ops@northwind.example', displayName: 'Operations' }],
      staffTokens: [{ id: 'k3v9x2m7', digest: DIGEST, notAfter: INSTANT }],
      store: { driver: 'sqlite', path: '.tenantry/store.db' },
      publisher: { driver: 'files', path: '.tenantry/bundles' },
      controlPlane: { listen: '127.0.0.1:4100', url: 'http://127.0.0.1:4100' },
      rings: [
        { name: 'pilot', orgs: ['acme'], soakMinutes: 30 },
        { name: 'main', soakMinutes: 0 },
      ],
      limits: { changedOrgsPercent: 10, changedOrgsCount: 50, deletedObjectsPercent: 20, deletedObjectsCount: 10 },
      freeze: [{ from: INSTANT, to: INSTANT, reason: 'end of year' }],
      onExpired: 'block',
      prices: 'list',
      hosts: [{ name: 'edge-1', region: 'eu-central' }],
    },
  },
  Organization: {
    metadata: { org: 'acme', name: 'acme' },
    spec: {
      displayName: 'Acme Industries',
      uid: 'k3v9x2m7a1b2c3d4e5f6',
      isolation: 'dedicated',
      owners: ['@northwind/acme'],
      domains: ['acme.example'],
      template: 'baseline@1.2.0',
      inputs: { teams: [{ name: 'support' }] },
    },
  },
  Team: {
    metadata: { org: 'acme', name: 'support' },
    spec: {
      displayName: 'Support',
      leads: ['ana@acme.example'],
      members: ['ben@acme.example', 'cai@acme.example'],
      delegation: { mayManageTokens: true, mayAdjustWallets: false },
      wallet: 'support',
    },
  },
  Wallet: {
    metadata: { org: 'acme', name: 'support' },
    spec: {
      scope: 'team',
      team: 'support',
      parent: 'main',
      currency: 'EUR',
      limit: '500.00',
      period: { kind: 'month', timeZone: 'Europe/Berlin', anchorDay: 1 },
      thresholds: [50, 80, 100],
      whenExhausted: 'block',
      paymentRule: 'first-that-can-pay',
    },
  },
  Token: {
    metadata: { org: 'acme', name: 'ci-support' },
    spec: {
      owner: 'ana@acme.example',
      team: 'support',
      wallet: 'support',
      gateways: ['acme-support'],
      scopes: ['chat', 'models'],
      models: ['gpt-4o', 'meta/llama-3'],
      role: 'agent',
      expires: INSTANT,
      rotationOverlapHours: 24,
    },
  },
  Credentials: {
    metadata: { org: 'acme', name: 'credentials' },
    spec: {
      tokens: [{ token: 'ci-support', id: 'k3v9x2m7', digest: DIGEST, notBefore: INSTANT, notAfter: INSTANT }],
    },
  },
  Policy: {
    metadata: { org: 'acme', environment: 'production', name: 'baseline' },
    spec: {
      document: {
        pack: { name: 'baseline', version: '1.2.0', enabled: true },
        policies: { chain: ['prompt-injection', 'audit-logger'] },
        providers: { targets: [{ id: 'openai-main', provider: 'openai:chat:gpt-4o' }, { id: 'backup' }] },
      },
    },
  },
  Gateway: {
    metadata: { org: 'acme', environment: 'production', name: 'acme-support' },
    spec: {
      workload: 'customer support',
      host: 'edge-1',
      listen: '127.0.0.1:41002',
      hostname: 'ai.acme.example',
      region: 'eu-central',
      policy: 'baseline',
      teams: ['support'],
      wallet: 'main',
      ring: 'pilot',
      runtime: { name: 'tenantry-gateway', version: '1.0.0' },
      upstreams: [
        { id: 'backup', account: 'acme-2', region: 'eu-central', secret: { store: 'org/acme/backup' } },
        { id: 'openai-main', account: 'acme-1', region: 'eu-central', secret: { env: 'OPENAI_API_KEY' } },
      ],
      sinks: [{ name: 'siem', url: 'https://logs.acme.example/ingest' }],
      egress: ['*.acme.example', 'api.openai.com:443'],
      limits: { requestsPerMinute: 600, concurrentRequests: 50, bodyBytes: 1048576 },
    },
  },
  Overlay: {
    metadata: { org: 'acme', name: 'more-budget' },
    spec: {
      target: { kind: 'Wallet', name: 'support' },
      reason: 'the pilot needs more',
      patches: [
        { path: '/spec/limit', op: 'replace', was: '500.00', value: '800.00' },
        { path: '/spec/thresholds/90', op: 'add', value: true },
      ],
    },
  },
  PriceBook: {
    metadata: { name: 'list' },
    spec: {
      currency: 'EUR',
      source: 'the provider, 2026-11',
      entries: [{ model: 'meta/llama-3', from: INSTANT, inputPerMillion: '0.15', outputPerMillion: '0.60' }],
    },
  },
  Approval: {
    metadata: { name: DIGEST },
    spec: {
      changes: { acme: DIGEST, _fleet: DIGEST },
      hazards: [{ org: 'acme', id: 'WALLET_DELETED:Wallet/support' }],
      approver: '@ops',
      reason: 'the customer asked for it',
      expires: INSTANT,
    },
  },
  Pin: {
    metadata: { org: 'acme', name: 'hold-support' },
    spec: { gateway: 'acme-support', generation: 7, reason: 'a bad change', expires: INSTANT },
  },
  Review: {
    metadata: { org: 'acme', name: 'default' },
    spec: {
      queue: 'default',
      reviewers: { teams: ['support'] },
      slaMinutes: 60,
      notifications: [{ kind: 'webhook', to: 'https://hooks.acme.example/x' }],
      onTimeout: 'deny',
    },
  },
  Waiver: {
    metadata: { org: 'acme', name: 'wide-egress' },
    spec: {
      code: 'EGRESS_WIDE',
      object: 'Gateway/production/acme-support',
      owner: '@ops',
      approvers: ['@ops'],
      reason: 'until the vendor names its hosts',
      expires: INSTANT,
    },
  },
  Conflict: {
    metadata: { org: 'acme', name: 'baseline' },
    spec: {
      from: 'baseline@1.1.0',
      to: 'baseline@1.2.0',
      items: [
        {
          file: 'overlays/budget.yaml',
          path: '/spec/limit',
          object: 'Wallet/support',
          cause: 'both-changed',
          words: 'the new template changed the same field',
          base: '900.00',
          ours: '600.00',
          theirs: '800.00',
          suggestion: { take: 'ours' },
        },
      ],
    },
  },
  Template: {
    metadata: { name: 'baseline@1.2.0' },
    spec: {
      inputs: { type: 'object', additionalProperties: false, properties: { budget: { type: 'string' } } },
      floors: [{ kind: 'Wallet', path: '/spec/limit', rule: 'max', value: '10000' }],
      changelog: ['first version'],
      migrations: { from: '1.1.0', moves: [{ from: '/money', to: '/budget' }] },
    },
  },
};

/** A valid manifest of the kind, its lists in canonical order, the fields of its spec replaced by those of `change`. */
export function sample(kind: Kind, change: JsonObject = {}): JsonObject {
  const { metadata, spec } = bodies[kind];
  return { apiVersion: 'tenantry/v1', kind, metadata, spec: { ...spec, ...change } };
}
