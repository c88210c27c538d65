import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Json } from '../src/core/model/index.ts';
import { approveAll } from './approvals.testkit.ts';
import { ALDER, BIRCH, forgetAppliedFleet } from './fleet.testkit.ts';
import { escalation, type Given, ofAlder, openReviewWorld, type ReviewWorld, type Told } from './reviews.testkit.ts';

// What gateways tell, reviewers decide and gateways are answered, over HTTP with the real store.

let world: ReviewWorld;
let desk: Told;
let neighbour: Told;

beforeAll(async () => {
  world = await openReviewWorld([
    ['second', 'desk'],
    ['outsider', 'service'],
  ]);
  desk = await world.enrol(ALDER);
  neighbour = await world.enrol(BIRCH);
});
afterAll(async () => {
  await world.close();
  await forgetAppliedFleet();
});

const told = async (name: string, change: Parameters<typeof escalation>[1] = {}): Promise<string> => {
  const event = escalation(name, { at: world.nowMs, ...change });
  expect((await desk.tell(event)).status).toBe(200);
  return event.id;
};
const shown = ({ status, code, body }: Given): string => `${status} ${code ?? body['state']}`;
const decide = async (id: string, verb: string, body: Json, how: { as?: string; key?: string } = {}) =>
  world.ask(ofAlder(`/${id}/${verb}`), { ...how, body });
const approve = { outcome: 'approved', note: 'read it, fine' };

describe('a gateway asks how its escalation stands', () => {
  it('and is answered the moment a reviewer decides', async () => {
    const id = await told('held');
    expect((await desk.poll(id)).body).toEqual({
      ...{ id, state: 'queued', outcome: null, reason: null, dueAt: world.nowMs + 240 * 60_000 },
    });
    expect(shown(await decide(id, 'claim', {}))).toBe('200 claimed');
    const polled = desk.poll(id, 50);
    expect(shown(await decide(id, 'resolve', approve))).toBe('200 resolved');
    expect((await polled).body).toMatchObject({ state: 'resolved', outcome: 'approved', reason: 'reviewer' });
    expect((await desk.poll(id, 50)).body).toMatchObject({ outcome: 'approved' });
  });

  it('and is answered when it is due, without anybody noticing before', async () => {
    const id = await told('due', { timeoutMs: 40 });
    expect(shown(await decide(id, 'claim', {}))).toBe('200 claimed');
    const polled = desk.poll(id, 50);
    world.nowMs += 40;
    expect((await polled).body).toMatchObject({ state: 'resolved', outcome: 'denied', reason: 'timeout' });
    expect(shown(await decide(id, 'resolve', approve))).toBe('409 ESCALATION_RESOLVED');
  });

  it('and of no other: 404', async () => {
    const id = await told('mine');
    expect(shown(await neighbour.poll(id))).toBe('404 NOT_FOUND');
    expect(shown(await desk.poll('esc_none'))).toBe('404 NOT_FOUND');
    // Another gateway's id in another org is another escalation.
    await neighbour.tell(escalation('mine', { at: world.nowMs, timeoutMs: 5 }));
    world.nowMs += 5;
    expect(shown(await neighbour.poll(id))).toBe('200 resolved');
    expect(shown(await desk.poll(id))).toBe('200 queued');
  });

  it('and tells its end, after which nobody decides any more', async () => {
    const id = await told('gone');
    const polled = desk.poll(id, 50);
    await desk.tell({ type: 'escalation-end', id, at: world.nowMs, requestId: 'req_gone', outcome: 'lost' });
    expect((await polled).body).toMatchObject({ state: 'resolved', outcome: 'denied', reason: 'lost' });
    expect(shown(await decide(id, 'claim', {}))).toBe('409 ESCALATION_RESOLVED');
  });
});

