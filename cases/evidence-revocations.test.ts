import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { EvidencePack } from '../src/core/report/index.ts';
import { deny, endOverride, issueToken, makePack, revokeToken } from '../src/flows/index.ts';
import { nodeRandom } from '../src/host/index.ts';
import { openNewFolder } from '../src/io/folder/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER, ANA, createFleet, type OpenFleet, type TestFleet } from './fleet.testkit.ts';

// What a pack says of tokens that lost their secrets, of which no request is in the span.

const DAY_MS = 86_400_000;
const FIRST_MS = Date.parse('2026-11-03T09:00:00Z');

let nowMs = FIRST_MS;
let fleet: TestFleet;
let open: OpenFleet;
let made = '';

beforeAll(async () => {
  fleet = await createFleet();
  open = await fleet.open({ nowMs: () => nowMs });
  made = mkdtempSync(join(tmpdir(), 'tenantry-pack-'));
  expect(await issueToken(await inTree(), ALDER, 'app', () => undefined)).toMatchObject({ ok: true });
  await applied('a secret for the app', 0);
});
afterAll(() => {
  open.close();
  fleet.destroy();
  rmSync(made, { recursive: true });
});

async function inTree() {
  const { repository, write } = await wireRepository(fleet.dir);
  return { tree: repository.workTree(), write, clock: { nowMs: () => nowMs }, random: nodeRandom };
}

/** Commits what lies there, and applies it, both on that day. */
async function applied(message: string, day: number): Promise<void> {
  nowMs = FIRST_MS + day * DAY_MS;
  fleet.git('add', '-A');
  const date = `${nowMs / 1000} +0000`;
  const [, name = '', email = ''] = /^(.*) <(.*)>$/.exec(ANA) ?? [];
  process.env['GIT_COMMITTER_DATE'] = date;
  try {
    fleet.git('-c', `user.name=${name}`, '-c', `user.email=${email}`, 'commit', '-q', '-m', message);
  } finally {
    delete process.env['GIT_COMMITTER_DATE'];
  }
  expect(await open.apply()).toMatchObject({ ok: true });
}

async function denied(day: number, reason: string): Promise<void> {
  nowMs = FIRST_MS + day * DAY_MS;
  expect(await deny(await open.parts(), { org: ALDER, name: 'token/app', actor: 'ops', reason })).toMatchObject({
    ok: true,
  });
}

let packs = 0;
async function revocations(fromDay: number, toDay: number): Promise<EvidencePack['identity']['revocations']> {
  packs += 1;
  const folder = await openNewFolder(join(made, String(packs)));
  if (folder === undefined) throw new Error('expected a new folder');
  const parts = { ...(await open.parts()), priceBook: null, program: 'test', cache: null, threads: null };
  const ask = { org: ALDER, fromMs: FIRST_MS + fromDay * DAY_MS, toMs: FIRST_MS + toDay * DAY_MS };
  const done = await makePack(parts, ask, folder);
  if (!done.ok) throw new Error(done.message);
  return done.value.pack.identity.revocations;
}

it('tells each revocation of its span, used or not, and proves the newest of a token alone', async () => {
  await denied(1, 'it leaked');
  const newest = { token: 'app', by: 'deny', actor: 'ops', revokedAt: '2026-11-04T09:00:00Z' };
  expect(await revocations(0, 9)).toEqual([{ ...newest, complete: expect.any(Boolean), acceptedForMs: 0 }]);
  const [first] = (await open.state.store.delivery(ALDER))?.overrides ?? [];
  nowMs += DAY_MS;
  const end = { org: ALDER, id: first?.id ?? '', actor: 'ops', reason: 'found again' };
  expect(await endOverride(await open.parts(), end)).toMatchObject({ ok: true });
  await denied(3, 'it leaked again');
  expect(await revokeToken(await inTree(), ALDER, 'app')).toMatchObject({ ok: true });
  await applied('the app is gone', 4);
  const unproved = { complete: null, acceptedForMs: null };
  expect(await revocations(0, 9)).toEqual([
    { ...newest, ...unproved },
    { ...newest, revokedAt: '2026-11-06T09:00:00Z', ...unproved },
    {
      ...newest,
      by: 'commit',
      actor: ANA,
      revokedAt: '2026-11-07T09:00:00Z',
      complete: expect.any(Boolean),
      acceptedForMs: 0,
    },
  ]);
  expect(await revocations(4, 9)).toMatchObject([{ by: 'commit' }]);
  expect(await revocations(2, 4)).toMatchObject([{ by: 'deny', ...unproved }]);
  expect(await revocations(5, 9)).toEqual([]);
});
