import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { until } from '../gateway/io/upstream.testkit.ts';
import { type Roles, withFault } from '../src/trust/faults.testkit.ts';
import type { StateFiles } from '../src/trust/index.ts';
import { quickFiles } from '../src/trust/trust.testkit.ts';
import { openWorld, type World } from './hostile/world.testkit.ts';

// A running gateway whose disk is full from some change of its verified state on, one change after the other.

const POLICY = readFileSync(new URL('standalone/configs/teams/acme-support.yaml', import.meta.url), 'utf8');

const ROLES: Roles<StateFiles> = {
  reads: ['read'],
  frees: [],
  writes: ['writeDurable'],
  half: quickFiles.writeDurable,
};
const healthy = () => withFault(quickFiles, ROLES, 'full', Number.POSITIVE_INFINITY);

let disk = healthy();
let world: World;
beforeEach(async () => {
  disk = healthy();
  const layer = Object.fromEntries(
    Object.keys(quickFiles).map((name) => [
      name,
      (...args: never[]) => (disk.files[name as keyof StateFiles] as (...rest: never[]) => Promise<unknown>)(...args),
    ]),
  );
  world = await openWorld(layer as unknown as StateFiles);
});
afterEach(() => world.close());

const lastCode = (): string | null => world.running().pull?.state().lastCode ?? null;
const inForce = (): string => world.running().service.snapshot?.contentDigest ?? 'nothing';

it('keeps answering from what it has, says so, and takes what is new as soon as there is room', async () => {
  await world.start();
  await until(
    () => inForce() === [...world.honestDigests].at(-1),
    () => 'the newest publication',
  );
  let changes = 0;
  for (let step = 1; ; step += 1) {
    const before = inForce();
    // Whole polls count from their first change: nothing is asked between the two lines.
    disk = withFault(quickFiles, ROLES, 'full', step);
    const fresh = await world.publish();
    await until(
      () => lastCode() === 'TRUST_DISK' || inForce() === fresh,
      () => 'an outcome',
    );
    if (inForce() === fresh) break;
    changes += 1;
    expect(await world.ask()).toBe(`200 ${before.slice(0, 12)}`);
    disk = healthy();
    await until(
      () => inForce() === fresh && lastCode() === null,
      () => 'what is new',
    );
  }
  expect(changes).toBeGreaterThan(3);
  expect(world.plane.acks.some((ack) => ack.code === 'TRUST_DISK')).toBe(true);
  disk = healthy();
  await world.start();
  expect(await world.ask()).toBe(`200 ${inForce().slice(0, 12)}`);
});

it('stops at once when the publication lists it no more, full disk or not', async () => {
  await world.start();
  await until(
    () => inForce() === [...world.honestDigests].at(-1),
    () => 'the newest publication',
  );
  disk = withFault(quickFiles, ROLES, 'full', 1);
  await world.plane.publishFor(['other'], POLICY);
  await until(
    () => inForce() === 'nothing',
    () => 'the end',
  );
  expect(lastCode()).toBe('TRUST_NOT_LISTED');
  expect(await world.ask()).toMatch(/^503/);
  const isWritten = (): boolean =>
    JSON.parse(readFileSync(join(world.folder, 'trust/floors.json'), 'utf8')).withdrawn === true;
  expect(isWritten()).toBe(false);
  disk = healthy();
  await until(isWritten, () => 'the withdrawal on disk');
});
