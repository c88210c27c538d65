import { describe, expect, it } from 'vitest';
import type { OrgTransaction } from '../../ports/index.ts';
import { ACME, entryOf, headOf, type OpenStore, objectOf, ZULU } from './worlds.testkit.ts';

const LEASE = 'controller';

export function transactionContract(open: OpenStore): void {
  describe('transactions', () => {
    it('write all or nothing', async () => {
      const { orgs, dump } = await open();
      await orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 1)));
      const before = await dump(ACME);
      const failed = orgs.transact(ACME, async (tx) => {
        await tx.putObject(objectOf('Team', 'support', 'one'), 2);
        await tx.appendHistory(entryOf(2));
        await tx.putHead(headOf(ACME, 2));
        throw new Error('the work failed');
      });
      await expect(failed).rejects.toThrow('the work failed');
      expect(await dump(ACME)).toBe(before);
      await orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 2)));
    });

    it('queue in the order asked, one open at a time, and reads see whole ones', async () => {
      const { orgs } = await open();
      const seen: string[] = [];
      const step = (generation: number) =>
        orgs.transact(ACME, async (tx) => {
          seen.push(`begin ${generation}`);
          await tx.putHead(headOf(ACME, generation));
          await new Promise((resolve) => setTimeout(resolve, 3));
          await tx.appendHistory(entryOf(generation));
          seen.push(`end ${generation}`);
        });
      const reads: Promise<void>[] = [];
      const read = async () => {
        const [heads, history] = await Promise.all([orgs.heads(), orgs.history(ACME, { limit: 10 })]);
        expect(heads[0]?.generation).toBe(history[0]?.generation);
      };
      await step(1);
      for (const generation of [2, 3, 4]) {
        const written = step(generation);
        reads.push(written, read());
      }
      await Promise.all(reads);
      expect(seen).toEqual([1, 2, 3, 4].flatMap((generation) => [`begin ${generation}`, `end ${generation}`]));
    });

    it('refuse every call after their end', async () => {
      const { orgs } = await open();
      const kept: OrgTransaction[] = [];
      await orgs.transact(ACME, async (tx) => {
        kept.push(tx);
        await tx.putHead(headOf(ACME, 1));
      });
      const over = { code: 'STORE_TRANSACTION_OVER' };
      for (const tx of kept) {
        await expect(tx.observe()).rejects.toMatchObject(over);
        await expect(tx.putHead(headOf(ACME, 2))).rejects.toMatchObject(over);
        await expect(tx.putObject(objectOf('Team', 'late', 'one'), 2)).rejects.toMatchObject(over);
        await expect(tx.appendHistory(entryOf(2))).rejects.toMatchObject(over);
      }
      expect((await orgs.observe(ACME))?.generation).toBe(1);
    });

    it('refuse a call of the store from inside, which would wait for itself', async () => {
      const { orgs, runtime } = await open();
      const nested = { code: 'STORE_NESTED' };
      await orgs.transact(ACME, async (tx) => {
        await expect(orgs.heads()).rejects.toMatchObject(nested);
        await expect(runtime.balances(ZULU)).rejects.toMatchObject(nested);
        await expect(orgs.transact(ZULU, async () => 1)).rejects.toMatchObject(nested);
        await tx.putHead(headOf(ACME, 1));
      });
      expect(await orgs.heads()).toHaveLength(1);
    });

    it('are counted with the rows they touch; reads open none', async () => {
      const { orgs, counters } = await open();
      const apply = (org: typeof ACME, generation: number) =>
        orgs.transact(org, async (tx) => {
          await tx.putObject(objectOf('Team', 'support', 'one'), generation);
          await tx.putHead(headOf(org, generation));
        });
      await apply(ZULU, 1);
      const first = { ...counters };
      await apply(ACME, 1);
      const second = { ...counters };
      // The object, the head and the highest generation of this org, however many others there are.
      expect(second.transactions - first.transactions).toBe(1);
      expect(second.rowsWritten - first.rowsWritten).toBe(3);
      await orgs.observe(ACME);
      expect(counters).toEqual({ ...second, statements: second.statements + 2, rowsRead: second.rowsRead + 2 });
    });

    it('give the value of their work', async () => {
      const { orgs } = await open();
      expect(await orgs.transact(ACME, async () => 'value')).toBe('value');
    });

    it('are refused once the store is closed; the one under way ends first', async () => {
      const { orgs } = await open();
      const underWay = orgs.transact(ACME, async (tx) => {
        await new Promise((resolve) => setTimeout(resolve, 3));
        await tx.putHead(headOf(ACME, 1));
        return 'committed';
      });
      const waiting = orgs.transact(ACME, async () => 'too late');
      await new Promise((resolve) => setTimeout(resolve, 1));
      orgs.close();
      orgs.close();
      await expect(waiting).rejects.toMatchObject({ code: 'STORE_CLOSED' });
      expect(await underWay).toBe('committed');
      await expect(orgs.heads()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
    });
  });

  describe('the lease of the controller', () => {
    const under = (fence: number) => ({ name: LEASE, fence });

    it('is renewed under the same fence and refused to others while it lasts, whatever they call themselves', async () => {
      const { orgs } = await open();
      expect(await orgs.acquireLease(LEASE, 'a', 1000, 500)).toEqual({ granted: true, fence: 1 });
      expect(await orgs.renewLease(under(1), 1400, 500)).toEqual({ granted: true, fence: 1 });
      const refused = { granted: false, holder: 'a', fence: 1, expiresAt: 1900 };
      expect(await orgs.acquireLease(LEASE, 'b', 1899, 500)).toEqual(refused);
      expect(await orgs.acquireLease(LEASE, 'a', 1899, 500)).toEqual(refused);
      expect(await orgs.acquireLease('other', 'b', 1500, 500)).toEqual({ granted: true, fence: 1 });
    });

    it('is taken over under a higher fence when it ran out, and never returns to a former fence', async () => {
      const { orgs } = await open();
      await orgs.acquireLease(LEASE, 'a', 1000, 500);
      expect(await orgs.acquireLease(LEASE, 'b', 1500, 500)).toEqual({ granted: true, fence: 2 });
      expect(await orgs.acquireLease(LEASE, 'a', 1600, 500)).toMatchObject({ granted: false, holder: 'b' });
      expect(await orgs.renewLease(under(1), 1600, 500)).toMatchObject({ granted: false, holder: 'b', fence: 2 });
      expect(await orgs.renewLease(under(1), 2000, 500)).toMatchObject({ granted: false, holder: 'b', fence: 2 });
      expect(await orgs.acquireLease(LEASE, 'a', 2000, 500)).toEqual({ granted: true, fence: 3 });
      expect(await orgs.acquireLease(LEASE, 'a', 9000, 500)).toEqual({ granted: true, fence: 4 });
    });

    it('goes on under its fence after it ran out, when nobody took it meanwhile', async () => {
      const { orgs } = await open();
      await orgs.acquireLease(LEASE, 'a', 1000, 500);
      expect(await orgs.renewLease(under(1), 60_000, 500)).toEqual({ granted: true, fence: 1 });
      expect(await orgs.acquireLease(LEASE, 'b', 60_499, 500)).toMatchObject({ granted: false, fence: 1 });
      await orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, 1)), under(1));
      expect(await orgs.renewLease({ name: 'no such', fence: 1 }, 60_000, 500)).toMatchObject({ granted: false });
    });

    it('is free after it is released under its fence, and not renewed any more', async () => {
      const { orgs } = await open();
      await orgs.acquireLease(LEASE, 'a', 1000, 500);
      await orgs.releaseLease(under(2));
      expect(await orgs.acquireLease(LEASE, 'b', 1001, 500)).toMatchObject({ granted: false });
      await orgs.releaseLease(under(1));
      expect(await orgs.renewLease(under(1), 1001, 500)).toMatchObject({ granted: false });
      expect(await orgs.acquireLease(LEASE, 'b', 1001, 500)).toEqual({ granted: true, fence: 2 });
      await orgs.releaseLease(under(1));
      expect(await orgs.acquireLease(LEASE, 'c', 1001, 500)).toMatchObject({ granted: false, holder: 'b' });
    });

    it('fences off a controller that was overtaken', async () => {
      const { orgs } = await open();
      const write = (fence: number, generation: number) =>
        orgs.transact(ACME, async (tx) => tx.putHead(headOf(ACME, generation)), { name: LEASE, fence });
      await expect(write(1, 1)).rejects.toMatchObject({ code: 'STORE_FENCED', found: 'no lease' });
      await orgs.acquireLease(LEASE, 'a', 1000, 500);
      await write(1, 1);
      await orgs.acquireLease(LEASE, 'b', 2000, 500);
      await expect(write(1, 2)).rejects.toMatchObject({ code: 'STORE_FENCED', expected: 'fence 1' });
      await write(2, 2);
      expect((await orgs.observe(ACME))?.generation).toBe(2);
    });
  });
}
