import { describe, expect, test } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import type { JsonObject, ObjectSide, OrgSlug } from '../model/index.ts';
import { diffOrg, withOrigins } from './index.ts';
import { orgObjects } from './objects.testkit.ts';

const org = 'acme' as OrgSlug;
const make = orgObjects('acme');
const wallet = (spec: JsonObject): ObjectSide => make.wallet('support', spec);

type Sides = { readonly [side in 'applied' | 'observed' | 'desired']: readonly ObjectSide[] };

const told = ({ applied, observed, desired }: Sides): readonly string[] => {
  const diff = diffOrg({ org, base: observed, head: desired, limits: null }, nodeHash);
  const { changes, changeDigest } = withOrigins(diff, { org, applied, observed, desired }, nodeHash);
  expect(changeDigest).toBe(diff.changeDigest);
  return changes.flatMap(({ kind, key, fields }) => [
    ...new Set(
      fields.map(({ path, origin }) => (kind === 'update' ? `${key} ${path} ${origin}` : `${kind} ${key} ${origin}`)),
    ),
  ]);
};

describe('where a planned change comes from', () => {
  const was = wallet({ limit: '100.00', currency: 'USD' });

  test.each<[string, Sides, readonly string[]]>([
    [
      'the commit alone',
      { applied: [was], observed: [was], desired: [wallet({ limit: '110.00', currency: 'USD' })] },
      ['Wallet/support /spec/limit undefined'],
    ],
    [
      'an edit of the rows alone',
      { applied: [was], observed: [wallet({ limit: '900.00', currency: 'USD' })], desired: [was] },
      ['Wallet/support /spec/limit drift'],
    ],
    [
      'both, of the same field',
      {
        applied: [was],
        observed: [wallet({ limit: '900.00', currency: 'USD' })],
        desired: [wallet({ limit: '110.00', currency: 'USD' })],
      },
      ['Wallet/support /spec/limit conflict'],
    ],
    [
      'both, of different fields',
      {
        applied: [was],
        observed: [wallet({ limit: '900.00', currency: 'USD' })],
        desired: [wallet({ limit: '100.00', currency: 'EUR' })],
      },
      ['Wallet/support /spec/currency undefined', 'Wallet/support /spec/limit drift'],
    ],
    [
      'an object that somebody deleted',
      { applied: [was], observed: [], desired: [was] },
      ['create Wallet/support drift'],
    ],
    ['an object that somebody added', { applied: [], observed: [was], desired: [] }, ['delete Wallet/support drift']],
    [
      'an object that somebody edited and the commit deletes',
      { applied: [was], observed: [wallet({ limit: '900.00', currency: 'USD' })], desired: [] },
      ['delete Wallet/support conflict'],
    ],
    [
      'an object that the commit adds',
      { applied: [], observed: [], desired: [was] },
      ['create Wallet/support undefined'],
    ],
  ])('%s', (_, sides, expected) => expect([...told(sides)].sort()).toEqual([...expected].sort()));

  test('the words say so too', () => {
    const observed = [wallet({ limit: '900.00', currency: 'USD' })];
    const diff = diffOrg({ org, base: observed, head: [was], limits: null }, nodeHash);
    const [change] = withOrigins(diff, { org, applied: [was], observed, desired: [was] }, nodeHash).changes;
    expect(change?.fields[0]?.words).toMatch(/900\.00.*100\.00.*\(drift: takes back an edit of the rows\)$/);
  });
});
