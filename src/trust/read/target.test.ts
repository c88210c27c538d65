import { describe, expect, it } from 'vitest';
import { sampleBundle } from '../../core/bundle/bundle.testkit.ts';
import { packBundle } from '../../core/bundle/index.ts';
import type { FileFacts, JsonObject, Sha256Hex, TargetCustom } from '../../core/model/index.ts';
import { nodeHash } from '../../host/index.ts';
import { bundleTarget, factsOf, provenanceTarget, sha256Of, targetFile } from '../layout.ts';
import { bytesOf, codeOf, FLEET, GATEWAY, ORG, OTHER_ORG } from '../trust.testkit.ts';
import type { BundleFetcher } from './fetcher.ts';
import { checkCustom, fetchTarget, type ListedTarget, listedTarget } from './target.ts';

// What follows the metadata, by itself: here the metadata says what each case wants it to say.

const identity = { fleet: FLEET, orgUid: ORG, gateway: GATEWAY };
const bundle = sampleBundle(identity, 'policy');
const archive = packBundle(bundle);
const provenance = bytesOf('{}');
const custom: TargetCustom = {
  fleet: FLEET,
  org: ORG,
  gateway: GATEWAY,
  environment: bundle.header.environment,
  generation: 5,
  contentDigest: bundle.contentDigest,
  previous: null,
};
const listed: ListedTarget = { bundle: factsOf(archive), provenance: factsOf(provenance), custom };
const checks = { identity, generationFloor: 5, bundleBytes: 1 << 20, provenanceBytes: 1024, hash: nodeHash };

/** A source that has these bytes as bundle and provenance, whatever is asked of it. */
const serving = (bytes: Uint8Array | undefined): BundleFetcher => ({
  get: async (path) => {
    const found = path.includes('provenance') ? provenance : bytes;
    return found === undefined ? { status: 404 } : { status: 200, bytes: found, etag: null };
  },
});

const factsAs = (bytes: Uint8Array, change: Partial<FileFacts>): FileFacts => ({ ...factsOf(bytes), ...change });

describe('the target of a gateway', () => {
  it('is given when everything that was signed about it holds', async () => {
    const target = await fetchTarget(listed, checks, serving(archive), undefined);
    expect(target).toMatchObject({ custom, bundle: archive, provenance, content: { policyText: 'policy' } });
    const bare = await fetchTarget({ ...listed, provenance: null }, checks, serving(archive), undefined);
    expect(bare.provenance).toBeNull();
  });

  it('is asked for under its hash', async () => {
    const paths: string[] = [];
    const fetcher: BundleFetcher = {
      get: (path, options) => {
        paths.push(path);
        return serving(archive).get(path, options);
      },
    };
    await fetchTarget(listed, checks, fetcher, undefined);
    expect(paths).toEqual([
      targetFile(bundleTarget(GATEWAY), sha256Of(archive)),
      targetFile(provenanceTarget(GATEWAY), sha256Of(provenance)),
    ]);
  });

  const otherBundle = packBundle(sampleBundle({ ...identity, gateway: 'other' }, 'policy'));
  const asked = (change: Partial<ListedTarget>, bytes: Uint8Array) =>
    fetchTarget({ ...listed, ...change }, checks, serving(bytes), undefined);

  it.each([
    ['more than is read', 'TRUST_LENGTH', { bundle: factsAs(archive, { length: (1 << 20) + 1 }) }, archive],
    ['a file cut short', 'TRUST_LENGTH', {}, archive.subarray(0, 1024)],
    ['a file that goes on', 'TRUST_LENGTH', {}, new Uint8Array([...archive, 0])],
    ['other bytes', 'TRUST_HASH', { bundle: factsAs(archive, { sha256: '0'.repeat(64) as Sha256Hex }) }, archive],
    ['no archive', 'TRUST_ARCHIVE', { bundle: factsOf(provenance) }, provenance],
    ["another gateway's archive", 'TRUST_AUDIENCE', { bundle: factsOf(otherBundle) }, otherBundle],
    ['another environment', 'TRUST_AUDIENCE', { custom: { ...custom, environment: 'staging' } }, archive],
    ['another content', 'TRUST_CONTENT_DIGEST', { custom: { ...custom, contentDigest: '0'.repeat(64) } }, archive],
    ['a lower generation', 'TRUST_GENERATION_FELL', { custom: { ...custom, generation: 4 } }, archive],
    ['provenance that is too long', 'TRUST_LENGTH', { provenance: factsAs(provenance, { length: 1025 }) }, archive],
  ] as const)('with %s is refused: %s', async (_, code, change, bytes) => {
    await expect(asked(change, bytes)).rejects.toMatchObject({ code });
  });

  it('above its limit is not even asked for', async () => {
    const unasked: BundleFetcher = { get: () => Promise.reject(new Error('asked')) };
    await expect(fetchTarget(listed, { ...checks, bundleBytes: 1024 }, unasked, undefined)).rejects.toMatchObject({
      code: 'TRUST_LENGTH',
    });
  });

  it('is missing where its file is not there', async () => {
    await expect(fetchTarget(listed, checks, serving(undefined), undefined)).rejects.toMatchObject({
      code: 'TRUST_MISSING',
    });
  });
});

describe('what is signed about a target', () => {
  it.each([
    [null, {}],
    ['TRUST_AUDIENCE', { fleet: 'elsewhere' }],
    ['TRUST_AUDIENCE', { org: OTHER_ORG }],
    ['TRUST_AUDIENCE', { gateway: 'other' }],
    ['TRUST_METADATA', { generation: -1 }],
    ['TRUST_METADATA', { more: 1 }],
  ])('%s for %j', (code, change) => {
    expect(codeOf(() => checkCustom({ ...custom, ...change }, identity))).toBe(code);
  });

  it('is there', () => {
    expect(codeOf(() => checkCustom(undefined, identity))).toBe('TRUST_METADATA');
  });

  it('is looked up under the name of the gateway', () => {
    const entry: JsonObject = { length: 10, hashes: { sha256: '0'.repeat(64) } };
    const signed: JsonObject = { targets: { [bundleTarget('desk')]: entry, [bundleTarget('other')]: { length: 1 } } };
    expect(listedTarget(signed, 'desk')).toMatchObject({ bundle: { length: 10 }, provenance: null });
    expect(listedTarget(signed, 'toString')).toBeUndefined();
    expect(listedTarget({}, 'desk')).toBeUndefined();
  });
});
