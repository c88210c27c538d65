import { cpSync, mkdirSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrgSlug } from '../src/core/model/index.ts';
import {
  createEnrolmentCode,
  type DriftReport,
  drift,
  expiringOrgs,
  freshUntilMs,
  gatewayStatuses,
  pruneAll,
  refreshAll,
  takeOver,
} from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import type { WriteTree } from '../src/ports/index.ts';
import {
  ALDER,
  BIRCH,
  createAppliedFleet,
  forgetAppliedFleet,
  HOUR_MS,
  type OpenFleet,
  ORGS,
  START_MS,
  type TestFleet,
} from './fleet.testkit.ts';

// Published files that are not what they were, a clock that was wrong, a store that was put back, and roots that run out:
// over the real store and a real folder.

const DAY_MS = 24 * HOUR_MS;
const GATEWAY = 'desk-production';
const BY = { actor: 'ann', reason: 'restored from a backup' };

let fleet: TestFleet;
let open: OpenFleet;
let nowMs: number;

beforeEach(async () => {
  nowMs = START_MS + 60_000;
  fleet = await createAppliedFleet();
  await reopen();
});
afterEach(() => {
  open.close();
  fleet.destroy();
});
afterAll(forgetAppliedFleet);

async function reopen(): Promise<void> {
  open = await fleet.open({ nowMs: () => nowMs });
}

const at = async (org: OrgSlug, path: string): Promise<string> =>
  join(fleet.dir, '.tenantry/published', await open.uidOf(org), path);
const publication = async (org: OrgSlug) => {
  const found = await open.state.store.publication(org);
  if (found === undefined) throw new Error(`expected a publication of ${org}`);
  return found;
};
const refresh = async () => refreshAll(await open.parts());
const codesOf = ({ findings }: { readonly findings: readonly { readonly code: string; readonly org: unknown }[] }) =>
  findings.map(({ code, org }) => `${org ?? '-'} ${code}`);
const NOTHING_WRITTEN: WriteTree = { write: async () => undefined };
const look = async (heal = false): Promise<DriftReport> =>
  drift(await open.parts(), { orgs: [...ORGS], heal: heal ? NOTHING_WRITTEN : null });
const published = ({ drifts }: DriftReport) =>
  drifts.flatMap((item) => (item.where === 'published' ? [`${item.org} ${item.words}`] : []));

describe('a place that does not answer', () => {
  const lookAt = async (fails: (uid: string) => string | undefined) => {
    const asked: string[] = [];
    const parts = await open.parts();
    const list: typeof parts.publisher.list = async (uid) => {
      asked.push(uid);
      const code = fails(uid);
      if (code !== undefined) throw Object.assign(new Error(`expected ${uid}`), { code });
      return parts.publisher.list(uid);
    };
    const report = await drift({ ...parts, publisher: { ...parts.publisher, list } }, { orgs: [...ORGS], heal: null });
    return { asked, published: published(report), unseen: report.unseen };
  };

  it('is asked for two orgs, and those after them are as little known', async () => {
    const { asked, unseen, published: drifts } = await lookAt(() => 'PUBLISH_UNREACHABLE');
    expect([asked.length, drifts]).toEqual([2, []]);
    expect(unseen).toEqual([
      { code: 'PUBLISH_UNREACHABLE', message: `expected ${await open.uidOf(ALDER)}`, orgs: [...ORGS] },
    ]);
  });

  it.each(['PUBLISH_UNREACHABLE', 'PUBLISH_REFUSED', 'PUBLISH_ELSEWHERE', 'PUBLISH_FOLDER'])(
    'for one org keeps nobody from seeing the drift of the others: %s',
    async (code) => {
      const alder = await open.uidOf(ALDER);
      rmSync(await at(BIRCH, 'timestamp.json'));
      const { asked, unseen, published: drifts } = await lookAt((uid) => (uid === alder ? code : undefined));
      expect(asked).toHaveLength(ORGS.length);
      expect(unseen).toMatchObject([{ code, orgs: [ALDER] }]);
      expect(drifts).toEqual([`${BIRCH} published files are gone: timestamp.json`]);
    },
  );
});

