import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Publication } from '../src/core/model/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { type FolderFiles, nodeFolderFiles } from '../src/io/publisher/folder.ts';
import { filePublisher } from '../src/io/publisher/index.ts';
import type { Publisher } from '../src/ports/index.ts';
import { FAULTS, type Fault, failEverywhere, type Roles, withFault } from '../src/trust/faults.testkit.ts';
import {
  type BundleFetcher,
  ensureRoot,
  openVerifier,
  type PublishOutcome,
  publishOrg,
  renewTimestamp,
  rotateOrg,
  type Verifier,
} from '../src/trust/index.ts';
import { FLEET, GATEWAY, ORG, Publishing, pull, quickFiles, scratch } from '../src/trust/trust.testkit.ts';

// The publisher's disk fails at each of its changes, one after the other. What gateways find at that moment must be what
// was published before or all of what comes next, and publishing again must complete it.

/** The disk of this machine, without waiting for it: nothing here loses power. */
const quickDisk: FolderFiles = {
  ...nodeFolderFiles,
  writeNew: (path, bytes) => writeFile(path, bytes, { flag: 'wx' }),
  syncFolder: () => Promise.resolve(),
};
const ROLES: Roles<FolderFiles> = {
  reads: ['read', 'list', 'unchangedSince'],
  frees: ['remove'],
  writes: ['writeNew'],
  half: (path, bytes) => writeFile(path, bytes),
};

/** Something to publish over what stands. `texts` are the policies that a gateway may end with, the new one last. */
interface Step {
  readonly name: string;
  readonly texts: readonly string[];
  readonly run: (publishing: Publishing, publisher: Publisher) => Promise<PublishOutcome>;
}

const publish =
  (text: string): Step['run'] =>
  async (publishing, publisher) => {
    await ensureRoot({ ...publishing.trust, publisher });
    const bundles = [publishing.bundle(text), publishing.bundle('other', 'other')];
    return publishOrg({ ...publishing.request(bundles), publisher });
  };

const known = (publishing: Publishing): Publication => {
  if (publishing.publication === undefined) throw new Error('expected a publication');
  return publishing.publication;
};

const STEPS: readonly Step[] = [
  { name: 'a change', texts: ['one', 'two'], run: publish('two') },
  {
    name: 'a renewed timestamp',
    texts: ['one'],
    run: (publishing, publisher) => {
      const { trust, nextTimestamp } = publishing;
      return renewTimestamp({ ...trust, publisher, publication: known(publishing), nextTimestamp });
    },
  },
  {
    name: 'a rotation of all keys',
    texts: ['one'],
    run: (publishing, publisher) => {
      const { trust, nextTimestamp } = publishing;
      const epochs = { root: 2, targets: 2, snapshot: 2, timestamp: 2 };
      return rotateOrg({ ...trust, publisher, publication: known(publishing), nextTimestamp, epochs });
    },
  },
];

const sourceOf = (publisher: Publisher): BundleFetcher => ({
  async get(path) {
    const bytes = await publisher.get(ORG, path);
    return bytes === undefined ? { status: 404 } : { status: 200, bytes, etag: null };
  },
});

/** A gateway of the org over what is published on this disk. */
const gatewayAt = async (publishing: Publishing, publisher: Publisher, stateDir: string): Promise<Verifier> => {
  const root = await publisher.get(ORG, '1.root.json');
  if (root === undefined) throw new Error('expected a root');
  return openVerifier({
    stateDir,
    identity: { fleet: FLEET, orgUid: ORG, gateway: GATEWAY },
    root,
    fetcher: sourceOf(publisher),
    nowMs: () => publishing.nowMs,
    hash: nodeHash,
    files: quickFiles,
  });
};

/** Every file under its own name is whole: a target has its hash, metadata the version of its name. */
async function expectWholeFiles(dir: string): Promise<void> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((item) => item.isFile() && !item.name.startsWith('.'))) {
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    if (relative(dir, path).includes('targets/')) {
      expect(basename(path).split('.')[0]).toBe(createHash('sha256').update(bytes).digest('hex'));
    } else {
      const { signed } = JSON.parse(bytes.toString('utf8')) as { signed: { version: number } };
      if (entry.name !== 'timestamp.json') expect(Number.parseInt(entry.name, 10)).toBe(signed.version);
    }
  }
}

/** Temporary files that nobody will put in place any more. */
const leavingsIn = async (dir: string): Promise<readonly string[]> =>
  (await readdir(dir, { recursive: true })).filter((name) => name.endsWith('.tmp'));

/** An org with one publication on disk, and the state of a gateway that took it. */
async function prepared(dir: string): Promise<Publishing> {
  const publishing = new Publishing();
  publishing.generation = 1;
  publishing.keep(await publish('one')(publishing, filePublisher(join(dir, 'published'), quickDisk)));
  await pull(await gatewayAt(publishing, filePublisher(join(dir, 'published')), join(dir, 'state')));
  return publishing;
}

