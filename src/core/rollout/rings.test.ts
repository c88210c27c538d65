import { expect, it } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import type { Fleet, OrgSlug, OrgUid } from '../model/index.ts';
import { ringChooser, ringsOf } from './rings.ts';

type Ring = Fleet['spec']['rings'][number];

const fleet = (...rings: readonly Ring[]): Fleet['spec'] => ({ rings }) as unknown as Fleet['spec'];
const gateway = (name: string, change: { readonly ring?: string; readonly labels?: Record<string, string> } = {}) => ({
  org: 'acme' as OrgSlug,
  uid: 'acme0000000000000001' as OrgUid,
  gateway: name,
  ring: 'general',
  labels: {},
  ...change,
});

it.each<[string, Ring, ReturnType<typeof gateway>]>([
  ['by name', { name: 'first', soakMinutes: 0 }, gateway('g', { ring: 'first' })],
  ['by org', { name: 'first', soakMinutes: 0, orgs: ['acme'] }, gateway('g')],
  [
    'by labels',
    { name: 'first', soakMinutes: 0, labels: { stage: 'test' } },
    gateway('g', { labels: { stage: 'test' } }),
  ],
  ['by share', { name: 'first', soakMinutes: 0, sharePercent: 100 }, gateway('g')],
])('a ring takes a gateway %s, before a later ring that is named', (_, first, one) => {
  const general: Ring = { name: 'general', soakMinutes: 0 };
  expect(ringChooser(fleet(first, general), nodeHash)(one)).toBe('first');
});

it.each<[string, Ring, ReturnType<typeof gateway>]>([
  ['of another org', { name: 'first', soakMinutes: 0, orgs: ['other'] }, gateway('g')],
  [
    'with another label',
    { name: 'first', soakMinutes: 0, labels: { stage: 'test' } },
    gateway('g', { labels: { stage: 'live' } }),
  ],
  [
    'with one label of two',
    { name: 'first', soakMinutes: 0, labels: { stage: 'test', site: 'x' } },
    gateway('g', { labels: { stage: 'test' } }),
  ],
  ['with no labels asked for', { name: 'first', soakMinutes: 0, labels: {} }, gateway('g')],
])('a gateway %s is left to its own ring', (_, first, one) => {
  const general: Ring = { name: 'general', soakMinutes: 0 };
  expect(ringChooser(fleet(first, general), nodeHash)(one)).toBe('general');
  expect(ringChooser(fleet(first, general), nodeHash)({ ...one, ring: 'gone' })).toBe('general');
});

it('a share is that share, stays, and only grows', () => {
  const names = Array.from({ length: 2000 }, (_, index) => `g${index}`);
  const within = (sharePercent: number): ReadonlySet<string> => {
    const choose = ringChooser(
      fleet({ name: 'early', soakMinutes: 0, sharePercent }, { name: 'general', soakMinutes: 0 }),
      nodeHash,
    );
    return new Set(names.filter((name) => choose(gateway(name)) === 'early'));
  };
  const [five, thirty] = [within(5), within(30)];
  expect(Math.abs(five.size - 100)).toBeLessThan(30);
  expect(Math.abs(thirty.size - 600)).toBeLessThan(70);
  expect([...five].every((name) => thirty.has(name))).toBe(true);
});

it('judges rings that soak or state a budget, and none where there is one ring', () => {
  const judged = (...rings: readonly Ring[]): readonly boolean[] =>
    ringsOf(fleet(...rings)).map(({ isJudged }) => isJudged);
  expect(judged({ name: 'only', soakMinutes: 60 })).toEqual([false]);
  expect(
    judged(
      { name: 'a', soakMinutes: 0 },
      { name: 'b', soakMinutes: 1 },
      { name: 'c', soakMinutes: 0, failures: 0 },
      { name: 'd', soakMinutes: 0, health: {} },
    ),
  ).toEqual([false, true, true, true]);
  expect(ringsOf(null)).toEqual([]);
});
