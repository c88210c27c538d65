import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS, type Fault, failEverywhere, type Roles, withFault } from '../faults.testkit.ts';
import { rotateOrg } from '../index.ts';
import {
  GATEWAY,
  HOUR_MS,
  type MemoryFiles,
  ORG,
  open,
  Publishing,
  pull,
  quickFiles,
  Source,
  scratch,
} from '../trust.testkit.ts';
import type { StateFiles } from './files.ts';

const ROLES: Roles<StateFiles> = {
  reads: ['read'],
  frees: [],
  writes: ['writeDurable'],
  half: quickFiles.writeDurable,
};

const SLOTS = ['a.slot', 'b.slot'];

const snapshotOf = (files: MemoryFiles): ReadonlyMap<string, Uint8Array> => new Map(files.files);

/** A source that replays what was published once. */
function replay(publishing: Publishing, old: ReadonlyMap<string, Uint8Array>): Source {
  const source = new Source(publishing.files);
  source.lie = (path) => old.get(`${ORG}/${path}`);
  return source;
}

/** Fails a pull at every change of the disk; `after` judges each state that is left behind. Gives how often. */
function failPullEverywhere(
  publishing: Publishing,
  base: string,
  judge: { readonly fault: Fault; readonly after: (dir: string) => Promise<void> },
): Promise<number> {
  return failEverywhere((step) =>
    scratch(async (scratchDir) => {
      const dir = join(scratchDir, 'state');
      await cp(base, dir, { recursive: true });
      const { files, changes } = withFault(quickFiles, ROLES, judge.fault, step);
      const fetcher = new Source(publishing.files);
      await open(publishing, dir, { fetcher, files })
        .then(pull)
        .catch(() => undefined);
      await judge.after(dir);
      return { reached: changes() >= step };
    }),
  );
}

interface Moment {
  readonly publishing: Publishing;
  /** What was published before. */
  readonly before: ReadonlyMap<string, Uint8Array>;
  /** State of a gateway that took it. */
  readonly base: string;
}

/** A gateway that took two publications; what comes next is up to the test. */
async function beforeTheThird(base: string): Promise<Moment> {
  const publishing = new Publishing();
  const fetcher = new Source(publishing.files);
  for (const text of ['one', 'two']) {
    await publishing.publish({ [GATEWAY]: text, other: 'other' });
    await pull(await open(publishing, base, { fetcher }));
  }
  return { publishing, before: snapshotOf(publishing.files), base };
}

describe.each(FAULTS)('a disk on which everything is %s from some change on', (fault) => {
  it('leaves the old or the new of an update, never lower floors, and the next pull succeeds', () =>
    scratch(async (dir) => {
      const { publishing, before, base } = await beforeTheThird(join(dir, 'base'));
      await publishing.publish({ [GATEWAY]: 'three', other: 'other' });
      const seen = new Set<string>();
      const after = async (state: string): Promise<void> => {
        const floors = JSON.parse(await readFile(join(state, 'floors.json'), 'utf8')) as { generation: number };
        const verifier = await open(publishing, state, { fetcher: replay(publishing, before) });
        const kept = verifier.lastKnownGood()?.content.policyText ?? 'nothing';
        seen.add(`${kept} above ${floors.generation}`);
        expect(await pull(verifier)).toBe(floors.generation === 3 ? 'TRUST_ROLLBACK' : 'two');
        expect(await pull(await open(publishing, state, { fetcher: new Source(publishing.files) }))).toBe('three');
      };
      const changes = await failPullEverywhere(publishing, base, { fault, after });
      expect(changes).toBeGreaterThan(4);
      expect([...seen].sort()).toEqual(['three above 3', 'two above 2', 'two above 3']);
    }));

  it('leaves nothing or all of the very first pull, and never locks the gateway out', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const seen = new Set<string>();
      const after = async (state: string): Promise<void> => {
        const verifier = await open(publishing, state, { fetcher: new Source(publishing.files) });
        seen.add(verifier.lastKnownGood()?.content.policyText ?? 'nothing');
        expect(await pull(verifier)).toBe('one');
      };
      await mkdir(join(dir, 'base'));
      await failPullEverywhere(publishing, join(dir, 'base'), { fault, after });
      expect([...seen].sort()).toEqual(['nothing', 'one']);
    }));

  it('leaves the old or the new root of a rotation, and no way back once the new one is known', () =>
    scratch(async (dir) => {
      const { publishing, before, base } = await beforeTheThird(join(dir, 'base'));
      const { trust, publication, nextTimestamp } = publishing;
      if (publication === undefined) throw new Error('expected a publication');
      const epochs = { root: 2, targets: 2, snapshot: 2, timestamp: 2 };
      publishing.keep(await rotateOrg({ ...trust, publication, nextTimestamp, epochs }));
      await publishing.publish({ [GATEWAY]: 'three', other: 'other' });
      const after = async (state: string): Promise<void> => {
        const { root } = JSON.parse(await readFile(join(state, 'floors.json'), 'utf8')) as {
          root: { version: number };
        };
        const replayed = await pull(await open(publishing, state, { fetcher: replay(publishing, before) }));
        expect(replayed).toBe(root.version === 2 ? 'TRUST_ROLLBACK' : 'two');
        expect(await pull(await open(publishing, state, { fetcher: new Source(publishing.files) }))).toBe('three');
      };
      expect(await failPullEverywhere(publishing, base, { fault, after })).toBeGreaterThan(4);
    }));

  it('leaves the gateway served or withdrawn, and withdrawn after the next pull', () =>
    scratch(async (dir) => {
      const { publishing, base } = await beforeTheThird(join(dir, 'base'));
      await publishing.publish({ other: 'other' });
      const after = async (state: string): Promise<void> => {
        const verifier = await open(publishing, state, { fetcher: new Source(publishing.files) });
        expect(verifier.lastKnownGood()?.content.policyText ?? 'nothing').toMatch(/^(two|nothing)$/);
        expect(await pull(verifier)).toBe('TRUST_NOT_LISTED');
        const restarted = await open(publishing, state, { fetcher: new Source(publishing.files) });
        expect(restarted.lastKnownGood()).toBeNull();
      };
      expect(await failPullEverywhere(publishing, base, { fault, after })).toBeGreaterThan(2);
    }));
});

