import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { instantText } from '../../core/model/index.ts';
import { type Roles, withFault } from '../faults.testkit.ts';
import { at, type Change, Forgery, set } from '../forgery.testkit.ts';
import { freshness, type PollResult, type PublishOutcome, renewTimestamp, rotateOrg } from '../index.ts';
import { GATEWAY, HOUR_MS, open, Publishing, pull, Source, START_MS, scratch } from '../trust.testkit.ts';
import { nodeStateFiles, type StateFiles } from './files.ts';

const ROLES: Roles<StateFiles> = {
  reads: ['read', 'makeFolder'],
  frees: [],
  writes: ['writeDurable'],
  half: nodeStateFiles.writeDurable,
};

const NEVER = { signedAtMs: 0, expiresAtMs: 0 };

const epochs = (epoch: number) => ({ root: epoch, targets: epoch, snapshot: epoch, timestamp: epoch });

/** Moves all keys of the org to the epoch. */
async function rotate(publishing: Publishing, epoch: number): Promise<PublishOutcome> {
  publishing.nowMs += 1000;
  const { trust, publication, nextTimestamp } = publishing;
  if (publication === undefined) throw new Error('publish first');
  return publishing.keep(await rotateOrg({ ...trust, publication, nextTimestamp, epochs: epochs(epoch) }));
}

async function restamp(publishing: Publishing): Promise<void> {
  publishing.nowMs += 2 * HOUR_MS;
  const { trust, publication, nextTimestamp } = publishing;
  if (publication === undefined) throw new Error('publish first');
  publishing.keep(await renewTimestamp({ ...trust, publication, nextTimestamp }));
}

function candidate(result: PollResult): Extract<PollResult, { kind: 'candidate' }> {
  if (result.kind !== 'candidate') throw new Error(`expected a candidate, found ${JSON.stringify(result)}`);
  return result;
}

