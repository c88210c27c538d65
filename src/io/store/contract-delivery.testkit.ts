import { describe, expect, it } from 'vitest';
import type { Override, Rollout } from '../../core/model/index.ts';
import type { OrgStore } from '../../ports/index.ts';
import { ACME, digest, enrol, headOf, type OpenStore, publicationOf, uid, ZEROS, ZULU } from './worlds.testkit.ts';

export const rolloutOf = (generation: number, change: Partial<Rollout> = {}): Rollout => ({
  generation,
  startedAt: 1,
  endedAt: null,
  state: 'running',
  reason: null,
  rings: [],
  ...change,
});

export const overrideOf = (id: string, generation: number, change: Partial<Override> = {}): Override =>
  ({
    kind: 'rollback',
    id,
    generation,
    to: 1,
    contents: { main: digest('one') },
    against: null,
    actor: 'ana',
    reason: 'why',
    createdAt: 1,
    expiresAt: 9,
    isInGit: false,
    endedAt: null,
    endedWhy: null,
    ...change,
  }) as Override;

export const releaseOf = (text: string, gateway = 'main') => ({
  gateway,
  contentDigest: digest(text),
  bytes: text.length,
  files: { 'bundle.json': text },
});

const apply = (orgs: OrgStore, generation: number, org = ACME, of: string = org) =>
  orgs.transact(org, async (tx) => tx.putHead(headOf(org, generation, { uid: uid(of) })));

