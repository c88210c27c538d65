import { expect, test } from 'vitest';
import type { OrgSlug, RepoPath } from '../../core/model/index.ts';
import type { FormerGateway } from './applied.ts';
import { type Progress, stepsOf } from './steps.ts';

const org = 'acme' as OrgSlug;
const of = (more: Partial<Progress>): Progress => ({
  ...{ org, step: 'retired', isWritten: true, beside: [], gateways: null },
  ...more,
});
const gateway = (name: string, state: FormerGateway['state']): FormerGateway => ({
  ...{ gateway: name, state, heardAt: null },
});
/** The first letter of each state: done, open, unknown. */
const states = (more: Partial<Progress>): string =>
  stepsOf(of(more))
    .map(({ state }) => state.charAt(0))
    .join('');

test.each<readonly [string, Partial<Progress>, string]>([
  ['retired now', {}, 'dooooooooooo'],
  ['what would be retired', { isWritten: false }, 'oooooooooooo'],
  ['removed, no store at hand', { step: 'removed' }, 'dduuuuuudooo'],
  ['what would be removed', { step: 'removed', isWritten: false }, 'dduuuuuuoooo'],
  [
    'removed, and one gateway was not heard of',
    { step: 'removed', gateways: [gateway('a', 'silent')] },
    'ddddouuodooo',
  ],
  ['removed, all have stopped', { step: 'removed', gateways: [gateway('a', 'stopped')] }, 'ddddduuodooo'],
  ['removed, all are revoked', { step: 'removed', gateways: [gateway('a', 'revoked')] }, 'ddddduuddooo'],
  ['removed, and never had any', { step: 'removed', gateways: [] }, 'ddddduuddooo'],
  ['gone', { step: 'gone' }, 'dduuuuuuduuu'],
])('%s', (_, progress, expected) => {
  expect(states(progress)).toBe(expected);
});

test('evidence and money come before the directory goes, and the commands name what there is', () => {
  const gateways = [gateway('a', 'silent'), gateway('b', 'stopped'), gateway('c', 'revoked')];
  const beside = ['fleet.yaml', '.github/CODEOWNERS'] as RepoPath[];
  const steps = stepsOf(of({ step: 'removed', gateways, beside }));
  const ids = steps.map(({ id }) => id);
  expect(ids.indexOf('evidence')).toBeLessThan(ids.indexOf('remove'));
  expect(ids.indexOf('chargeback')).toBeLessThan(ids.indexOf('remove'));
  expect(ids.indexOf('stopped')).toBeLessThan(ids.indexOf('revoke'));
  const said = new Map(steps.map(({ id, words, commands }) => [id, { words, commands }]));
  expect(said.get('revoke')?.commands).toEqual([
    'tenantry gateway list --org acme',
    'tenantry gateway revoke acme/a',
    'tenantry gateway revoke acme/b',
  ]);
  expect(said.get('stopped')?.words).toContain('Not heard of: a.');
  expect(said.get('merge-removed')?.commands[0]).toBe('git add -A orgs/acme fleet.yaml .github/CODEOWNERS');
});