describe('a full disk', () => {
  it('at any change takes nothing from what is served, lowers no floor, and is over as soon as there is room', () =>
    scratch(async (dir) => {
      const { publishing, before, base } = await beforeTheThird(join(dir, 'base'));
      await publishing.publish({ [GATEWAY]: 'three', other: 'other' });
      const changes = await failEverywhere((step) =>
        scratch(async (scratchDir) => {
          const state = join(scratchDir, 'state');
          await cp(base, state, { recursive: true });
          let faulty = withFault(quickFiles, ROLES, 'full', step);
          const files = layerOf(() => faulty.files);
          const source = new Source(publishing.files);
          const verifier = await open(publishing, state, { fetcher: source, files }).catch(() => undefined);
          if (verifier === undefined) return { reached: true };
          const took = await pull(verifier).catch((error: Error) => error.message);
          const reached = faulty.changes() >= step;
          if (reached) {
            expect(took).toMatch('ENOSPC');
            expect(verifier.lastKnownGood()?.content.policyText).toBe('two');
          }
          faulty = withFault(quickFiles, ROLES, 'full', Number.POSITIVE_INFINITY);
          source.lie = (path) => before.get(`${ORG}/${path}`);
          expect(await pull(verifier)).toMatch(/^(two|TRUST_ROLLBACK)$/);
          source.lie = undefined;
          expect(await pull(verifier)).toBe('three');
          return { reached };
        }),
      );
      expect(changes).toBeGreaterThan(4);
    }));
});

/** The layer that `now` gives at each call. */
function layerOf(now: () => StateFiles): StateFiles {
  return {
    read: (path) => now().read(path),
    writeDurable: (path, bytes) => now().writeDurable(path, bytes),
    rename: (from, to) => now().rename(from, to),
    makeFolder: (path) => now().makeFolder(path),
  };
}

