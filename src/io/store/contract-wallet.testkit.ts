import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, LeaseAnswer, Settlement } from '../../core/model/index.ts';
import type {
  Adjustment,
  LeaseReport,
  LeaseTerms,
  LedgerEntry,
  RuntimeStore,
  RuntimeTransaction,
  SettleReport,
} from '../../ports/index.ts';
import { ACME, digest, enrol, type OpenStore, settlementOf, termsOf } from './worlds.testkit.ts';

/** Leases and settlements of gateway `main`, each as one request. */
async function walletOf(runtime: RuntimeStore) {
  await enrol(runtime, ACME, 'main');
  let sequence = 0;
  const request = async <T>(work: (tx: RuntimeTransaction) => Promise<T>): Promise<T> => {
    sequence += 1;
    const out: T[] = [];
    const answer = async (tx: RuntimeTransaction): Promise<JsonObject> => {
      out.push(await work(tx));
      return {};
    };
    await runtime.once(ACME, { gateway: 'main', sequence, bodyDigest: digest('') }, answer);
    return out[0] as T;
  };
  return {
    lease: async (sliceId: string, change: Partial<LeaseTerms> = {}): Promise<LeaseAnswer> =>
      (await request((tx) => tx.lease(termsOf(sliceId, change)))).answer,
    leaseReport: (sliceId: string, change: Partial<LeaseTerms> = {}): Promise<LeaseReport> =>
      request((tx) => tx.lease(termsOf(sliceId, change))),
    settle: (settlements: readonly Settlement[], closed: readonly string[] = []): Promise<SettleReport> =>
      request((tx) => tx.settle('main', settlements, closed, 70)),
    expired: async () =>
      (await request((tx) => tx.expiredSlices('main'))).map(({ id, expiresAt }) => `${id} ${expiresAt}`),
    balance: async () => {
      const [balance] = await runtime.balances(ACME);
      return balance === undefined ? [0, 0] : [balance.leasedMicros, balance.spentMicros];
    },
    moves: async () => (await runtime.ledger(ACME, { limit: 100 })).map(shortly),
  };
}

const shortly = (entry: LedgerEntry): string =>
  `${entry.reason} ${entry.from}>${entry.to} ${entry.amountMicros} ${entry.reference}`;

/** Balances by replaying the ledger from its first entry, page by page: the derivation that the store's rows must equal. */
async function replay(runtime: RuntimeStore) {
  const sums = new Map<string, { leasedMicros: number; spentMicros: number; addedMicros: number }>();
  let after = '0';
  for (;;) {
    const page = await runtime.ledger(ACME, { limit: 7, after });
    for (const entry of page) {
      expect(entry.sequence).toBe(Number(after) + 1);
      const key = `${entry.wallet} ${entry.period} ${entry.currency}`;
      const sum = sums.get(key) ?? { leasedMicros: 0, spentMicros: 0, addedMicros: 0 };
      const moved = (account: LedgerEntry['from']): number =>
        (entry.to === account ? entry.amountMicros : 0) - (entry.from === account ? entry.amountMicros : 0);
      sums.set(key, {
        leasedMicros: sum.leasedMicros + moved('leased'),
        spentMicros: sum.spentMicros + moved('spent'),
        addedMicros: sum.addedMicros - moved('outside'),
      });
      after = String(entry.sequence);
    }
    if (page.length === 0) break;
  }
  return sums;
}

async function stated(runtime: RuntimeStore) {
  const rows = await runtime.balances(ACME);
  return new Map(
    rows.map(({ wallet, period, currency, ...sums }) => [`${wallet} ${period} ${currency}`, sums] as const),
  );
}

