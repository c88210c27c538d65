import { describe, expect, it } from 'vitest';
import { sampleBundle } from '../../core/bundle/bundle.testkit.ts';
import { canonicalText } from '../../core/bundle/index.ts';
import type { OrgUid } from '../../core/model/index.ts';
import {
  createRoot,
  ensureRoot,
  publishOrg,
  type ResignRequest,
  readRoot,
  refreshOrg,
  renewTimestamp,
  rotateOrg,
  type SigningKeys,
  timestampDue,
} from '../index.ts';
import {
  GATEWAY,
  HOUR_MS,
  MemoryFiles,
  ORG,
  OTHER_ORG,
  open,
  Publishing,
  pull,
  Source,
  scratch,
  signerOf,
} from '../trust.testkit.ts';

const DAY_MS = 24 * HOUR_MS;
const EPOCH_2 = { root: 2, targets: 2, snapshot: 2, timestamp: 2 };

/** A signer that counts per role. */
function counting(signer: SigningKeys): SigningKeys & { readonly counts: Record<string, number> } {
  const counts: Record<string, number> = {};
  return {
    counts,
    publicKey: (...args) => signer.publicKey(...args),
    sign: (role, ...rest) => {
      counts[role] = (counts[role] ?? 0) + 1;
      return signer.sign(role, ...rest);
    },
  };
}

function resigning(publishing: Publishing): ResignRequest {
  const { trust, publication, nextTimestamp } = publishing;
  if (publication === undefined) throw new Error('publish first');
  return { ...trust, publication, nextTimestamp };
}

const json = (publishing: Publishing, path: string) =>
  JSON.parse(new TextDecoder().decode(publishing.file(path))) as {
    signed: Record<string, never>;
    signatures: unknown[];
  };

describe('publishing a change', () => {
  it('takes three signatures, whatever the number of gateways, and the timestamp comes last', async () => {
    const signer = counting(signerOf('seeds'));
    const publishing = new Publishing(ORG, new MemoryFiles(), signer);
    const texts = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`g${index}`, 'one']));
    await publishing.publish(texts);
    expect(signer.counts).toEqual({ root: 1, targets: 1, snapshot: 1, timestamp: 1 });
    const before = new Set(publishing.files.files.keys());
    const outcome = await publishing.publish({ ...texts, g7: 'two' });
    expect(outcome).toMatchObject({ signatures: 3, changed: ['g7'], removed: [] });
    expect(signer.counts).toEqual({ root: 1, targets: 2, snapshot: 2, timestamp: 2 });
    const written = [...publishing.files.files.keys()].filter((path) => !before.has(path));
    expect(written.map((path) => path.replace(/[0-9a-f]{64}/, 'HASH').slice(ORG.length + 1))).toEqual([
      'targets/g7/HASH.bundle.tar',
      'targets/g7/HASH.provenance.json',
      '2.targets.json',
      '2.snapshot.json',
    ]);
    expect(outcome.publication.targets['g7']).toMatchObject({
      generation: 2,
      previous: publishing.bundle('one', 'g7').contentDigest,
    });
    expect(outcome.publication.targets['g8']?.generation).toBe(1);
  });

  it('of nothing signs nothing and writes nothing', async () => {
    const publishing = new Publishing();
    const { publication } = await publishing.publish({ [GATEWAY]: 'one' });
    const { puts } = publishing.files;
    const outcome = await publishing.publish({ [GATEWAY]: 'one' });
    expect(outcome).toEqual({
      publication: { ...publication, generation: 2 },
      signatures: 0,
      changed: [],
      removed: [],
    });
    expect(publishing.files.puts).toBe(puts);
  });

  it('of a removal drops the gateway', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
    const outcome = await publishing.publish({ other: 'one' });
    expect(outcome).toMatchObject({ signatures: 3, changed: [], removed: [GATEWAY] });
    expect(Object.keys(json(publishing, '2.targets.json').signed['targets'] ?? {})).toEqual([
      'other/bundle.tar',
      'other/provenance.json',
    ]);
  });

  it('gives the same bytes from the same inputs', async () => {
    const [a, b] = [new Publishing(), new Publishing()];
    for (const publishing of [a, b]) await publishing.publish({ [GATEWAY]: 'one', other: 'two' });
    expect([...a.files.files]).toEqual([...b.files.files]);
  });

  it('names lengths and hashes everywhere, and signs when it was', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one' });
    const { meta, ...timestamp } = json(publishing, 'timestamp.json').signed;
    expect(meta).toEqual({
      'snapshot.json': { version: 1, length: expect.any(Number), hashes: { sha256: expect.any(String) } },
    });
    expect(timestamp).toMatchObject({
      version: publishing.nowMs / 1000,
      expires: '2027-01-04T00:00:01Z',
      'x-tenantry': { fleet: 'example', org: ORG, signedAt: '2027-01-01T00:00:01Z' },
    });
    expect(json(publishing, '1.snapshot.json').signed['meta']).toEqual({
      'targets.json': { version: 1, length: expect.any(Number), hashes: { sha256: expect.any(String) } },
    });
    expect(json(publishing, '1.snapshot.json').signed).toMatchObject({ expires: '2027-01-08T00:00:01Z' });
    expect(json(publishing, '1.targets.json').signed).toMatchObject({ expires: '2027-01-31T00:00:01Z' });
    expect(json(publishing, '1.root.json').signed).toMatchObject({ expires: '2028-01-01T00:00:01Z' });
  });

  it("refuses another org's bundle, a signer without the root's keys, and an org without a root", async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one' });
    const neighbour = new Publishing(OTHER_ORG);
    await expect(publishOrg(publishing.request([neighbour.bundle('two')]))).rejects.toMatchObject({
      code: 'TRUST_AUDIENCE',
    });
    const elsewhere = sampleBundle({ fleet: 'elsewhere', orgUid: ORG, gateway: GATEWAY }, 'two');
    await expect(publishOrg(publishing.request([elsewhere]))).rejects.toMatchObject({ code: 'TRUST_AUDIENCE' });
    const stranger = new Publishing(ORG, publishing.files, signerOf('others'));
    await expect(stranger.publish({ [GATEWAY]: 'two' })).rejects.toMatchObject({ code: 'PUBLISH_SIGNER' });
    await expect(publishOrg(neighbour.request([neighbour.bundle('two')]))).rejects.toMatchObject({
      code: 'PUBLISH_ROOT_MISSING',
    });
  });
});

