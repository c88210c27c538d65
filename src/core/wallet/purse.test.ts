import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BundlePrice, PaymentRule, WalletSlice, WhenExhausted } from '../model/index.ts';
import { costMicros, holdMicros, settledMicros } from './cost.ts';
import {
  addSlice,
  adoptTerms,
  availableMicros,
  closable,
  createPurse,
  dropSlices,
  forgetRefusals,
  hold,
  noteRefusal,
  type Purse,
  release,
  restoreHold,
  settle,
  type WalletUse,
} from './purse.ts';

const LIMIT = 1000;
const slice = (id: string, wallet: string, grantedMicros: number, expiresAt = 1000): WalletSlice => ({
  id,
  wallet,
  period: 'p',
  currency: 'EUR',
  grantedMicros,
  expiresAt,
});
const use = (wallet: string, whenExhausted: WhenExhausted = 'block'): WalletUse => ({
  wallet,
  period: 'p',
  currency: 'EUR',
  limitMicros: LIMIT,
  whenExhausted,
  isAway: false,
});
const ask = (id: string, wallets: readonly WalletUse[], micros: number, rule: PaymentRule = 'first-that-can-pay') => ({
  id,
  chain: wallets,
  rule,
  micros,
  nowMs: 0,
});
const refuse = (purse: Purse, wallet: string, leftMicros = 0): void =>
  noteRefusal(purse, { wallet, period: 'p', currency: 'EUR' }, { leftMicros, atMs: 0, untilMs: 500 });

describe('cost', () => {
  const price: BundlePrice = {
    model: 'm',
    currency: 'EUR',
    fromMs: 0,
    inputMicrosPerMillion: 150_000,
    outputMicrosPerMillion: 600_000,
  };
  test('settles what is reported, also above the hold, but the hold alone where the report is absurd', () => {
    const held = { price, micros: holdMicros(price, 0, 1_000_000) };
    const settled = (outputTokens: number) => settledMicros(held, { inputTokens: 0, outputTokens });
    expect(settled(5)).toEqual({ micros: 3, isAbsurd: false });
    expect(settled(100_000_000)).toEqual({ micros: 60_000_000, isAbsurd: false });
    expect(settled(100_000_002)).toEqual({ micros: 600_000, isAbsurd: true });
    expect(settled(Number.MAX_SAFE_INTEGER)).toEqual({ micros: 600_000, isAbsurd: true });
    expect(settled(-1)).toEqual({ micros: 0, isAbsurd: false });
  });

  test('rounds up, and usage within the bound never costs more than the hold', () => {
    expect(holdMicros(price, 1, 0)).toBe(1);
    expect(costMicros(price, { inputTokens: 1_000_000, outputTokens: 1_000_000 })).toBe(750_000);
    const count = fc.nat(2_000_000);
    fc.assert(
      fc.property(count, count, fc.nat(100), fc.nat(100), (input, output, lessIn, lessOut) => {
        const cost = costMicros(price, { inputTokens: input - lessIn, outputTokens: output - lessOut });
        expect(cost).toBeGreaterThanOrEqual(0);
        expect(cost).toBeLessThanOrEqual(holdMicros(price, input, output));
      }),
    );
  });
  test('odd counts and huge products stay safe integers', () => {
    expect(costMicros(price, { inputTokens: -5, outputTokens: Number.NaN })).toBe(0);
    const dear = { ...price, inputMicrosPerMillion: 900_000_000_000_000 };
    expect(costMicros(dear, { inputTokens: 1_000_000, outputTokens: 0 })).toBe(900_000_000_000_000);
    expect(holdMicros(dear, Number.MAX_SAFE_INTEGER, 0)).toBe(Number.MAX_SAFE_INTEGER);
  });
});

