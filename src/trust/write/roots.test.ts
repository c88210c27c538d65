import { describe, expect, it } from 'vitest';
import type { Publication } from '../../core/model/index.ts';
import { createRoot, ensureRoot, refreshOrg, roleKeys, rotateOrg } from '../index.ts';
import { bytesOf, FLEET, GATEWAY, HOUR_MS, ORG, Publishing, signerOf } from '../trust.testkit.ts';

// The roots that a publisher goes by are those that it published. Whoever writes to its files may have put others there.

const published = async (rotations = 0): Promise<Publishing> => {
  const publishing = new Publishing();
  await publishing.publish({ [GATEWAY]: 'one' });
  for (let rotation = 0; rotation < rotations; rotation += 1) await rotate(publishing);
  return publishing;
};
const known = (publishing: Publishing): Publication => publishing.publication as Publication;
const asking = (publishing: Publishing) => ({
  ...publishing.trust,
  publication: known(publishing),
  nextTimestamp: publishing.nextTimestamp,
});
const rotate = async (publishing: Publishing): Promise<void> => {
  publishing.nowMs += 1000;
  publishing.keep(await rotateOrg({ ...asking(publishing), epochs: known(publishing).epochs }));
};
const refresh = (publishing: Publishing, what: 'due' | 'all' = 'due') => refreshOrg({ ...asking(publishing), what });
const put = (publishing: Publishing, path: string, bytes: Uint8Array) =>
  publishing.files.files.set(`${ORG}/${path}`, bytes);
/** A root for this org, by another's seeds: it differs in its root key alone where the daily keys are public. */
const foreignRoot = async (): Promise<Uint8Array> => {
  const { signer: own } = new Publishing();
  const other = signerOf('others');
  const signer = {
    publicKey: (...[role, ...rest]: Parameters<typeof own.publicKey>) =>
      (role === 'root' ? other : own).publicKey(role, ...rest),
    sign: other.sign,
  };
  return (await createRoot({ fleet: FLEET, org: ORG, signer, nowMs: new Publishing().nowMs })).bytes;
};
/** As a store has it that kept no roots. */
const forget = (publishing: Publishing): void => {
  publishing.publication = { ...known(publishing), roots: {} };
};
const changed = { code: 'PUBLISH_ROOT_CHANGED' };

describe('roots', () => {
  it('are kept by version with what they are and until when they hold, through publication and rotation', async () => {
    const publishing = await published(1);
    const { roots, rootVersion } = known(publishing);
    expect([rootVersion, Object.keys(roots)]).toEqual([2, ['1', '2']]);
    for (const version of [1, 2]) expect(roots[version]?.length).toBe(publishing.file(`${version}.root.json`).length);
    expect((roots[2]?.expiresAt ?? 0) - (roots[1]?.expiresAt ?? 0)).toBe(1000);
  });

  it('of somebody else, in the place of one that was published, stop whatever would be signed', async () => {
    const publishing = await published();
    put(publishing, '1.root.json', await foreignRoot());
    await expect(publishing.publish({ [GATEWAY]: 'two' })).rejects.toMatchObject(changed);
    await expect(ensureRoot(publishing.trust, known(publishing))).rejects.toMatchObject(changed);
    await expect(refresh(publishing, 'all')).rejects.toMatchObject(changed);
    await expect(rotate(publishing)).rejects.toMatchObject(changed);
  });

  it.each(['', '{', '7', '{"signed":{"roles":{}}}', '{"signed":{"roles":{"root":{"keyids":[]}}}}'])(
    'that were cut or written over are a trouble of their org, known or not: %s',
    async (text) => {
      const publishing = await published();
      put(publishing, '1.root.json', bytesOf(text));
      await expect(refresh(publishing, 'all')).rejects.toMatchObject(changed);
      await expect(roleKeys(publishing.trust, known(publishing))).rejects.toMatchObject(changed);
      forget(publishing);
      await expect(refresh(publishing, 'all')).rejects.toMatchObject(changed);
      await expect(roleKeys(publishing.trust, known(publishing))).rejects.toMatchObject({ code: 'PUBLISH_DAMAGED' });
    },
  );

  it('that a store does not know are learned by the next refresh, though nothing is due', async () => {
    const publishing = await published(2);
    const { roots } = known(publishing);
    forget(publishing);
    publishing.keep(await refresh(publishing));
    expect(known(publishing).roots).toEqual(roots);
    expect((await refresh(publishing)).signatures).toBe(0);
  });

  it.each([1, 2, 3])('are not learned where root %i is of somebody else', async (version) => {
    const publishing = await published(2);
    forget(publishing);
    put(publishing, `${version}.root.json`, await foreignRoot());
    await expect(refresh(publishing)).rejects.toMatchObject(changed);
  });

  it('that nobody signed by the one before are no rotation to be completed', async () => {
    const publishing = await published();
    put(publishing, '2.root.json', await foreignRoot());
    await expect(rotate(publishing)).rejects.toMatchObject(changed);
    expect(known(publishing).rootVersion).toBe(1);
  });

  it('are not made anew for a first one that is gone after a rotation', async () => {
    const publishing = await published(1);
    publishing.files.files.delete(`${ORG}/1.root.json`);
    await expect(ensureRoot(publishing.trust, known(publishing))).rejects.toMatchObject({
      code: 'PUBLISH_ROOT_MISSING',
    });
    expect(publishing.files.files.has(`${ORG}/1.root.json`)).toBe(false);
  });

  it('that a ceremony signed are the only first ones that are published', async () => {
    const publishing = new Publishing();
    const presigned = await createRoot({ ...publishing.trust, nowMs: publishing.nowMs - HOUR_MS });
    const firstRoots = { presigned: async () => presigned.bytes, epochs: async () => known(await published()).epochs };
    put(publishing, '1.root.json', await foreignRoot());
    await expect(ensureRoot({ ...publishing.trust, firstRoots })).rejects.toMatchObject(changed);
    put(publishing, '1.root.json', presigned.bytes);
    expect(await ensureRoot({ ...publishing.trust, firstRoots })).toEqual(presigned);
  });
});

describe('what was signed by a clock that was ahead', () => {
  it('is signed anew once the clock is right, and not for the difference of two clocks', async () => {
    const publishing = await published();
    const { nowMs } = publishing;
    publishing.nowMs += 30 * 24 * HOUR_MS;
    publishing.keep(await refresh(publishing, 'all'));
    publishing.nowMs = nowMs + 30 * 24 * HOUR_MS - 60_000;
    expect((await refresh(publishing)).signatures).toBe(0);
    publishing.nowMs = nowMs;
    const outcome = publishing.keep(await refresh(publishing));
    expect(outcome.signatures).toBe(3);
    expect(outcome.publication.signedAt).toEqual({ targets: nowMs, snapshot: nowMs, timestamp: nowMs });
  });
});