describe('a publish that dies between any two puts', () => {
  /** Dies after `puts` more puts; what gateways see meanwhile; then `again`. */
  async function interrupted(puts: number, again: (publishing: Publishing) => Promise<unknown>): Promise<string[]> {
    return scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      await pull(verifier);
      publishing.files.dieAfter = publishing.files.puts + puts;
      await publishing.publish({ [GATEWAY]: 'two', other: 'one' }).catch(() => undefined);
      publishing.files.dieAfter = Number.POSITIVE_INFINITY;
      const between = await pull(verifier);
      await again(publishing);
      return [between, await pull(verifier)];
    });
  }
  const cases = [0, 1, 2, 3, 4];

  it.each(cases)('after %i puts: run again, it goes through', async (puts) => {
    const seen = await interrupted(puts, async (publishing) => {
      publishing.generation -= 1;
      return publishing.publish({ [GATEWAY]: 'two', other: 'one' });
    });
    expect(seen).toEqual(['one', 'two']);
  });

  it('after the timestamp, before the store: gateways have it, and running again changes nothing for them', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      const lost = publishing.publication;
      await publishing.publish({ [GATEWAY]: 'two' });
      expect(await pull(verifier)).toBe('two');
      publishing.publication = lost;
      publishing.generation -= 1;
      const outcome = await publishing.publish({ [GATEWAY]: 'two' });
      expect(outcome.publication).toMatchObject({ targetsVersion: 3, snapshotVersion: 3 });
      expect(outcome.signatures).toBe(3);
      expect(await verifier.poll()).toEqual({ kind: 'unchanged' });
    }));

  it('and is followed by going back: the older content gets a generation of its own', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      const lost = publishing.publication;
      await publishing.publish({ [GATEWAY]: 'two' });
      expect(await pull(verifier)).toBe('two');
      publishing.publication = lost;
      await publishing.publish({ [GATEWAY]: 'one' });
      expect(await pull(verifier)).toBe('one');
      expect(verifier.lastKnownGood()?.custom.generation).toBe(3);
    }));

  it('of two at the same time lets one be seen; the other changes nothing and goes on when it is run again', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one' });
    publishing.generation = 2;
    const { nowMs } = publishing;
    const request = (text: string, later: number) => ({
      ...publishing.request([publishing.bundle(text)]),
      nowMs: nowMs + later,
    });
    const race = [publishOrg(request('two', 1000)), publishOrg(request('two', 2000))];
    const ends = await Promise.allSettled(race);
    const codes = ends.map((end) => (end.status === 'fulfilled' ? 'seen' : (end.reason as { code: string }).code));
    expect(codes.sort()).toEqual(['PUBLISH_CONFLICT', 'seen']);
    const again = await publishOrg(request('two', 3000));
    expect(again.publication.targetsVersion).toBe(4);
  });

  it('goes on to the next version for one that somebody put meanwhile, and for no other failure', async () => {
    const files = new MemoryFiles();
    const publishing = new Publishing(ORG, files);
    await publishing.publish({ [GATEWAY]: 'one' });
    const tries: string[] = [];
    const failing = (code: string) => ({
      ...publishing.request([publishing.bundle('two')]),
      publisher: {
        get: files.get.bind(files),
        putMutable: files.putMutable.bind(files),
        putImmutable: async (org: OrgUid, puts: ReadonlyMap<string, Uint8Array>) => {
          const [path = ''] = puts.keys();
          if (!path.endsWith('.targets.json')) return files.putImmutable(org, puts);
          tries.push(path);
          throw Object.assign(new Error(code), { code });
        },
      },
    });
    publishing.generation = 2;
    await expect(publishOrg(failing('ENOSPC'))).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(tries).toEqual(['2.targets.json']);
    await expect(publishOrg(failing('PUBLISH_CONFLICT'))).rejects.toMatchObject({
      code: 'PUBLISH_CONFLICT',
      message: expect.stringContaining('expected a free version of targets'),
    });
    expect(tries.slice(1, 3)).toEqual(['2.targets.json', '3.targets.json']);
  });

  it('of one that is behind is refused: a store from a backup takes no gateway back', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const backup = publishing.publication;
      publishing.nowMs += 1000;
      await publishing.publish({ [GATEWAY]: 'two' });
      await publishing.publish({ [GATEWAY]: 'three' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      expect(await pull(verifier)).toBe('three');
      const before = publishing.files.puts;
      publishing.publication = backup;
      publishing.generation = 1;
      publishing.nowMs += 1000;
      await expect(publishing.publish({ [GATEWAY]: 'former' })).rejects.toMatchObject({ code: 'PUBLISH_OVERTAKEN' });
      await expect(refreshOrg({ ...resigning(publishing), what: 'all' })).rejects.toMatchObject({
        code: 'PUBLISH_OVERTAKEN',
      });
      expect(publishing.files.puts).toBe(before);
      expect(await pull(verifier)).toBe('three');
    }));
});

