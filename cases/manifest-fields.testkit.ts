import { buildBundle, gatewayNames } from '../src/core/bundle/index.ts';
import type { DesiredObject, Json, JsonObject, Kind, OrgSlug, OrgUid } from '../src/core/model/index.ts';
import { contentDigestOf } from '../src/core/model/index.ts';
import { objectOf, orgObjects } from '../src/core/plan/objects.testkit.ts';
import { fleetFactsOf, validateFleet, validateOrg } from '../src/core/validate/index.ts';
import { contextOf, policyWith, SETTINGS, target } from '../src/core/validate/isolation.testkit.ts';
import type { ControlPlane, TenantSession } from '../src/flows/index.ts';
import { tenantPlace } from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';

// A world with a value in every field of the kinds that an org has, and what can be seen of it: its bundles, its findings
// beside a neighbour, the rows of its consoles.

const rates: JsonObject = { requestsPerMinute: 10, tokensPerMinute: 1000, concurrentRequests: 2 };

/** Objects of `org` by kind and name; every field that its schema knows is there. */
export function worldOf(org: string): readonly DesiredObject[] {
  const make = orgObjects(org);
  return [
    make.organization({ regions: ['eu-central', 'us-east'], onExpired: 'block' }),
    make.team('support', {
      delegation: { mayManageTokens: false, mayAdjustWallets: false },
      limits: rates,
      wallet: 'team',
    }),
    make.team('other'),
    make.wallet('main'),
    make.wallet('team', {
      ...{ scope: 'team', team: 'support', parent: 'main', limit: '50', paymentRule: 'all-must-pass' },
      ...{ thresholds: [50, 80], period: { kind: 'month', timeZone: 'Europe/Berlin', anchorDay: 2 } },
    }),
    make.wallet('person', { scope: 'user', user: `ana@${org}.example`, parent: 'team', limit: '5' }),
    policyWith(org, {
      providers: {
        targets: [
          target({ secret_key_ref: { env: `${org.toUpperCase()}_KEY` } }),
          target({ id: 'kept', secret_key_ref: { store: `${org}.kept` } }),
        ],
      },
    }),
    make.policy('spare', undefined),
    make.gateway('support-production', {
      ...{ host: `${org}-1`, listen: '10.0.0.1:41002', hostname: `ai.${org}.example`, wallet: 'team' },
      upstreams: [
        { id: 'openai', account: `${org}-1`, region: 'eu-central', secret: { env: `${org.toUpperCase()}_KEY` } },
        { id: 'kept', account: `${org}-2`, region: 'eu-central', secret: { store: `${org}.kept` } },
      ],
      sinks: [
        { name: 'one', url: `https://one.${org}.example/`, secret: { env: `${org.toUpperCase()}_SINK` } },
        { name: 'two', url: `https://two.${org}.example/`, secret: { store: `${org}/sink` } },
      ],
      egress: [`*.${org}.example`, 'api.openai.com'],
      limits: { ...rates, bodyBytes: 4096, perAddress: rates, models: [{ model: 'gpt-4o-mini', limits: rates }] },
    }),
    make.token('ci-deploy', {
      ...{ displayName: 'CI', wallet: 'person', scopes: ['chat'], models: ['gpt-4o-mini'], role: 'agent' },
      ...{ paths: ['/v1/chat/completions'], addresses: ['192.0.2.0/24'], limits: rates },
    }),
    make.token('plain'),
    make.credentials([
      {
        ...{ token: 'ci-deploy', id: `${org}1`, digest: nodeHash.sha256(org) },
        ...{ notBefore: '2026-01-01T00:00:00Z', notAfter: '2026-12-01T00:00:00Z' },
      },
    ]),
    make.review('default', {
      notifications: [{ kind: 'webhook', to: `https://hooks.${org}.example/`, secretEnv: `${org.toUpperCase()}_HOOK` }],
    }),
  ];
}

/** The object of a kind (the first, or that name) with another value at the pointer below spec; undefined takes it away. */
export function changed(
  world: readonly DesiredObject[],
  { kind, name }: { readonly kind: Kind; readonly name: string | undefined },
  pointer: string,
  value: Json | undefined,
): readonly DesiredObject[] {
  const at = world.findIndex(({ id }) => id.kind === kind && (name === undefined || id.name === name));
  const object = world[at];
  if (object === undefined) throw new Error(`expected a ${kind} ${name ?? ''} in the world`);
  const spec = withValue(object.document['spec'] as JsonObject, pointer, value);
  return world.toSpliced(at, 1, objectOf(object.path.split('/')[1] ?? '', object.id, spec));
}

/** A copy with another value at the pointer; undefined takes it away. */
export function withValue(from: JsonObject, pointer: string, value: Json | undefined): JsonObject {
  const copy = structuredClone(from) as { [key: string]: Json };
  const steps = pointer.split('/').slice(1);
  const last = steps.pop() ?? '';
  const parent = steps.reduce<Json>((node, step) => (node as { [key: string]: Json })[step] as Json, copy) as {
    [key: string]: Json;
  };
  if (value === undefined) delete parent[last];
  else parent[last] = value;
  return copy;
}

export interface Seen {
  /** Digests of the bundles of all gateways. */
  readonly bundle: string;
  /** Codes with their places. */
  readonly findings: ReadonlySet<string>;
  /** Rows of the consoles. */
  readonly rows: string;
}

/** What shows of an org's objects, beside those of a neighbour. */
export async function seenOf(org: string, world: readonly DesiredObject[], prices: JsonObject): Promise<Seen> {
  const uid = `${org}0`.padEnd(20, '0') as OrgUid;
  const desired = { org: org as OrgSlug, uid, objects: world, contentDigest: contentDigestOf(world, nodeHash) };
  const bundles = gatewayNames(desired).map((gateway) => {
    const made = buildBundle({ fleet: 'demo', desired, gateway, prices, onExpired: 'block' }, nodeHash);
    return made.ok ? made.value.contentDigest : made.findings.map(({ code }) => code).join(' ');
  });
  // No machine is listed: those of the world are its own.
  const fleet = { ...SETTINGS, hosts: new Map<string, string>() };
  const context = contextOf(org, world, { fleet });
  const contexts = [context, contextOf('bravo', worldOf('bravo'), { fleet })];
  const own = validateOrg(context);
  const shared = validateFleet(contexts.flatMap((one) => fleetFactsOf(one)));
  const findings = [...own, ...shared].map(({ code, place, org: of }) => `${code} ${of} ${place.file}`);
  return { bundle: bundles.join(' '), findings: new Set(findings), rows: await rowsOf(org, uid, world) };
}

async function rowsOf(org: string, uid: OrgUid, world: readonly DesiredObject[]): Promise<string> {
  const plane = {
    orgs: { observe: () => Promise.resolve({ objects: world, complete: true }) },
    runtime: { balances: () => Promise.resolve([]), crossings: () => Promise.resolve([]) },
    clock: { nowMs: () => Date.parse('2026-06-01T00:00:00Z') },
    zoneOffset: nodeZoneOffset,
  } as unknown as ControlPlane;
  const session = { head: { org, uid }, token: 'console', team: 'support' } as unknown as TenantSession;
  const page = { limit: undefined, cursor: undefined };
  const places = ['settings/teams', 'settings/tokens', 'usage'];
  const answers = places.map((place) => tenantPlace(plane, session, { place, page }));
  return JSON.stringify(await Promise.all(answers));
}
