import { cp } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { OrgUid } from '../../core/model/index.ts';
import { nodeHash } from '../../host/index.ts';
import { environmentCustody } from '../../io/signer/index.ts';
import type { Custody } from '../../ports/index.ts';
import { ensureRoot, forge, type RotateRequest, rootJson, rotateOrg } from '../index.ts';
import { MAX_VERSION } from '../layout.ts';
import { GATEWAY, MemoryFiles, ORG, open, Publishing, pull, Source, scratch } from '../trust.testkit.ts';
import { readRoot } from './root.ts';

// Rotations against the real verifier: who slept through them, who comes in the middle, who is short of root keys, and what
// stolen keys are worth afterwards.

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;
const ROLES = ['root', 'targets', 'snapshot', 'timestamp'] as const;

const seed = (name: string): string => nodeHash.sha256(name);
const daily = { TENANTRY_PUBLISH_SEED: seed('publish'), TENANTRY_ONLINE_SEED: seed('online') };
const root = (share: string, more = '') => ({ [`TENANTRY_ROOT_SEED_${share}`]: seed(`root ${share}${more}`) });
const custodyOf = (...seeds: readonly Record<string, string>[]): Custody =>
  environmentCustody(Object.assign({}, daily, ...seeds));

type Epochs = RotateRequest['epochs'];
const FIRST: Epochs = { root: 1, targets: 1, snapshot: 1, timestamp: 1 };

/** Rotates as the command does, a second later by default. */
async function rotate(publishing: Publishing, epochs: Partial<Epochs>, how: Partial<RotateRequest> = {}) {
  publishing.nowMs += 1000;
  const { trust, publication, nextTimestamp } = publishing;
  if (publication === undefined) throw new Error('publish first');
  const request = { ...trust, publication, nextTimestamp, epochs: { ...publication.epochs, ...epochs }, ...how };
  return publishing.keep(await rotateOrg(request));
}

async function published(text = 'one'): Promise<Publishing> {
  const publishing = new Publishing();
  await publishing.publish({ [GATEWAY]: text });
  return publishing;
}

/** Remembers every state of the published files that a reader could meet. */
class Moments extends MemoryFiles {
  readonly moments: ReadonlyMap<string, Uint8Array>[] = [];

  override async putImmutable(org: OrgUid, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const file of files) {
      await super.putImmutable(org, new Map([file]));
      this.moments.push(new Map(this.files));
    }
  }

  override async putMutable(...put: Parameters<MemoryFiles['putMutable']>): Promise<void> {
    await super.putMutable(...put);
    this.moments.push(new Map(this.files));
  }
}

