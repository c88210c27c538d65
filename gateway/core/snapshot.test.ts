import { expect, test } from 'vitest';
import { sampleData } from '../../src/core/bundle/bundle.testkit.ts';
import type { BundleData, BundleToken, OrgUid, Sha256Hex } from '../../src/core/model/index.ts';
import type { CompiledPolicy } from '../../src/core/policy/index.ts';
import { makeSnapshot, priceNow, type Tenant, walletChain } from './snapshot.ts';

const identity = { fleet: 'example', orgUid: 'aaaabbbbccccddddeeee' as OrgUid, gateway: 'desk' };
const limits = {
  global: null,
  address: null,
  user: null,
  tokens: null,
  scopes: [],
  parallelRequests: null,
  addresses: null,
};
const policy = {
  pack: { version: '1.0.0' },
  targets: [],
  groups: new Map(),
  limits,
} as unknown as CompiledPolicy;
const [sampleToken] = sampleData.tokens as readonly [BundleToken];

function tenantOf(data: Partial<BundleData>): Tenant {
  const facts = { identity, environment: 'production', generation: 1, commit: null, data: { ...sampleData, ...data } };
  const { tenant } = makeSnapshot(policy, { tenant: facts, contentDigest: 'ab' as Sha256Hex, nowMs: 0 });
  if (tenant === null) throw new Error('expected a tenant');
  return tenant;
}

test('everything in a tenant is of the org that was pinned', () => {
  expect(tenantOf({})).toMatchObject({ orgUid: identity.orgUid, identity });
});

test('a credential ends with its token, if not before', () => {
  const digest = 'ab'.repeat(32) as Sha256Hex;
  const credentials = [
    { id: 'early', digest, notBeforeMs: 0, notAfterMs: 50 },
    { id: 'late', digest, notBeforeMs: 0, notAfterMs: 200 },
  ];
  const tenant = tenantOf({ tokens: [{ ...sampleToken, notAfterMs: 100, credentials }] });
  expect([...tenant.credentials].map(([id, { notAfterMs }]) => [id, notAfterMs])).toEqual([
    ['early', 50],
    ['late', 100],
  ]);
});

test('a chain of wallets ends at the top, at a wallet that is not there, and at one that it has seen', () => {
  const [top, support] = sampleData.wallets;
  if (top === undefined || support === undefined) throw new Error('expected two wallets');
  const names = (data: Partial<BundleData>, wallet: string | null) =>
    walletChain(tenantOf(data), { ...sampleToken, wallet }).map(({ name }) => name);
  expect(names({}, 'support')).toEqual(['support', 'org']);
  expect(names({}, null)).toEqual([]);
  expect(names({ wallets: [support] }, 'support')).toEqual(['support']);
  expect(names({ wallets: [{ ...top, parent: 'support' }, support] }, 'support')).toEqual(['support', 'org']);
});

test('of all prices of a model that began, the newest holds', () => {
  const [price] = sampleData.prices;
  if (price === undefined) throw new Error('expected a price');
  const prices = [30, 10, 20].map((fromMs) => ({ ...price, fromMs }));
  const tenant = tenantOf({ prices });
  expect([9, 10, 25, 30].map((nowMs) => priceNow(tenant, price.model, nowMs)?.fromMs)).toEqual([undefined, 10, 20, 30]);
  expect(priceNow(tenant, 'other', 30)).toBeUndefined();
});
