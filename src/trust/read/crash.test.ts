import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  GATEWAY,
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

/** The file layer of a process that dies at its `step`-th change: a write may be torn in half. */
function dying(step: number, torn: boolean): StateFiles & { readonly changes: () => number } {
  let count = 0;
  const change =
    <Args extends readonly unknown[]>(
      real: (...args: Args) => Promise<void>,
      half?: (...args: Args) => Promise<void>,
    ) =>
    async (...args: Args): Promise<void> => {
      count += 1;
      if (count < step) return real(...args);
      if (count === step && torn && half !== undefined) await half(...args);
      throw new Error('killed');
    };
  const half = (path: string, bytes: Uint8Array): Promise<void> =>
    quickFiles.writeScratch(path, bytes.subarray(0, bytes.length / 2));
  return {
    read: quickFiles.read,
    writeDurable: change(quickFiles.writeDurable, half),
    writeScratch: change(quickFiles.writeScratch, half),
    rename: change(quickFiles.rename),
    makeFolder: change(quickFiles.makeFolder),
    removeTree: change(quickFiles.removeTree),
    changes: () => count,
  };
}

const snapshotOf = (files: MemoryFiles): ReadonlyMap<string, Uint8Array> => new Map(files.files);

/** A source that replays what was published once. */
function replay(publishing: Publishing, old: ReadonlyMap<string, Uint8Array>): Source {
  const source = new Source(publishing.files);
  source.lie = (path) => old.get(`${ORG}/${path}`);
  return source;
}

/** Kills a pull at every change of the disk, twice each; `after` judges each state that is left behind. */
async function killEverywhere(
  publishing: Publishing,
  base: string,
  after: (dir: string) => Promise<void>,
): Promise<number> {
  let runs = 0;
  for (const torn of [false, true]) {
    for (let step = 1; ; step += 1) {
      const survived = await scratch(async (scratchDir) => {
        const dir = join(scratchDir, 'state');
        await cp(base, dir, { recursive: true });
        const files = dying(step, torn);
        const fetcher = new Source(publishing.files);
        const done = await open(publishing, dir, { fetcher, files })
          .then(pull)
          .catch(() => undefined);
        await after(dir);
        return done !== undefined && files.changes() < step;
      });
      if (survived) break;
      runs += 1;
    }
  }
  return runs;
}

describe('a kill at any change of the disk', () => {
  it('of an update leaves the old or the new, never lower floors, and the next pull succeeds', () =>
    scratch(async (base) => {
      const publishing = new Publishing();
      const fetcher = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one' });
      await pull(await open(publishing, base, { fetcher }));
      await publishing.publish({ [GATEWAY]: 'two' });
      const second = snapshotOf(publishing.files);
      await pull(await open(publishing, base, { fetcher }));
      await publishing.publish({ [GATEWAY]: 'three' });
      const seen = new Set<string>();
      const runs = await killEverywhere(publishing, base, async (dir) => {
        const floors = JSON.parse(await readFile(join(dir, 'floors.json'), 'utf8')) as { generation: number };
        const verifier = await open(publishing, dir, { fetcher: replay(publishing, second) });
        const kept = verifier.lastKnownGood()?.content.policyText ?? 'nothing';
        seen.add(`${kept} above ${floors.generation}`);
        expect(await pull(verifier)).toBe(floors.generation === 3 ? 'TRUST_ROLLBACK' : 'two');
        expect(await pull(await open(publishing, dir, { fetcher }))).toBe('three');
      });
      expect(runs).toBeGreaterThan(40);
      expect([...seen].sort()).toEqual(['three above 3', 'two above 2', 'two above 3']);
    }));

  it('of the very first pull leaves nothing or all, and never locks the gateway out', () =>
    scratch(async (base) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const seen = new Set<string>();
      await killEverywhere(publishing, base, async (dir) => {
        const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
        seen.add(verifier.lastKnownGood()?.content.policyText ?? 'nothing');
        expect(await pull(verifier)).toBe('one');
      });
      expect([...seen].sort()).toEqual(['nothing', 'one']);
    }));
});

describe('a full disk', () => {
  it('stops taking what is new, keeps serving, and lowers no floor when there is room again', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const live = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one' });
      let full = false;
      const writeDurable: StateFiles['writeDurable'] = async (path, bytes) => {
        if (full && path.endsWith('commit.json.tmp')) throw new Error('ENOSPC');
        return quickFiles.writeDurable(path, bytes);
      };
      const verifier = await open(publishing, dir, { fetcher: live, files: { ...quickFiles, writeDurable } });
      await pull(verifier);
      await publishing.publish({ [GATEWAY]: 'two' });
      const second = snapshotOf(publishing.files);
      await publishing.publish({ [GATEWAY]: 'three' });
      full = true;
      await expect(pull(verifier)).rejects.toThrow('ENOSPC');
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
      full = false;
      live.lie = (path) => second.get(`${ORG}/${path}`);
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
      live.lie = undefined;
      expect(await pull(verifier)).toBe('three');
    }));
});

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
      await quickFiles.removeTree(join(dir, 'a'));
      await quickFiles.removeTree(join(dir, 'b'));
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first) });
      expect(verifier.lastKnownGood()).toBeNull();
      for (let attempt = 0; attempt < 3; attempt += 1) expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
      expect(await pull(await open(publishing, dir, { fetcher }))).toBe('two');
    }));

  it('the newest slot torn: the one before serves, under the same floors', () =>
    scratch(async (dir) => {
      const { publishing, first } = await prepared(dir);
      await writeFile(join(dir, 'b', 'bundle.tar'), 'torn');
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first) });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('a file of the newest slot gone: the one before serves', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      await quickFiles.removeTree(join(dir, 'b', 'targets.json'));
      const verifier = await open(publishing, dir, { fetcher });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
      expect(await pull(verifier)).toBe('two');
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
      await quickFiles.removeTree(join(dir, 'floors.json'));
      const verifier = await open(publishing, dir, { fetcher: replay(publishing, first) });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('two');
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('floors and slots unreadable: refused, not forgotten', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      await writeFile(join(dir, 'floors.json'), '{}');
      await writeFile(join(dir, 'a', 'commit.json'), '');
      await writeFile(join(dir, 'b', 'targets.json'), '');
      await expect(open(publishing, dir, { fetcher })).rejects.toMatchObject({ code: 'TRUST_STATE' });
    }));

  it('floors unreadable and no slot left: refused, not taken for a first start', () =>
    scratch(async (dir) => {
      const { publishing, fetcher } = await prepared(dir);
      await writeFile(join(dir, 'floors.json'), '{}');
      for (const slot of ['a', 'b']) await quickFiles.removeTree(join(dir, slot));
      await expect(open(publishing, dir, { fetcher })).rejects.toMatchObject({ code: 'TRUST_STATE' });
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
