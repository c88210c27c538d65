import { existsSync, readdirSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FLEET_ORG, type OrgSlug, type RoleEpochs } from '../src/core/model/index.ts';
import { publishOne, type RotateAsk, type RotateParts, rotateKeys, showKeys } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { sealedFileCustody } from '../src/io/signer/index.ts';
import type { Publisher } from '../src/ports/index.ts';
import { openVerifier, readRoot, renewTimestamp, type Verifier } from '../src/trust/index.ts';
import {
  ALDER,
  BIRCH,
  CLOVE,
  createAppliedFleet,
  forgetAppliedFleet,
  type OpenFleet,
  ORGS,
  START_MS,
  type TestFleet,
} from './fleet.testkit.ts';

// Rotation of a real fleet: store, published files and seeds on disk, and a real verifier per org that is never touched.

let fleet: TestFleet;
let open: OpenFleet;
let nowMs: number;
const verifiers = new Map<OrgSlug, Verifier>();

beforeEach(async () => {
  nowMs = START_MS + 60_000;
  fleet = await createAppliedFleet();
  open = await fleet.open({ nowMs: () => nowMs });
  for (const org of ORGS) verifiers.set(org, await verifierOf(org));
});
afterEach(() => {
  open.close();
  fleet.destroy();
});
afterAll(forgetAppliedFleet);

async function verifierOf(org: OrgSlug): Promise<Verifier> {
  const uid = await open.uidOf(org);
  const { publisher } = open.state;
  return openVerifier({
    stateDir: join(fleet.dir, '.tenantry/gateways', org),
    identity: { fleet: 'test-fleet', orgUid: uid, gateway: 'desk-production' },
    root: (await readRoot(publisher, uid, 1))?.bytes ?? new Uint8Array(0),
    nowMs: () => nowMs,
    hash: nodeHash,
    fetcher: {
      async get(path) {
        const bytes = await publisher.get(uid, path);
        return bytes === undefined ? { status: 404 } : { status: 200, bytes, etag: null };
      },
    },
  });
}

/** What each gateway says to what is published now. */
async function pulled(): Promise<readonly string[]> {
  const answers = [];
  for (const org of ORGS) {
    const result = await verifiers.get(org)?.poll();
    if (result?.kind === 'candidate') await result.commit();
    answers.push(result?.kind === 'refused' ? result.code : (result?.kind ?? 'none'));
  }
  return answers;
}

async function parts(more: Partial<RotateParts> = {}): Promise<RotateParts> {
  const { custody, roots } = open.state;
  return { ...(await open.parts()), custody, roots, actor: 'ann', ...more };
}

async function rotate(ask: Partial<RotateAsk> = {}, more: Partial<RotateParts> = {}) {
  nowMs += 1000;
  const rotated = await rotateKeys(await parts(more), { holder: 'online', orgs: null, withNewSeed: false, ...ask });
  if (!rotated.ok) throw new Error(`${rotated.code}: ${rotated.message}`);
  return rotated.value;
}

const epochs = async (): Promise<readonly RoleEpochs[]> =>
  Promise.all(ORGS.map(async (org) => (await open.state.store.publication(org))?.epochs as RoleEpochs));
const onlineEpochs = async () => (await epochs()).map(({ snapshot, timestamp }) => [snapshot, timestamp]);

/** Dies at the n-th write, as a kill would have it. */
function dyingAfter(writes: number): Publisher {
  const { publisher } = open.state;
  let left = writes;
  const count = (): void => {
    if (left <= 0) throw new Error('killed');
    left -= 1;
  };
  return {
    ...publisher,
    putImmutable: async (...all) => {
      count();
      await publisher.putImmutable(...all);
    },
    putMutable: async (...all) => {
      count();
      await publisher.putMutable(...all);
    },
  };
}

