import { describe, expect, it } from 'vitest';
import {
  ACME,
  commit,
  digest,
  entryOf,
  headOf,
  type OpenStore,
  objectOf,
  uid,
  versionOf,
  ZEROS,
  ZULU,
} from './worlds.testkit.ts';

export function orgsContract(open: OpenStore): void {
  describe('desired state', () => {
    it('holds nothing of an org before its first apply', async () => {
      const { orgs } = await open();
      expect(await orgs.heads()).toEqual([]);
      expect(await orgs.observe(ACME)).toBeUndefined();
      expect(await orgs.history(ACME, { limit: 5 })).toEqual([]);
      expect(await orgs.policyVersions(ACME, { limit: 5 })).toEqual([]);
      expect(await orgs.verifyHistory(ACME)).toBeNull();
    });

    it('gives back head and objects, sorted by object key, and the generation of each last change', async () => {
      const { orgs } = await open();
      const wallet = objectOf('Wallet', 'main', 'one');
      const team = objectOf('Team', 'support', 'one');
      const policy = objectOf('Policy', 'main', 'one');
      await orgs.transact(ACME, async (tx) => {
        for (const object of [wallet, team, policy]) await tx.putObject(object, 1);
        await tx.putHead(headOf(ACME, 1));
      });
      const changed = objectOf('Team', 'support', 'two');
      await orgs.transact(ACME, async (tx) => {
        await tx.putObject(changed, 2);
        await tx.deleteObject(wallet.id);
        await tx.putHead(headOf(ACME, 2));
        const inside = await tx.observe();
        expect(inside?.objects).toHaveLength(2);
      });
      const stored = (object: typeof team, generation: number) => {
        const { id, path, document, digest } = object;
        return { id, path, document, digest, generation };
      };
      expect(await orgs.observe(ACME)).toEqual({
        org: ACME,
        uid: uid(ACME),
        complete: true,
        generation: 2,
        contentDigest: headOf(ACME, 2).contentDigest,
        commit: headOf(ACME, 2).commit,
        objects: [stored(policy, 1), stored(changed, 2)],
      });
    });

    it('sorts by the written key where that differs from the order of its parts', async () => {
      const { orgs } = await open();
      const policy = objectOf('Policy', 'main', 'one');
      await orgs.transact(ACME, async (tx) => {
        await tx.putObject(policy, 1);
        await tx.putObject({ ...policy, id: { ...policy.id, environment: 'production-eu' } }, 1);
        await tx.putHead(headOf(ACME, 1));
      });
      const observed = await orgs.observe(ACME);
      expect(observed?.objects.map(({ id }) => id.environment)).toEqual(['production-eu', 'production']);
    });

    it('lists every head sorted by org, one row each', async () => {
      const { orgs, counters } = await open();
      for (const org of [ZULU, ACME]) await orgs.transact(org, async (tx) => tx.putHead(headOf(org, 3)));
      const before = { ...counters };
      expect(await orgs.heads()).toEqual([headOf(ACME, 3), headOf(ZULU, 3)]);
      expect(counters).toEqual({ ...before, statements: before.statements + 1, rowsRead: before.rowsRead + 2 });
    });

    it('never lets a generation fall, also after the org was away', async () => {
      const { orgs } = await open();
      const put = (generation: number) => orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, generation)));
      await put(4);
      await put(4);
      await expect(put(3)).rejects.toMatchObject({ code: 'STORE_GENERATION_FELL', expected: '4 or more', found: '3' });
      // What is published meanwhile takes generations of its own, and the head may keep the one that it has.
      await orgs.transact(ACME, async (tx) => [await tx.allocateGeneration(), await tx.allocateGeneration()]);
      await put(4);
      await expect(put(5)).rejects.toMatchObject({ code: 'STORE_GENERATION_FELL', expected: '6 or more', found: '5' });
      await orgs.transact(ACME, async (tx) => tx.deleteHead());
      expect(await orgs.heads()).toEqual([]);
      await expect(put(1)).rejects.toMatchObject({ code: 'STORE_GENERATION_FELL' });
      const highest = await orgs.transact(ACME, async (tx) => {
        expect(await tx.highestGeneration(uid('somebody'))).toBe(0);
        return tx.highestGeneration(uid(ACME));
      });
      expect(highest).toBe(6);
      await put(7);
    });

    it('takes another uid under the same slug only after the former org is gone', async () => {
      const { orgs } = await open();
      const other = headOf(ACME, 1, { uid: uid('other') });
      await orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 7)));
      const taken = orgs.transact(ACME, async (tx) => tx.putHead(other));
      await expect(taken).rejects.toMatchObject({ code: 'STORE_UID_CHANGED' });
      await orgs.transact(ACME, async (tx) => tx.deleteHead());
      await orgs.transact(ACME, async (tx) => tx.putHead(other));
      expect(await orgs.heads()).toEqual([other]);
    });

    it('refuses a head of another org, and numbers that are none', async () => {
      const { orgs } = await open();
      const put = (head: ReturnType<typeof headOf>) => orgs.transact(ACME, async (tx) => tx.putHead(head));
      await expect(put(headOf(ZULU, 1))).rejects.toMatchObject({ code: 'STORE_UID_CHANGED' });
      await expect(put(headOf(ACME, 1.5))).rejects.toMatchObject({ code: 'STORE_NUMBER_INVALID' });
      await expect(put(headOf(ACME, -1))).rejects.toMatchObject({ code: 'STORE_NUMBER_INVALID', found: '-1' });
      expect(await orgs.heads()).toEqual([]);
    });

    it('leaves no objects without a head', async () => {
      const { orgs } = await open();
      const object = objectOf('Team', 'support', 'one');
      const orphan = orgs.transact(ACME, async (tx) => tx.putObject(object, 1));
      await expect(orphan).rejects.toMatchObject({ code: 'STORE_HEAD_MISSING' });
      await orgs.transact(ACME, async (tx) => {
        await tx.putObject(object, 1);
        await tx.putHead(headOf(ACME, 1));
      });
      const left = orgs.transact(ACME, async (tx) => tx.deleteHead());
      await expect(left).rejects.toMatchObject({ code: 'STORE_HEAD_MISSING' });
      expect((await orgs.observe(ACME))?.objects).toHaveLength(1);
    });
  });

  describe('history', () => {
    it('chains entries from 64 zeros and pages them newest first', async () => {
      const { orgs } = await open();
      const written = await orgs.transact(ACME, async (tx) => [
        await tx.appendHistory(entryOf(1)),
        await tx.appendHistory(entryOf(2, { action: 'heal', commit: null, detail: null })),
        await tx.appendHistory(entryOf(3, { approval: digest('approval') })),
      ]);
      expect(written.map((entry) => entry.sequence)).toEqual([1, 2, 3]);
      expect(written.map((entry) => entry.previous)).toEqual([ZEROS, written[0]?.hash, written[1]?.hash]);
      expect(new Set(written.map((entry) => entry.hash)).size).toBe(3);
      expect(await orgs.history(ACME, { limit: 10 })).toEqual(written.toReversed());
      expect(await orgs.history(ACME, { limit: 1, after: '3' })).toEqual([written[1]]);
      expect(await orgs.history(ACME, { limit: 10, after: '1' })).toEqual([]);
      expect(await orgs.verifyHistory(ACME)).toBeNull();
      await expect(orgs.history(ACME, { limit: 1, after: 'x' })).rejects.toMatchObject({
        code: 'STORE_CURSOR_INVALID',
      });
    });

    it('brings at least 1 and at most 1,000 rows a page', async () => {
      const { orgs } = await open();
      await orgs.transact(ACME, async (tx) => {
        for (let generation = 1; generation <= 1001; generation += 1) await tx.appendHistory(entryOf(generation));
      });
      const rows = async (limit: number) => (await orgs.history(ACME, { limit })).length;
      expect(await rows(0)).toBe(1);
      expect(await rows(-5)).toBe(1);
      expect(await rows(1000)).toBe(1000);
      expect(await rows(5000)).toBe(1000);
      expect(await rows(Number.NaN)).toBe(1000);
    });

    it('hashes RFC 8785 of every other field', async () => {
      const { orgs } = await open();
      const entry = await orgs.transact(ACME, async (tx) => tx.appendHistory(entryOf(1)));
      const text =
        `{"action":"apply","actor":"ana@msp.example","approval":null,"at":1001,"changeDigest":"${entry.changeDigest}",` +
        `"commit":"${commit('1')}","detail":{"number":1.5,"words":["generation 1"]},"generation":1,"org":"acme",` +
        `"planDigest":null,"previous":"${ZEROS}","sequence":1}`;
      expect(entry.hash).toBe(digest(text));
    });
  });

  describe('policy lineages', () => {
    it('counts versions per lineage and adds none for the same content', async () => {
      const { orgs } = await open();
      await orgs.transact(ACME, async (tx) => {
        await tx.addPolicyVersion(versionOf('support', 'one'));
        await tx.addPolicyVersion(versionOf('support', 'one'));
        await tx.addPolicyVersion(versionOf('sales', 'one'));
        await tx.addPolicyVersion({ ...versionOf('support', 'one'), environment: 'staging' });
        await tx.addPolicyVersion(versionOf('support', 'two'));
        await tx.addPolicyVersion(versionOf('support', 'one'));
      });
      const all = await orgs.policyVersions(ACME, { limit: 10 });
      const short = all.map((row) => `${row.environment}/${row.name}/${row.version}`);
      const [first = '', second = ''] = short;
      expect(short).toEqual([
        'production/support/3',
        'production/support/2',
        'staging/support/1',
        'production/sales/1',
        'production/support/1',
      ]);
      expect(all[0]).toEqual({ ...versionOf('support', 'one'), org: ACME, version: 3 });
      expect(await orgs.policyVersions(ACME, { limit: 1, after: first })).toEqual([all[1]]);
      expect(await orgs.policyVersions(ACME, { limit: 9, after: second })).toEqual(all.slice(2));
      const odd = orgs.policyVersions(ACME, { limit: 1, after: 'production/support/9' });
      await expect(odd).rejects.toMatchObject({ code: 'STORE_CURSOR_INVALID' });
    });
  });
}