async function expectNeverBroken({ texts, run }: Step, fault: Fault): Promise<number> {
  return scratch(async (base) => {
    const publishing = await prepared(base);
    publishing.generation += 1;
    return failEverywhere((step) =>
      scratch(async (dir) => {
        await cp(base, dir, { recursive: true });
        const published = join(dir, 'published');
        publishing.nowMs += 60_000;
        const { files, changes } = withFault(quickDisk, ROLES, fault, step);
        const outcome = await run(publishing, filePublisher(published, files)).catch((error: unknown) => error);
        const reached = changes() >= step;
        expect(outcome instanceof Error).toBe(reached);
        await expectWholeFiles(published);
        if (fault === 'full') expect(await leavingsIn(published)).toEqual([]);

        const disk = filePublisher(published, quickDisk);
        const knowing = await gatewayAt(publishing, disk, join(dir, 'state'));
        expect(texts).toContain(await pull(knowing));
        expect(texts).toContain(knowing.lastKnownGood()?.content.policyText);

        // The store knows nothing of what was cut off; the next run begins from what it knew before.
        publishing.nowMs += 1000;
        const again = reached ? await run(publishing, disk) : (outcome as PublishOutcome);
        expect(again.publication.generation).toBeGreaterThanOrEqual(1);
        const last = texts.at(-1);
        expect(await pull(knowing)).toBe(last);
        expect(await pull(await gatewayAt(publishing, disk, join(dir, 'fresh')))).toBe(last);
        await expectWholeFiles(published);
        return { reached };
      }),
    );
  });
}

describe.each(FAULTS)('a publisher whose disk is %s from some change on', (fault) => {
  it.each(STEPS)('leaves gateways what was published before $name, or all of it', async (step) => {
    expect(await expectNeverBroken(step, fault)).toBeGreaterThanOrEqual(3);
  });

  it('leaves nothing or the whole of the first publication', () =>
    scratch(async (base) => {
      const changes = await failEverywhere((step) =>
        scratch(async (dir) => {
          const publishing = new Publishing();
          publishing.generation = 1;
          const { files, changes: done } = withFault(quickDisk, ROLES, fault, step);
          await publish('one')(publishing, filePublisher(join(base, `${step}`), files)).catch(() => undefined);
          const disk = filePublisher(join(base, `${step}`), quickDisk);
          const isThere = (await disk.get(ORG, 'timestamp.json')) !== undefined;
          if (isThere) expect(await pull(await gatewayAt(publishing, disk, join(dir, 'early')))).toBe('one');
          await publish('one')(publishing, disk);
          expect(await pull(await gatewayAt(publishing, disk, join(dir, 'late')))).toBe('one');
          await expectWholeFiles(join(base, `${step}`));
          return { reached: done() >= step };
        }),
      );
      expect(changes).toBeGreaterThan(10);
    }));
});

/** Publishes the org of the arguments: an immutable file and the mutable one over what stands. */
const PROGRAM = `
  import { createHash } from 'node:crypto';
  import { filePublisher } from ${JSON.stringify(new URL('../src/io/publisher/index.ts', import.meta.url).href)};
  const [dir, org, text] = process.argv.slice(1);
  const publisher = filePublisher(dir);
  const bytes = (name) => new TextEncoder().encode(name + text);
  await publisher.putImmutable(org, new Map([['targets/desk/' + text + '.x', bytes('x')]]));
  const before = await publisher.get(org, 'timestamp.json');
  const over = before === undefined ? null : createHash('sha256').update(before).digest('hex');
  await publisher.putMutable(org, 'timestamp.json', bytes('t'), over);`;

/** A publisher of its own process that is ended by SIGKILL at the `killAt`-th change of the disk; true when it was. */
function publishAndDie(dir: string, org: string, text: string, killAt: number): boolean {
  const preload = new URL('kill/preload.mjs', import.meta.url).href;
  const args = ['--import', preload, '--input-type=module', '-e', PROGRAM, dir, org, text];
  const done = spawnSync(process.execPath, args, { env: { ...process.env, TENANTRY_KILL_AT: `${killAt}` } });
  expect([done.signal, done.status, `${done.stderr}`]).toEqual(
    done.signal === 'SIGKILL' ? ['SIGKILL', null, ''] : [null, 0, ''],
  );
  return done.signal === 'SIGKILL';
}

describe('a publisher that was killed', () => {
  it(
    'leaves nothing behind for good: the next publish of the org removes what is an hour old, and no other',
    () =>
      scratch(async (dir) => {
        const other = 'zzzzbbbbccccddddeeee';
        // Its changes begin with a file that has no folder yet, the folder, the file, what is written to it.
        expect(publishAndDie(dir, other, 'a', 4)).toBe(true);
        expect(await leavingsIn(join(dir, other))).toHaveLength(1);
        let kills = 0;
        while (publishAndDie(dir, ORG, 'a', kills + 1)) kills += 1;
        expect(kills).toBeGreaterThan(8);

        const left = await leavingsIn(join(dir, ORG));
        expect(left.length).toBeGreaterThan(2);
        const inUse = left[0] ?? '';
        const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
        const age = (org: string, name: string): Promise<void> => utimes(join(dir, org, name), hoursAgo, hoursAgo);
        for (const name of left.filter((item) => item !== inUse)) await age(ORG, name);
        for (const name of await leavingsIn(join(dir, other))) await age(other, name);

        expect(publishAndDie(dir, ORG, 'b', Number.MAX_SAFE_INTEGER)).toBe(false);
        expect(await leavingsIn(join(dir, ORG))).toEqual([inUse]);
        expect(await leavingsIn(join(dir, other))).toHaveLength(1);
        const files = await filePublisher(dir).list(ORG);
        expect(files.map(({ path }) => path).sort()).toEqual([
          'targets/desk/a.x',
          'targets/desk/b.x',
          'timestamp.json',
        ]);
      }),
    120_000,
  );
});