describe('keys rotate', () => {
  it.each(['online', 'publish', 'root'] as const)(
    'of %s raises the epoch of every org, in the store and in what is published; gateways follow',
    async (holder) => {
      expect(await pulled()).toEqual(['candidate', 'candidate', 'candidate']);
      const before = await epochs();
      const { orgs, epoch, resumed } = await rotate({ holder, reason: 'every spring' });
      expect([epoch, resumed, orgs.map(({ outcome }) => outcome)]).toEqual([
        2,
        false,
        ['rotated', 'rotated', 'rotated'],
      ]);
      const roles = { online: { snapshot: 2, timestamp: 2 }, publish: { targets: 2 }, root: { root: 2 } }[holder];
      expect(await epochs()).toEqual(before.map((each) => ({ ...each, ...roles })));
      expect(await pulled()).toEqual(['unchanged', 'unchanged', 'unchanged']);
      const [entry] = await open.state.store.history(ALDER, { limit: 1 });
      expect(entry).toMatchObject({
        ...{ action: 'rotate', actor: 'ann' },
        detail: { holder, rootVersion: 2, after: roles, because: 'every spring' },
      });
      const ends = await open.state.store.history(FLEET_ORG, { limit: 2 });
      expect(ends).toMatchObject(
        ['completed', 'begun'].map((state) => ({ actor: 'ann', detail: { state, because: 'every spring' } })),
      );
      expect(await open.state.store.verifyHistory(ALDER)).toBeNull();
      expect((await publishOne(await open.parts(), ALDER)).signatures).toBe(0);
    },
  );

  it('of one org moves that org alone; a later one of the fleet moves all', async () => {
    await rotate({ orgs: [BIRCH] });
    expect(await onlineEpochs()).toEqual([
      [1, 1],
      [2, 2],
      [1, 1],
    ]);
    expect((await rotate()).epoch).toBe(3);
    expect(await onlineEpochs()).toEqual([
      [3, 3],
      [3, 3],
      [3, 3],
    ]);
    expect(await pulled()).toEqual(['candidate', 'candidate', 'candidate']);
    const unknown = await rotateKeys(await parts(), {
      holder: 'online',
      orgs: ['nobody' as OrgSlug],
      withNewSeed: false,
    });
    expect(unknown).toMatchObject({ ok: false, code: 'ORG_UNKNOWN' });
  });

  it('that was interrupted at any write goes on with the same epoch, and what was done stays done', async () => {
    await pulled();
    for (const writes of [0, 3, 4, 6, 11]) {
      const { epoch: last } = await rotate();
      await expect(rotate({}, { publisher: dyingAfter(writes) })).rejects.toThrow('killed');
      expect((await pulled()).filter((answer) => answer.startsWith('TRUST'))).toEqual([]);
      const again = await rotate();
      expect([again.epoch, again.resumed]).toEqual([last + 1, true]);
      expect(await onlineEpochs()).toEqual(ORGS.map(() => [last + 1, last + 1]));
      expect((await pulled()).filter((answer) => answer.startsWith('TRUST'))).toEqual([]);
    }
    const actions = (await open.state.store.history(FLEET_ORG, { limit: 20 })).filter(
      ({ action }) => action === 'rotate',
    );
    expect(actions).toHaveLength(20);
  });

  it('that was interrupted takes no timestamp from gateways: publishing waits, what is there is served', async () => {
    await pulled();
    await expect(rotate({ orgs: [ALDER] }, { publisher: dyingAfter(4) })).rejects.toThrow('killed');
    const publication = await open.state.store.publication(ALDER);
    if (publication === undefined) throw new Error('expected a publication');
    const { publisher, signer, runtime } = open.state;
    const trust = { fleet: 'test-fleet', org: await open.uidOf(ALDER), signer, publisher, nowMs };
    const renewed = renewTimestamp({ ...trust, publication, nextTimestamp: (ms) => runtime.nextTimestamp(ALDER, ms) });
    await expect(renewed).rejects.toMatchObject({ code: 'PUBLISH_ROTATION_PENDING' });
    expect(await pulled()).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(await rotate({ orgs: [ALDER] })).toMatchObject({ resumed: true, epoch: 2 });
  });

  it('by a writer that was overtaken writes nothing to the store', async () => {
    const { store } = open.state;
    const first = await store.acquireLease('controller', 'one', nowMs, 10);
    const second = await store.acquireLease('controller', 'two', nowMs + 20, 1000);
    if (!first.granted || !second.granted) throw new Error('expected both leases');
    const fence = { name: 'controller', fence: first.fence };
    await expect(rotate({}, { fence })).rejects.toMatchObject({ code: 'STORE_FENCED' });
    expect(await onlineEpochs()).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(await rotate({}, { fence: { name: 'controller', fence: second.fence } })).toMatchObject({ epoch: 2 });
  });

  it('without enough root seeds holds each org by name, and goes on when they come', async () => {
    await pulled();
    const away = join(fleet.dir, '.tenantry/keys/root.seed');
    const { custody } = open.state;
    const none = { ...custody, rootSigners: async () => [] };
    const held = await rotate({}, { custody: none });
    expect(held.orgs.map(({ outcome, code }) => [outcome, code])).toEqual(
      ORGS.map(() => ['held', 'PUBLISH_ROOT_THRESHOLD']),
    );
    expect(await pulled()).toEqual(['unchanged', 'unchanged', 'unchanged']);
    expect(readdirSync(join(away, '..'))).toContain('root.seed');
    expect(await rotate()).toMatchObject({ resumed: true, epoch: 2 });
  });
});

