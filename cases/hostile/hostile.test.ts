import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../gateway/io/upstream.testkit.ts';
import { quickFiles } from '../../src/trust/trust.testkit.ts';
import { fileAttacks } from './files.testkit.ts';
import { type Attack, drip, on, transportAttacks } from './transport.testkit.ts';
import { openWorld, type World } from './world.testkit.ts';

// Each attack is played against a running gateway, which must refuse it by its code, answer requests from what it had,
// and take what is published as soon as the server is honest again.

let world: World;
const lives = (attacks: readonly Attack[], prepare: (opened: World) => void = () => undefined): void => {
  beforeAll(async () => {
    world = await openWorld(quickFiles);
    prepare(world);
    await world.start();
  });
  afterAll(() => world.close());
  it.each(attacks)('$threat $name: $code', suffer);
  it('and nothing but what the org published was ever in force, as the control plane was told', () => {
    const active = world.plane.acks.filter((ack) => ack.state === 'active').map((ack) => ack.contentDigest ?? '');
    expect(active.filter((digest) => !world.honestDigests.has(digest))).toEqual([]);
    expect(active.length).toBeGreaterThan(10);
    const told = new Set(world.plane.acks.flatMap(({ code }) => (code === null ? [] : [code])));
    const codes = attacks.flatMap(({ code }) => (code === null || code === 'TRUST_UNREACHABLE' ? [] : [code]));
    expect([...told]).toEqual(expect.arrayContaining(codes));
  });
};

const lastCode = (): string | null => world.running().pull?.state().lastCode ?? null;
const inForce = (): string => world.running().service.snapshot?.contentDigest ?? 'nothing';

async function suffer(attack: Attack): Promise<void> {
  try {
    await sufferWhole(attack);
  } finally {
    world.hostile.play(null);
  }
}

async function sufferWhole({ code, fresh, script }: Attack): Promise<void> {
  const { hostile } = world;
  const before = inForce();
  hostile.play(await script(world));
  const wanted = fresh ? await world.publish() : before;
  if (code !== null) {
    await until(
      () => lastCode() === code,
      () => `${code}, found ${lastCode()},`,
    );
    expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
    expect(inForce()).toBe(before);
    hostile.play(null);
  }
  await until(
    () => lastCode() === null && inForce() === wanted,
    () => `the newest publication, found ${lastCode()},`,
  );
  hostile.play(null);
  expect(await world.ask()).toBe(`200 ${wanted.slice(0, 12)}`);
}

describe('how it sends', () => lives(transportAttacks));
describe('what it sends', () => lives(fileAttacks));
describe('what it sends in parcels', () => {
  lives(fileAttacks, ({ hostile }) => hostile.sendParcels());
  it('and it was sent in parcels', () => expect(world.hostile.parcels()).toBeGreaterThan(fileAttacks.length));
});

describe('how long it takes', () => {
  beforeAll(async () => {
    world = await openWorld(quickFiles);
  });
  afterAll(() => world.close());
  it('gives up a poll that keeps the pace and never comes to an end', async () => {
    await world.start({ leastBytes: 1, pollMs: 200 });
    const before = inForce();
    world.hostile.play(on('snapshot.json', drip));
    const wanted = await world.publish();
    await until(
      () => lastCode() === 'TRUST_DEADLINE',
      () => `the refusal, found ${lastCode()},`,
    );
    expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
    world.hostile.play(null);
    await until(
      () => inForce() === wanted,
      () => 'the newest publication',
    );
  });
});