describe('re-signing', () => {
  it('renews a timestamp with one signature, when it is older than an hour', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one' });
    const publication = resigning(publishing).publication;
    expect(timestampDue(publication, publishing.nowMs + HOUR_MS)).toBe(false);
    expect(timestampDue(publication, publishing.nowMs + HOUR_MS + 1)).toBe(true);
    publishing.nowMs += 2 * HOUR_MS;
    const outcome = await renewTimestamp(resigning(publishing));
    expect(outcome.signatures).toBe(1);
    expect(outcome.publication).toEqual({
      ...publication,
      timestampVersion: publishing.nowMs / 1000,
      signedAt: { ...publication.signedAt, timestamp: publishing.nowMs },
    });
  });

  it('refreshes each role near the half of its life, and not all orgs at once', async () => {
    const after = async (org: typeof ORG, ms: number): Promise<number> => {
      const publishing = new Publishing(org);
      await publishing.publish({ [GATEWAY]: 'one' });
      publishing.nowMs += ms;
      return (await refreshOrg({ ...resigning(publishing), what: 'due' })).signatures;
    };
    expect(await after(ORG, HOUR_MS)).toBe(0);
    expect(await after(ORG, 2 * HOUR_MS)).toBe(1);
    expect(await after(ORG, 2.7 * DAY_MS)).toBe(1);
    expect(await after(ORG, 3.5 * DAY_MS)).toBe(2);
    expect(await after(ORG, 15 * DAY_MS)).toBe(3);
    const between = 2.8 * DAY_MS + 0.7 * DAY_MS * 0.5;
    expect(new Set([await after(ORG, between), await after(OTHER_ORG, between)])).toEqual(new Set([1, 2]));
  });

  it('refreshes everything when told to, and gateways go on', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      await publishing.publish({ [GATEWAY]: 'one' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files) });
      await pull(verifier);
      publishing.nowMs += 1000;
      const outcome = publishing.keep(await refreshOrg({ ...resigning(publishing), what: 'all' }));
      expect(outcome.signatures).toBe(3);
      expect(outcome.publication.targets[GATEWAY]?.generation).toBe(1);
      expect(await verifier.poll()).toEqual({ kind: 'unchanged' });
      expect(verifier.times()?.signedAtMs).toBe(publishing.nowMs);
    }));
});