describe('keys rotate --new-seed', () => {
  it.each(['online', 'publish', 'root'] as const)(
    'of %s takes over in every org; the former seed can be destroyed',
    async (holder) => {
      await pulled();
      await rotate({ orgs: [CLOVE], holder });
      const { epoch } = await rotate({ holder, withNewSeed: true });
      expect(epoch).toBe(3);
      const keys = join(fleet.dir, '.tenantry/keys');
      expect(readdirSync(keys)).toContain(`${holder}-3.seed`);
      rmSync(join(keys, `${holder}.seed`));
      open.close();
      open = await fleet.open({ nowMs: () => nowMs });
      for (const org of ORGS) verifiers.set(org, await verifierOf(org));
      expect((await pulled()).filter((answer) => answer.startsWith('TRUST'))).toEqual([]);
      const next = await rotate({ holder: 'online' });
      expect(next.orgs.map(({ outcome }) => outcome)).toEqual(['rotated', 'rotated', 'rotated']);
      expect((await pulled()).filter((answer) => answer.startsWith('TRUST'))).toEqual([]);
    },
  );

  it('makes one seed, however often it is interrupted; asked for in the middle of another it begins anew', async () => {
    await expect(rotate({}, { publisher: dyingAfter(5) })).rejects.toThrow('killed');
    await expect(rotate({ withNewSeed: true }, { publisher: dyingAfter(5) })).rejects.toThrow('killed');
    const { epoch, resumed } = await rotate();
    const seeds = readdirSync(join(fleet.dir, '.tenantry/keys')).filter((name) => name.startsWith('online'));
    expect([resumed, seeds]).toEqual([true, ['online.seed', `online-${epoch}.seed`].sort()]);
    expect(await onlineEpochs()).toEqual(ORGS.map(() => [epoch, epoch]));
  });
});

describe('keys rotate --new-seed in the middle of a rotation that kept the seed', () => {
  const seedsDir = () => join(fleet.dir, '.tenantry/keys');
  const seedsNow = () => sealedFileCustody({ dir: seedsDir(), rootDirs: [] });

  /** Whether each org's timestamp key is that of the seeds in the folder. */
  async function timestampKeysAreOf(dir: string): Promise<readonly boolean[]> {
    const { signer } = sealedFileCustody({ dir, rootDirs: [] });
    return Promise.all(
      ORGS.map(async (org) => {
        const [uid, publication] = [await open.uidOf(org), await open.state.store.publication(org)];
        if (publication === undefined) throw new Error(`expected a publication of ${org}`);
        const key = await signer.publicKey('timestamp', uid, publication.epochs.timestamp);
        const root = await readRoot(open.state.publisher, uid, publication.rootVersion);
        return new TextDecoder().decode(root?.bytes).includes(Buffer.from(key).toString('hex'));
      }),
    );
  }

  // 0: before any write; 11: some orgs have the next root already, and no store knows it; 12: all of them.
  it.each([
    [0, 'the same'],
    [0, 'another'],
    [11, 'the same'],
    [11, 'another'],
    [12, 'another'],
  ] as const)('leaves no key of the former seed: after %i writes, in %s process', async (writes, process) => {
    await pulled();
    const stolen = join(fleet.dir, '.tenantry/stolen');
    await cp(seedsDir(), stolen, { recursive: true });
    await expect(rotate({}, { publisher: dyingAfter(writes) })).rejects.toThrow('killed');
    const custody = process === 'another' ? { custody: seedsNow() } : {};
    const { orgs } = await rotate({ withNewSeed: true }, custody);
    expect(orgs.map(({ outcome, code }) => code ?? outcome)).toEqual(ORGS.map(() => 'rotated'));
    expect(await timestampKeysAreOf(stolen)).toEqual([false, false, false]);
    expect(await timestampKeysAreOf(seedsDir())).toEqual([true, true, true]);
    expect(await pulled()).toEqual(['unchanged', 'unchanged', 'unchanged']);
  });

  it('goes above keys that roots name and no history tells of', async () => {
    await expect(rotate({}, { publisher: dyingAfter(12) })).rejects.toThrow('killed');
    const { store } = open.state;
    const untold = { ...store, history: async () => [] };
    const { epoch } = await rotate({ withNewSeed: true }, { custody: seedsNow(), store: untold });
    expect(epoch).toBe(3);
    expect(await timestampKeysAreOf(seedsDir())).toEqual([true, true, true]);
  });
});