describe('a rotation', () => {
  it.each([
    ['online', { snapshot: 2, timestamp: 2 }],
    ['publish', { targets: 2 }],
    ['root', { root: 2 }],
    ['all', { root: 2, targets: 2, snapshot: 2, timestamp: 2 }],
  ] as const)(
    'of %s keys is never noticed: at each moment who ran before and who starts anew verify what is there',
    (_, epochs) =>
      scratch(async (dir) => {
        const files = new Moments();
        const publishing = new Publishing(ORG, files);
        await publishing.publish({ [GATEWAY]: 'one' });
        await pull(await open(publishing, `${dir}/running`, { fetcher: new Source(files) }));
        files.moments.length = 0;
        await rotate(publishing, epochs);
        expect(files.moments.length).toBeGreaterThan(3);
        for (const [at, moment] of files.moments.entries()) {
          const then = new MemoryFiles();
          for (const [path, bytes] of moment) then.files.set(path, bytes);
          await cp(`${dir}/running`, `${dir}/running-${at}`, { recursive: true });
          for (const name of [`running-${at}`, `fresh-${at}`])
            expect(await pull(await open(publishing, `${dir}/${name}`, { fetcher: new Source(then) })), name).toBe(
              'one',
            );
        }
      }),
  );

  it('killed at any write is completed by the next one, whatever that asks for; meanwhile what is published verifies', () =>
    scratch(async (dir) => {
      for (let write = 0; ; write += 1) {
        const publishing = await published();
        publishing.files.dieAfter = publishing.files.puts + write;
        const died = await rotate(publishing, { root: 2, snapshot: 2, timestamp: 2 }).then(
          () => false,
          () => true,
        );
        publishing.files.dieAfter = Number.POSITIVE_INFINITY;
        expect(
          await pull(await open(publishing, `${dir}/at-${write}`, { fetcher: new Source(publishing.files) })),
        ).toBe('one');
        if (!died) break;
        const first = await rotate(publishing, { root: 2, snapshot: 2, timestamp: 2 });
        expect(first.publication).toMatchObject({ rootVersion: 2, epochs: { root: 2, snapshot: 2, timestamp: 2 } });
        await publishing.publish({ [GATEWAY]: 'two' });
        expect(
          await pull(await open(publishing, `${dir}/at-${write}`, { fetcher: new Source(publishing.files) })),
        ).toBe('two');
      }
    }));

  it('finds a root that was put before by its own word, not by what is asked now', async () => {
    const publishing = await published();
    publishing.files.dieAfter = publishing.files.puts + 4;
    await expect(rotate(publishing, { snapshot: 2, timestamp: 2 })).rejects.toThrow('crash');
    publishing.files.dieAfter = Number.POSITIVE_INFINITY;
    expect(await readRoot(publishing.files, ORG, 2)).toBeDefined();
    const { publication } = await rotate(publishing, { targets: 5 });
    expect(publication).toMatchObject({ rootVersion: 2, epochs: { root: 1, targets: 1, snapshot: 2, timestamp: 2 } });
    expect((await rotate(publishing, { targets: 5 })).publication.epochs.targets).toBe(5);
  });

  it('with the former online seed gone goes through all the same', () =>
    scratch(async (dir) => {
      const files = new MemoryFiles();
      const former = { TENANTRY_ROOT_SEED: seed('root'), ...daily };
      const publishing = new Publishing(ORG, files, environmentCustody(former).signer);
      await publishing.publish({ [GATEWAY]: 'one' });
      const { TENANTRY_ONLINE_SEED: _, ...without } = former;
      const now = environmentCustody({ ...without, TENANTRY_ONLINE_SEED_2: seed('new') });
      await rotate(publishing, { snapshot: 2, timestamp: 2 }, { signer: now.signer });
      expect(await pull(await open(publishing, dir, { fetcher: new Source(files) }))).toBe('one');
    }));
});

describe('a gateway that slept', () => {
  it('through 40 rotations of root and other keys, three years long, catches up without touch', () =>
    scratch(async (dir) => {
      const publishing = await published();
      const fetcher = new Source(publishing.files);
      const sleeper = await open(publishing, dir, { fetcher });
      expect(await pull(sleeper)).toBe('one');
      for (let rotation = 1; rotation <= 40; rotation += 1) {
        publishing.nowMs += 30 * DAY_MS;
        const role = ROLES[rotation % 4] ?? 'root';
        const epoch = (publishing.publication?.epochs[role] ?? 0) + 1;
        await rotate(publishing, rotation % 8 === 0 ? { root: epoch, targets: 40 + rotation } : { [role]: epoch });
      }
      await publishing.publish({ [GATEWAY]: 'two' });
      expect(publishing.publication?.rootVersion).toBe(41);
      expect(await pull(sleeper)).toBe('two');
      expect(await pull(await open(publishing, dir, { fetcher }))).toBe('two');
    }));

  it('and wakes with its clock a year behind or ahead takes nothing wrong, and everything once the clock is right', () =>
    scratch(async (dir) => {
      const publishing = await published();
      const fetcher = new Source(publishing.files);
      let skewMs = 0;
      const sleeper = await open(publishing, dir, { fetcher, nowMs: () => publishing.nowMs + skewMs });
      await pull(sleeper);
      publishing.nowMs += 20 * DAY_MS;
      await rotate(publishing, { root: 2, targets: 2, snapshot: 2, timestamp: 2 });
      await publishing.publish({ [GATEWAY]: 'two' });
      skewMs = -YEAR_MS;
      expect(await pull(sleeper)).toBe('TRUST_CLOCK');
      skewMs = YEAR_MS;
      expect(await pull(sleeper)).toBe('TRUST_EXPIRED');
      expect(sleeper.lastKnownGood()?.content.policyText).toBe('one');
      skewMs = 0;
      expect(await pull(sleeper)).toBe('two');
      skewMs = -YEAR_MS;
      await publishing.publish({ [GATEWAY]: 'three' });
      expect(await pull(sleeper)).toBe('three');
      expect(sleeper.clockBehindMs()).toBeGreaterThan(YEAR_MS - DAY_MS);
    }));
});

