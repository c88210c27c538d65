// What a check says of prices is what a gateway does: the models that it names are those that some token is refused for.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { candidatesOf, makeSnapshot, priceNow, type Tenant, walletChain } from '../gateway/core/index.ts';
import { buildBundle } from '../src/core/bundle/index.ts';
import {
  type BundleData,
  type DesiredObject,
  type Fleet,
  fails,
  type JsonObject,
  type OrgSlug,
  type OrgUid,
} from '../src/core/model/index.ts';
import { fleetObject, orgObjects } from '../src/core/plan/objects.testkit.ts';
import type { CompiledPolicy } from '../src/core/policy/index.ts';
import { compiled, findingsOf } from '../src/core/policy/policy.testkit.ts';
import { type ChosenPrices, fleetSettings, validateOrg } from '../src/core/validate/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';

const NOW = Date.parse('2026-06-01T00:00:00Z');
const ORG = 'acme' as OrgSlug;
const UID = 'acme0000000000000000' as OrgUid;
const MODELS = ['one', 'two', 'three'] as const;
const GROUPS = ['best', 'top'] as const;
const WALLETS = ['low', 'mid', 'high'] as const;
const SCOPES = ['chat', 'embeddings', 'models', 'mcp', 'console'] as const;

interface Made {
  readonly objects: readonly DesiredObject[];
  readonly document: JsonObject;
  readonly prices: ChosenPrices;
}

const currency = fc.constantFrom('EUR', 'USD');
const wallet = fc.option(fc.constantFrom(...WALLETS), { nil: undefined });
const given = <Value>(name: string, value: Value | undefined): { readonly [name: string]: Value } =>
  value === undefined ? {} : { [name]: value };

const tokens = fc.array(
  fc.record({
    wallet,
    scopes: fc.uniqueArray(fc.constantFrom(...SCOPES), { minLength: 1 }),
    models: fc.option(fc.uniqueArray(fc.constantFrom(...MODELS, ...GROUPS), { minLength: 1 }), { nil: undefined }),
    isThere: fc.boolean(),
  }),
  { maxLength: 3 },
);
const ids = fc.uniqueArray(fc.nat({ max: MODELS.length - 1 }).map(String), { minLength: 1 });
const book = fc.record({
  currency,
  source: fc.constant('drawn'),
  entries: fc.uniqueArray(
    fc.record({
      model: fc.constantFrom(...MODELS),
      from: fc.constantFrom('2026-01-01T00:00:00Z', '2026-06-01T00:00:00Z', '2026-06-01T00:00:01Z'),
      inputPerMillion: fc.constant('1'),
      outputPerMillion: fc.constant('1'),
    }),
    { selector: ({ model, from }) => `${model} ${from}` },
  ),
});

const made: fc.Arbitrary<Made> = fc
  .record({
    chain: fc.tuple(currency, currency, currency),
    isJoined: fc.boolean(),
    gateway: wallet,
    tokens,
    targets: fc.array(fc.constantFrom(...MODELS), { minLength: MODELS.length, maxLength: MODELS.length }),
    group: fc.option(ids, { nil: undefined }),
    only: fc.option(ids, { nil: undefined }),
    isFallingBack: fc.boolean(),
    prices: fc.option(book, { nil: 'none' as const }),
  })
  .map(({ chain, isJoined, targets, group, only, isFallingBack, prices, ...drawn }) => {
    const make = orgObjects(ORG);
    const groups = group?.length ? [{ name: GROUPS[0], aliases: [GROUPS[1]], targets: group }] : undefined;
    const document = {
      pack: { name: 'support', version: '1.0.0', enabled: true },
      policies: { chain: ['prompt-injection'] },
      policy: { 'prompt-injection': {} },
      providers: {
        targets: targets.map((model, index) => ({ id: String(index), provider: 'openai', model })),
        fallback: { enabled: isFallingBack },
        ...given('model_groups', groups),
        ...given('routing', only === undefined ? undefined : { only }),
      },
    };
    const { wallet: _, ...spec } = make.gateway('gate').document['spec'] as JsonObject;
    const gate = make.gateway('gate');
    const objects = [
      ...WALLETS.map((name, index) =>
        make.wallet(name, {
          currency: chain[index] ?? 'EUR',
          ...given('parent', isJoined ? WALLETS[index + 1] : undefined),
        }),
      ),
      make.team('support'),
      make.policy('support', document),
      { ...gate, document: { ...gate.document, spec: { ...spec, ...given('wallet', drawn.gateway) } } },
      ...drawn.tokens.map(({ isThere, wallet: own, models, scopes }, index) =>
        make.token(`t${index}`, {
          scopes,
          gateways: isThere ? ['gate'] : [],
          ...given('wallet', own),
          ...given('models', models),
        }),
      ),
    ];
    return { objects, document, prices };
  })
  // `only` may leave no target of the group.
  .filter(({ document }) => !findingsOf(document).some(fails));

