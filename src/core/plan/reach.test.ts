import { expect, test } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import type { DesiredObject, OrgSlug, Reach } from '../model/index.ts';
import { diffOrg, joinReaches, reachOf } from './index.ts';
import { orgObjects, wholeOrg } from './objects.testkit.ts';

const make = orgObjects('acme');

function reached(base: readonly DesiredObject[], head: readonly DesiredObject[]): Reach {
  const diff = diffOrg({ org: 'acme' as OrgSlug, base, head, limits: null }, nodeHash);
  return reachOf([{ diff, base, head }], 4);
}

test('nothing changed: nothing is reached', () => {
  const none = { orgs: 0, orgsInFleet: 4, gateways: 0, tokens: 0, wallets: 0, money: [] };
  expect(reached(wholeOrg('acme'), wholeOrg('acme'))).toEqual(none);
});

test('a new org counts with all that it has', () => {
  const told = reached([], wholeOrg('acme'));
  expect(told).toMatchObject({ orgs: 1, gateways: 1, tokens: 1, wallets: 1 });
  expect(told.money).toEqual([{ currency: 'EUR', upMicros: 500_000_000n, downMicros: 0n }]);
});

test('limits that rise and fall are summed apart, by currency, to the millionth', () => {
  const base = [make.wallet('a', { limit: '0.000001' }), make.wallet('b'), make.wallet('c', { currency: 'USD' })];
  const head = [make.wallet('a', { limit: '1' }), make.wallet('b', { limit: '450.5' }), make.wallet('c')];
  expect(reached(base, head).money).toEqual([
    { currency: 'EUR', upMicros: 500_999_999n, downMicros: 49_500_000n },
    { currency: 'USD', upMicros: 0n, downMicros: 500_000_000n },
  ]);
});

test('several orgs reach as far as each of them, together', () => {
  const one = reached([], wholeOrg('acme'));
  const other = reached([make.wallet('c', { currency: 'USD' })], []);
  const money = [
    { currency: 'EUR', upMicros: 1_000_000_000n, downMicros: 0n },
    { currency: 'USD', upMicros: 0n, downMicros: 500_000_000n },
  ];
  expect(joinReaches([other, one, one], 9)).toEqual({
    orgs: 3,
    orgsInFleet: 9,
    gateways: 2,
    tokens: 2,
    wallets: 3,
    money,
  });
});

test.each([
  ['the wallet above its own', [make.wallet('top', { limit: '900' })]],
  ['its policy', [make.policy('support', { pack: { name: 'other' } })]],
  ['a token that opens it', [make.token('new')]],
])('a gateway is reached through %s', (_, changed) => {
  const world = [
    make.wallet('top'),
    make.wallet('main', { scope: 'team', team: 'support', parent: 'top' }),
    make.policy('support'),
    make.team('support'),
    make.gateway('support-production'),
    make.gateway('alone', { policy: 'other', wallet: 'other', teams: ['other'] }),
  ];
  const names = new Set(changed.map(({ path }) => path));
  const head = [...world.filter(({ path }) => !names.has(path)), ...changed];
  expect(reached(world, head).gateways).toBe(1);
});
