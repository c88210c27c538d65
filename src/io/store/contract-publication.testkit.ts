import { describe, expect, it } from 'vitest';
import type { Publication } from '../../core/model/index.ts';
import type { OrgStore } from '../../ports/index.ts';
import { ACME, headOf, type OpenStore, publicationOf, uid, ZULU } from './worlds.testkit.ts';

const publish = (orgs: OrgStore, publication: Publication) =>
  orgs.transact(ACME, async (tx) => tx.putPublication(publication));
const apply = (orgs: OrgStore, generation: number, of: string = ACME) =>
  orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, generation, { uid: uid(of) })));

export function publicationContract(open: OpenStore): void {
  describe('publications', () => {
    it('belong to the uid of the head', async () => {
      const { orgs } = await open();
      await expect(publish(orgs, publicationOf(1))).rejects.toMatchObject({ code: 'STORE_HEAD_MISSING' });
      await apply(orgs, 1);
      await publish(orgs, publicationOf(1));
      expect(await orgs.publication(ACME)).toEqual(publicationOf(1));
      await orgs.transact(ACME, async (tx) => tx.deleteHead());
      expect(await orgs.publication(ACME)).toBeUndefined();
      await apply(orgs, 1, 'newcomer');
      expect(await orgs.publication(ACME)).toBeUndefined();
      expect(await orgs.publishedGenerations()).toEqual(new Map());
    });

    it('come back with the uid, so that their versions go on', async () => {
      const { orgs } = await open();
      await apply(orgs, 3);
      await publish(orgs, publicationOf(3));
      await orgs.transact(ACME, async (tx) => tx.deleteHead());
      await apply(orgs, 4);
      expect(await orgs.publication(ACME)).toEqual(publicationOf(3));
    });

    it.each<[string, Partial<Publication>]>([
      ['generation', { generation: 4 }],
      ['root version', { rootVersion: 0 }],
      ['targets version', { targetsVersion: 4 }],
      ['snapshot version', { snapshotVersion: 4 }],
      ['an epoch', { epochs: { root: 1, targets: 1, snapshot: 0, timestamp: 1 } }],
    ])('refuse a lower %s', async (_, lower) => {
      const { orgs } = await open();
      await apply(orgs, 5);
      await publish(orgs, publicationOf(5));
      const fallen = publish(orgs, publicationOf(5, { timestampVersion: 6, ...lower }));
      await expect(fallen).rejects.toMatchObject({ code: 'STORE_VERSION_FELL' });
      expect(await orgs.publication(ACME)).toEqual(publicationOf(5));
    });

    it('give the published generation of every org in one read', async () => {
      const { orgs, counters } = await open();
      await apply(orgs, 5);
      await publish(orgs, publicationOf(5));
      await orgs.transact(ZULU, async (tx) => {
        await tx.putHead(headOf(ZULU, 9));
        await tx.putPublication(publicationOf(8));
      });
      const before = counters.rowsRead;
      expect([...(await orgs.publishedGenerations())]).toEqual([
        [ACME, 5],
        [ZULU, 8],
      ]);
      expect(counters.rowsRead - before).toBe(2);
    });
  });

  describe('timestamps', () => {
    it('are max(last + 1, unix seconds) and show in the publication', async () => {
      const { orgs, runtime } = await open();
      await apply(orgs, 1);
      await publish(orgs, publicationOf(1));
      expect(await runtime.nextTimestamp(ACME, 5_000)).toBe(5);
      expect(await runtime.nextTimestamp(ACME, 5_999)).toBe(6);
      expect(await runtime.nextTimestamp(ACME, 4_000)).toBe(7);
      const shown = await orgs.publication(ACME);
      expect(shown?.timestampVersion).toBe(7);
    });

    it('count as signed when their publication is stored: one that could not be put is due again at once', async () => {
      const { orgs, runtime } = await open();
      await apply(orgs, 1);
      await publish(orgs, publicationOf(1));
      const before = (await orgs.publication(ACME))?.signedAt.timestamp;
      const version = await runtime.nextTimestamp(ACME, 5_000_000);
      expect((await orgs.publication(ACME))?.signedAt.timestamp).toBe(before);
      const signedAt = { targets: 1, snapshot: 1, timestamp: 5_000_000 };
      await publish(orgs, publicationOf(1, { timestampVersion: version, signedAt }));
      expect(await orgs.publication(ACME)).toMatchObject({ timestampVersion: version, signedAt });
    });

    it('are not undone by a publish that was prepared before a renewal', async () => {
      const { orgs, runtime } = await open();
      await apply(orgs, 1);
      await publish(orgs, publicationOf(1));
      const version = await runtime.nextTimestamp(ACME, 9_000);
      await publish(orgs, publicationOf(2, { timestampVersion: 2 }));
      expect(await orgs.publication(ACME)).toMatchObject({ targetsVersion: 2, timestampVersion: version });
      await publish(orgs, publicationOf(3, { timestampVersion: 50 }));
      expect(await runtime.nextTimestamp(ACME, 9_000)).toBe(51);
    });

    it('are refused without a head and for a time that is none', async () => {
      const { orgs, runtime } = await open();
      await expect(runtime.nextTimestamp(ACME, 1)).rejects.toMatchObject({ code: 'STORE_HEAD_MISSING' });
      await apply(orgs, 1);
      await expect(runtime.nextTimestamp(ACME, Number.NaN)).rejects.toMatchObject({ code: 'STORE_NUMBER_INVALID' });
    });
  });
}
