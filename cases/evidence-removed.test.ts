import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makePack, offboardOrg, verifyPack } from '../src/flows/index.ts';
import { nodeHash, nodeZoneOffset } from '../src/host/index.ts';
import { openNewFolder, openReadFolder } from '../src/io/folder/index.ts';
import { wireRepository } from '../src/wire.ts';
import { proveAnswer } from './answers.testkit.ts';
import { approveAll } from './approvals.testkit.ts';
import { gatewayAt, refusedOf } from './evidence.testkit.ts';
import { ALDER, createFleet, type OpenFleet, START_MS, type TestFleet } from './fleet.testkit.ts';

// The evidence of a customer who has left: nothing of it is applied any more, and all that happened is still there.

const DAY_MS = 86_400_000;
let nowMs = START_MS;
const clock = { nowMs: () => nowMs };
let fleet: TestFleet;
let open: OpenFleet;

beforeEach(async () => {
  nowMs = START_MS;
  fleet = await createFleet();
  open = await fleet.open(clock);
  expect(await open.apply()).toMatchObject({ ok: true });
});
afterEach(() => {
  open.close();
  fleet.destroy();
});

async function offboard(message: string): Promise<void> {
  const base = fleet.head();
  const { repository, write } = await wireRepository(fleet.dir);
  const parts = { repository, write, hash: nodeHash, clock, zoneOffset: nodeZoneOffset, applied: null };
  expect(await offboardOrg(parts, ALDER)).toMatchObject({ ok: true });
  fleet.commit(message);
  await approveAll(fleet, open, base, nowMs);
  expect(await open.apply()).toMatchObject({ ok: true });
}

it('is made of an org that was removed, with what was applied before that', async () => {
  const desk = await gatewayAt(open.state.runtime, ALDER, 'desk-production');
  await desk.ship(refusedOf('a', { at: START_MS + 1000 }));
  nowMs += DAY_MS;
  await offboard('retire');
  nowMs += DAY_MS;
  await offboard('remove');
  const path = join(fleet.dir, '.tenantry/pack');
  const folder = await openNewFolder(path);
  if (folder === undefined) throw new Error('expected a new folder');
  const parts = { ...(await open.parts()), priceBook: null, program: 'test', cache: null, threads: null };
  const made = await makePack(parts, { org: ALDER, fromMs: 0, toMs: nowMs + DAY_MS }, folder);
  if (!made.ok) throw new Error(made.message);
  await folder.keep();
  const { scope, enforcement, configuration, isolation, integrity } = made.value.pack;
  expect(scope).toMatchObject({
    ...{
      displayName: 'alder Trading',
      retired: '2027-01-05T09:00:00Z',
      removed: '2027-01-06T09:00:00Z',
      generation: 2,
    },
    ...{ appliedAt: '2027-01-05T09:00:00Z', gateways: [] },
  });
  expect(isolation.commit).toBe(scope.commit);
  expect([enforcement.requests, integrity.ok, configuration.changes.at(-1)?.action]).toEqual([1, true, 'offboard']);
  expect(configuration.policies).toMatchObject([{ name: 'standard', until: '2027-01-06T09:00:00Z' }]);
  proveAnswer(readFileSync(join(path, 'pack.json'), 'utf8'), 'pack.json');
  expect(readFileSync(join(path, 'report.html'), 'utf8')).toContain('Removed 2027-01-06T09:00:00Z');
  expect(await verifyPack({ folder: openReadFolder(path), hash: nodeHash }, ALDER)).toMatchObject({
    ...{ ok: true, value: { faults: [], isWhole: true } },
  });
});
