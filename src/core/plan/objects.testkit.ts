import { nodeHash } from '../../host/index.ts';
import { emit, pathOf } from '../kinds/index.ts';
import type { DesiredObject, Json, JsonObject, Kind, ObjectId, OrgSlug } from '../model/index.ts';

/** A desired object as the renderer would make it: emitted text, digest, committed path. */
export function objectOf(org: string, id: ObjectId, spec: JsonObject): DesiredObject {
  const metadata: Record<string, Json> = { name: id.name };
  if (!FLEET_KINDS.has(id.kind)) metadata['org'] = org;
  if (id.environment !== null) metadata['environment'] = id.environment;
  const document: JsonObject = { apiVersion: 'tenantry/v1', kind: id.kind, metadata, spec };
  const text = emit(document);
  const origin = GENERATED.has(id.kind) ? 'generated' : 'written';
  return { id, path: pathOf(org as OrgSlug, id), origin, document, text, digest: nodeHash.sha256(text) };
}

const FLEET_KINDS: ReadonlySet<Kind> = new Set(['Fleet', 'PriceBook', 'Approval', 'Template']);
const GENERATED: ReadonlySet<Kind> = new Set(['Team', 'Token', 'Wallet', 'Policy', 'Gateway', 'Review']);

/** The smallest document that the policy engine accepts. */
const POLICY: JsonObject = {
  pack: { name: 'support', version: '1.0.0', enabled: true },
  policies: { chain: ['prompt-injection'] },
  policy: { 'prompt-injection': {} },
  providers: { targets: [{ id: 'openai', provider: 'openai', model: 'gpt-4o-mini', secret_key_ref: { env: 'KEY' } }] },
};

const named = (kind: Kind, name: string, environment: string | null = null): ObjectId => ({ kind, environment, name });

/** Small makers of one org's objects; every field can be given. */
export function orgObjects(org: string) {
  return {
    organization: (spec: JsonObject = {}) =>
      objectOf(org, named('Organization', org), {
        displayName: org,
        uid: `${org}00000000000000000000`.slice(0, 20),
        isolation: 'dedicated',
        owners: ['@msp/operators'],
        domains: [`${org}.example`],
        template: 'baseline@1.2.0',
        inputs: {},
        ...spec,
      }),
    team: (name: string, spec: JsonObject = {}) =>
      objectOf(org, named('Team', name), {
        displayName: name,
        leads: [`lead@${org}.example`],
        members: [`ana@${org}.example`],
        ...spec,
      }),
    wallet: (name: string, spec: JsonObject = {}) =>
      objectOf(org, named('Wallet', name), {
        scope: 'org',
        currency: 'EUR',
        limit: '500',
        period: { kind: 'month', timeZone: 'Europe/Berlin', anchorDay: 1 },
        thresholds: [80],
        whenExhausted: 'block',
        ...spec,
      }),
    token: (name: string, spec: JsonObject = {}) =>
      objectOf(org, named('Token', name), {
        owner: `lead@${org}.example`,
        team: 'support',
        gateways: ['support-production'],
        scopes: ['chat'],
        expires: '2027-01-01T00:00:00Z',
        rotationOverlapHours: 24,
        ...spec,
      }),
    policy: (name: string, document: JsonObject = POLICY, environment = 'production') =>
      objectOf(org, named('Policy', name, environment), { document }),
    gateway: (name: string, spec: JsonObject = {}, environment = 'production') =>
      objectOf(org, named('Gateway', name, environment), {
        workload: 'support',
        host: `${org}-host`,
        listen: '10.0.0.1:41002',
        region: 'eu-central',
        policy: 'support',
        teams: ['support'],
        wallet: 'main',
        ring: 'general',
        runtime: { name: 'tenantry-gateway', version: '1.0.0' },
        upstreams: [],
        egress: ['api.openai.com'],
        limits: {},
        ...spec,
      }),
    review: (name: string, spec: JsonObject = {}) =>
      objectOf(org, named('Review', name), {
        queue: name,
        reviewers: { teams: ['support'] },
        slaMinutes: 60,
        notifications: [],
        onTimeout: 'deny',
        ...spec,
      }),
    credentials: (tokens: readonly JsonObject[]) => objectOf(org, named('Credentials', 'credentials'), { tokens }),
    waiver: (name: string, spec: JsonObject = {}) =>
      objectOf(org, named('Waiver', name), {
        code: 'TOKEN_EXPIRES_FAR',
        object: 'Token/ci-deploy',
        found: ['f'],
        owner: '@msp/platform',
        approvers: ['@ana'],
        reason: 'agreed with the customer',
        expires: '2027-01-01T00:00:00Z',
        ...spec,
      }),
    overlay: (name: string, spec: JsonObject) => objectOf(org, named('Overlay', name), spec),
  };
}

/** fleet.yaml as an object of the reserved org. */
export function fleetObject(spec: JsonObject = {}): DesiredObject {
  return objectOf('_fleet', named('Fleet', 'demo'), {
    displayName: 'Demo',
    renderVersion: 1,
    owners: { platform: ['@ana', '@ben'] },
    store: { driver: 'sqlite', path: '.tenantry/store' },
    publisher: { driver: 'files', path: '.tenantry/bundles' },
    controlPlane: { listen: '127.0.0.1:4100', url: 'http://127.0.0.1:4100' },
    rings: [
      { name: 'canary', soakMinutes: 10 },
      { name: 'general', soakMinutes: 0 },
    ],
    limits: { changedOrgsPercent: 20, changedOrgsCount: 50, deletedObjectsPercent: 30, deletedObjectsCount: 10 },
    onExpired: 'block',
    prices: 'default',
    ...spec,
  });
}

/** A small whole org: everything refers to something that is there. */
export function wholeOrg(org: string): readonly DesiredObject[] {
  const make = orgObjects(org);
  return [
    make.organization(),
    make.team('support'),
    make.wallet('main'),
    make.policy('support'),
    make.gateway('support-production'),
    make.token('ci-deploy'),
    make.review('default'),
  ];
}