describe('a stolen online key', () => {
  const thief = async (publishing: Publishing, snapshotVersion = MAX_VERSION): Promise<void> => {
    const { publication, trust } = publishing;
    if (publication === undefined) throw new Error('publish first');
    const theft = { epochs: FIRST, isLedTo: true, timestampVersion: MAX_VERSION };
    await forge({ ...trust, ...theft, publication: { ...publication, snapshotVersion: snapshotVersion - 1 } });
  };

  it('that jumped to the highest version there is is undone by a rotation, and no gateway is touched', () =>
    scratch(async (dir) => {
      const publishing = await published();
      const fetcher = new Source(publishing.files);
      const gateway = await open(publishing, dir, { fetcher });
      await pull(gateway);
      await thief(publishing);
      expect(await pull(gateway)).toBe('one');
      await publishing.publish({ [GATEWAY]: 'two' });
      expect(await pull(gateway)).toBe('TRUST_ROLLBACK');
      expect(gateway.lastKnownGood()?.content.policyText).toBe('one');
      await rotate(publishing, { snapshot: 2, timestamp: 2 });
      expect(await pull(gateway)).toBe('two');
      await thief(publishing, MAX_VERSION - 1);
      expect(await pull(gateway)).toBe('TRUST_SIGNATURE');
      await publishing.publish({ [GATEWAY]: 'three' });
      expect(await pull(gateway)).toBe('three');
    }));
});

