import { afterAll, beforeAll, expect, it } from 'vitest';
import { deny, endOverride } from '../src/flows/index.ts';
import { ALDER, buildCli, forgetAppliedFleet } from './fleet.testkit.ts';
import { escalation, type Given, ofAlder, openReviewWorld, type ReviewWorld, type Told } from './reviews.testkit.ts';

// A reviewer who leaves, and a question that comes when nobody can answer it in time any more; time approves here.

const HOUR_MS = 3_600_000;
const APPROVES = `apiVersion: tenantry/v1
kind: Overlay
metadata: { org: alder, name: review }
spec:
  target: { kind: Review, name: escalations }
  reason: a test of what time decides
  patches:
    - { op: replace, path: /spec/onTimeout, was: deny, value: approve }
`;
let world: ReviewWorld;
let desk: Told;

beforeAll(async () => {
  buildCli();
  const consoles = ['second', 'third', 'fourth'].map((name) => [name, 'desk'] as const);
  world = await openReviewWorld(consoles, { files: { 'orgs/alder/overlays/review.yaml': APPROVES } });
  desk = await world.enrol(ALDER);
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
const decide = async (id: string, verb: string, as: string): Promise<string> => {
  const body = verb === 'resolve' ? { outcome: 'denied', note: 'must not go out' } : {};
  return shown(await world.ask(ofAlder(`/${id}/${verb}`), { as, body }));
};
const logOf = async (id: string) =>
  ((await world.ask(ofAlder(`/${id}`), { as: 'second' })).body['log'] as readonly { [name: string]: unknown }[]).map(
    ({ actor, what, note }) => [actor, what, note],
  );

it('what somebody claimed who has left is queued again, and another reviewer decides', async () => {
  const id = await told('left');
  expect(await decide(id, 'claim', 'third')).toBe('200 claimed');
  expect(await decide(id, 'claim', 'second')).toBe('409 ESCALATION_CLAIMED');
  world.fleet.remove('orgs/alder/custom/third.yaml');
  world.fleet.run(['token', 'revoke', 'alder/third']);
  await world.fleet.save('third has left');
  expect((await world.open.apply()).ok).toBe(true);
  // It is free, not theirs who come next: four eyes, and one who claims.
  expect(await decide(id, 'resolve', 'second')).toBe('409 ESCALATION_NOT_CLAIMED');
  expect(await decide(id, 'claim', 'second')).toBe('200 claimed');
  expect(await decide(id, 'resolve', 'second')).toBe('200 resolved');
  expect((await desk.poll(id)).body).toMatchObject({ outcome: 'denied', reason: 'reviewer' });
  expect(await logOf(id)).toEqual([
    ['gateway desk-production', 'queued', null],
    ['token third', 'claimed', null],
    ['control plane', 'unclaimed', 'token third may not review any more'],
    ['token second', 'claimed', null],
    ['token second', 'resolved', 'must not go out'],
  ]);
});

it('so is what a token claimed that is denied now, whatever becomes of the denial', async () => {
  const id = await told('denied');
  expect(await decide(id, 'claim', 'fourth')).toBe('200 claimed');
  const parts = await world.open.parts({ lanes: world.plane.lanes });
  const denied = await deny(parts, { org: ALDER, name: 'token/fourth', actor: 'ann', reason: 'it leaked' });
  if (!denied.ok) throw new Error(denied.message);
  const listed = await world.ask(ofAlder('?state=claimed'), { as: 'second' });
  expect(listed.body['items']).toEqual([]);
  const { id: override } = denied.value.override;
  await endOverride(parts, { org: ALDER, id: override, actor: 'ann', reason: 'it had not' });
  expect(await decide(id, 'resolve', 'fourth')).toBe('409 ESCALATION_NOT_CLAIMED');
});

it('what was due before it came is not approved by time, and people have some of it', async () => {
  const late = await told('late', { at: world.nowMs - 5 * HOUR_MS });
  expect((await desk.poll(late)).body).toMatchObject({ state: 'queued', dueAt: world.nowMs + HOUR_MS / 12 });
  const row = (await world.ask(ofAlder(`/${late}`), { as: 'second' })).body;
  expect([row['onTimeout'], row['receivedAt'], row['createdAt']]).toEqual([
    'deny',
    world.nowMs,
    world.nowMs - 5 * HOUR_MS,
  ]);
  const soon = await told('soon', { at: world.nowMs - 4 * HOUR_MS + 1000 });
  const next = await told('next', { timeoutMs: 1000 });
  world.nowMs += 1000;
  expect((await desk.poll(next)).body).toMatchObject({ outcome: 'approved', reason: 'timeout' });
  expect(shown(await desk.poll(soon))).toBe('200 queued');
  world.nowMs += HOUR_MS / 12;
  expect((await desk.poll(soon)).body).toMatchObject({ outcome: 'approved', reason: 'timeout' });
  expect((await desk.poll(late)).body).toMatchObject({ outcome: 'denied', reason: 'timeout' });
});

it('what waits is counted before its reviewers go with their org', async () => {
  await told('waits');
  const { body } = await world.ask(ofAlder('?state=open'), { as: 'second' });
  const count = (body['items'] as readonly unknown[]).length;
  expect(count).toBeGreaterThan(0);
  const offboard = (...more: readonly string[]) => world.fleet.run(['org', 'offboard', 'alder', '--dry-run', ...more]);
  expect(JSON.parse(offboard('--format', 'json').stdout)).toMatchObject({ step: 'retired', waiting: count });
  expect(offboard().stdout).toContain(
    `${count} ${count === 1 ? 'escalation waits' : 'escalations wait'} for a reviewer of alder: let them be decided`,
  );
});
