import { beforeAll, describe, expect, it } from 'vitest';
import { forgeries } from '../forgeries.testkit.ts';
import { at, type Change, entry, Forgery } from '../forgery.testkit.ts';
import { rotateOrg } from '../index.ts';
import {
  GATEWAY,
  HOUR_MS,
  type MemoryFiles,
  ORG,
  OTHER_ORG,
  open,
  Publishing,
  pull,
  Source,
  scratch,
} from '../trust.testkit.ts';

/** What the gateway answers to a forged source, after it took the genuine publication; and that it went on with that. */
async function verdict(publishing: Publishing, files: MemoryFiles): Promise<string> {
  return scratch(async (dir) => {
    await pull(await open(publishing, dir, { fetcher: new Source(publishing.files) }));
    const verifier = await open(publishing, dir, { fetcher: new Source(files) });
    const code = await pull(verifier);
    expect(verifier.lastKnownGood()?.content.policyText).toBe('one');
    const restarted = await open(publishing, dir, { fetcher: new Source(publishing.files) });
    expect(await pull(restarted)).toBe('one');
    return code;
  });
}

const publishing = new Publishing();
beforeAll(async () => {
  await publishing.publish({ [GATEWAY]: 'zero', other: 'other' });
  await publishing.publish({ [GATEWAY]: 'one', other: 'other' });
});

describe('what a thief of keys could sign, and what needs no key', () => {
  it.each(forgeries)('$threat $name: $code', async ({ code, forge }) => {
    const forgery = new Forgery(publishing);
    await forge(forgery);
    expect(await verdict(publishing, forgery.files)).toBe(code);
  });
});

describe('the same bundle with something else signed about it', () => {
  const cases: readonly (readonly [string, Change])[] = [
    ['generation', (s) => Object.assign(at(entry(s, 'bundle.tar'), 'custom'), { generation: 9 })],
    [
      'provenance',
      (s) => {
        delete at(s, 'targets')[`${GATEWAY}/provenance.json`];
      },
    ],
  ];
  it.each(cases)('a changed %s is a candidate, not unchanged', (_, change) =>
    scratch(async (dir) => {
      await pull(await open(publishing, dir, { fetcher: new Source(publishing.files) }));
      const forgery = new Forgery(publishing);
      await forgery.targets(change);
      const verifier = await open(publishing, dir, { fetcher: new Source(forgery.files) });
      expect((await verifier.poll()).kind).toBe('candidate');
    }),
  );
});

describe('a root', () => {
  it('pinned for another gateway is refused before anything is asked', () =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const identity = { fleet: 'elsewhere', orgUid: ORG, gateway: GATEWAY };
      await expect(open(publishing, dir, { fetcher: source, identity })).rejects.toMatchObject({
        code: 'TRUST_ROOT_IDENTITY',
      });
      expect(source.requests).toEqual([]);
    }));
});

describe("another org's repository, served to this gateway", () => {
  const neighbour = new Publishing(OTHER_ORG);
  beforeAll(async () => {
    await neighbour.publish({ [GATEWAY]: 'neighbour' });
    neighbour.keep(
      await rotateOrg({
        ...neighbour.trust,
        publication: neighbour.publication as never,
        epochs: { root: 2, targets: 2, snapshot: 2, timestamp: 2 },
        nextTimestamp: neighbour.nextTimestamp,
      }),
    );
  });
  it.each([
    ['all of it', /^TRUST_ROOT_IDENTITY$/, () => true],
    ['all but roots', /^TRUST_AUDIENCE$/, (path: string) => !path.endsWith('root.json')],
    ['its timestamp', /^TRUST_AUDIENCE$/, (path: string) => path === 'timestamp.json'],
    ['its snapshot', /^TRUST_(HASH|LENGTH)$/, (path: string) => path.endsWith('.snapshot.json')],
    ['its targets', /^TRUST_(HASH|LENGTH)$/, (path: string) => path.endsWith('.targets.json')],
    ['its bundle', /^TRUST_(HASH|LENGTH)$/, (path: string) => path.endsWith('bundle.tar')],
  ] as const)('%s: %s', (_, code, swapped) =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const theirs = (path: string): Uint8Array | undefined =>
        neighbour.files.files.get(`${OTHER_ORG}/${path}`) ??
        [...neighbour.files.files].find(([name]) => path.startsWith('targets/') && name.endsWith('bundle.tar'))?.[1];
      source.lie = (path, bytes) => (swapped(path) ? theirs(path) : bytes);
      const verifier = await open(publishing, dir, { fetcher: source });
      expect(await pull(verifier)).toMatch(code);
      expect(verifier.lastKnownGood()).toBeNull();
    }),
  );
});