describe('the root that gateways pin', () => {
  const code = async () => {
    const { store, runtime, publisher } = open.state;
    const random = { bytes: (count: number) => new Uint8Array(count).fill(7) };
    const plane = { fleet: 'test-fleet', orgs: store, runtime, publisher, random, clock: { nowMs: () => nowMs } };
    return createEnrolmentCode(plane, ALDER, GATEWAY);
  };

  it('is the one that was published: with all files of a second fleet in their place, nobody is enrolled', async () => {
    expect(await code()).toMatchObject({ ok: true });
    const other = await createAppliedFleet();
    const keys = join(other.dir, '.tenantry/keys');
    for (const name of readdirSync(keys)) writeFileSync(join(keys, name), `${nodeHash.sha256(name)}\n`);
    for (const name of readdirSync(join(other.dir, '.tenantry')))
      if (name !== 'keys') rmSync(join(other.dir, '.tenantry', name), { recursive: true });
    const thief = await other.open({ nowMs: () => nowMs });
    expect((await thief.apply()).ok).toBe(true);
    const uid = await open.uidOf(ALDER);
    const [theirs, ours] = [other, fleet].map(({ dir }) => join(dir, '.tenantry/published', uid)) as [string, string];
    rmSync(ours, { recursive: true });
    cpSync(theirs, ours, { recursive: true });
    thief.close();
    other.destroy();
    expect(await code()).toMatchObject({ ok: false, code: 'PUBLISH_ROOT_CHANGED' });
    expect(published(await look())).toEqual([expect.stringMatching(/^alder PUBLISH_ROOT_CHANGED: .*1\.root\.json; /)]);
    nowMs += 2 * HOUR_MS;
    const refreshed = await refresh();
    expect(codesOf(refreshed)).toEqual(['alder PUBLISH_ROOT_CHANGED']);
    expect(refreshed.orgs).toBe(2);
    expect(published(await look(true))).toHaveLength(1);
    expect(await code()).toMatchObject({ ok: false, code: 'PUBLISH_ROOT_CHANGED' });
  });
});

describe('a damaged file', () => {
  it.each<[string, (place: string) => void]>([
    ['cut to nothing', (place) => truncateSync(place)],
    [
      'a folder by now',
      (place) => {
        rmSync(place);
        mkdirSync(place);
      },
    ],
  ])('of one org, %s, is its finding; the others are refreshed', async (_, damage) => {
    damage(await at(ALDER, '1.root.json'));
    nowMs += 2 * HOUR_MS;
    const refreshed = await refresh();
    expect(codesOf(refreshed)).toEqual([expect.stringMatching(/^alder PUBLISH_(ROOT_CHANGED|DAMAGED)$/)]);
    expect(refreshed.orgs).toBe(2);
    expect(published(await look())).toEqual([expect.stringMatching(/^alder .*1\.root\.json/)]);
  });

  it.each(['timestamp.json', '1.snapshot.json', '1.targets.json', 'bundle'])(
    'is found by drift, of the same length too, and put again: %s',
    async (name) => {
      const { targets } = await publication(BIRCH);
      const path = name === 'bundle' ? `targets/${GATEWAY}/${targets[GATEWAY]?.bundle.sha256}.bundle.tar` : name;
      const bytes = (await open.state.publisher.get(await open.uidOf(BIRCH), path)) ?? new Uint8Array(0);
      writeFileSync(await at(BIRCH, path), new Uint8Array(bytes.length).fill(32));
      expect(published(await look())).toEqual([`birch published files are not as they were put: ${path}`]);
      await look(true);
      expect(published(await look())).toEqual([]);
    },
  );
});

describe('a clock that was ahead once', () => {
  it('is told, and what it signed is signed anew as soon as it is right', async () => {
    const right = nowMs;
    nowMs += 30 * DAY_MS;
    expect(codesOf(await refresh())).toEqual(['- PUBLISH_CLOCK']);
    nowMs = right + HOUR_MS;
    const refreshed = await refresh();
    expect(codesOf(refreshed)).toEqual(['- PUBLISH_CLOCK']);
    expect(refreshed.orgs).toBe(ORGS.length);
    expect((await publication(ALDER)).signedAt).toEqual({ targets: nowMs, snapshot: nowMs, timestamp: nowMs });
    expect(codesOf(await refresh())).toEqual([]);
  });
});

describe('what runs out', () => {
  const statusOf = async () => {
    const { store, runtime } = open.state;
    const plane = { orgs: store, runtime, hash: nodeHash, clock: { nowMs: () => nowMs } };
    const [status] = await gatewayStatuses(plane, [ALDER]);
    if (status === undefined) throw new Error('expected a gateway of alder');
    return { freshUntil: freshUntilMs(status), codes: (await expiringOrgs(plane, [ALDER])).map(({ code }) => code) };
  };

  it('is told of roots sixty days ahead, and bounds how long anything is fresh', async () => {
    const rootUntil = (await publication(ALDER)).roots[1]?.expiresAt ?? 0;
    expect(await statusOf()).toEqual({ freshUntil: START_MS + 72 * HOUR_MS, codes: [] });
    nowMs = rootUntil - 59 * DAY_MS;
    const warned = await refresh();
    expect(codesOf(warned)).toEqual(expect.arrayContaining(ORGS.map((org) => `${org} PUBLISH_EXPIRES`)));
    expect(await statusOf()).toEqual({ freshUntil: nowMs + 72 * HOUR_MS, codes: ['PUBLISH_EXPIRES'] });
    nowMs = rootUntil - HOUR_MS;
    await refresh();
    expect((await statusOf()).freshUntil).toBe(rootUntil);
    nowMs = rootUntil;
    expect(codesOf(await refresh())).toEqual(ORGS.map((org) => `${org} PUBLISH_EXPIRED`));
    expect((await statusOf()).codes).toEqual(['PUBLISH_EXPIRED']);
  });

  it('names every file that has expired, where nothing was signed for long', async () => {
    nowMs += 31 * DAY_MS;
    expect((await statusOf()).codes).toEqual(['PUBLISH_EXPIRED', 'PUBLISH_EXPIRED', 'PUBLISH_EXPIRED']);
    expect((await statusOf()).freshUntil).toBe(START_MS + 72 * HOUR_MS);
  });
});