describe('polling', () => {
  it('gives what was published, once, with what was signed about it', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source, files: nodeStateFiles });
      expect(verifier.lastKnownGood()).toBeNull();
      expect(verifier.times()).toBeNull();
      const result = candidate(await verifier.poll());
      expect(verifier.lastKnownGood()).toBeNull();
      expect(result.target.custom).toMatchObject({
        org: publishing.org,
        gateway: GATEWAY,
        generation: 1,
        previous: null,
      });
      expect(result.target.content.policyText).toBe('one');
      expect(new TextDecoder().decode(result.target.provenance ?? undefined)).toBe('{"gateway":"desk","generation":1}');
      await result.commit();
      expect(verifier.lastKnownGood()).toEqual(result.target);
      expect(verifier.times()?.signedAtMs).toBe(publishing.nowMs);
      expect(source.requests).toHaveLength(6);
      expect(await readdir(dir)).toEqual(['a.slot', 'floors.json']);
    }));

  it('asks one question and reads no body when nothing changed', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      await pull(verifier);
      source.statuses.length = 0;
      expect(await verifier.poll()).toEqual({ kind: 'unchanged' });
      expect(source.statuses).toEqual([304]);
    }));

  it('keeps a new timestamp without fetching content again, and survives a restart', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      await pull(verifier);
      await restamp(publishing);
      source.requests.length = 0;
      expect(await verifier.poll()).toEqual({ kind: 'unchanged' });
      expect(source.requests).toEqual(['timestamp.json', '2.root.json']);
      const restarted = await open(publishing, dir, { fetcher: source });
      expect(restarted.times()?.signedAtMs).toBe(publishing.nowMs);
      expect(restarted.lastKnownGood()).toEqual(verifier.lastKnownGood());
    }));

  it("another gateway's change is no candidate here", () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      await pull(verifier);
      await publishing.publish({ [GATEWAY]: 'one', other: 'two' });
      expect(await verifier.poll()).toEqual({ kind: 'unchanged' });
      expect(verifier.lastKnownGood()?.custom.generation).toBe(1);
    }));

  it('offers a candidate again until it is committed, and only the newest can be', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      const first = candidate(await verifier.poll());
      const second = candidate(await verifier.poll());
      await second.commit();
      await expect(first.commit()).rejects.toMatchObject({ code: 'TRUST_SUPERSEDED' });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
    }));

  it('a rollback is a higher generation with older content', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const verifierOf = () => open(publishing, dir, { fetcher: new Source(publishing.files) });
      for (const text of ['one', 'two', 'one']) {
        await publishing.publish({ [GATEWAY]: text });
        expect(await pull(await verifierOf())).toBe(text);
      }
      expect((await verifierOf()).lastKnownGood()?.custom).toMatchObject({
        generation: 3,
        previous: publishing.bundle('two').contentDigest,
      });
    }));

  it('a source that cannot be reached, or has nothing, changes nothing', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      await pull(verifier);
      await publishing.publish({ [GATEWAY]: 'two' });
      for (const suffix of ['timestamp.json', 'root.json', 'snapshot.json', 'targets.json', 'bundle.tar']) {
        source.lie = (path, bytes) => {
          if (path.endsWith(suffix)) throw new Error('connection reset');
          return bytes;
        };
        expect(await verifier.poll()).toEqual({
          kind: 'refused',
          code: 'TRUST_UNREACHABLE',
          detail: 'connection reset',
        });
      }
      source.lie = () => undefined;
      expect(await pull(verifier)).toBe('TRUST_MISSING');
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
      source.lie = undefined;
      expect(await pull(verifier)).toBe('two');
    }));

  it('an answer for a cache is refused after a restart too, where no question was for one', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const source = new Source(publishing.files);
      await pull(await open(publishing, dir, { fetcher: source }));
      const again = await open(publishing, dir, { fetcher: { get: async () => ({ status: 304 }) } });
      expect(await again.poll()).toMatchObject({ kind: 'refused', code: 'TRUST_NOT_ASKED' });
      expect(again.lastKnownGood()?.content.policyText).toBe('one');
    }));

  it('an answer for a cache that was never filled, and a timestamp over the limit, are refused', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const unasked = { get: async () => ({ status: 304 }) as const };
      expect(await pull(await open(publishing, dir, { fetcher: unasked }))).toBe('TRUST_NOT_ASKED');
      // A fetcher that does not keep to the limit that it is given.
      const bytes = publishing.file('timestamp.json');
      const endless = { get: async () => ({ status: 200, bytes, etag: null }) as const };
      const limits = { timestampBytes: bytes.length - 1 };
      expect(await pull(await open(publishing, dir, { fetcher: endless, limits }))).toBe('TRUST_LENGTH');
    }));

  it('a disk that fails is no refusal: the poll rejects', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const fetcher = new Source(publishing.files);
      await pull(await open(publishing, dir, { fetcher }));
      await restamp(publishing);
      const writeDurable = () => Promise.reject(new Error('ENOSPC'));
      const verifier = await open(publishing, dir, { fetcher, files: { ...nodeStateFiles, writeDurable } });
      await expect(verifier.poll()).rejects.toThrow('ENOSPC');
    }));

  it('polls at the same time run one after the other', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      const results = await Promise.all([pull(verifier), verifier.poll(), verifier.poll()]);
      expect(results.slice(1).map((result) => (result as PollResult).kind)).toEqual(['candidate', 'candidate']);
      expect(await pull(verifier)).toBe('one');
    }));
});

describe('a clock that stands still', () => {
  it('is carried along by signed time, and what runs out by that is refused', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const stoppedMs = publishing.nowMs;
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files), nowMs: () => stoppedMs });
      await pull(verifier);
      for (let hours = 12; hours <= 7 * 24; hours += 12) {
        publishing.nowMs += 10 * HOUR_MS;
        await restamp(publishing);
        expect(await pull(verifier), `${hours} hours`).toBe('one');
      }
      expect(verifier.clockBehindMs()).toBe(7 * 24 * HOUR_MS);
      await restamp(publishing);
      expect(await pull(verifier)).toBe('TRUST_EXPIRED');
    }));
});

