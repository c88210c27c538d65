import { describe, expect, it } from 'vitest';
import type { Sha256Hex } from '../../core/model/index.ts';
import type { EscalationMove, RuntimeStore } from '../../ports/index.ts';
import { requests } from './contract-evidence.testkit.ts';
import { ACME, enrol, escalationOf, type OpenStore, queueOf, ZULU } from './worlds.testkit.ts';

type Ask = Partial<Pick<EscalationMove, 'id' | 'by' | 'key' | 'note' | 'nowMs'>>;

export const claim = (ask: Ask = {}): EscalationMove => ({
  id: 'e',
  by: 'ann',
  key: null,
  note: null,
  nowMs: 20,
  ...ask,
  verb: 'claim',
});
const unclaim = (ask: Ask = {}): EscalationMove => ({ ...claim(ask), verb: 'unclaim' });
export const resolve = (outcome: 'approved' | 'denied', ask: Ask = {}): EscalationMove => ({
  ...claim(ask),
  verb: 'resolve',
  outcome,
});

/** An org with one escalation `e` of 10 that is due at 70, unless `change` says otherwise. */
export async function withOne(open: OpenStore, change: Parameters<typeof escalationOf>[2] = {}) {
  const store = await open();
  await enrol(store.runtime, ACME, 'main');
  const main = requests(store.runtime);
  await main(async (tx) => [await tx.putEscalation(escalationOf('e', 10, change))]);
  return { ...store, main };
}

const steps = async (runtime: RuntimeStore): Promise<readonly string[]> =>
  ((await runtime.escalation(ACME, 'e'))?.log ?? []).map(({ number, at, actor, what, outcome }) =>
    `${number} ${at} ${actor} ${what} ${outcome ?? ''}`.trimEnd(),
  );

/** How a move came out, in one word and the state after it. */
export const moved = async (runtime: RuntimeStore, move: EscalationMove): Promise<string> => {
  const given = await runtime.moveEscalation(ACME, move);
  if (!given.ok) return given.reason;
  return `${given.row.state}${given.repeated ? ' already' : ''}`;
};

const channels = [
  { kind: 'webhook', to: 'https://hooks.acme.example/a' },
  { kind: 'email', to: 'legal@acme.example' },
] as const;
export const told = { review: queueOf({ dueAt: 70, channels }) };