describe('a store that was put back from a backup', () => {
  const store = (): string => join(fleet.dir, '.tenantry/store.db');
  const backup = (): string => join(fleet.dir, 'backup.db');
  const save = async (): Promise<void> => {
    open.close();
    cpSync(store(), backup());
    await reopen();
  };
  const restore = async (): Promise<void> => {
    open.close();
    for (const end of ['', '-wal', '-shm']) rmSync(`${store()}${end}`, { force: true });
    cpSync(backup(), store());
    await reopen();
  };
  const change = async (limit: string): Promise<void> => {
    nowMs += 1000;
    fleet.write(
      'orgs/alder/org.yaml',
      fleet.read('orgs/alder/org.yaml').replace(/limit: '[\d.]+'/, `limit: '${limit}'`),
    );
    await fleet.save(`limit ${limit}`);
    expect((await open.apply()).ok).toBe(true);
  };

  it('goes on above what was published, once somebody asks for it', async () => {
    await save();
    for (const limit of ['101.00', '102.00', '103.00']) await change(limit);
    const newest = await publication(ALDER);
    await pruneAll(await open.parts(), { versions: 2 });
    await restore();
    nowMs += 2 * HOUR_MS;
    expect(codesOf(await refresh())).toEqual(['alder PUBLISH_OVERTAKEN']);
    expect(await takeOver(await open.parts(), { orgs: [ALDER, BIRCH], ...BY })).toEqual([
      { org: 'alder', outcome: 'taken-over', before: 1, generation: newest.generation + 1 },
      { org: 'birch', outcome: 'not-behind' },
    ]);
    expect((await open.state.store.history(ALDER, { limit: 1 }))[0]).toMatchObject({
      action: 'take-over',
      actor: 'ann',
      detail: { before: 1, published: newest.generation, because: BY.reason },
    });
    expect((await open.apply()).ok).toBe(true);
    const after = await publication(ALDER);
    expect(after.generation).toBeGreaterThan(newest.generation);
    expect(after.targetsVersion).toBeGreaterThan(newest.targetsVersion);
    expect(after.targets[GATEWAY]?.contentDigest).toBe(newest.targets[GATEWAY]?.contentDigest);
    nowMs += 2 * HOUR_MS;
    expect(codesOf(await refresh())).toEqual([]);
    expect(published(await look())).toEqual([]);
    expect(await takeOver(await open.parts(), { orgs: [ALDER], ...BY })).toEqual([
      { org: 'alder', outcome: 'not-behind' },
    ]);
  });

  it('takes nothing over that is older, damaged, or of another store that went on after it', async () => {
    const older = await at(ALDER, '.');
    cpSync(older, join(fleet.dir, 'older'), { recursive: true });
    await change('101.00');
    const newest = await publication(ALDER);
    rmSync(older, { recursive: true });
    cpSync(join(fleet.dir, 'older'), older, { recursive: true });
    const ask = { orgs: [ALDER], ...BY };
    expect(await takeOver(await open.parts(), ask)).toEqual([{ org: 'alder', outcome: 'not-behind' }]);
    expect(await publication(ALDER)).toEqual(newest);
    truncateSync(await at(ALDER, 'timestamp.json'));
    expect(await takeOver(await open.parts(), ask)).toMatchObject([{ outcome: 'held', code: 'PUBLISH_DAMAGED' }]);
    expect(await publication(ALDER)).toEqual(newest);
  });

  it('is overtaken again by nobody who does not ask: the other store is told', async () => {
    await save();
    await change('101.00');
    open.close();
    cpSync(store(), join(fleet.dir, 'other.db'));
    await restore();
    expect(await takeOver(await open.parts(), { orgs: [ALDER], ...BY })).toMatchObject([{ outcome: 'taken-over' }]);
    open.close();
    cpSync(join(fleet.dir, 'other.db'), store());
    await reopen();
    nowMs += 2 * HOUR_MS;
    expect(codesOf(await refresh())).toEqual(['alder PUBLISH_OVERTAKEN']);
  });
});