describe('purse', () => {
  test('asks for what is missing, holds it, settles what was used and books the excess', () => {
    const purse = createPurse();
    expect(hold(purse, ask('a', [use('w')], 70))).toEqual({ kind: 'lease', wallet: 'w', period: 'p', needMicros: 70 });
    addSlice(purse, slice('s1', 'w', 50), LIMIT);
    expect(hold(purse, ask('a', [use('w')], 70))).toMatchObject({ kind: 'lease', needMicros: 20 });
    addSlice(purse, slice('s2', 'w', 50, 2000), LIMIT);
    expect(hold(purse, ask('a', [use('w')], 70))).toMatchObject({
      kind: 'held',
      hold: {
        parts: [
          { sliceId: 's1', micros: 50 },
          { sliceId: 's2', micros: 20 },
        ],
      },
    });
    expect(availableMicros(purse, use('w'), 0)).toBe(30);
    expect(settle(purse, 'a', 90)).toMatchObject([
      { sliceId: 's1', settledMicros: 50, excessMicros: 0 },
      { sliceId: 's2', settledMicros: 20, excessMicros: 20 },
    ]);
    expect(settle(purse, 'a', 1)).toBeUndefined();
    expect(closable(purse, 0, () => false)).toEqual(['s1']);
    dropSlices(purse, ['s1']);
    expect([...purse.slices.keys()]).toEqual(['s2']);
  });

  test('first-that-can-pay moves on to the parent only when the first is refused, and then one wallet pays it all', () => {
    const purse = createPurse();
    addSlice(purse, slice('s1', 'team', 5), LIMIT);
    addSlice(purse, slice('s2', 'org', 100), LIMIT);
    const chain = [use('team'), use('org')];
    expect(hold(purse, ask('a', chain, 10))).toMatchObject({ kind: 'lease', wallet: 'team', needMicros: 5 });
    refuse(purse, 'team', 4);
    expect(hold(purse, ask('a', chain, 10))).toMatchObject({
      kind: 'held',
      hold: { parts: [{ sliceId: 's2', micros: 10 }] },
    });
    refuse(purse, 'org');
    expect(hold(purse, ask('b', chain, 95))).toEqual({ kind: 'exhausted', wallet: 'team', leftMicros: 9 });
    forgetRefusals(purse);
    expect(hold(purse, ask('b', chain, 95))).toMatchObject({ kind: 'lease', wallet: 'team' });
    for (const wallet of ['team', 'org']) refuse(purse, wallet, wallet === 'team' ? 4 : 0);
    for (const nowMs of [500, -1])
      expect(hold(purse, { ...ask('b', chain, 95), nowMs })).toMatchObject({ kind: 'lease', wallet: 'team' });
  });

  test('all-must-pass takes from every wallet or from none', () => {
    const purse = createPurse();
    addSlice(purse, slice('s1', 'team', 100), LIMIT);
    addSlice(purse, slice('s2', 'org', 5), LIMIT);
    refuse(purse, 'org');
    const chain = [use('team'), use('org')];
    expect(hold(purse, ask('a', chain, 10, 'all-must-pass'))).toMatchObject({ kind: 'exhausted', wallet: 'org' });
    expect(availableMicros(purse, use('team'), 0)).toBe(100);
    expect(hold(purse, ask('a', chain, 5, 'all-must-pass'))).toMatchObject({
      kind: 'held',
      hold: { parts: [{ sliceId: 's1' }, { sliceId: 's2' }] },
    });
    expect(settle(purse, 'a', 3)).toMatchObject([{ settledMicros: 3 }, { settledMicros: 3 }]);
  });

  test('an exhausted wallet that allows goes on; its cost is all excess. Nothing is held of an expired slice or for a free request', () => {
    const purse = createPurse();
    refuse(purse, 'w');
    expect(hold(purse, ask('a', [use('w', 'allow')], 10))).toMatchObject({
      kind: 'held',
      hold: { parts: [{ sliceId: null, micros: 0 }] },
    });
    expect(settle(purse, 'a', 7)).toMatchObject([{ settledMicros: 0, excessMicros: 7 }]);
    forgetRefusals(purse);
    expect(hold(purse, ask('b', [use('w', 'allow')], 1))).toMatchObject({ kind: 'lease' });
    addSlice(purse, slice('old', 'w', 100, 10), LIMIT);
    expect(hold(purse, { ...ask('b', [use('w')], 1), nowMs: 10 })).toMatchObject({ kind: 'lease' });
    expect(hold(purse, ask('c', [use('w')], 0))).toMatchObject({ kind: 'held', hold: { parts: [] } });
  });

  test.each<[WhenExhausted, string]>([
    ['allow', 'held'],
    ['block', 'lease'],
    ['hold', 'lease'],
  ])('a wallet that says %s and cannot lease: %s', (whenExhausted, kind) => {
    const purse = createPurse();
    addSlice(purse, slice('s1', 'w', 5), LIMIT);
    const away = { ...use('w', whenExhausted), isAway: true };
    expect(hold(purse, ask('a', [away], 10))).toMatchObject({ kind });
    expect(availableMicros(purse, away, 0)).toBe(kind === 'held' ? 0 : 5);
    expect(hold(purse, ask('b', [use('other'), away], 10, 'all-must-pass'))).toMatchObject({ wallet: 'other' });
  });

  test('an overdraft is booked against the newest slice of the wallet and period, also after it was given back', () => {
    const purse = createPurse();
    for (const id of ['s1', 's2']) addSlice(purse, slice(id, 'w', 5), LIMIT);
    refuse(purse, 'w');
    dropSlices(purse, ['s2']);
    const allowed = hold(purse, ask('a', [use('w', 'allow')], 10));
    const parts = [
      { sliceId: 's1', micros: 5 },
      { sliceId: 's2', micros: 0 },
    ];
    expect(allowed).toMatchObject({ kind: 'held', hold: { parts } });
    expect(settle(purse, 'a', 12)).toMatchObject([
      { sliceId: 's1', settledMicros: 5 },
      { sliceId: 's2', excessMicros: 7 },
    ]);
  });

  test.each([
    ['a lower limit', { limitMicros: LIMIT - 1 }],
    ['another currency', { currency: 'USD' }],
  ])('under %s nothing more is held of slices, and they can be given back when their holds have ended', (_, change) => {
    const purse = createPurse();
    addSlice(purse, slice('s1', 'w', 10), LIMIT);
    addSlice(purse, slice('s2', 'other', 10), LIMIT);
    hold(purse, ask('a', [use('w')], 4));
    const changed = { ...use('w'), ...change };
    expect(hold(purse, ask('b', [changed], 1))).toMatchObject({ kind: 'lease', needMicros: 1 });
    expect(adoptTerms(purse, changed, 0)).toBe(true);
    // Not by a clock that is set back either.
    expect(hold(purse, { ...ask('b', [use('w')], 1), nowMs: -1 })).toMatchObject({ kind: 'lease', needMicros: 1 });
    expect(hold(purse, ask('c', [use('other')], 1))).toMatchObject({ kind: 'held' });
    expect(closable(purse, 0, () => false)).toEqual([]);
    settle(purse, 'a', 4);
    expect(closable(purse, 0, () => false)).toEqual(['s1']);
  });

  test('a slice of a limit that is not known pays nothing; one of a limit that was raised is bound to the higher one', () => {
    const purse = createPurse();
    addSlice(purse, slice('s0', 'w', 10), null);
    addSlice(purse, slice('s1', 'w', 10), LIMIT);
    const raised = { ...use('w'), limitMicros: LIMIT + 10 };
    expect(availableMicros(purse, raised, 0)).toBe(10);
    expect(adoptTerms(purse, raised, 0)).toBe(true);
    expect(closable(purse, 0, () => false)).toEqual(['s0']);
    dropSlices(purse, ['s0']);
    expect(adoptTerms(purse, { ...raised, limitMicros: LIMIT + 5 }, 0)).toBe(true);
    expect(closable(purse, 0, () => false)).toEqual(['s1']);
  });

  test('a refusal and an overdraft are of one currency', () => {
    const purse = createPurse();
    addSlice(purse, slice('s1', 'w', 10), LIMIT);
    refuse(purse, 'w');
    const dollars = { ...use('w', 'allow'), currency: 'USD' };
    expect(hold(purse, ask('a', [dollars], 1))).toMatchObject({ kind: 'lease' });
    noteRefusal(purse, dollars, { leftMicros: 0, atMs: 0, untilMs: 500 });
    const parts = [{ sliceId: null, currency: 'USD', micros: 0 }];
    expect(hold(purse, ask('a', [dollars], 1))).toMatchObject({ kind: 'held', hold: { parts } });
  });

  test('a restored hold never takes more than the slice has left', () => {
    const purse = createPurse();
    addSlice(purse, slice('s', 'w', 10), LIMIT, 8);
    restoreHold(purse, { id: 'a', parts: [{ wallet: 'w', period: 'p', currency: 'EUR', sliceId: 's', micros: 5 }] });
    expect(purse.slices.get('s')).toMatchObject({ heldMicros: 2, settledMicros: 8 });
    expect(settle(purse, 'a', 5)).toMatchObject([{ settledMicros: 2, excessMicros: 3 }]);
  });

  test('law: for any run, held + settled <= granted, every hold ends once, and all that was spent is booked', () => {
    const step = fc.oneof(
      fc.record({
        do: fc.constant('lease' as const),
        wallet: fc.constantFrom('a', 'b'),
        micros: fc.integer({ min: 1, max: 60 }),
      }),
      fc.record({ do: fc.constant('refuse' as const), wallet: fc.constantFrom('a', 'b'), micros: fc.nat(20) }),
      fc.record({
        do: fc.constant('hold' as const),
        micros: fc.nat(40),
        rule: fc.constantFrom<PaymentRule>('first-that-can-pay', 'all-must-pass'),
      }),
      fc.record({ do: fc.constant('end' as const), which: fc.nat(), cost: fc.integer({ min: -5, max: 80 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const purse = createPurse();
        const ended = new Set<string>();
        let [next, settled, excess, spent] = [0, 0, 0, 0];
        for (const item of steps) {
          next += 1;
          if (item.do === 'lease') addSlice(purse, slice(`s${next}`, item.wallet, item.micros, 10 + next), LIMIT);
          if (item.do === 'refuse') refuse(purse, item.wallet, item.micros);
          if (item.do === 'hold') hold(purse, ask(`h${next}`, [use('a'), use('b')], item.micros, item.rule));
          if (item.do === 'end') {
            const open = [...purse.holds.keys()];
            const id = open[item.which % Math.max(1, open.length)];
            if (id === undefined) continue;
            const parts = item.cost < 0 ? release(purse, id) : settle(purse, id, item.cost);
            expect(ended.has(id)).toBe(false);
            ended.add(id);
            expect(settle(purse, id, 5)).toBeUndefined();
            spent += Math.max(0, item.cost) * new Set(parts?.map((part) => part.wallet)).size;
            for (const part of parts ?? [])
              [settled, excess] = [settled + part.settledMicros, excess + part.excessMicros];
          }
          for (const state of purse.slices.values()) {
            expect(state.heldMicros).toBeGreaterThanOrEqual(0);
            expect(state.heldMicros + state.settledMicros).toBeLessThanOrEqual(state.slice.grantedMicros);
          }
        }
        expect(settled + excess).toBe(spent);
        expect([...purse.slices.values()].reduce((sum, state) => sum + state.settledMicros, 0)).toBe(settled);
      }),
    );
  });
});
