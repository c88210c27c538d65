import { afterAll, beforeAll, expect, it } from 'vitest';
import { type IssuedToken, issueToken, revokeToken } from '../src/flows/index.ts';
import { approveAll } from './approvals.testkit.ts';
import { ALDER } from './fleet.testkit.ts';
import { MINUTE_MS, openRolloutWorld, type RolloutWorld } from './rollout.testkit.ts';
import { SimulatedGateway } from './simulated-gateway.testkit.ts';
import { changeSecrets, proved } from './token-life.testkit.ts';

// Where a secret that is gone may still work: at gateways that had it once, and in processes whose identity is not theirs any more.

const [A, B] = ['w0-e0', 'w1-e0'] as const;
const HOUR_MS = 60 * MINUTE_MS;
const ORG = `orgs/${ALDER}/org.yaml`;
let world: RolloutWorld;
beforeAll(async () => {
  world = await openRolloutWorld({ environments: 1, gateways: 2 }, { soakMinutes: 0, health: { growth: 1000 } });
}, 120_000);
afterAll(() => world.close());

const gateway = (name: string): SimulatedGateway => {
  const found = world.gateways.get(name);
  if (found === undefined) throw new Error(`expected gateway ${name}`);
  return found;
};
const issued = (): Promise<IssuedToken> => changeSecrets(world, issueToken);
const revoked = (): Promise<number> => changeSecrets(world, revokeToken);
const move = (from: string, to: string) => world.change(() => world.fleet.edit(ORG, `[${from}] }`, `[${to}] }`));
/** [gateway, enrolment, state] of each row. */
const rows = async () =>
  (await proved(world)).gateways.map(({ gateway: name, enrolment, state }) => [name, enrolment, state]);

/** Another machine under the name of a gateway; nobody stops the first. */
async function another(name: string): Promise<SimulatedGateway> {
  const uid = await world.open.uidOf(ALDER);
  const options = { url: world.url, uid, gateway: name, nowMs: () => world.nowMs, loads: () => 'runs' as const };
  const made = new SimulatedGateway(options);
  await made.enrol(await world.codeOf(ALDER, name));
  return made;
}

it('each gateway that ever had it is asked, also one that the token was taken from while it stayed away', async () => {
  await issued();
  await gateway(A).poll();
  world.nowMs += MINUTE_MS;
  await move(A, B);
  await gateway(B).poll();
  await revoked();
  await gateway(B).poll();
  expect(await rows()).toEqual([
    [A, 1, 'published'],
    [B, 1, 'acknowledged'],
  ]);
  expect(await proved(world)).toMatchObject({ complete: false });
  await gateway(A).poll();
  expect(await proved(world)).toMatchObject({ complete: true });
  // One that took note of the move has nothing to do with what came later.
  await gateway(B).poll();
  await issued();
  await revoked();
  expect(await rows()).toEqual([[B, 1, 'published']]);
  await gateway(B).poll();
  await move(B, A);
});

it('requests count by the secret that they came with, whatever generation let them in', async () => {
  const { id } = await issued();
  await gateway(A).poll();
  await revoked();
  await gateway(A).poll();
  const last = async () => (await proved(world)).gateways[0]?.lastAccepted?.acceptedAt ?? null;
  expect(await last()).toBeNull();
  // As after a rollback that brought it back: the generation is above that of the revocation.
  world.nowMs += 1000;
  const leaked = world.nowMs;
  await gateway(A).use(id);
  world.nowMs += 1000;
  await gateway(A).use('another');
  expect(await last()).toBe(leaked);
  // A gateway that does not say which: better too much than too little.
  await gateway(A).use(undefined);
  expect(await last()).toBe(world.nowMs);
});

