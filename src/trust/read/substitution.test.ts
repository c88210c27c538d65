import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { orgUid } from '../../core/model/index.ts';
import { rotateOrg } from '../index.ts';
import { GATEWAY, MemoryFiles, open, Publishing, pull, Source, scratch } from '../trust.testkit.ts';

// Files of one org in the place of another's, in any pair of orgs and any set of layers: signed by the same seeds, for
// gateways of the same name, by the same publisher.

const UIDS = ['aaaabbbbccccddddeeee', 'bbbbbbbbccccddddeeee', 'ccccbbbbccccddddeeee', 'ddddbbbbccccddddeeee'];
const LAYERS = ['root.json', 'timestamp.json', 'snapshot.json', 'targets.json', 'bundle.tar', 'provenance.json'];

const files = new MemoryFiles();
const orgs: Publishing[] = [];
/** The one file that is replaced, as it was after the first publication of each org. */
const firstTimestamps = new Map<string, Uint8Array>();

async function rotate(publishing: Publishing, epoch: number): Promise<void> {
  const { trust, publication, nextTimestamp } = publishing;
  if (publication === undefined) throw new Error('publish first');
  const epochs = { root: epoch, targets: epoch, snapshot: epoch, timestamp: epoch };
  publishing.keep(await rotateOrg({ ...trust, publication, nextTimestamp, epochs }));
}

beforeAll(async () => {
  for (const [index, uid] of UIDS.entries()) {
    const publishing = new Publishing(orgUid(uid), files);
    await publishing.publish({ [GATEWAY]: `${uid} one`, other: 'other' });
    firstTimestamps.set(uid, publishing.file('timestamp.json'));
    if (index % 2 === 1) await rotate(publishing, 2);
    await publishing.publish({ [GATEWAY]: `${uid} two`, other: 'other' });
    orgs.push(publishing);
  }
});

const layerOf = (path: string): string => LAYERS.find((layer) => path.endsWith(layer)) ?? '';

/** What `other` has in the place of this path: the same name, or else its newest file of that layer and gateway. */
function inPlaceOf(path: string, other: Publishing): Uint8Array | undefined {
  const exact = files.files.get(`${other.org}/${path}`);
  const isAlike = (name: string): boolean =>
    name.startsWith(`${other.org}/`) && layerOf(name) === layerOf(path) && !name.includes('/other/');
  return exact ?? [...files.files].findLast(([name]) => isAlike(name))?.[1];
}

it('no file of another org is accepted in any layer, and what was verified before stays', async () => {
  const someOrg = fc.nat({ max: UIDS.length - 1 });
  const drawn = fc.record({
    own: someOrg,
    other: someOrg,
    layers: fc.subarray(LAYERS, { minLength: 1 }),
    isFresh: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(drawn, async ({ own, other, layers, isFresh }) => {
      fc.pre(own !== other);
      const [mine, theirs] = [orgs[own], orgs[other]];
      if (mine === undefined || theirs === undefined) throw new Error('expected the orgs');
      await scratch(async (dir) => {
        const source = new Source(files, mine.org);
        const stateDir = join(dir, 'state');
        if (!isFresh) {
          source.lie = (path, honest) => (path === 'timestamp.json' ? firstTimestamps.get(mine.org) : honest);
          await pull(await open(mine, stateDir, { fetcher: source }));
        }
        let swapped = 0;
        source.lie = (path, honest) => {
          if (!layers.includes(layerOf(path))) return honest;
          const foreign = inPlaceOf(path, theirs);
          if (foreign === undefined || (honest !== undefined && Buffer.from(foreign).equals(Buffer.from(honest))))
            return honest;
          swapped += 1;
          return foreign;
        };
        const verifier = await open(mine, stateDir, { fetcher: source });
        const before = verifier.lastKnownGood();
        const result = await verifier.poll();
        expect(result.kind === 'refused' ? result.code : result.kind).toMatch(
          swapped === 0 ? /^candidate$/ : /^TRUST_(ROOT_IDENTITY|AUDIENCE|HASH|LENGTH)$/,
        );
        expect(verifier.lastKnownGood()).toEqual(before);
        source.lie = undefined;
        expect(await pull(verifier)).toBe(`${mine.org} two`);
      });
    }),
    { numRuns: 60 },
  );
}, 60_000);
