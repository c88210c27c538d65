import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../gateway/io/upstream.testkit.ts';
import { instantText } from '../../src/core/model/index.ts';
import { Forgery, set } from '../../src/trust/forgery.testkit.ts';
import { rotateOrg } from '../../src/trust/index.ts';
import { MAX_VERSION } from '../../src/trust/layout.ts';
import { HOUR_MS, quickFiles } from '../../src/trust/trust.testkit.ts';
import { only, openWorld, type World } from './world.testkit.ts';

// What a server can do with time alone: hold back what is new, show what is old, push versions up. And what a wrong clock
// does, which no server is needed for.

const YEAR_MS = 365 * 24 * HOUR_MS;

let world: World;
beforeEach(async () => {
  world = await openWorld(quickFiles);
});
afterEach(() => world.close());

const lastCode = (): string | null => world.running().pull?.state().lastCode ?? null;
const inForce = (): string => world.running().service.snapshot?.contentDigest ?? 'nothing';
const freshness = (): string => world.running().service.freshness();
const newest = (): string => [...world.honestDigests].at(-1) ?? '';

describe('a server that holds back what is new', () => {
  it.each([
    ['by the same files', false],
    ['by saying that nothing changed', true],
  ])('%s ends in late, stale and expired, and only then requests are refused', async (_, is304) => {
    await world.start();
    const before = newest();
    const frozen = only(world.history.at(-1) ?? new Map());
    world.hostile.play((asked, response) => {
      if (!is304 || asked.path !== 'timestamp.json') return frozen(asked, response);
      response.writeHead(304).end();
      return 'answered';
    });
    await world.publish();
    for (const [hours, level] of [
      [1, 'fresh'],
      [3, 'late'],
      [25, 'stale'],
      [71, 'stale'],
    ] as const) {
      world.host.aheadMs = hours * HOUR_MS;
      expect(freshness()).toBe(level);
      expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
    }
    world.host.aheadMs = 73 * HOUR_MS;
    await until(
      () => lastCode() === 'TRUST_EXPIRED',
      () => 'the refusal',
    );
    expect(freshness()).toBe('expired');
    expect(await world.ask()).toMatch(/^503 /);
    expect(inForce()).toBe(before);
    world.hostile.play(null);
    await world.publish();
    await until(
      () => inForce() === newest(),
      () => 'the newest publication',
    );
    expect(await world.ask()).toBe(`200 ${newest().slice(0, 12)}`);
  });
});

describe('a server that shows what is old', () => {
  it('gets it past no restart, also one without anything new to be had', async () => {
    await world.start();
    const before = newest();
    await until(
      () => inForce() === before,
      () => 'the newest publication',
    );
    for (const old of world.history.slice(0, -1)) {
      world.hostile.play(only(old));
      await world.start();
      expect(inForce()).toBe(before);
      await until(
        () => lastCode() === 'TRUST_ROLLBACK',
        () => 'the refusal',
      );
      expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
    }
    world.plane.away = true;
    world.hostile.play((_asked, response) => {
      response.destroy();
      return 'answered';
    });
    await world.start();
    expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
    world.plane.away = false;
  });
});

describe('a thief of the online seed', () => {
  it('who pushes the timestamp to the last version stops nothing that runs, until a rotation frees the gateway untouched', async () => {
    await world.start();
    const before = newest();
    const { publishing } = world.plane;
    const forgery = new Forgery(publishing);
    await forgery.timestamp((signed) => {
      signed['version'] = MAX_VERSION;
    });
    world.hostile.play(only(forgery.files.files));
    await until(
      () => world.hostile.asked.includes('timestamp.json') && lastCode() === null,
      () => 'the forged timestamp',
    );
    await world.publish();
    world.hostile.play(null);
    await until(
      () => lastCode() === 'TRUST_ROLLBACK',
      () => 'the refusal',
    );
    expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
    const { trust, publication, nextTimestamp } = publishing;
    if (publication === undefined) throw new Error('expected a publication');
    const epochs = { ...publication.epochs, snapshot: 2, timestamp: 2 };
    publishing.keep(await rotateOrg({ ...trust, publication, nextTimestamp, epochs }));
    await until(
      () => inForce() === newest(),
      () => 'the newest publication',
    );
    expect(await world.ask()).toBe(`200 ${newest().slice(0, 12)}`);
  });

  it('whose timestamp lives for ten hours stops no traffic after them', async () => {
    await world.start();
    const before = newest();
    const forgery = new Forgery(world.plane.publishing);
    await forgery.timestamp(set('expires', instantText(world.host.nowMs() + 10 * HOUR_MS)));
    world.hostile.play(only(forgery.files.files));
    await until(
      () => world.hostile.asked.filter((path) => path === 'timestamp.json').length > 1,
      () => 'the forged timestamp taken',
    );
    expect(lastCode()).toBeNull();
    world.host.aheadMs = 20 * HOUR_MS;
    await until(
      () => lastCode() === 'TRUST_EXPIRED',
      () => 'the refusal',
    );
    expect(freshness()).toBe('late');
    expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
  });
});

describe('a clock', () => {
  it('a year ahead refuses everything as expired, and all is well when it is right again', async () => {
    await world.start();
    const before = newest();
    world.host.aheadMs = YEAR_MS;
    await until(
      () => lastCode() === 'TRUST_EXPIRED',
      () => 'the refusal',
    );
    expect(await world.ask()).toMatch(/^503 /);
    world.host.aheadMs = 0;
    await until(
      () => lastCode() === null,
      () => 'the end of the refusal',
    );
    expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
  });

  it('a year back takes nothing away, takes what is new, and revives nothing that is old', async () => {
    await world.start();
    world.host.aheadMs = -YEAR_MS;
    await world.publish();
    await until(
      () => inForce() === newest(),
      () => 'the newest publication',
    );
    expect(await world.ask()).toBe(`200 ${newest().slice(0, 12)}`);
    world.hostile.play(only(world.history[0] ?? new Map()));
    await until(
      () => lastCode() === 'TRUST_ROLLBACK',
      () => 'the refusal',
    );
    expect(await world.ask()).toBe(`200 ${newest().slice(0, 12)}`);
  });

  it('a year back at the very first start has nothing to hold on to, and says so', async () => {
    world.host.aheadMs = -YEAR_MS;
    await world.start().catch(() => undefined);
    await until(
      () => lastCode() === 'TRUST_CLOCK',
      () => 'the refusal',
    );
    expect(await world.ask()).toMatch(/^503 /);
    world.host.aheadMs = 0;
    await until(
      () => inForce() === newest(),
      () => 'the newest publication',
    );
  });
});