it('a process whose identity was replaced counts until it has stopped by itself', async () => {
  await issued();
  await gateway(A).poll();
  world.nowMs += MINUTE_MS;
  const fresh = await another(A);
  await fresh.poll();
  world.nowMs += MINUTE_MS;
  await revoked();
  await fresh.poll();
  const made = await proved(world);
  const newest = (await world.open.state.store.publication(ALDER))?.signedAt.timestamp ?? 0;
  expect(made).toMatchObject({
    complete: false,
    gateways: [
      { gateway: A, enrolment: 1, state: 'unreachable', acknowledgedAt: null, stopsAt: newest + 72 * HOUR_MS },
      { gateway: A, enrolment: 2, state: 'acknowledged', stopsAt: null },
    ],
  });
  world.nowMs = newest + 72 * HOUR_MS - 1;
  expect(await proved(world)).toMatchObject({ complete: false });
  world.nowMs += 1;
  expect(await rows()).toEqual([
    [A, 1, 'gone'],
    [A, 2, 'acknowledged'],
  ]);
  expect(await proved(world)).toMatchObject({ complete: true });
  world.gateways.set(A, fresh);
});

it('so does one whose identity was revoked, unless it had said before that it runs without', async () => {
  await issued();
  await gateway(A).poll();
  await revoked();
  await world.open.state.runtime.revokeGateway(ALDER, A, world.nowMs);
  expect(await rows()).toEqual([[A, 2, 'unreachable']]);
  // What comes under the name next has never seen it.
  const next = await another(A);
  await next.poll();
  expect(await rows()).toEqual([
    [A, 2, 'unreachable'],
    [A, 3, 'acknowledged'],
  ]);
  world.nowMs += MINUTE_MS;
  await issued();
  await next.poll();
  await revoked();
  await next.poll();
  await world.open.state.runtime.revokeGateway(ALDER, A, world.nowMs);
  expect(await rows()).toEqual([[A, 3, 'acknowledged']]);
  // One that ended before the secret was made never had it.
  world.nowMs += MINUTE_MS;
  await issued();
  await revoked();
  expect(await rows()).toEqual([[A, 3, 'gone']]);
});

it('where gateways keep serving, a process stops with the secret alone', async () => {
  const fresh = await another(A);
  const base = world.fleet.head();
  world.fleet.edit(ORG, '  displayName:', '  onExpired: keep-serving\n  displayName:');
  await world.fleet.save('keep serving');
  await approveAll(world.fleet, world.open, base, world.nowMs);
  expect(await world.change(() => undefined)).toMatchObject({ ok: true });
  world.nowMs += MINUTE_MS;
  const { notAfter } = await issued();
  await fresh.poll();
  await world.open.state.runtime.revokeGateway(ALDER, A, world.nowMs);
  await revoked();
  expect((await proved(world)).gateways).toMatchObject([{ state: 'unreachable', stopsAt: Date.parse(notAfter) }]);
});

it('so it does where they keep serving only since the secret was there, by the org or by the fleet, and not any more', async () => {
  const applied = async (file: string, from: string, to: string) => {
    const base = world.fleet.head();
    world.fleet.edit(file, from, to);
    await world.fleet.save('what expires');
    if (to.includes('keep')) await approveAll(world.fleet, world.open, base, world.nowMs);
    expect(await world.change(() => undefined)).toMatchObject({ ok: true });
    world.nowMs += MINUTE_MS;
  };
  await applied(ORG, '  onExpired: keep-serving\n', '');
  for (const [file, block, keep] of [
    [ORG, '  displayName:', '  onExpired: keep-serving\n  displayName:'],
    ['fleet.yaml', 'onExpired: block', 'onExpired: keep-serving'],
  ] as const) {
    const fresh = await another(A);
    const { notAfter } = await issued();
    await applied(file, block, keep);
    await fresh.poll();
    await applied(file, keep, block);
    await world.open.state.runtime.revokeGateway(ALDER, A, world.nowMs);
    await revoked();
    const newest = (await proved(world)).gateways.at(-1);
    expect([file, newest]).toMatchObject([file, { state: 'unreachable', stopsAt: Date.parse(notAfter) }]);
  }
});