describe('a gateway that is not listed any more', () => {
  it('has nothing to serve, also after a restart or a replay, until it is listed again', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const source = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
      const before = new Map(publishing.files.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      await pull(verifier);
      await publishing.publish({ other: 'one' });
      expect(await pull(verifier)).toBe('TRUST_NOT_LISTED');
      expect(await pull(verifier)).toBe('TRUST_NOT_LISTED');
      expect(verifier.lastKnownGood()).toBeNull();
      source.lie = (path) => before.get(`${publishing.org}/${path}`);
      const restarted = await open(publishing, dir, { fetcher: source });
      expect(restarted.lastKnownGood()).toBeNull();
      expect(await pull(restarted)).toBe('TRUST_ROLLBACK');
      source.lie = undefined;
      await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
      expect(await pull(restarted)).toBe('one');
    }));
});

describe('a gateway that is not listed any more and whose disk loses the floors', () => {
  it.each<[string, (path: string) => Promise<void>]>([
    ['removed', (path) => rm(path)],
    [
      'damaged',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace('"withdrawn":true', '"withdrawn":false')),
    ],
  ])('%s, has nothing to serve all the same, and a replay brings nothing back', (_, lose) =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const source = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
      const before = new Map(publishing.files.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      await pull(verifier);
      await publishing.publish({ other: 'one' });
      expect([await pull(verifier), await pull(verifier)]).toEqual(['TRUST_NOT_LISTED', 'TRUST_NOT_LISTED']);
      await lose(`${dir}/floors.json`);
      source.lie = (path) => before.get(`${publishing.org}/${path}`);
      const restarted = await open(publishing, dir, { fetcher: source });
      expect(restarted.lastKnownGood()).toBeNull();
      expect(await pull(restarted)).toBe('TRUST_ROLLBACK');
      source.lie = undefined;
      await publishing.publish({ [GATEWAY]: 'two', other: 'one' });
      expect(await pull(restarted)).toBe('two');
    }),
  );
});

describe('a gateway that is not listed any more while its disk is full', () => {
  it.each([1, 2])('has nothing to serve at once, and writes that down when there is room (change %i)', (step) =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const fetcher = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
      await pull(await open(publishing, dir, { fetcher }));
      await publishing.publish({ other: 'one' });
      let isFull = true;
      const full = withFault(nodeStateFiles, ROLES, 'full', step).files;
      const layer = new Proxy(nodeStateFiles, {
        get: (real, name: keyof StateFiles) => (isFull ? full[name] : real[name]),
      });
      const verifier = await open(publishing, dir, { fetcher, files: layer });
      expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
      const refused = { kind: 'refused', code: 'TRUST_NOT_LISTED', detail: expect.stringContaining('ENOSPC') };
      expect(await verifier.poll()).toEqual(refused);
      expect(verifier.lastKnownGood()).toBeNull();
      expect(await verifier.poll()).toEqual(refused);
      isFull = false;
      expect(await verifier.poll()).toMatchObject({ detail: expect.not.stringContaining('ENOSPC') });
      expect((await open(publishing, dir, { fetcher })).lastKnownGood()).toBeNull();
    }),
  );
});

describe('a timestamp of the stolen online key', () => {
  const spans: readonly (readonly [string, Change])[] = [
    ['that lives for a second', (signed) => set('expires', instantText(START_MS + 3000))(signed)],
    ['of days ago', (signed) => set('signedAt', instantText(START_MS - 80 * HOUR_MS))(at(signed, 'x-tenantry'))],
  ];
  it.each(spans)(
    '%s ends nothing earlier than the one before it, until a rotation; then honest time counts',
    (_, span) =>
      scratch(async (dir) => {
        const publishing = new Publishing();
        await publishing.publish({ [GATEWAY]: 'one' });
        const source = new Source(publishing.files);
        const verifier = await open(publishing, dir, { fetcher: source });
        await pull(verifier);
        const honest = verifier.times();
        const forgery = new Forgery(publishing);
        await forgery.timestamp(span);
        source.lie = (path) => forgery.files.files.get(`${publishing.org}/${path}`);
        expect(await pull(verifier)).toBe('one');
        expect(verifier.times()).toEqual(honest);
        expect((await open(publishing, dir, { fetcher: source })).times()).toEqual(honest);
        publishing.nowMs += 71 * HOUR_MS;
        expect(freshness(verifier.times() ?? NEVER, publishing.nowMs)).toBe('stale');
        publishing.nowMs += HOUR_MS;
        expect(freshness(verifier.times() ?? NEVER, publishing.nowMs)).toBe('expired');
        source.lie = undefined;
        await rotate(publishing, 2);
        expect(await pull(verifier)).toBe('one');
        expect(verifier.times()?.signedAtMs).toBe(publishing.nowMs);
      }),
  );

  it('of a life without end counts no more after a rotation', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      const forgery = new Forgery(publishing);
      await forgery.timestamp(set('expires', '2098-01-01T00:00:00Z'));
      source.lie = (path) => forgery.files.files.get(`${publishing.org}/${path}`);
      await pull(verifier);
      source.lie = undefined;
      await rotate(publishing, 2);
      await pull(verifier);
      expect(verifier.times()?.expiresAtMs).toBe(publishing.nowMs + 72 * HOUR_MS);
    }));
});