describe('keys rotate --new-seed of several root seeds', () => {
  it('makes each once: what goes on without a medium is refused, and nothing is made in its place', async () => {
    const media = ['a', 'b', 'c'].map((name) => join(fleet.dir, `medium-${name}`));
    const ask = { holder: 'root', withNewSeed: true, rootSeeds: 3, threshold: 2, rootDirs: media } as const;
    const custodyWith = (rootDirs: readonly string[]) =>
      sealedFileCustody({ dir: join(fleet.dir, '.tenantry/keys'), rootDirs });
    const died = rotate(ask, { custody: custodyWith(media), publisher: dyingAfter(1) });
    await expect(died).rejects.toThrow('killed');
    const made = media.map((folder) => readdirSync(folder));
    expect(made).toEqual([['root-a-2.seed'], ['root-b-2.seed'], ['root-c-2.seed']]);

    const two = [media[0] ?? '', join(fleet.dir, 'medium-d'), media[2] ?? ''];
    nowMs += 1000;
    const refused = await rotateKeys(await parts({ custody: custodyWith(two) }), { ...ask, orgs: null, rootDirs: two });
    expect(refused).toMatchObject({ ok: false, code: 'SIGNER_SEED_MISSING' });
    expect(existsSync(join(fleet.dir, 'medium-d'))).toBe(false);

    const { resumed, seeds } = await rotate(ask, { custody: custodyWith(media) });
    expect([resumed, seeds.map(({ share }) => share)]).toEqual([true, ['a', 'b', 'c']]);
    expect(media.map((folder) => readdirSync(folder))).toEqual(made);
    expect((await epochs()).map(({ root }) => root)).toEqual([2, 2, 2]);
  });
});

describe('keys show', () => {
  it('says epoch, keys, threshold, expiry and what is at hand, of each role of each org', async () => {
    await rotate({ orgs: [BIRCH] });
    const { custody, store, publisher } = open.state;
    const clock = { nowMs: () => nowMs };
    const shown = await showKeys({ fleet: 'test-fleet', store, publisher, custody, clock }, null);
    expect(shown.map(({ org, rootVersion }) => [org, rootVersion])).toEqual([
      [ALDER, 1],
      [BIRCH, 2],
      [CLOVE, 1],
    ]);
    const [alder, birch] = shown;
    expect(
      alder?.roles.map(({ role, epoch, threshold, atHand, isFormer }) => [role, epoch, threshold, atHand, isFormer]),
    ).toEqual([
      ['root', 1, 1, 1, false],
      ['targets', 1, 1, 1, false],
      ['snapshot', 1, 1, 1, false],
      ['timestamp', 1, 1, 1, false],
    ]);
    expect(alder?.roles[0]).toMatchObject({
      expires: '2028-01-04T09:00:00Z',
      keyIds: [expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
    expect(birch?.roles.map(({ epoch }) => epoch)).toEqual([1, 1, 2, 2]);
  });

  it('tells an org whose keys come from a seed that was replaced, and keys that are not at hand', async () => {
    await rotate({ orgs: [BIRCH], withNewSeed: true });
    const { custody, store, publisher } = open.state;
    const parts = { fleet: 'test-fleet', store, publisher, clock: { nowMs: () => nowMs } };
    const roleOf = async (org: OrgSlug, more = custody) =>
      (await showKeys({ ...parts, custody: more }, [org]))[0]?.roles.map(({ atHand, isFormer }) => [atHand, isFormer]);
    expect(await roleOf(ALDER)).toEqual([
      [1, false],
      [1, false],
      [1, true],
      [1, true],
    ]);
    expect(await roleOf(BIRCH)).toEqual([
      [1, false],
      [1, false],
      [1, false],
      [1, false],
    ]);
    rmSync(join(fleet.dir, '.tenantry/keys/root.seed'));
    expect((await roleOf(BIRCH))?.[0]).toEqual([0, false]);
  });
});