export function escalationsContract(open: OpenStore): void {
  describe('escalations', () => {
    it('whose claimant reviews no more are queued again, in the log too', async () => {
      const { runtime } = await withOne(open);
      expect(await moved(runtime, claim())).toBe('claimed');
      const release = (...names: readonly string[]) =>
        runtime.releaseClaims(ACME, { reviewers: new Set(names), nowMs: 30 });
      expect([await release('ann'), await release('bea'), await release()]).toEqual([[], ['e'], []]);
      expect((await runtime.escalation(ACME, 'e'))?.row).toMatchObject({ state: 'queued', claimedBy: null });
      expect((await steps(runtime)).at(-1)).toBe('3 30 control plane unclaimed');
      expect(await moved(runtime, claim({ by: 'bea' }))).toBe('claimed');
    });

    it('are paged newest first, also those of the same moment, of all states or of one', async () => {
      const { runtime } = await open();
      await enrol(runtime, ACME, 'main');
      const tool = { server: 'docs', tool: 'search', argumentsDigest: 'a'.repeat(64) as Sha256Hex };
      const rows = [
        escalationOf('b', 10, { tool }),
        escalationOf('a', 10),
        escalationOf('c', 9),
        escalationOf('d', 11),
      ];
      await requests(runtime)((tx) => Promise.all(rows.map((row) => tx.putEscalation(row))));
      const all = await runtime.escalations(ACME, { limit: 10 });
      expect(all.map((row) => row.id)).toEqual(['d', 'b', 'a', 'c']);
      const { review: _review, ...facts } = escalationOf('d', 11);
      expect(all[0]).toEqual({
        ...{ ...facts, org: ACME, queue: 'legal', dueAt: 71, onTimeout: 'deny', state: 'queued', outcome: null },
        ...{ reason: null, claimedBy: null, claimedAt: null, resolvedAt: null, note: null, ended: null },
      });
      expect(all.map((row) => row.tool)).toEqual([undefined, tool, undefined, undefined]);
      expect(await runtime.escalations(ACME, { limit: 2, after: 'b' })).toEqual(all.slice(2));
      const odd = runtime.escalations(ACME, { limit: 2, after: 'x' });
      await expect(odd).rejects.toMatchObject({ code: 'STORE_CURSOR_INVALID' });
      await runtime.moveEscalation(ACME, claim({ id: 'a' }));
      const ofState = async (state: 'queued' | 'claimed' | 'open', after?: string) =>
        (await runtime.escalations(ACME, { limit: 2, ...(after === undefined ? {} : { after }) }, state)).map(
          (row) => row.id,
        );
      expect([await ofState('claimed'), await ofState('queued'), await ofState('queued', 'b')]).toEqual([
        ['a'],
        ['d', 'b'],
        ['c'],
      ]);
      await runtime.expireEscalations(ACME, 69);
      expect([await ofState('open'), await ofState('open', 'b'), await ofState('open', 'a')]).toEqual([
        ['d', 'b'],
        ['a'],
        [],
      ]);
    });

    it('told again stay as they are, also by another gateway', async () => {
      const { runtime, main } = await withOne(open);
      await enrol(runtime, ACME, 'side');
      await runtime.moveEscalation(ACME, claim());
      await main(async (tx) => [await tx.putEscalation(escalationOf('e', 30, { policy: 'other' }))]);
      const side = requests(runtime, 'side');
      await side(async (tx) => [await tx.putEscalation(escalationOf('e', 30, { gateway: 'side' }))]);
      expect(
        await side(async (tx) => [await tx.endEscalation('side', { id: 'e', outcome: 'lost', at: 5, nowMs: 5 })]),
      ).toEqual([false]);
      const [row, more] = await runtime.escalations(ACME, { limit: 2 });
      expect(row).toMatchObject({ gateway: 'main', policy: 'human-oversight', createdAt: 10, state: 'claimed' });
      expect(more).toBeUndefined();
      expect(await steps(runtime)).toEqual(['1 10 gateway main queued', '2 20 token ann claimed']);
    });

    it('of an org without a review queue are denied at once', async () => {
      const { runtime } = await withOne(open, { review: null });
      expect((await runtime.escalation(ACME, 'e'))?.row).toMatchObject({
        ...{ state: 'resolved', outcome: 'denied', reason: 'no-review', queue: null, dueAt: 10, resolvedAt: 10 },
      });
      expect(await steps(runtime)).toEqual(['1 10 gateway main queued', '2 10 control plane resolved denied']);
    });

    it('go from queued to claimed to resolved, each by one reviewer, and every step is kept', async () => {
      const { runtime } = await withOne(open);
      const done = [
        await moved(runtime, resolve('approved')),
        await moved(runtime, unclaim()),
        await moved(runtime, claim()),
        await moved(runtime, claim()),
        await moved(runtime, claim({ by: 'bob' })),
        await moved(runtime, resolve('denied', { by: 'bob' })),
        await moved(runtime, unclaim({ by: 'bob' })),
        await moved(runtime, unclaim({ nowMs: 21, note: 'not mine' })),
        await moved(runtime, claim({ by: 'bob', nowMs: 22 })),
        await moved(runtime, resolve('denied', { by: 'bob', nowMs: 23, note: 'no' })),
        await moved(runtime, resolve('approved', { by: 'bob', nowMs: 24 })),
        await moved(runtime, claim({ nowMs: 24 })),
        await moved(runtime, unclaim({ by: 'bob', nowMs: 24 })),
        await moved(runtime, claim({ id: 'other' })),
      ];
      expect(done).toEqual([
        ...[
          'unclaimed',
          'unclaimed',
          'claimed',
          'claimed already',
          'claimed',
          'claimed',
          'claimed',
          'queued',
          'claimed',
        ],
        ...['resolved', 'resolved', 'resolved', 'resolved', 'unknown'],
      ]);
      expect((await runtime.escalation(ACME, 'e'))?.row).toMatchObject({
        ...{
          state: 'resolved',
          outcome: 'denied',
          reason: 'reviewer',
          claimedBy: 'bob',
          claimedAt: 22,
          resolvedAt: 23,
        },
        note: 'no',
      });
      expect(await steps(runtime)).toEqual([
        '1 10 gateway main queued',
        '2 20 token ann claimed',
        '3 21 token ann unclaimed',
        '4 22 token bob claimed',
        '5 23 token bob resolved denied',
      ]);
      expect((await runtime.escalation(ACME, 'e'))?.log[2]).toMatchObject({ note: 'not mine' });
    });

    it('are claimed by one of many who ask at once', async () => {
      const { runtime } = await withOne(open);
      const asked = Array.from({ length: 8 }, (_, index) => runtime.moveEscalation(ACME, claim({ by: `r${index}` })));
      expect((await Promise.all(asked)).filter(({ ok }) => ok)).toHaveLength(1);
    });

    it('give a repeated key its answer again, and refuse it for anything else', async () => {
      const { runtime, main } = await withOne(open);
      await main(async (tx) => [await tx.putEscalation(escalationOf('f', 10))]);
      await runtime.moveEscalation(ACME, claim({ key: 'k1' }));
      const done = [
        await moved(runtime, resolve('approved', { key: 'k2', note: 'ok' })),
        await moved(runtime, resolve('approved', { key: 'k2', note: 'ok' })),
        await moved(runtime, resolve('denied', { key: 'k2', note: 'ok' })),
        await moved(runtime, resolve('approved', { key: 'k2', note: 'else' })),
        await moved(runtime, resolve('approved', { key: 'k2', note: 'ok', by: 'bob' })),
        await moved(runtime, claim({ key: 'k1', id: 'f' })),
        await moved(runtime, unclaim({ key: 'k1' })),
        await moved(runtime, claim({ key: 'k1' })),
      ];
      expect(done).toEqual([
        ...['resolved', 'resolved already', 'key-used', 'key-used', 'key-used', 'key-used', 'key-used'],
        'resolved already',
      ]);
      expect(await steps(runtime)).toHaveLength(3);
    });

    it.each([
      ['deny', 'denied', 'expired'],
      ['approve', 'approved', 'approved'],
    ] as const)('that are due are resolved by time, %s', async (onTimeout, outcome, logged) => {
      const { runtime, counters } = await withOne(open, { review: queueOf({ dueAt: 70, onTimeout }) });
      await runtime.moveEscalation(ACME, claim({ nowMs: 69 }));
      const before = counters.transactions;
      expect(await runtime.expireEscalations(ACME, 69)).toEqual([]);
      expect(await runtime.overdueEscalations(69)).toEqual([]);
      expect(counters.transactions).toBe(before);
      expect(await runtime.overdueEscalations(70)).toEqual([ACME]);
      expect(await runtime.expireEscalations(ZULU, 70)).toEqual([]);
      expect(await runtime.expireEscalations(ACME, 70)).toEqual(['e']);
      expect(await runtime.expireEscalations(ACME, 71)).toEqual([]);
      expect(await runtime.overdueEscalations(71)).toEqual([]);
      expect((await runtime.escalation(ACME, 'e'))?.row).toMatchObject({
        state: 'resolved',
        outcome,
        reason: 'timeout',
      });
      expect((await steps(runtime)).at(-1)).toBe(`3 70 control plane resolved ${logged}`);
    });

    it('that are due are resolved by time all at once, however many an outage left', async () => {
      const { runtime, main } = await withOne(open, { review: queueOf({ dueAt: 70 }) });
      const more = Array.from({ length: 1001 }, (_, index) => `many-${index}`);
      await main((tx) => Promise.all(more.map((id) => tx.putEscalation(escalationOf(id, 10)))));
      expect(new Set(await runtime.expireEscalations(ACME, 100))).toEqual(new Set(['e', ...more]));
      expect(await runtime.escalations(ACME, { limit: 1 }, 'open')).toEqual([]);
    });

    it('that are due are not decided by people any more, whether or not somebody noticed', async () => {
      const { runtime } = await withOne(open);
      await runtime.moveEscalation(ACME, claim({ nowMs: 69 }));
      expect(await moved(runtime, resolve('approved', { nowMs: 70 }))).toBe('resolved');
      expect((await runtime.escalation(ACME, 'e'))?.row).toMatchObject({ outcome: 'denied', reason: 'timeout' });
    });

    it('keep what the gateway did in the end, once', async () => {
      const { runtime, main } = await withOne(open);
      await runtime.moveEscalation(ACME, claim());
      await runtime.moveEscalation(ACME, resolve('approved'));
      const end = (outcome: 'approved' | 'lost', id = 'e') =>
        main(async (tx) => [await tx.endEscalation('main', { id, outcome, at: 30, nowMs: 31 })]);
      expect([await end('approved'), await end('lost'), await end('lost', 'other')]).toEqual([[true], [true], [false]]);
      expect((await runtime.escalation(ACME, 'e'))?.row).toMatchObject({ outcome: 'approved', ended: 'approved' });
      expect((await steps(runtime)).slice(3)).toEqual(['4 30 gateway main ended approved']);
    });

    it.each([
      ['lost', 'lost'],
      ['expired', 'timeout'],
    ] as const)('of which the gateway says %s wait for nobody', async (outcome, reason) => {
      const { runtime, main } = await withOne(open);
      await main(async (tx) => [await tx.endEscalation('main', { id: 'e', outcome, at: 30, nowMs: 31 })]);
      const found = { state: 'resolved', outcome: 'denied', reason, ended: outcome, resolvedAt: 31 };
      expect((await runtime.escalation(ACME, 'e'))?.row).toMatchObject(found);
    });
  });

  describe('messages about escalations', () => {
    it('stand in the outbox from the transaction on that they tell of, one for each channel', async () => {
      const { runtime, main } = await withOne(open, told);
      const due = async (nowMs: number) =>
        (await runtime.dueNotifications(nowMs, 10)).map((row) => `${row.position} ${row.event} ${row.channel.kind}`);
      expect(await due(9)).toEqual([]);
      const created = ['1 escalation.created webhook', '2 escalation.created email'];
      expect(await due(10)).toEqual(created);
      await main(async (tx) => [await tx.putEscalation(escalationOf('e', 10, told))]);
      await runtime.moveEscalation(ACME, claim());
      expect(await due(69)).toEqual(created);
      await runtime.expireEscalations(ACME, 70);
      expect(await due(70)).toEqual([...created, '3 escalation.resolved webhook', '4 escalation.resolved email']);
      expect(await runtime.dueNotifications(70, 1)).toMatchObject([
        {
          org: ACME,
          position: 1,
          channel: channels[0],
          attempts: 0,
          nextAt: 10,
          escalation: { id: 'e', state: 'resolved' },
        },
      ]);
    });

    it('are tried again, and end once', async () => {
      const { runtime } = await withOne(open, told);
      const end = (attempts: number, how: Parameters<RuntimeStore['endNotification']>[2]) =>
        runtime.endNotification(ACME, { position: 1, attempts }, how);
      const later = { state: 'waiting', error: 'status 500', nextAt: 50 } as const;
      expect([await end(0, later), await end(0, later), await end(1, { state: 'sent' })]).toEqual([true, false, true]);
      expect([await end(2, later), await end(1, { state: 'sent' })]).toEqual([false, false]);
      await runtime.endNotification(ACME, { position: 2, attempts: 0 }, { state: 'failed', error: 'no mail' });
      expect(await runtime.dueNotifications(1000, 10)).toEqual([]);
      const about = { event: 'escalation.created' };
      expect((await runtime.escalation(ACME, 'e'))?.notifications).toEqual([
        { ...about, ...channels[0], state: 'sent', attempts: 2, error: null },
        { ...about, ...channels[1], state: 'failed', attempts: 1, error: 'no mail' },
      ]);
    });

    it('that wait for another try are due then', async () => {
      const { runtime } = await withOne(open, told);
      await runtime.endNotification(ACME, { position: 1, attempts: 0 }, { state: 'waiting', error: 'x', nextAt: 50 });
      const positions = async (nowMs: number) =>
        (await runtime.dueNotifications(nowMs, 10)).map(({ position, attempts }) => [position, attempts]);
      expect(await positions(49)).toEqual([[2, 0]]);
      expect(await positions(50)).toEqual([
        [2, 0],
        [1, 1],
      ]);
    });
  });
}
