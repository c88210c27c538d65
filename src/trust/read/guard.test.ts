import { describe, expect, it } from 'vitest';
import type { Sha256Hex, TrustRole } from '../../core/model/index.ts';
import { nodeHash } from '../../host/index.ts';
import { renewTimestamp } from '../index.ts';
import { bytesOf, codeOf, FLEET, GATEWAY, ORG, Publishing, Source } from '../trust.testkit.ts';
import type { BundleFetcher } from './fetcher.ts';
import type { Floors } from './floors.ts';
import { fetchFile, type GuardedRun, runGuarded, trustedFiles } from './guard.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { METADATA_ROLES, readMetadata } from './metadata.ts';
import { setReferenceTime, tufClient } from './tuf.ts';

const PUBLISHED: { readonly [role in TrustRole]: string } = {
  root: '1.root.json',
  timestamp: 'timestamp.json',
  snapshot: '1.snapshot.json',
  targets: '1.targets.json',
};
const identity = { fleet: FLEET, orgUid: ORG, gateway: GATEWAY };

/** Floors that know nothing but a root of version 1. */
const lowest = (sha256: Sha256Hex): Floors => ({
  format: 'tenantry/floors/v1',
  identity,
  pinnedRoot: sha256,
  sequence: 0,
  root: { version: 1, sha256, keyIds: [] },
  timestamp: null,
  snapshot: null,
  targets: null,
  generation: 0,
  newestMs: 0,
  withdrawn: false,
});

/** What tuf-js is run with, over what is published now. */
function runOver(publishing: Publishing, more: Partial<GuardedRun> = {}): GuardedRun {
  const root = readMetadata(publishing.file('1.root.json'), 'root');
  return {
    identity,
    floors: lowest(root.sha256),
    limits: DEFAULT_LIMITS,
    fetcher: new Source(publishing.files),
    local: { root },
    timestamp: publishing.file('timestamp.json'),
    clockMs: publishing.nowMs,
    ...more,
  };
}

describe('a run of tuf-js', () => {
  it('gives the four files that it trusts, each as it was fetched', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one' });
    const trusted = await runGuarded(runOver(publishing));
    for (const [role, path] of Object.entries(PUBLISHED)) {
      const { bytes, sha256 } = trusted[role as TrustRole];
      expect(bytes, role).toEqual(publishing.file(path));
      expect(sha256, role).toBe(nodeHash.sha256(publishing.file(path)));
    }
  });

  it.each(METADATA_ROLES)('that keeps no %s, or one that the guard did not read, is refused', (role) => {
    const file = { bytes: bytesOf('{}'), sha256: nodeHash.sha256('{}') as Sha256Hex, signed: {} };
    const kept = new Map(METADATA_ROLES.map((name) => [`${name}.json`, Buffer.from('{}')]));
    const read = new Map([...kept.values()].map((bytes) => [bytes, file]));
    expect(codeOf(() => trustedFiles(kept, read))).toBeNull();
    kept.set(`${role}.json`, Buffer.from('{}'));
    expect(codeOf(() => trustedFiles(kept, read))).toBe('TRUST_METADATA');
    kept.delete(`${role}.json`);
    expect(codeOf(() => trustedFiles(kept, read))).toBe('TRUST_METADATA');
  });

  it('that goes on with the former timestamp is refused, though no floor knows of it', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one' });
    const { trust, publication } = publishing;
    if (publication === undefined) throw new Error('publish first');
    const former = publishing.file('timestamp.json');
    const known = await runGuarded(runOver(publishing));
    // The same version again, signed a second later: tuf-js takes it for nothing new.
    const version = Number(JSON.parse(Buffer.from(former).toString('utf8')).signed.version);
    await renewTimestamp({ ...trust, nowMs: trust.nowMs + 1000, publication, nextTimestamp: async () => version });
    expect(publishing.file('timestamp.json')).not.toEqual(former);
    const run = runOver(publishing, { local: known, timestamp: publishing.file('timestamp.json') });
    await expect(runGuarded(run)).rejects.toMatchObject({ code: 'TRUST_SAME_VERSION' });
    // The very same bytes again are no other content.
    expect(await runGuarded(runOver(publishing, { local: known, timestamp: new Uint8Array(former) }))).toEqual(known);
  });

  it('does not begin without a root', () => {
    const fetch = () => Promise.reject(new Error('nothing is fetched'));
    expect(() => tufClient(new Map(), { limits: DEFAULT_LIMITS, fetch })).toThrow('no root was kept');
  });

  it.each([{}, { trustedSet: {} }])('cannot be given our time in another version of tuf-js: %j', (updater) => {
    expect(() => setReferenceTime(updater, 0)).toThrow('expected tuf-js with a reference time');
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