describe('root keys of two out of three', () => {
  const all = custodyOf(root('A'), root('B'), root('C'));
  const ceremony = async (): Promise<Publishing> => {
    const publishing = new Publishing(ORG, new MemoryFiles(), all.signer);
    await ensureRoot({ ...publishing.trust, rootSigners: await all.rootSigners(), threshold: 2 });
    await publishing.publish({ [GATEWAY]: 'one' });
    return publishing;
  };
  const by = async (custody: Custody, more: Partial<RotateRequest> = {}): Promise<Partial<RotateRequest>> => ({
    ...{ signer: custody.signer, rootSigners: await custody.rootSigners(), ...more },
  });
  const online = { snapshot: 2, timestamp: 2 };
  const rootOf = async (publishing: Publishing, version: number) => {
    const file = await readRoot(publishing.files, ORG, version);
    if (file === undefined) throw new Error(`expected root ${version}`);
    return rootJson(file);
  };

  it('two of them rotate daily keys; the root goes on naming three', () =>
    scratch(async (dir) => {
      const publishing = await ceremony();
      const gateway = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      await pull(gateway);
      await rotate(publishing, online, await by(custodyOf(root('A'), root('C'))));
      const [first, second] = [await rootOf(publishing, 1), await rootOf(publishing, 2)];
      expect(second.roles.root).toEqual(first.roles.root);
      expect([second.roles.root.keyids.length, second.roles.root.threshold]).toEqual([3, 2]);
      await publishing.publish({ [GATEWAY]: 'two' });
      expect(await pull(gateway)).toBe('two');
    }));

  it('one of them rotates nothing, and nothing is put', async () => {
    const publishing = await ceremony();
    const { puts } = publishing.files;
    const alone = rotate(publishing, online, await by(custodyOf(root('B'))));
    await expect(alone).rejects.toMatchObject({ code: 'PUBLISH_ROOT_THRESHOLD' });
    const stranger = rotate(publishing, online, await by(custodyOf(root('B'), root('C', 'other'))));
    await expect(stranger).rejects.toMatchObject({ code: 'PUBLISH_ROOT_THRESHOLD' });
    expect(publishing.files.puts).toBe(puts);
  });

  it('one of them that says that one is enough is refused by gateways', () =>
    scratch(async (dir) => {
      const publishing = await ceremony();
      const gateway = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      await pull(gateway);
      const thief = new Publishing(ORG, publishing.files, custodyOf(root('B')).signer);
      const signers = await custodyOf(root('B')).rootSigners();
      const { makeRoot, rootHands } = await import('./root.ts');
      const { signingFor } = await import('./context.ts');
      const signing = signingFor(thief.trust, { root: 1, targets: 1, ...online });
      const hands = await rootHands({ org: ORG }, signers, 1);
      const forged = await makeRoot(signing, { version: 2, keys: hands.map(({ key }) => key), threshold: 1 }, hands);
      await publishing.files.putImmutable(ORG, new Map([['2.root.json', forged.bytes]]));
      publishing.nowMs += 2000;
      const { trust, publication, nextTimestamp } = publishing;
      await forge({
        ...{ ...trust, publication: publication as never, epochs: { root: 1, targets: 1, ...online }, isLedTo: true },
        timestampVersion: await nextTimestamp(publishing.nowMs),
      });
      expect(await pull(gateway)).toBe('TRUST_SIGNATURE');
    }));

  it('move to a next epoch all together; with one away they do not', () =>
    scratch(async (dir) => {
      const publishing = await ceremony();
      const gateway = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      await pull(gateway);
      const two = rotate(publishing, { root: 2 }, await by(custodyOf(root('A'), root('C'))));
      await expect(two).rejects.toMatchObject({ code: 'PUBLISH_ROOT_THRESHOLD' });
      const four = rotate(publishing, { root: 2 }, await by(all, { threshold: 4 }));
      await expect(four).rejects.toMatchObject({ code: 'PUBLISH_ROOT_THRESHOLD' });
      await rotate(publishing, { root: 2 }, await by(all));
      const [first, second] = [await rootOf(publishing, 1), await rootOf(publishing, 2)];
      expect(second.roles.root.keyids.filter((id) => first.roles.root.keyids.includes(id))).toEqual([]);
      expect([second.roles.root.keyids.length, second.roles.root.threshold]).toEqual([3, 2]);
      expect(await pull(gateway)).toBe('one');
    }));

  it('are replaced by new ones when one is lost, with another number and threshold, and the former are worth nothing', () =>
    scratch(async (dir) => {
      const publishing = await ceremony();
      const gateway = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      await pull(gateway);
      const fresh = ['A', 'B', 'C', 'D', 'E'].map((share) => root(`${share}_2`));
      const withLoss = custodyOf(root('A'), root('C'), ...fresh);
      await rotate(publishing, { root: 2 }, await by(withLoss, { rootKeys: 5, threshold: 3 }));
      const { keyids, threshold } = (await rootOf(publishing, 2)).roles.root;
      expect([keyids.length, threshold]).toEqual([5, 3]);
      const former = rotate(publishing, { root: 2, ...online }, await by(all));
      await expect(former).rejects.toMatchObject({ code: 'PUBLISH_ROOT_THRESHOLD' });
      await rotate(publishing, online, await by(custodyOf(...fresh.slice(1, 4))));
      await publishing.publish({ [GATEWAY]: 'two' });
      expect(await pull(gateway)).toBe('two');
    }));
});