describe('rotation', () => {
  it('is followed by who watches, who slept through five, and who starts from the first root', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const fetcher = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one' });
      const watching = await open(publishing, `${dir}/watching`, { fetcher });
      await pull(await open(publishing, `${dir}/sleeping`, { fetcher }));
      await pull(watching);
      for (const epoch of [2, 3, 4, 5, 6]) {
        await rotate(publishing, epoch);
        expect(await watching.poll()).toEqual({ kind: 'unchanged' });
      }
      await publishing.publish({ [GATEWAY]: 'two' });
      for (const name of ['watching', 'sleeping', 'fresh']) {
        expect(await pull(await open(publishing, `${dir}/${name}`, { fetcher })), name).toBe('two');
      }
    }));

  it('leaves no way back to the former keys, not even when the slots are lost', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const source = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one' });
      const before = new Map(publishing.files.files);
      await rotate(publishing, 2);
      await pull(await open(publishing, dir, { fetcher: source }));
      await rm(`${dir}/a.slot`);
      source.lie = (path) => before.get(`${publishing.org}/${path}`);
      expect(await pull(await open(publishing, dir, { fetcher: source }))).toBe('TRUST_ROLLBACK');
    }));

  it('met in the middle is asked about again at once', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const source = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one' });
      const verifier = await open(publishing, dir, { fetcher: source });
      await pull(verifier);
      await restamp(publishing);
      const early = publishing.file('timestamp.json');
      await rotate(publishing, 2);
      let asked = 0;
      source.lie = (path, bytes) => {
        if (path !== 'timestamp.json') return bytes;
        asked += 1;
        return asked === 1 ? early : bytes;
      };
      expect(await verifier.poll()).toEqual({ kind: 'unchanged' });
      expect(asked).toBe(2);
    }));

  it('frees a gateway from versions and generations that stolen keys pushed up', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const fetcher = new Source(publishing.files);
      await publishing.publish({ [GATEWAY]: 'one' });
      const verifier = await open(publishing, dir, { fetcher });
      await pull(verifier);
      const honest = publishing.publication;
      // The thief has the publish and online seeds: the highest versions and generation there can be.
      const { trust } = publishing;
      const stolen = new Publishing(publishing.org, publishing.files, publishing.signer);
      stolen.publication =
        honest === undefined ? undefined : { ...honest, targetsVersion: 2 ** 40 - 1, snapshotVersion: 2 ** 40 - 1 };
      stolen.generation = 2 ** 50;
      stolen.nowMs = trust.nowMs;
      await stolen.publish({ [GATEWAY]: 'forged' });
      expect(await pull(verifier)).toBe('forged');
      publishing.nowMs += 2000;
      publishing.generation = 1;
      // The honest publisher sees that somebody else is ahead.
      await expect(publishing.publish({ [GATEWAY]: 'two' })).rejects.toMatchObject({ code: 'PUBLISH_OVERTAKEN' });
      await rotate(publishing, 2);
      expect(await pull(verifier)).toBe('one');
      publishing.generation = 1;
      await publishing.publish({ [GATEWAY]: 'two' });
      expect(await pull(verifier)).toBe('two');
      expect(verifier.lastKnownGood()?.custom.generation).toBe(2);
    }));
});
