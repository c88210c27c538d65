import { describe, expect, it } from 'vitest';
import { nodeHash } from '../../host/index.ts';
import { environmentCustody } from '../../io/signer/index.ts';
import { createRoot, ensureRoot, epochsOf, type FirstRoots, publishOrg, rootJson } from '../index.ts';
import {
  FLEET,
  GATEWAY,
  MemoryFiles,
  ORG,
  OTHER_ORG,
  open,
  Publishing,
  pull,
  Source,
  START_MS,
  scratch,
} from '../trust.testkit.ts';

// First roots: signed in a ceremony before the org exists, and looked at before they are published for good.

const seed = (name: string): string => nodeHash.sha256(name);
const daily = { TENANTRY_PUBLISH_SEED: seed('publish'), TENANTRY_ONLINE_SEED: seed('online') };
const ceremony = environmentCustody({ ...daily, TENANTRY_ROOT_SEED: seed('root') });
const DAY_MS = 86_400_000;

/** The controller: it holds no root seed. */
const controller = (more: Record<string, string> = {}) => environmentCustody({ ...daily, ...more });
const presignedWith = (bytes: Uint8Array | undefined, custody = controller()): FirstRoots => ({
  presigned: async () => bytes,
  epochs: custody.firstEpochs,
});
const signed = (more: Partial<Parameters<typeof createRoot>[0]> = {}, epochs?: Parameters<typeof createRoot>[1]) =>
  createRoot({ fleet: FLEET, org: ORG, signer: ceremony.signer, nowMs: START_MS, ...more }, epochs);

describe('a pre-signed root', () => {
  it('is published as it is, by a controller without a root seed, and gateways take what hangs on it', () =>
    scratch(async (dir) => {
      const root = await signed();
      const publishing = new Publishing(ORG, new MemoryFiles(), controller().signer);
      expect(await ensureRoot({ ...publishing.trust, firstRoots: presignedWith(root.bytes) })).toEqual(root);
      await publishing.publish({ [GATEWAY]: 'one' });
      expect(publishing.file('1.root.json')).toEqual(root.bytes);
      expect(await pull(await open(publishing, dir, { fetcher: new Source(publishing.files) }))).toBe('one');
    }));

  it('says of which epochs its keys are, and publishing begins with those', async () => {
    const epochs = { root: 2, targets: 3, snapshot: 4, timestamp: 4 };
    const root = await signed({}, epochs);
    expect([epochsOf(root), rootJson(root)['x-tenantry']]).toEqual([epochs, { fleet: FLEET, org: ORG, epochs }]);
    const publishing = new Publishing(ORG, new MemoryFiles(), controller().signer);
    await ensureRoot({ ...publishing.trust, firstRoots: presignedWith(root.bytes) });
    const { publication } = await publishOrg(publishing.request([publishing.bundle('one')]));
    expect(publication.epochs).toEqual(epochs);
  });

  it.each([
    ['of another org', () => signed({ org: OTHER_ORG })],
    ['of another fleet', () => signed({ fleet: 'other' })],
    ['that has expired', () => signed({ nowMs: START_MS - 366 * DAY_MS })],
    [
      'that was changed',
      async () => {
        const root = await signed();
        return {
          bytes: new TextEncoder().encode(
            new TextDecoder().decode(root.bytes).replace('"threshold":1', '"threshold":2'),
          ),
        };
      },
    ],
    ['that was cut', async () => ({ bytes: (await signed()).bytes.subarray(0, 300) })],
    [
      'of fewer signatures than it asks for',
      async () => {
        const two = environmentCustody({ ...daily, TENANTRY_ROOT_SEED_A: seed('a'), TENANTRY_ROOT_SEED_B: seed('b') });
        const root = await signed({ rootSigners: await two.rootSigners(), threshold: 2 } as never);
        const file = JSON.parse(new TextDecoder().decode(root.bytes)) as { signatures: unknown[] };
        return { bytes: new TextEncoder().encode(JSON.stringify({ ...file, signatures: file.signatures.slice(1) })) };
      },
    ],
  ])('%s is refused before it is published for good', async (_, make) => {
    const publishing = new Publishing(ORG, new MemoryFiles(), controller().signer);
    const published = ensureRoot({ ...publishing.trust, firstRoots: presignedWith((await make()).bytes) });
    await expect(published).rejects.toMatchObject({ code: 'PUBLISH_ROOT_UNUSABLE' });
    expect(publishing.files.files.size).toBe(0);
  });

  it('that names keys of a seed that was replaced since is refused', async () => {
    const custody = controller({ TENANTRY_ONLINE_SEED_2: seed('new') });
    const publishing = new Publishing(ORG, new MemoryFiles(), custody.signer);
    const published = ensureRoot({ ...publishing.trust, firstRoots: presignedWith((await signed()).bytes, custody) });
    await expect(published).rejects.toMatchObject({
      code: 'PUBLISH_ROOT_UNUSABLE',
      message: expect.stringContaining('former seeds'),
    });
  });

  it('that names keys of other seeds altogether is refused', async () => {
    const custody = environmentCustody({ TENANTRY_PUBLISH_SEED: seed('x'), TENANTRY_ONLINE_SEED: seed('y') });
    const publishing = new Publishing(ORG, new MemoryFiles(), custody.signer);
    const published = ensureRoot({ ...publishing.trust, firstRoots: presignedWith((await signed()).bytes, custody) });
    await expect(published).rejects.toMatchObject({ code: 'PUBLISH_SIGNER' });
  });
});

describe('without a pre-signed root', () => {
  it('the root seed at hand signs one, of the epochs that new orgs begin with', async () => {
    const custody = environmentCustody({
      ...daily,
      TENANTRY_ROOT_SEED: seed('root'),
      TENANTRY_ONLINE_SEED_3: seed('new'),
    });
    const publishing = new Publishing(ORG, new MemoryFiles(), custody.signer);
    const root = await ensureRoot({ ...publishing.trust, firstRoots: presignedWith(undefined, custody) });
    expect(epochsOf(root)).toEqual({ root: 1, targets: 1, snapshot: 3, timestamp: 3 });
  });

  it('and without a root seed there is none', async () => {
    const publishing = new Publishing(ORG, new MemoryFiles(), controller().signer);
    const published = ensureRoot({ ...publishing.trust, firstRoots: presignedWith(undefined) });
    await expect(published).rejects.toMatchObject({ code: 'PUBLISH_ROOT_MISSING' });
  });

  it('a ceremony needs every one of its root seeds, and no more signatures than it has', async () => {
    const [here, away] = [ceremony.signer, controller().signer];
    const short = { code: 'PUBLISH_ROOT_THRESHOLD' };
    await expect(signed({ rootSigners: [here, away] } as never)).rejects.toMatchObject(short);
    await expect(signed({ rootSigners: [here], threshold: 2 } as never)).rejects.toMatchObject(short);
  });
});