/** The models that the check names. */
function named({ objects, prices }: Made): readonly string[] {
  const fleet = fleetSettings(fleetObject().document as unknown as Fleet, prices);
  const nobody = { has: () => false };
  const otherOrgs = { slugs: nobody, uids: nobody };
  const found = validateOrg({ org: ORG, uid: UID, objects, otherOrgs, fleet, nowMs: NOW, zoneOffset: nodeZoneOffset });
  const models = found.flatMap(({ code, message }) => (code === 'MODEL_UNPRICED' ? [message.split(' ')[1] ?? ''] : []));
  return [...new Set(models)].sort();
}

function tenantOf({ objects, prices }: Made, policy: CompiledPolicy): Tenant {
  const input = {
    fleet: 'demo',
    desired: { org: ORG, uid: UID, objects },
    gateway: 'gate',
    onExpired: 'block',
  } as const;
  const built = buildBundle(
    { ...input, prices: prices === 'none' ? null : (prices as unknown as JsonObject) },
    nodeHash,
  );
  if (!built.ok) throw new Error(JSON.stringify(built.findings));
  const data = JSON.parse(new TextDecoder().decode(built.value.files.get('data.json'))) as BundleData;
  const identity = { fleet: 'demo', orgUid: UID, gateway: 'gate' };
  const facts = { identity, environment: 'production', generation: 1, commit: null, data };
  const { tenant } = makeSnapshot(policy, { tenant: facts, contentDigest: nodeHash.sha256(''), nowMs: NOW });
  if (tenant === null) throw new Error('Expected a tenant.');
  return tenant;
}

/** The models of targets that some token reaches and is refused for, since a wallet would have to pay. */
function refused(org: Made): readonly string[] {
  const policy = compiled(org.document);
  const tenant = tenantOf(org, policy);
  const eligible = policy.targets.map(({ id }) => id);
  const models = tenant.data.tokens.flatMap((token) => {
    const chain = walletChain(tenant, token);
    if (chain.length === 0 || !token.scopes.some((scope) => scope === 'chat' || scope === 'embeddings')) return [];
    const isModelBound = !token.scopes.includes('chat');
    return [...MODELS, ...GROUPS, null].flatMap((model) => {
      const candidates = candidatesOf(policy, { eligible, model, allowed: token.models, isModelBound });
      const targets = typeof candidates === 'string' ? [] : candidates.tiers.flat();
      return targets.flatMap((target) => {
        const price = priceNow(tenant, target.model, NOW);
        const isPriced = price !== undefined && chain.every((each) => each.currency === price.currency);
        return isPriced ? [] : [target.model];
      });
    });
  });
  return [...new Set(models)].sort();
}

test('the models that a check names are those that a gateway refuses for want of a price', () => {
  const seen = new Set<boolean>();
  fc.assert(
    fc.property(made, (org) => {
      const models = named(org);
      expect(models).toEqual(refused(org));
      seen.add(models.length > 0);
    }),
    { numRuns: 300 },
  );
  expect(seen.size).toBe(2);
});