export function deliveryContract(open: OpenStore): void {
  describe('generations', () => {
    it('are allocated above every one before, without touching the head, and make a publish due', async () => {
      const { orgs } = await open();
      await apply(orgs, 3);
      await apply(orgs, 1, ZULU);
      expect(await orgs.unpublished()).toEqual([ACME, ZULU]);
      await orgs.transact(ACME, (tx) => tx.putPublication(publicationOf(3)));
      expect(await orgs.unpublished()).toEqual([ZULU]);
      expect(await orgs.transact(ACME, (tx) => tx.allocateGeneration())).toBe(4);
      expect(await orgs.transact(ACME, (tx) => tx.allocateGeneration(2))).toBe(5);
      expect(await orgs.transact(ACME, (tx) => tx.allocateGeneration(8))).toBe(9);
      expect(await orgs.transact(ACME, (tx) => tx.highestGeneration(uid(ACME)))).toBe(9);
      expect((await orgs.heads())[0]?.generation).toBe(3);
      expect(await orgs.unpublished()).toEqual([ACME, ZULU]);
    });

    it('are refused without a head', async () => {
      const { orgs } = await open();
      const refused = orgs.transact(ACME, (tx) => tx.allocateGeneration());
      await expect(refused).rejects.toMatchObject({ code: 'STORE_HEAD_MISSING' });
    });
  });

  describe('deliveries', () => {
    it('are of the uid of the head: newest rollout, overrides that hold, what Git wanted', async () => {
      const { orgs } = await open();
      expect(await orgs.delivery(ACME)).toBeUndefined();
      await apply(orgs, 2);
      expect(await orgs.delivery(ACME)).toEqual({ highest: 2, rollout: null, overrides: [], releases: [] });
      await orgs.transact(ACME, async (tx) => {
        await tx.putRollout(rolloutOf(1, { state: 'done', endedAt: 4 }));
        await tx.putRollout(rolloutOf(2));
        await tx.putOverride(overrideOf('old', 1, { endedAt: 3, endedWhy: 'expired' }));
        await tx.putOverride(overrideOf('new', 2));
        await tx.putReleases(2, [releaseOf('one')]);
        expect((await tx.delivery())?.rollout?.generation).toBe(2);
      });
      expect(await orgs.delivery(ACME)).toEqual({
        highest: 2,
        rollout: rolloutOf(2),
        overrides: [overrideOf('new', 2)],
        releases: [{ gateway: 'main', generation: 2, contentDigest: digest('one'), bytes: 3 }],
      });
      expect(await orgs.activeOverrides(ACME)).toEqual([overrideOf('new', 2)]);
      expect((await orgs.rollouts(ACME, { limit: 9 })).map(({ generation }) => generation)).toEqual([2, 1]);
      expect((await orgs.rollouts(ACME, { limit: 9, after: '2' })).map(({ generation }) => generation)).toEqual([1]);
      expect((await orgs.overrides(ACME, { limit: 9 })).map(({ id }) => id)).toEqual(['new', 'old']);
      expect(await orgs.content(ACME, 'main', digest('one'))).toEqual({ 'bundle.json': 'one' });
      expect(await orgs.content(ACME, 'other', digest('one'))).toBeUndefined();
      await orgs.transact(ACME, async (tx) => tx.deleteHead());
      await apply(orgs, 1, ACME, 'newcomer');
      expect(await orgs.delivery(ACME)).toMatchObject({ rollout: null, overrides: [], releases: [] });
      expect(await orgs.content(ACME, 'main', digest('one'))).toBeUndefined();
      expect([await orgs.unsettled(), await orgs.activeOverrides(ACME)]).toEqual([[], []]);
    });

    it('say which orgs time can move', async () => {
      const { orgs } = await open();
      for (const org of [ACME, ZULU]) await apply(orgs, 1, org);
      expect(await orgs.unsettled()).toEqual([]);
      await orgs.transact(ACME, (tx) => tx.putRollout(rolloutOf(1, { state: 'halted' })));
      await orgs.transact(ZULU, (tx) => tx.putOverride(overrideOf('x', 1)));
      expect(await orgs.unsettled()).toEqual([ACME, ZULU]);
      await orgs.transact(ACME, (tx) => tx.putRollout(rolloutOf(1, { state: 'superseded', endedAt: 2 })));
      await orgs.transact(ZULU, (tx) => tx.putOverride(overrideOf('x', 1, { endedAt: 2 })));
      expect(await orgs.unsettled()).toEqual([]);
    });

    it('keep the newest twenty contents of a gateway, and those that something leads back to', async () => {
      const { orgs } = await open();
      await apply(orgs, 1);
      const member = { gateway: 'main', to: { digest: digest('2'), bytes: 1 }, before: digest('1'), since: null };
      const ring = { members: [{ ...member, from: { digest: digest('1'), bytes: 1 } }] };
      for (let generation = 1; generation <= 30; generation += 1)
        await orgs.transact(ACME, async (tx) => {
          await tx.putReleases(generation, [releaseOf(`${generation}`), releaseOf('same', 'side')]);
          if (generation !== 5) return;
          await tx.putRollout(rolloutOf(5, { rings: [ring] as unknown as Rollout['rings'] }));
          await tx.putOverride(overrideOf('x', 5, { contents: { main: digest('4') } } as Partial<Override>));
        });
      const kept = async (text: string): Promise<boolean> =>
        (await orgs.content(ACME, 'main', digest(text))) !== undefined;
      expect(await Promise.all(['1', '4', '3', '10', '11', '30'].map(kept))).toEqual([
        true,
        true,
        false,
        false,
        true,
        true,
      ]);
      expect(await orgs.content(ACME, 'side', digest('same'))).toEqual({ 'bundle.json': 'same' });
      expect((await orgs.delivery(ACME))?.releases.filter(({ gateway }) => gateway === 'main')).toHaveLength(20);
    });

    it('keep the newest fifty ended rollouts, and an open one', async () => {
      const { orgs } = await open();
      await apply(orgs, 1);
      await orgs.transact(ACME, async (tx) => {
        await tx.putRollout(rolloutOf(1));
        for (let generation = 2; generation <= 60; generation += 1)
          await tx.putRollout(rolloutOf(generation, { state: 'done', endedAt: 1 }));
      });
      const kept = (await orgs.rollouts(ACME, { limit: 100 })).map(({ generation }) => generation);
      expect([kept.length, kept.at(-2), kept.at(-1)]).toEqual([51, 11, 1]);
    });
  });

  describe('traffic', () => {
    it('counts each new decision once, by the content that it names', async () => {
      const { orgs, runtime } = await open();
      await apply(orgs, 1);
      await enrol(runtime, ACME, 'main');
      const decision = (verdict: string, status: number, of: string) => ({
        type: 'decision',
        id: 'd',
        at: 1,
        verdict,
        status,
        contentDigest: of,
      });
      const events = [
        decision('allow', 200, digest('one')),
        decision('block', 409, digest('one')),
        decision('allow', 502, digest('two')),
        decision('allow', 200, 'nothing'),
      ];
      let previous = ZEROS;
      const lines = events.map((event, index) => {
        const text = JSON.stringify({ sequence: index + 1, previous, event });
        previous = digest(text);
        return { line: JSON.parse(text), text, hash: previous };
      });
      const deliver = (sequence: number, some: typeof lines) =>
        runtime.once(ACME, { gateway: 'main', sequence, bodyDigest: digest(`${sequence}`) }, async (tx) => ({
          through: await tx.appendEvents('main', some),
        }));
      await deliver(1, lines.slice(0, 2));
      await deliver(2, lines);
      expect(await runtime.traffic(ACME)).toEqual(
        [
          { org: ACME, gateway: 'main', contentDigest: digest('one'), requests: 2, blocked: 1, errors: 0 },
          { org: ACME, gateway: 'main', contentDigest: digest('two'), requests: 1, blocked: 0, errors: 1 },
        ].toSorted((a, b) => (a.contentDigest < b.contentDigest ? -1 : 1)),
      );
      expect(await runtime.traffic(ZULU)).toEqual([]);
    });
  });
}