describe('state that was damaged', () => {
  const prepared = async (dir: string) => {
    const publishing = new Publishing();
    const fetcher = new Source(publishing.files);
    await publishing.publish({ [GATEWAY]: 'one' });
    const first = snapshotOf(publishing.files);
    await pull(await open(publishing, dir, { fetcher }));
    await publishing.publish({ [GATEWAY]: 'two' });
    await pull(await open(publishing, dir, { fetcher }));
    return { publishing, first, fetcher };
  };

  it('slots wiped: nothing to serve, no replay, and the live publication is taken from the pinned root', () =>
    scratch(async (dir) => {
      const { publishing, first, fetcher } = await prepared(dir);
      for (const slot of SLOTS) await rm(join(dir, slot));
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first) });
      expect(verifier.lastKnownGood()).toBeNull();
      for (let attempt = 0; attempt < 3; attempt += 1) expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
      expect(await pull(await open(publishing, dir, { fetcher }))).toBe('two');
    }));

  it('the newest slot torn: the one before serves, under the same floors', () =>
    scratch(async (dir) => {
      const { publishing, first } = await prepared(dir);
      const whole = await readFile(join(dir, 'b.slot'));
      await writeFile(join(dir, 'b.slot'), whole.subarray(0, whole.length - 1));
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first) });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('the newest slot gone: the one before serves', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      await rm(join(dir, 'b.slot'));
      const verifier = await open(publishing, dir, { fetcher });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
      expect(await pull(verifier)).toBe('two');
    }));

  it('any part of the newest slot with a flipped bit: the one before serves', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      const file = join(dir, 'b.slot');
      const whole = await readFile(file);
      const begin = whole.indexOf('\n') + 1;
      const { parts } = JSON.parse(whole.subarray(0, begin).toString('utf8')) as {
        readonly parts: { readonly [part: string]: { readonly length: number } };
      };
      let at = begin;
      for (const part of ['root', 'timestamp', 'snapshot', 'targets', 'bundle', 'provenance']) {
        const damaged = new Uint8Array(whole);
        damaged[at] = (damaged[at] ?? 0) ^ 1;
        await writeFile(file, damaged);
        const verifier = await open(publishing, dir, { fetcher });
        expect(verifier.lastKnownGood()?.content.policyText, part).toBe('one');
        at += parts[part]?.length ?? 0;
      }
      expect(at).toBe(whole.length);
    }));

  it('slots that this version would not take any more: nothing to serve, and no floor falls', () =>
    scratch(async (dir) => {
      const { publishing, first } = await prepared(dir);
      const limits = { bundleBytes: 1024 };
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first), limits });
      expect(verifier.lastKnownGood()).toBeNull();
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('floors lost: those of the newest slot hold', () =>
    scratch(async (dir) => {
      const { publishing, first } = await prepared(dir);
      await rm(join(dir, 'floors.json'));
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first) });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('two');
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('a floor lowered by a failing disk: not believed, those of the newest slot hold', () =>
    scratch(async (dir) => {
      const { publishing, first } = await prepared(dir);
      const file = join(dir, 'floors.json');
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replace('"generation":2', '"generation":0').replace(/"version":\d+/g, '"version":1'));
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first) });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('two');
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('a floor lowered in the newest slot: that slot is not believed, and the floors beside it hold', () =>
    scratch(async (dir) => {
      const { publishing, first } = await prepared(dir);
      const file = join(dir, 'b.slot');
      const [line = '', ...parts] = (await readFile(file, 'latin1')).split('\n');
      await writeFile(file, [line.replace(/"version":\d+/g, '"version":1'), ...parts].join('\n'), 'latin1');
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first) });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('floors and slots unreadable: refused, not forgotten', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      await writeFile(join(dir, 'floors.json'), '{}');
      await writeFile(join(dir, 'a.slot'), '');
      await writeFile(join(dir, 'b.slot'), '{}\n');
      await expect(open(publishing, dir, { fetcher })).rejects.toMatchObject({ code: 'TRUST_STATE' });
    }));

  it('floors unreadable and no slot left: refused, not taken for a first start', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      await writeFile(join(dir, 'floors.json'), '{}');
      for (const slot of SLOTS) await rm(join(dir, slot));
      await expect(open(publishing, dir, { fetcher })).rejects.toMatchObject({ code: 'TRUST_STATE' });
    }));

  it('put back whole from a backup: a replay of then is taken, until its timestamp expires', () =>
    scratch(async (dir) => {
      const { publishing, fetcher, first } = await prepared(join(dir, 'state'));
      const backup = join(dir, 'backup');
      const replayed = replay(publishing, first);
      await pull(await open(publishing, backup, { fetcher: replayed }));
      publishing.nowMs += 71 * HOUR_MS;
      expect(await pull(await open(publishing, backup, { fetcher: replayed }))).toBe('one');
      publishing.nowMs += HOUR_MS;
      expect(await pull(await open(publishing, backup, { fetcher: replayed }))).toBe('TRUST_EXPIRED');
      await publishing.publish({ [GATEWAY]: 'three' });
      expect(await pull(await open(publishing, backup, { fetcher }))).toBe('three');
    }));

  it('of the same gateway under another first root is refused', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      const root = JSON.parse(new TextDecoder().decode(publishing.file('1.root.json')));
      const respelled = new TextEncoder().encode(JSON.stringify(root, null, 1));
      await expect(open(publishing, dir, { fetcher, root: respelled })).rejects.toMatchObject({
        code: 'TRUST_STATE_FOREIGN',
      });
    }));

  it('of another enrolment is refused', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      const identity = { fleet: 'example', orgUid: ORG, gateway: 'other' };
      await expect(open(publishing, dir, { fetcher, identity })).rejects.toMatchObject({ code: 'TRUST_STATE_FOREIGN' });
    }));
});