describe('replay, freeze and damage', () => {
  it('an older publication is refused, whichever of its files is served', () =>
    scratch(async (dir) => {
      const live = new Publishing();
      await live.publish({ [GATEWAY]: 'one' });
      const old = new Map(live.files.files);
      await live.publish({ [GATEWAY]: 'two' });
      const source = new Source(live.files);
      const verifier = await open(live, dir, { fetcher: source });
      expect(await pull(verifier)).toBe('two');
      source.lie = (path, bytes) => old.get(`${ORG}/${path}`) ?? bytes;
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
      expect(await pull(await open(live, dir, { fetcher: source }))).toBe('TRUST_ROLLBACK');
    }));

  it('a source that stands still is fresh until its timestamp expires', () =>
    scratch(async (dir) => {
      const live = new Publishing();
      await live.publish({ [GATEWAY]: 'one' });
      const verifier = await open(live, dir, { fetcher: new Source(live.files) });
      await pull(verifier);
      live.nowMs += 72 * HOUR_MS - 1;
      expect(await pull(verifier)).toBe('one');
      live.nowMs += 1;
      expect(await pull(verifier)).toBe('TRUST_EXPIRED');
      expect(await pull(await open(live, dir, { fetcher: new Source(live.files) }))).toBe('TRUST_EXPIRED');
    }));

  it('the clock that counts is the injected one, also for tuf-js', () =>
    scratch(async (dir) => {
      const long = new Publishing();
      long.nowMs = Date.parse('2020-01-01T00:00:00Z');
      await long.publish({ [GATEWAY]: 'one' });
      expect(await pull(await open(long, dir, { fetcher: new Source(long.files) }))).toBe('one');
    }));

  it('a clock that was set back does not revive what has expired, and shows', () =>
    scratch(async (dir) => {
      const live = new Publishing();
      await live.publish({ [GATEWAY]: 'one' });
      const old = new Map(live.files.files);
      live.nowMs += 100 * HOUR_MS;
      await live.publish({ [GATEWAY]: 'two' });
      const source = new Source(live.files);
      await pull(await open(live, dir, { fetcher: source }));
      source.lie = (path, bytes) => old.get(`${ORG}/${path}`) ?? bytes;
      const verifier = await open(live, dir, { fetcher: source, nowMs: () => live.nowMs - 99 * HOUR_MS });
      expect(verifier.clockBehindMs()).toBe(99 * HOUR_MS);
      expect(await pull(verifier)).toBe('TRUST_ROLLBACK');
    }));

  it('a clock that stood months ahead locks nobody out once the online key is rotated', () =>
    scratch(async (dir) => {
      const live = new Publishing();
      await live.publish({ [GATEWAY]: 'one' });
      const rightMs = live.nowMs;
      let clockMs = rightMs;
      const source = new Source(live.files);
      const verifier = await open(live, dir, { fetcher: source, nowMs: () => clockMs });
      expect(await pull(verifier)).toBe('one');
      live.nowMs += 90 * 24 * HOUR_MS;
      await live.publish({ [GATEWAY]: 'two' });
      clockMs = live.nowMs;
      expect(await pull(verifier)).toBe('two');
      live.nowMs = rightMs;
      for (const text of ['three', 'four']) {
        live.nowMs += 1000;
        const { trust, publication, nextTimestamp } = live;
        if (publication === undefined) throw new Error('publish first');
        const epochs = { ...publication.epochs, snapshot: 2, timestamp: 2 };
        if (publication.epochs.timestamp === 1)
          live.keep(await rotateOrg({ ...trust, publication, nextTimestamp, epochs }));
        await live.publish({ [GATEWAY]: text });
        clockMs = live.nowMs;
        expect(await pull(verifier)).toBe(text);
        expect(verifier.clockBehindMs()).toBe(0);
      }
    }));

  it('cut, appended, empty and endless files are refused', () =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      const changes: readonly ((bytes: Uint8Array) => Uint8Array)[] = [
        (bytes) => bytes.subarray(0, bytes.length - 1),
        (bytes) => new Uint8Array([...bytes, 32]),
        () => new Uint8Array(0),
        () => new Uint8Array(10_000_000),
      ];
      for (const suffix of ['timestamp.json', 'snapshot.json', 'targets.json', 'bundle.tar', 'provenance.json']) {
        for (const change of changes) {
          source.lie = (path, bytes) => (bytes !== undefined && path.endsWith(suffix) ? change(bytes) : bytes);
          const result = await verifier.poll();
          const harmless = suffix === 'timestamp.json' && change === changes[1];
          expect(result.kind, `${suffix} ${changes.indexOf(change)}`).toBe(harmless ? 'candidate' : 'refused');
        }
      }
    }));

  it('what is not the bytes that were named is not even parsed', () =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      for (const layer of ['snapshot.json', 'targets.json']) {
        source.lie = (path, bytes) => (path.endsWith(layer) ? bytes?.subarray(1) : bytes);
        expect(await pull(verifier), layer).toBe('TRUST_LENGTH');
        source.lie = (path, bytes) => (path.endsWith(layer) ? bytes?.map(() => 0x7b) : bytes);
        expect(await pull(verifier), layer).toBe('TRUST_HASH');
      }
    }));

  it('any flipped bit in any published file is refused or changes nothing', () =>
    scratch(async (dir) => {
      const source = new Source(publishing.files);
      const verifier = await open(publishing, dir, { fetcher: source });
      const genuine = await verifier.poll();
      if (genuine.kind !== 'candidate') throw new Error(JSON.stringify(genuine));
      const codes = new Set<string>();
      for (const [name, bytes] of publishing.files.files) {
        const file = name.slice(ORG.length + 1);
        if (file === '1.root.json' || file.startsWith('targets/other/')) continue;
        for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 30)) {
          source.lie = (path, found) => (path === file ? flipped(bytes, at) : found);
          const result = await verifier.poll();
          if (result.kind === 'refused') codes.add(result.code);
          else expect(result, `${file} byte ${at}`).toMatchObject({ kind: 'candidate', target: genuine.target });
        }
      }
      expect([...codes]).toEqual(expect.arrayContaining(['TRUST_HASH', 'TRUST_SIGNATURE']));
    }));
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] ?? 0) ^ (1 << (at % 8));
  return copy;
}
