import { describe, expect, it } from 'vitest';
import type { RuntimeStore } from '../../ports/index.ts';
import { claim, moved, resolve, told, withOne } from './contract-escalations.testkit.ts';
import { ACME, escalationOf, type OpenStore, ZULU } from './worlds.testkit.ts';

export function forgottenContract(open: OpenStore): void {
  describe('escalations that are over', () => {
    /** `e` of 10 and `f` of 11 are resolved at 20 and 30; `g` of 12 waits. */
    const withThree = async () => {
      const made = await withOne(open, told);
      const { runtime, main } = made;
      await main(async (tx) => [
        await tx.putEscalation(escalationOf('f', 11)),
        await tx.putEscalation(escalationOf('g', 12)),
      ]);
      for (const [id, nowMs] of [
        ['e', 20],
        ['f', 30],
      ] as const) {
        await runtime.moveEscalation(ACME, claim({ id, nowMs }));
        await runtime.moveEscalation(ACME, resolve('approved', { id, nowMs, key: `key ${id}` }));
      }
      return made;
    };
    const tell = async (runtime: RuntimeStore, positions: readonly number[]) => {
      for (const position of positions)
        await runtime.endNotification(ACME, { position, attempts: 0 }, { state: 'sent' });
    };
    const queued = async (runtime: RuntimeStore) =>
      (await runtime.escalations(ACME, { limit: 10 })).map(({ id }) => id);

    it('leave the queue once they were resolved until then, of one org, and those that wait never', async () => {
      const { runtime } = await withThree();
      await tell(runtime, [1, 2, 3, 4]);
      expect([await runtime.forgettableEscalations(9), await runtime.forgetEscalations(ACME, 19)]).toEqual([[], 0]);
      expect(await runtime.forgettableEscalations(29)).toEqual([ACME]);
      expect(await runtime.forgetEscalations(ZULU, 10_000)).toBe(0);
      expect([await runtime.forgetEscalations(ACME, 29), await queued(runtime)]).toEqual([1, ['g', 'f']]);
      expect([await runtime.forgetEscalations(ACME, 29), await runtime.forgetEscalations(ACME, 30)]).toEqual([0, 1]);
      expect([await runtime.forgetEscalations(ACME, 10_000), await queued(runtime)]).toEqual([0, ['g']]);
      expect(await runtime.forgettableEscalations(10_000)).toEqual([]);
    });

    it('stay while a message about them waits', async () => {
      const { runtime } = await withThree();
      await tell(runtime, [1, 2, 3]);
      expect([await runtime.forgetEscalations(ACME, 29), await queued(runtime)]).toEqual([0, ['g', 'f', 'e']]);
      await tell(runtime, [4]);
      expect(await runtime.forgetEscalations(ACME, 29)).toBe(1);
    });

    it('are not queued again when they are told again, by a move or by a key; and no message gets the number of theirs', async () => {
      const { runtime, main } = await withThree();
      await tell(runtime, [1, 2, 3, 4]);
      await runtime.forgetEscalations(ACME, 29);
      await main(async (tx) => [await tx.putEscalation(escalationOf('e', 10, told))]);
      const ended = await main(async (tx) => [
        await tx.endEscalation('main', { id: 'e', outcome: 'approved', at: 40, nowMs: 40 }),
      ]);
      expect([ended, await runtime.escalation(ACME, 'e')]).toEqual([[false], undefined]);
      const again = [resolve('approved', { nowMs: 50 }), resolve('approved', { nowMs: 20, key: 'key e' })];
      expect([await moved(runtime, again[0] ?? claim()), await moved(runtime, again[1] ?? claim())]).toEqual([
        'unknown',
        'key-used',
      ]);
      await main(async (tx) => [await tx.putEscalation(escalationOf('h', 60, told))]);
      expect((await runtime.dueNotifications(60, 10)).map(({ position }) => position)).toEqual([5, 6]);
      expect(await queued(runtime)).toEqual(['h', 'g', 'f']);
    });

    it('stand in the log all the same, which is paged by id and number', async () => {
      const { runtime } = await withThree();
      await tell(runtime, [1, 2, 3, 4]);
      await runtime.forgetEscalations(ACME, 30);
      const all = await runtime.escalationLog(ACME, { limit: 10 });
      expect(all.map(({ id, number, actor, what, outcome }) => [id, number, actor, what, outcome].join(' '))).toEqual([
        ...['e 1 gateway main queued ', 'e 2 token ann claimed ', 'e 3 token ann resolved approved'],
        ...['f 1 gateway main queued ', 'f 2 token ann claimed ', 'f 3 token ann resolved approved'],
        'g 1 gateway main queued ',
      ]);
      expect(await runtime.escalationLog(ACME, { limit: 2, after: '2:e' })).toEqual(all.slice(2, 4));
      expect(await runtime.escalationLog(ACME, { limit: 2, after: '1:g' })).toEqual([]);
      const odd = runtime.escalationLog(ACME, { limit: 2, after: 'e' });
      await expect(odd).rejects.toMatchObject({ code: 'STORE_CURSOR_INVALID' });
    });

    it('are no hindrance to who is paging over them', async () => {
      const { runtime } = await withThree();
      await tell(runtime, [1, 2, 3, 4]);
      await runtime.forgetEscalations(ACME, 30);
      expect((await runtime.escalations(ACME, { limit: 9, after: 'f' })).map(({ id }) => id)).toEqual([]);
    });
  });
}
