import { expect, test } from 'vitest';
import type { OrgSlug, OrgUid } from '../../core/model/index.ts';
import { orgObjects } from '../../core/plan/objects.testkit.ts';
import { formerGateways } from './applied.ts';
import type { AppliedState } from './parts.ts';

const org = 'acme' as OrgSlug;
const uid = 'acme0000000000000000' as OrgUid;
const make = orgObjects('acme');
const retired = make.organization({ retired: '2027-01-04T09:00:00Z' });

interface Holds {
  readonly objects?: readonly object[];
  readonly uid?: string;
  readonly targets?: object;
  readonly due?: readonly string[];
}

/** A store with one org; by default it is as it should be before the directory goes. */
function stateOf(holds: Holds = {}): AppliedState {
  const { objects = [retired, make.team('support')], targets = {}, due = [] } = holds;
  const enrolled = [
    ['stopped', null],
    ['silent', null],
    ['elsewhere', null],
    ['revoked', 5],
  ].map(([gateway, revokedAt]) => ({ gateway, revokedAt }));
  return {
    store: {
      observe: async () => ({ org, uid: holds.uid ?? uid, generation: 7, objects }),
      publication: async () => ({ targets }),
      unpublished: async () => due,
    },
    runtime: {
      gateways: async () => enrolled,
      acks: async () => [
        { gateway: 'stopped', code: 'TRUST_NOT_LISTED', heardAt: 9 },
        { gateway: 'elsewhere', code: null, heardAt: 8 },
      ],
    },
  } as unknown as AppliedState;
}

test.each<readonly [string, Holds, string]>([
  ['a gateway is applied', { objects: [retired, make.gateway('a')] }, 'OFFBOARD_NOT_APPLIED'],
  ['a token is applied', { objects: [retired, make.token('a')] }, 'OFFBOARD_NOT_APPLIED'],
  ['credentials are applied', { objects: [retired, make.credentials([])] }, 'OFFBOARD_NOT_APPLIED'],
  ['it is not retired there', { objects: [make.organization()] }, 'OFFBOARD_NOT_APPLIED'],
  ['another org has its name', { uid: 'other000000000000000' }, 'OFFBOARD_NOT_APPLIED'],
  ['a gateway is published', { targets: { a: {} } }, 'OFFBOARD_NOT_PUBLISHED'],
  ['a publication is due', { due: ['acme'] }, 'OFFBOARD_NOT_PUBLISHED'],
  ['one of another org is due', { due: ['bravo'] }, 'ok'],
])('%s', async (_, holds, expected) => {
  const found = await formerGateways(stateOf(holds), { org, uid });
  expect(found.ok ? 'ok' : found.code).toBe(expected);
});

test('a gateway has stopped when it said so itself', async () => {
  expect(await formerGateways(stateOf(), { org, uid })).toEqual({
    ok: true,
    value: [
      { gateway: 'stopped', state: 'stopped', heardAt: 9 },
      { gateway: 'silent', state: 'silent', heardAt: null },
      { gateway: 'elsewhere', state: 'silent', heardAt: 8 },
      { gateway: 'revoked', state: 'revoked', heardAt: null },
    ],
  });
});

test('an org of which nothing was applied has no gateway to wait for', async () => {
  const nothing = stateOf();
  const store = { ...nothing.store, observe: async () => undefined };
  expect(await formerGateways({ ...nothing, store }, { org, uid })).toEqual({ ok: true, value: [] });
});
