import type { Updater } from 'tuf-js';
import { describe, expect, it } from 'vitest';
import type { Sha256Hex } from '../../core/model/index.ts';
import { nodeHash } from '../../host/index.ts';
import { renewTimestamp } from '../index.ts';
import { bytesOf, FLEET, GATEWAY, ORG, Publishing, quickFiles, Source, scratch } from '../trust.testkit.ts';
import type { BundleFetcher } from './fetcher.ts';
import type { Floors } from './floors.ts';
import { fetchFile, type GuardedRun, runGuarded, setReferenceTime } from './guard.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const identity = { fleet: FLEET, orgUid: ORG, gateway: GATEWAY };

/** Floors that know nothing but a root of version 1. */
const lowest = (root: Uint8Array): Floors => ({
  format: 'tenantry/floors/v1',
  identity,
  pinnedRoot: nodeHash.sha256(root) as Sha256Hex,
  sequence: 0,
  root: { version: 1, sha256: nodeHash.sha256(root) as Sha256Hex, keyIds: [] },
  timestamp: null,
  snapshot: null,
  targets: null,
  generation: 0,
  newestMs: 0,
  withdrawn: false,
});

/** What tuf-js is run with, over what is published now. */
function runOver(publishing: Publishing, workDir: string, more: Partial<GuardedRun> = {}): GuardedRun {
  const root = publishing.file('1.root.json');
  return {
    identity,
    floors: lowest(root),
    limits: DEFAULT_LIMITS,
    fetcher: new Source(publishing.files),
    files: quickFiles,
    workDir,
    local: { 'root.json': root },
    timestamp: publishing.file('timestamp.json'),
    clockMs: publishing.nowMs,
    ...more,
  };
}

describe('a run of tuf-js', () => {
  it('gives the four files that it trusts, and leaves no folder behind', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const trusted = await runGuarded(runOver(publishing, `${dir}/work`));
      expect(Object.keys(trusted)).toEqual(['root.json', 'timestamp.json', 'snapshot.json', 'targets.json']);
      expect(Buffer.from(trusted['targets.json'])).toEqual(Buffer.from(publishing.file('1.targets.json')));
      expect(await quickFiles.read(`${dir}/work/root.json`)).toBeUndefined();
    }));

  it.each(['root.json', 'timestamp.json', 'snapshot.json', 'targets.json'])('that leaves no %s is refused', (name) =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const read = async (path: string): Promise<Uint8Array | undefined> =>
        path.endsWith(`/${name}`) ? undefined : quickFiles.read(path);
      const run = runOver(publishing, `${dir}/work`, { files: { ...quickFiles, read } });
      await expect(runGuarded(run)).rejects.toMatchObject({ code: 'TRUST_METADATA' });
    }),
  );

  it('that goes on with the former timestamp is refused, though no floor knows of it', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const { trust, publication } = publishing;
      if (publication === undefined) throw new Error('publish first');
      const former = publishing.file('timestamp.json');
      const known = await runGuarded(runOver(publishing, `${dir}/first`));
      // The same version again, signed a second later: tuf-js takes it for nothing new.
      const version = Number(JSON.parse(Buffer.from(former).toString('utf8')).signed.version);
      await renewTimestamp({ ...trust, nowMs: trust.nowMs + 1000, publication, nextTimestamp: async () => version });
      expect(publishing.file('timestamp.json')).not.toEqual(former);
      const run = runOver(publishing, `${dir}/second`, { local: known, timestamp: publishing.file('timestamp.json') });
      await expect(runGuarded(run)).rejects.toMatchObject({ code: 'TRUST_SAME_VERSION' });
    }));

  it.each([{}, { trustedSet: {} }])('cannot be given our time in another version of tuf-js: %j', (updater) => {
    expect(() => setReferenceTime(updater as unknown as Updater, 0)).toThrow('expected tuf-js with a reference time');
  });
});

describe('a fetched file', () => {
  const answering = (answer: Awaited<ReturnType<BundleFetcher['get']>>): BundleFetcher => ({ get: async () => answer });
  const fetched = (answer: Awaited<ReturnType<BundleFetcher['get']>>) =>
    fetchFile(answering(answer), '1.targets.json', 4, undefined);

  it('is there, or is not', async () => {
    expect(await fetched({ status: 200, bytes: bytesOf('four'), etag: null })).toEqual(bytesOf('four'));
    expect(await fetched({ status: 404 })).toBeUndefined();
  });

  it('that is longer than asked for, whatever the fetcher promised, or nothing new, is refused', async () => {
    await expect(fetched({ status: 200, bytes: bytesOf('fives'), etag: null })).rejects.toMatchObject({
      code: 'TRUST_LENGTH',
    });
    await expect(fetched({ status: 304 })).rejects.toMatchObject({ code: 'TRUST_NOT_ASKED' });
  });
});