describe('reviewers', () => {
  it('decide about nothing that there is not', async () => {
    for (const id of ['esc_none', 'none', '..']) expect(shown(await decide(id, 'claim', {}))).toBe('404 NOT_FOUND');
    expect(shown(await world.ask(ofAlder('/none')))).toBe('404 NOT_FOUND');
  });

  it('see the queue, newest first, by pages and states, and one with its log', async () => {
    world.nowMs += 1000;
    const ids = [
      await told('one', { at: world.nowMs - 2 }),
      await told('two', { at: world.nowMs - 1 }),
      await told('three'),
    ];
    await decide(ids[1] ?? '', 'claim', { note: 'on it' });
    const list = async (query: string) =>
      ((await world.ask(ofAlder(query))).body['items'] as { readonly id: string }[]).map((item) => item.id);
    expect((await list('')).slice(0, 3)).toEqual(ids.toReversed());
    expect((await list('?state=queued&limit=2')).slice(0, 2)).toEqual([ids[2], ids[0]]);
    expect(await list('?state=claimed')).toEqual([ids[1]]);
    expect((await list('?state=open')).slice(0, 3)).toEqual(ids.toReversed());
    const first = await world.ask(ofAlder('?limit=1'));
    expect(first.body['next']).toBe(ids[2]);
    expect((await list(`?limit=1&cursor=${ids[2]}`))[0]).toBe(ids[1]);
    const one = await world.ask(ofAlder(`/${ids[1]}`));
    expect(one.body).toMatchObject({
      ...{ gateway: 'desk-production', queue: 'alder-escalations', phase: 'output', policy: 'human-oversight' },
      ...{ token: 'app', team: 'desk', model: 'gpt-4o-mini', claimedBy: 'console', state: 'claimed' },
      log: [
        { number: 1, actor: 'gateway desk-production', what: 'queued' },
        { number: 2, actor: 'token console', what: 'claimed', note: 'on it', at: world.nowMs },
      ],
    });
    expect(JSON.stringify(one.body)).not.toContain('"org"');
    const refused = [
      ofAlder('?state=opened'),
      ofAlder('?limit=0'),
      ofAlder('?limit=0x10'),
      ofAlder('/esc_none'),
      ofAlder('/none'),
    ];
    expect(await Promise.all(refused.map(async (path) => shown(await world.ask(path))))).toEqual([
      ...['422 ESCALATION_STATE', '422 PAGE_LIMIT', '422 PAGE_LIMIT', '404 NOT_FOUND', '404 NOT_FOUND'],
    ]);
  });

  it('are of a reviewing team: others of the org are told so, and any other org that there is none', async () => {
    const id = await told('walls');
    const asks = (as: string) =>
      Promise.all([
        world.ask(ofAlder(), { as }),
        world.ask(ofAlder(`/${id}`), { as }),
        decide(id, 'claim', {}, { as }),
        decide(id, 'unclaim', {}, { as }),
        decide(id, 'resolve', approve, { as }),
      ]);
    const codes = async (as: string) => new Set((await asks(as)).map(shown));
    expect(await codes('outsider')).toEqual(new Set(['403 ESCALATION_NOT_REVIEWER']));
    expect(await codes('birch/console')).toEqual(new Set(['404 NOT_FOUND']));
    expect(await codes('nobody')).toEqual(new Set(['401 TOKEN_REQUIRED']));
    expect(shown(await desk.poll(id))).toBe('200 queued');
  });

  it('decide once: one claims, that one alone resolves or gives back', async () => {
    const id = await told('once');
    const as = (name: string) => ({ as: name });
    const done = [
      await decide(id, 'resolve', approve),
      await decide(id, 'claim', {}),
      await decide(id, 'claim', {}, as('second')),
      await decide(id, 'resolve', approve, as('second')),
      await decide(id, 'unclaim', { note: 'not mine' }),
      await decide(id, 'claim', {}, as('second')),
      await decide(id, 'resolve', { outcome: 'denied', note: 'no basis' }, as('second')),
      await decide(id, 'resolve', approve, as('second')),
    ];
    expect(done.map(shown)).toEqual([
      ...[
        '409 ESCALATION_NOT_CLAIMED',
        '200 claimed',
        '409 ESCALATION_CLAIMED',
        '409 ESCALATION_CLAIMED',
        '200 queued',
      ],
      ...['200 claimed', '200 resolved', '409 ESCALATION_RESOLVED'],
    ]);
    expect((await desk.poll(id)).body).toMatchObject({ outcome: 'denied', reason: 'reviewer' });
  });

  it('do not decide about what their own token asked for', async () => {
    const id = await told('own', { token: 'console' });
    const mine = [await decide(id, 'claim', {}), await decide(id, 'resolve', approve)];
    expect(mine.map(shown)).toEqual(['403 ESCALATION_OWN_REQUEST', '403 ESCALATION_OWN_REQUEST']);
    expect(shown(await decide(id, 'claim', {}, { as: 'second' }))).toBe('200 claimed');
  });

  it('get the answer again under the same key, and a key stands for one thing', async () => {
    const id = await told('keys');
    await decide(id, 'claim', {}, { key: 'k-claim' });
    const first = await decide(id, 'resolve', approve, { key: 'k-resolve' });
    const again = await decide(id, 'resolve', approve, { key: 'k-resolve' });
    expect([first.body['repeated'], again.body['repeated'], again.status]).toEqual([false, true, 200]);
    const other = await decide(id, 'resolve', { outcome: 'denied', note: 'no basis' }, { key: 'k-resolve' });
    expect(shown(other)).toBe('409 IDEMPOTENCY_KEY_USED');
    expect(shown(await decide(id, 'claim', {}, { key: 'not a key' }))).toBe('422 IDEMPOTENCY_KEY');
  });

  it.each([
    ['claim', []],
    ['claim', 7],
    ['claim', { note: 'no' }],
    ['claim', { outcome: 'approved' }],
    ['unclaim', { more: 1 }],
    ['resolve', {}],
    ['resolve', { outcome: 'approved' }],
    ['resolve', { outcome: 'expired', note: 'a note' }],
    ['resolve', { outcome: 'approved', note: 'a note', by: 'ann' }],
    ['resolve', { outcome: 'approved', note: 'n'.repeat(1001) }],
  ])('that %s with %j are refused', async (verb, body) => {
    expect(shown(await decide('esc_held', verb, body))).toBe('422 MALFORMED_BODY');
  });
});

it('what time approves is approved, as the review says, and what it decided before stays', async () => {
  const later = world.nowMs;
  const { fleet, open } = world;
  const base = fleet.head();
  fleet.write('orgs/alder/overlays/review.yaml', TIME_APPROVES);
  await fleet.save('approve on timeout');
  await approveAll(fleet, open, base);
  expect(await open.apply()).toMatchObject({ ok: true });
  const id = await told('late', { timeoutMs: 10 });
  world.nowMs = later + 10;
  expect((await desk.poll(id)).body).toMatchObject({ outcome: 'approved', reason: 'timeout' });
  expect((await desk.poll('esc_due')).body).toMatchObject({ outcome: 'denied', reason: 'timeout' });
});

const TIME_APPROVES = `apiVersion: tenantry/v1
kind: Overlay
metadata: { org: alder, name: review }
spec:
  target: { kind: Review, name: escalations }
  reason: a test of what time decides
  patches:
    - { op: replace, path: /spec/onTimeout, was: deny, value: approve }
`;