describe('roots', () => {
  it('are created once; a root of a ceremony is taken as it is', async () => {
    const publishing = new Publishing();
    const signed = await createRoot({ ...publishing.trust, signer: signerOf('seeds') });
    expect(publishing.files.files.size).toBe(0);
    await publishing.files.putImmutable(ORG, new Map([['1.root.json', signed.bytes]]));
    publishing.nowMs += DAY_MS;
    expect(await ensureRoot(publishing.trust)).toEqual(signed);
    expect(await readRoot(publishing.files, ORG, 1)).toEqual(signed);
    expect(await readRoot(publishing.files, ORG, 2)).toBeUndefined();
  });

  it('of two seeds need both of them, at creation and at every rotation', () =>
    scratch(async (dir) => {
      const publishing = new Publishing();
      const rootSigners = [signerOf('first'), signerOf('second')];
      const root = await ensureRoot({ ...publishing.trust, rootSigners, threshold: 2 });
      expect(json(publishing, '1.root.json').signatures).toHaveLength(2);
      await publishing.publish({ [GATEWAY]: 'one' });
      const verifier = await open(publishing, dir, { fetcher: new Source(publishing.files), root: root.bytes });
      expect(await pull(verifier)).toBe('one');
      const request = { ...resigning(publishing), epochs: EPOCH_2, nowMs: publishing.nowMs + 9000 };
      const alone = rotateOrg({ ...request, rootSigners: rootSigners.slice(1) });
      await expect(alone).rejects.toMatchObject({ code: 'PUBLISH_ROOT_THRESHOLD' });
      const outcome = publishing.keep(await rotateOrg({ ...request, rootSigners }));
      // The root by two keys before and two after, the rest by the key before and the key after; and a last timestamp.
      expect(outcome.signatures).toBe(4 + 3 * 2 + 1);
      expect(await verifier.poll()).toEqual({ kind: 'unchanged' });
    }));

  it('are renewed under the same keys with one signature more than a refresh', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one' });
    publishing.nowMs += 300 * DAY_MS;
    const request = resigning(publishing);
    const outcome = await rotateOrg({ ...request, epochs: request.publication.epochs });
    expect(outcome).toMatchObject({ signatures: 1 + 3, publication: { rootVersion: 2 } });
  });

  it('a rotation that was interrupted holds publishing until it is run again', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one' });
    // The root is the fourth of five writes.
    publishing.files.dieAfter = publishing.files.puts + 4;
    await expect(rotateOrg({ ...resigning(publishing), epochs: EPOCH_2 })).rejects.toThrow('crash');
    publishing.files.dieAfter = Number.POSITIVE_INFINITY;
    await expect(publishing.publish({ [GATEWAY]: 'two' })).rejects.toMatchObject({ code: 'PUBLISH_ROTATION_PENDING' });
    await expect(renewTimestamp(resigning(publishing))).rejects.toMatchObject({ code: 'PUBLISH_ROTATION_PENDING' });
    publishing.nowMs += 1000;
    publishing.keep(await rotateOrg({ ...resigning(publishing), epochs: EPOCH_2 }));
    expect((await publishing.publish({ [GATEWAY]: 'two' })).signatures).toBe(3);
  });

  it('provenance is canonical JSON, asked for only where content changed', async () => {
    const publishing = new Publishing();
    await publishing.publish({ [GATEWAY]: 'one', other: 'one' });
    const asked: string[] = [];
    const provenance = (gateway: string) => {
      asked.push(gateway);
      return { b: 1, a: [true, null] };
    };
    const bundles = [publishing.bundle('two'), publishing.bundle('one', 'other')];
    const { publication } = await publishOrg({ ...publishing.request(bundles), provenance });
    expect(asked).toEqual([GATEWAY]);
    const { sha256 } = publication.targets[GATEWAY]?.provenance ?? { sha256: '' };
    const text = new TextDecoder().decode(publishing.file(`targets/${GATEWAY}/${sha256}.provenance.json`));
    expect(text).toBe(canonicalText({ a: [true, null], b: 1 }));
  });
});