/** What people added to what gateways said: charges, less the credits that were not of presumed spending. */
function adjustedBy(entries: readonly LedgerEntry[]): number {
  let [presumed, adjusted] = [0, 0];
  for (const { reason, amountMicros } of entries) {
    const ofPresumed = reason === 'credit' ? Math.min(presumed, amountMicros) : 0;
    if (reason === 'expire') presumed += amountMicros;
    else if (reason === 'correct') presumed -= amountMicros;
    else if (reason === 'charge') adjusted += amountMicros;
    else if (reason === 'credit') adjusted -= amountMicros - ofPresumed;
    presumed -= ofPresumed;
  }
  return adjusted;
}

/** A wallet that was only asked for money has a balance of nothing, and no entry. */
const withMoney = (sums: Awaited<ReturnType<typeof replay>>) =>
  new Map([...sums].filter(([, sum]) => Object.values(sum).some((micros) => micros !== 0)));

export function walletContract(open: OpenStore): void {
  describe('a lease', () => {
    it('grants the slice, or the need where that is more, while spent + leased + grant fits the limit', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      const { period, currency, expiresAt } = termsOf('s1');
      const slice = { id: 's1', wallet: 'team', period, currency, grantedMicros: 100, expiresAt };
      expect(await wallet.lease('s1')).toEqual({ granted: true, slice });
      expect(await wallet.lease('s2', { needMicros: 850 })).toMatchObject({ slice: { grantedMicros: 850 } });
      expect(await wallet.balance()).toEqual([950, 0]);
      expect(await wallet.moves()).toEqual(['lease available>leased 100 s1', 'lease available>leased 850 s2']);
    });

    it('grants an eighth of what is left where that is less than a slice, so that others find something too', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1', { needMicros: 201 });
      const granted: number[] = [];
      for (let index = 2; index < 10; index += 1) {
        const answer = await wallet.lease(`s${index}`, { needMicros: 10 });
        if (answer.granted) granted.push(answer.slice.grantedMicros);
      }
      expect(granted).toEqual([100, 88, 77, 67, 59, 51, 45, 39]);
    });

    it('grants what is left when that is the need, else says what is left and when the period ends', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1', { needMicros: 950 });
      const refused = { granted: false, reason: 'exhausted', leftMicros: 50, periodEnd: 5_000_000 };
      expect(await wallet.lease('s2', { needMicros: 51 })).toEqual(refused);
      expect(await wallet.lease('s2', { needMicros: 50 })).toMatchObject({ slice: { grantedMicros: 50 } });
      expect(await wallet.lease('s3', { needMicros: 0 })).toEqual({ ...refused, leftMicros: 0 });
      expect(await wallet.balance()).toEqual([1000, 0]);
    });

    it('never says less than 0 is left after the limit was lowered', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1', { needMicros: 900 });
      expect(await wallet.lease('s2', { limitMicros: 10 })).toMatchObject({ granted: false, leftMicros: 0 });
      expect(await wallet.lease('s2', { limitMicros: 2000 })).toMatchObject({ granted: true });
    });

    it('keeps periods, currencies and wallets apart', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1', { needMicros: 1000 });
      for (const other of [{ period: '2026-12' }, { currency: 'USD' }, { wallet: 'org' }]) {
        expect(await wallet.lease(`s ${JSON.stringify(other)}`, other)).toMatchObject({ granted: true });
      }
      expect(await runtime.balances(ACME)).toHaveLength(4);
    });

    it.each<Partial<LeaseTerms>>([
      { limitMicros: 0.5 },
      { needMicros: -1 },
      { sliceMicros: Number.MAX_SAFE_INTEGER + 1 },
      { expiresAt: Number.NaN },
    ])('is refused with %o', async (odd) => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await expect(wallet.lease('s1', odd)).rejects.toMatchObject({ code: 'STORE_NUMBER_INVALID' });
      expect(await wallet.moves()).toEqual([]);
    });

    it('is refused under a slice id that exists', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      await expect(wallet.lease('s1')).rejects.toMatchObject({ code: 'STORE_CONSTRAINT' });
      expect(await wallet.balance()).toEqual([100, 0]);
    });
  });

  describe('settling', () => {
    it('books once per id, however often it comes', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      const settlement = settlementOf('x', 's1', { settledMicros: 30 });
      expect(await wallet.settle([settlement, settlement])).toEqual({
        booked: 1,
        repeated: 1,
        refused: [],
        crossed: [],
      });
      expect(await wallet.settle([settlement])).toEqual({ booked: 0, repeated: 1, refused: [], crossed: [] });
      expect(await wallet.balance()).toEqual([70, 30]);
      expect(await wallet.settle([{ ...settlement, settledMicros: 31 }])).toEqual({
        booked: 0,
        repeated: 0,
        refused: [{ id: 'x', reason: 'conflict' }],
        crossed: [],
      });
      expect(await wallet.balance()).toEqual([70, 30]);
    });

    it('reads and writes slices and balances once per batch', async () => {
      const { runtime, counters } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1', { needMicros: 1000 });
      const batch = Array.from({ length: 80 }, (_, index) => settlementOf(`x${index}`, 's1'));
      const before = counters.statements;
      expect(await wallet.settle(batch)).toMatchObject({ booked: 80 });
      // One look per settlement, whether it is booked; all else is a few statements for the batch.
      expect(counters.statements - before).toBeLessThanOrEqual(80 + 20);
      expect(await wallet.balance()).toEqual([200, 800]);
      expect(await replay(runtime)).toEqual(await stated(runtime));
    });

    it('gives the rest of a closed slice back, after its last settlements', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      await wallet.settle([settlementOf('x', 's1')], ['s1', 's1', 'unknown']);
      expect(await wallet.balance()).toEqual([0, 10]);
      expect(await wallet.moves()).toEqual([
        'lease available>leased 100 s1',
        'settle leased>spent 10 x',
        'release leased>available 90 s1',
      ]);
    });

    it('books what exceeds the hold, the slice or a closed slice visibly', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      await wallet.settle([settlementOf('hold', 's1', { settledMicros: 60, excessMicros: 5 })]);
      await wallet.settle([settlementOf('slice', 's1', { settledMicros: 60 })], ['s1']);
      await wallet.settle([settlementOf('closed', 's1', { settledMicros: 7 })]);
      expect(await wallet.moves()).toEqual([
        'lease available>leased 100 s1',
        'settle leased>spent 60 hold',
        'excess available>spent 5 hold',
        'settle leased>spent 40 slice',
        'excess available>spent 20 slice',
        'excess available>spent 7 closed',
      ]);
      expect(await wallet.balance()).toEqual([0, 132]);
    });

    it('refuses a slice it does not know and an amount that is none, and books the rest', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      const report = await wallet.settle([
        settlementOf('unknown', 's2'),
        settlementOf('negative', 's1', { settledMicros: -1 }),
        settlementOf('fraction', 's1', { excessMicros: 0.5 }),
        settlementOf('endless', 's1', { excessMicros: Number.MAX_SAFE_INTEGER }),
        settlementOf('good', 's1'),
        settlementOf('nothing', 's1', { settledMicros: 0 }),
      ]);
      expect(report).toEqual({
        booked: 2,
        repeated: 0,
        refused: [
          { id: 'unknown', reason: 'unknown-slice' },
          { id: 'negative', reason: 'amount' },
          { id: 'fraction', reason: 'amount' },
          { id: 'endless', reason: 'balance' },
        ],
        crossed: [],
      });
      expect(await wallet.balance()).toEqual([90, 10]);
    });

    it('refuses the slice of another gateway of the org', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      await enrol(runtime, ACME, 'side');
      await runtime.once(ACME, { gateway: 'side', sequence: 1, bodyDigest: digest('') }, async (tx) => {
        const report = await tx.settle('side', [settlementOf('x', 's1')], ['s1'], 70);
        expect(report.refused).toEqual([{ id: 'x', reason: 'unknown-slice' }]);
        return {};
      });
      expect(await wallet.balance()).toEqual([100, 0]);
    });
  });

  describe('a slice that ran out', () => {
    it('counts as spent until its gateway says otherwise', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      await wallet.settle([settlementOf('x', 's1')]);
      const nothing = { expired: [], crossed: [] };
      expect(await runtime.expireSlices(ACME, 499)).toEqual(nothing);
      const expired = { id: 's1', wallet: 'team', period: '2026-11', gateway: 'main', presumedMicros: 90 };
      expect(await runtime.expireSlices(ACME, 500)).toEqual({ expired: [expired], crossed: [] });
      expect(await runtime.expireSlices(ACME, 501)).toEqual(nothing);
      expect(await wallet.balance()).toEqual([0, 100]);
    });

    it('is corrected by a late settlement and a late closing, with entries of their own', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      await runtime.expireSlices(ACME, 500);
      await wallet.settle([settlementOf('late', 's1', { settledMicros: 30 })]);
      expect(await wallet.balance()).toEqual([0, 100]);
      await wallet.settle([], ['s1']);
      await wallet.settle([], ['s1']);
      expect(await wallet.balance()).toEqual([0, 30]);
      expect(await wallet.moves()).toEqual([
        'lease available>leased 100 s1',
        'expire leased>spent 100 s1',
        'correct spent>leased 30 late',
        'settle leased>spent 30 late',
        'correct spent>leased 70 s1',
        'release leased>available 70 s1',
      ]);
    });

    it('is listed for its gateway until it is given back', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      for (const id of ['s2', 's1', 's3']) await wallet.lease(id, { expiresAt: id === 's3' ? 900 : 400 });
      expect(await wallet.expired()).toEqual([]);
      await runtime.expireSlices(ACME, 500);
      expect(await wallet.expired()).toEqual(['s1 400', 's2 400']);
      await wallet.settle([settlementOf('late', 's1', { settledMicros: 30 })], ['s2']);
      expect(await wallet.expired()).toEqual(['s1 400']);
    });

    it('costs no transaction when there is none', async () => {
      const { runtime, counters } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      const before = { ...counters };
      await runtime.expireSlices(ACME, 499);
      expect(counters).toEqual({ ...before, statements: before.statements + 1 });
    });
  });

  describe('an adjustment', () => {
    const adjustment = (id: string, change: Partial<Adjustment> = {}): Adjustment => ({
      ...{ id, wallet: 'team', period: '2026-11', currency: 'EUR', kind: 'top-up', amountMicros: 40 },
      ...{ author: 'ann at the store', note: 'agreed with the customer', at: 80, ...change },
    });

    it('moves money between the accounts of its kind, with author and note, and raises what can be leased', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1', { needMicros: 1000 });
      await wallet.settle([settlementOf('x', 's1', { settledMicros: 60 })]);
      const balance = { wallet: 'team', period: '2026-11', currency: 'EUR', leasedMicros: 940 };
      for (const [kind, spentMicros, addedMicros] of [
        ['top-up', 60, 40],
        ['take-back', 60, 0],
        ['top-up', 60, 40],
        ['credit', 20, 40],
        ['charge', 60, 40],
      ] as const) {
        const id = `${kind} ${spentMicros} ${addedMicros} ${(await wallet.moves()).length}`;
        const outcome = await runtime.adjust(ACME, adjustment(id, { kind }));
        const after = { ...balance, spentMicros, addedMicros };
        expect(outcome).toEqual({ ok: true, repeated: false, balance: after, crossed: [] });
      }
      expect((await wallet.moves()).slice(2).map((words) => words.split(' ').slice(0, 3).join(' '))).toEqual([
        'top-up outside>available 40',
        'take-back available>outside 40',
        'top-up outside>available 40',
        'credit spent>available 40',
        'charge available>spent 40',
      ]);
      const last = (await runtime.ledger(ACME, { limit: 100 })).at(-1);
      expect(last).toMatchObject({ author: 'ann at the store', note: 'agreed with the customer', gateway: null });
      expect(await replay(runtime)).toEqual(await stated(runtime));
      expect(await wallet.lease('s2', { needMicros: 41 })).toMatchObject({ granted: false, leftMicros: 40 });
      expect(await wallet.lease('s3', { needMicros: 40 })).toMatchObject({ slice: { grantedMicros: 40 } });
    });

    it('is booked once per id, and refused under an id that is booked with other content', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      expect(await runtime.adjustment(ACME, 'a')).toBeUndefined();
      expect(await runtime.adjust(ACME, adjustment('a'))).toMatchObject({ ok: true, repeated: false });
      expect(await runtime.adjustment(ACME, 'a')).toMatchObject({ reference: 'a', author: 'ann at the store' });
      expect(await runtime.adjust(ACME, adjustment('a'))).toMatchObject({ ok: true, repeated: true });
      const other = { ok: false, reason: 'conflict' };
      expect(await runtime.adjust(ACME, adjustment('a', { amountMicros: 41 }))).toMatchObject(other);
      expect(await runtime.adjust(ACME, adjustment('a', { kind: 'charge' }))).toMatchObject(other);
      expect(await runtime.adjust(ACME, adjustment('a', { wallet: 'org' }))).toMatchObject(other);
      expect(await wallet.moves()).toEqual(['top-up outside>available 40 a']);
    });

    it('takes back no more than was added, and credits no more than was spent', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await runtime.adjust(ACME, adjustment('a'));
      const much = { ok: false, reason: 'too-much' };
      const back = adjustment('b', { kind: 'take-back', amountMicros: 41 });
      expect(await runtime.adjust(ACME, back)).toEqual({ ...much, mostMicros: 40 });
      expect(await runtime.adjust(ACME, adjustment('c', { kind: 'credit' }))).toEqual({ ...much, mostMicros: 0 });
      await expect(runtime.adjust(ACME, adjustment('d', { amountMicros: 0.5 }))).rejects.toMatchObject({
        code: 'STORE_NUMBER_INVALID',
      });
      expect(await wallet.moves()).toHaveLength(1);
    });

    it('that credits presumed spending takes what is presumed of the slices that ran out first', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      for (const id of ['s2', 's1']) await wallet.lease(id, { expiresAt: id === 's1' ? 300 : 400 });
      await runtime.expireSlices(ACME, 500);
      const credit = adjustment('c', { kind: 'credit', amountMicros: 130 });
      expect(await runtime.adjust(ACME, credit)).toMatchObject({ ok: true, balance: { spentMicros: 70 } });
      // The truth of s1, and of s2 more than is presumed of it still.
      expect(await wallet.settle([settlementOf('x', 's1', { settledMicros: 40 })], ['s1'])).toMatchObject({
        booked: 1,
      });
      expect(await wallet.balance()).toEqual([0, 110]);
      expect(await wallet.settle([settlementOf('y', 's2', { settledMicros: 90 })], ['s2'])).toMatchObject({
        booked: 1,
      });
      expect(await wallet.balance()).toEqual([0, 130]);
      expect((await wallet.moves()).slice(4)).toEqual([
        'credit spent>available 130 c',
        'excess available>spent 40 x',
        'correct spent>leased 70 y',
        'settle leased>spent 70 y',
        'excess available>spent 20 y',
      ]);
      expect(await replay(runtime)).toEqual(await stated(runtime));
    });

    it('that credits all that is presumed lets the slice be given back, with nothing left of it', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      await runtime.expireSlices(ACME, 500);
      await runtime.adjust(ACME, adjustment('c', { kind: 'credit', amountMicros: 100 }));
      expect((await wallet.settle([], ['s1'])).refused).toEqual([]);
      expect(await wallet.expired()).toEqual([]);
      expect(await wallet.balance()).toEqual([0, 0]);
      expect(await wallet.moves()).toHaveLength(3);
    });

    it('is at most what a balance can hold', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1');
      const most = { 'top-up': 2 ** 52, charge: Number.MAX_SAFE_INTEGER - 100 } as const;
      for (const kind of ['top-up', 'charge'] as const) {
        const much = adjustment(kind, { kind, amountMicros: most[kind] + 1 });
        const refusal = { ok: false, reason: 'too-much', mostMicros: most[kind] };
        expect(await runtime.adjust(ACME, much)).toEqual(refusal);
        const outcome = await runtime.adjust(ACME, { ...much, amountMicros: most[kind] });
        expect(outcome).toMatchObject({ ok: true });
      }
      // Full to the brim: what moves inside goes on, and what would come on top is refused alone.
      await runtime.expireSlices(ACME, 500);
      const report = await wallet.settle(
        [settlementOf('over', 's1', { settledMicros: 101 }), settlementOf('x', 's1')],
        ['s1'],
      );
      expect(report).toMatchObject({ booked: 1, refused: [{ id: 'over', reason: 'balance' }] });
      expect(await wallet.lease('s2', { limitMicros: Number.MAX_SAFE_INTEGER, needMicros: 91 })).toMatchObject({
        granted: false,
        leftMicros: 90,
      });
      expect(await replay(runtime)).toEqual(await stated(runtime));
    });
  });

  describe('thresholds', () => {
    it('are kept once per period when spending reaches them, by the limit of the newest lease and what was added', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1', { needMicros: 600 });
      expect((await wallet.settle([settlementOf('a', 's1', { settledMicros: 499 })])).crossed).toEqual([]);
      const { crossed } = await wallet.settle([settlementOf('b', 's1', { settledMicros: 1 })]);
      const first = { position: 1, wallet: 'team', period: '2026-11', currency: 'EUR' };
      expect(crossed).toEqual([{ ...first, percent: 50, limitMicros: 1000, spentMicros: 500, at: 70 }]);
      await wallet.lease('s2', { limitMicros: 2000 });
      expect((await wallet.settle([settlementOf('c', 's1', { settledMicros: 1 })])).crossed).toEqual([]);
      // Lowered below what is spent: seen when the next lease says the limit.
      expect((await wallet.leaseReport('s3', { limitMicros: 400 })).crossed).toMatchObject([
        { percent: 100, limitMicros: 400 },
      ]);
      await wallet.lease('s4', { limitMicros: 2000 });
      await wallet.lease('s5', { limitMicros: 400 });
      const account = { wallet: 'team', period: '2026-11', currency: 'EUR' };
      const kept = await runtime.crossings(ACME, account);
      expect(kept.map(({ position, percent, at }) => [position, percent, at])).toEqual([
        [2, 100, 50],
        [1, 50, 70],
      ]);
      for (const other of [{ wallet: 'org' }, { period: '2026-12' }, { currency: 'USD' }])
        expect(await runtime.crossings(ACME, { ...account, ...other })).toEqual([]);
    });

    it('start anew in the next period', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      for (const period of ['2026-11', '2026-12']) {
        await wallet.lease(`s ${period}`, { period, needMicros: 600 });
        const { crossed } = await wallet.settle([settlementOf(period, `s ${period}`, { settledMicros: 500 })]);
        expect(crossed).toMatchObject([{ period, percent: 50 }]);
      }
    });

    it('count what is presumed to be spent, and what people charge', async () => {
      const { runtime } = await open();
      const wallet = await walletOf(runtime);
      await wallet.lease('s1', { needMicros: 600 });
      expect((await runtime.expireSlices(ACME, 500)).crossed).toMatchObject([{ percent: 50, spentMicros: 600 }]);
      const charge = { kind: 'charge', author: 'ann', note: 'missed', at: 90 } as const;
      const account = { wallet: 'team', period: '2026-11', currency: 'EUR' };
      const outcome = await runtime.adjust(ACME, { id: 'a', ...account, ...charge, amountMicros: 400 });
      expect(outcome).toMatchObject({ ok: true, crossed: [{ percent: 100, spentMicros: 1000 }] });
      const kept = await runtime.crossings(ACME, account);
      expect(kept.map(({ percent, at }) => [percent, at])).toEqual([
        [100, 90],
        [50, 500],
      ]);
    });
  });

  it('any interleaving: limits hold, nothing is booked twice or lost, and the ledger replays to the balances', async () => {
    const micros = fc.integer({ min: 0, max: 60 });
    const slice = fc.integer({ min: 0, max: 5 });
    const action = fc.oneof(
      fc.record({ kind: fc.constant('lease' as const), slice, need: micros, size: micros, endsAt: micros }),
      fc.record({
        kind: fc.constant('settle' as const),
        slice,
        id: slice,
        settled: micros,
        excess: fc.constantFrom(0, 0, 3),
      }),
      fc.record({ kind: fc.constant('close' as const), slice }),
      fc.record({ kind: fc.constant('expire' as const), now: micros }),
      fc.record({
        kind: fc.constantFrom('credit' as const, 'charge' as const),
        amount: fc.integer({ min: 1, max: 60 }),
      }),
    );
    const limitMicros = 120;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 25 }), async (actions) => {
        const { orgs, runtime } = await open();
        const wallet = await walletOf(runtime);
        const leased = new Set<string>();
        const usage = new Map<string, number>();
        let adjustments = 0;
        for (const act of actions) {
          const id = 'slice' in act ? `s${act.slice}` : '';
          if (act.kind === 'lease' && !leased.has(id)) {
            const terms = { limitMicros, needMicros: act.need, sliceMicros: act.size, expiresAt: act.endsAt };
            const before = await wallet.balance();
            const left = Math.max(0, limitMicros - before.reduce((a, b) => a + b, 0));
            const answer = await wallet.lease(id, terms);
            if (answer.granted) {
              leased.add(id);
              const granted = answer.slice.grantedMicros;
              expect(granted).toBe(Math.max(act.need, Math.min(act.size, Math.ceil(left / 8))));
              expect(granted).toBeLessThanOrEqual(left);
            } else {
              expect(answer.leftMicros).toBe(left);
              expect(left === 0 || act.need > left || Math.max(act.need, act.size) === 0).toBe(true);
            }
          } else if (act.kind === 'settle') {
            const amounts = { settledMicros: act.settled, excessMicros: act.excess };
            const report = await wallet.settle([settlementOf(`x${act.id}`, id, amounts)]);
            if (report.booked === 1) usage.set(`x${act.id}`, act.settled + act.excess);
          } else if (act.kind === 'close') {
            await wallet.settle([], [id]);
          } else if (act.kind === 'expire') {
            await runtime.expireSlices(ACME, act.now);
          } else if (act.kind === 'credit' || act.kind === 'charge') {
            adjustments += 1;
            const { wallet: name, period, currency } = termsOf('');
            const entry = { wallet: name, period, currency, kind: act.kind, amountMicros: act.amount };
            await runtime.adjust(ACME, { ...entry, id: `a${adjustments}`, author: 'ann', note: 'known', at: 90 });
          }
          expect(withMoney(await replay(runtime))).toEqual(withMoney(await stated(runtime)));
        }
        const entries = await runtime.ledger(ACME, { limit: 1000 });
        const over = entries.filter(({ reason }) => reason === 'excess' || reason === 'charge');
        const [held = 0, spent = 0] = await wallet.balance();
        expect(held + spent).toBeLessThanOrEqual(
          limitMicros + over.reduce((sum, { amountMicros }) => sum + amountMicros, 0),
        );
        expect((await wallet.settle([], [...leased])).refused).toEqual([]);
        const used = [...usage.values()].reduce((sum, one) => sum + one, 0);
        expect(await wallet.balance()).toEqual([0, used + adjustedBy(entries)]);
        orgs.close();
      }),
      { numRuns: 25 },
    );
  });
}
