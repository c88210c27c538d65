import { describe, expect, it } from 'vitest';
import { type OrgSlug, orgSlug } from '../../core/model/index.ts';
import { type AdjustAsk, adjustAsk, adjustWallet } from './adjust.ts';

// What is refused before anything is booked. Bookings are shown over the real store in cases/money-cli.test.ts.

const ACME = orgSlug('acme') as OrgSlug;
const BODY = { org: 'acme', wallet: 'org', kind: 'top-up', amount: '12.50', reason: 'a contract', id: 'po-1' };
const ASK: AdjustAsk = {
  org: ACME,
  wallet: 'org',
  kind: 'top-up',
  amountMicros: 12_500_000,
  reason: 'a contract',
  id: 'po-1',
};

describe('what a body asks', () => {
  it('is taken as it is written', () => {
    expect(adjustAsk(BODY)).toEqual(ASK);
    const named = { period: 'month-2027-01-01', currency: 'EUR' };
    expect(adjustAsk({ ...BODY, ...named })).toEqual({ ...ASK, ...named });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a list', [BODY]],
    ['a text', 'top-up'],
    ['a field more', { ...BODY, more: 1 }],
    ['no reason', { ...BODY, reason: '' }],
    ['an org that is none', { ...BODY, org: '../acme' }],
    ['an org that is no text', { ...BODY, org: 7 }],
    ['another kind', { ...BODY, kind: 'gift' }],
    ['an amount that is a number', { ...BODY, amount: 12.5 }],
    ['an amount that is none', { ...BODY, amount: 'much' }],
    ['an amount of nothing', { ...BODY, amount: '0.00' }],
    ['a wallet that is no name', { ...BODY, wallet: 'Org/x' }],
    ['a wallet that is no text', { ...BODY, wallet: 7 }],
    ['an id that is no text', { ...BODY, id: 7 }],
    ['an id with a space', { ...BODY, id: 'po 1' }],
    ['a period that is none', { ...BODY, period: 'next month' }],
    ['a period that is no text', { ...BODY, period: 7 }],
    ['a currency that is none', { ...BODY, currency: 'euro' }],
    ['a currency that is no text', { ...BODY, currency: 7 }],
  ])('%s is no ask', (_, body) => {
    expect(adjustAsk(body)).toBeUndefined();
  });
});

describe('an adjustment', () => {
  const wallet = {
    id: { type: 'manifest', kind: 'Wallet', name: 'org' },
    document: { kind: 'Wallet', spec: { currency: 'USD', period: { kind: 'total' } } },
  };
  type Plane = Parameters<typeof adjustWallet>[0];
  const booked: unknown[] = [];
  /** One wallet that was booked in two periods of a former kind, of which one may be gone; the store answers as told. */
  const planeOf = (objects: unknown, outcome: unknown = { ok: false, reason: 'conflict' }, known?: object): Plane =>
    ({
      orgs: { observe: async () => (objects === undefined ? undefined : { objects }) },
      runtime: {
        adjustment: async () => known,
        balances: async () => [
          { wallet: 'gone', period: 'month-2027-01-01', currency: 'USD' },
          { wallet: 'org', period: 'month-2027-01-01', currency: 'USD' },
          { wallet: 'org', period: 'month-2027-02-01', currency: 'EUR' },
          { wallet: 'org', period: 'total', currency: 'EUR' },
          { wallet: 'other', period: 'month-2027-03-01', currency: 'USD' },
        ],
        adjust: async (_org: unknown, adjustment: unknown) => {
          booked.push(adjustment);
          return outcome;
        },
      },
      clock: { nowMs: () => 0 },
      zoneOffset: () => 0,
    }) as unknown as Plane;
  const shown = async (plane: Plane, ask: Partial<AdjustAsk> = {}): Promise<string> => {
    booked.length = 0;
    const given = await adjustWallet(plane, { ...ASK, ...ask }, 'ann');
    return `${given.ok ? 'done' : given.code}, ${booked.length} booked`;
  };

  it.each([
    ['ORG_UNKNOWN, 0 booked', undefined, {}],
    ['WALLET_UNKNOWN, 0 booked', [wallet], { wallet: 'desk' }],
    ['WALLET_PERIOD_UNKNOWN, 0 booked', [wallet], { period: 'month-2027-02-01' }],
    ['WALLET_PERIOD_UNKNOWN, 0 booked', [wallet], { period: 'month-2027-03-01' }],
    ['WALLET_PERIOD_UNKNOWN, 0 booked', [wallet], { period: 'month-2027-01-01', currency: 'EUR' }],
    ['WALLET_PERIOD_UNKNOWN, 0 booked', [wallet], { currency: 'GBP' }],
    ['WALLET_PERIOD_UNKNOWN, 0 booked', [], {}],
    ['WALLET_PERIOD_UNKNOWN, 0 booked', [], { currency: 'EUR' }],
    ['WALLET_ADJUST_CONFLICT, 1 booked', [wallet], {}],
  ])('%s: of %j', async (expected, objects, ask) => {
    expect(await shown(planeOf(objects), ask)).toBe(expected);
  });

  it('of no account that is there is refused, with those that can be named', async () => {
    expect(await adjustWallet(planeOf([wallet]), { ...ASK, period: 'month-2027-02-01' }, 'ann')).toMatchObject({
      message:
        'expected one account of org by --period and --currency (month-2027-01-01 in USD, month-2027-02-01 in EUR, total in EUR, total in USD), found month-2027-02-01 in USD',
    });
    expect(await adjustWallet(planeOf([]), ASK, 'ann')).toMatchObject({
      message: expect.stringMatching(/, total in EUR\), found no period in no currency$/),
    });
    expect(await adjustWallet(planeOf([]), { ...ASK, wallet: 'desk' }, 'ann')).toMatchObject({
      message: 'expected a wallet of acme (gone, org, other), found desk',
    });
  });

  const balance = { spentMicros: 1, leasedMicros: 0, addedMicros: 0 };
  const done = (repeated: boolean) => ({ ok: true, repeated, balance, crossed: [] });

  it.each([
    ['the running one', [wallet], {}, 'total in USD'],
    ['the running one by its name', [wallet], { period: 'total', currency: 'USD' }, 'total in USD'],
    ['an earlier period', [wallet], { period: 'month-2027-01-01' }, 'month-2027-01-01 in USD'],
    ['the running period in a currency of before', [wallet], { currency: 'EUR' }, 'total in EUR'],
    ['both of before', [wallet], { period: 'month-2027-02-01', currency: 'EUR' }, 'month-2027-02-01 in EUR'],
    ['the only one of a wallet that is gone', [wallet], { wallet: 'gone' }, 'month-2027-01-01 in USD'],
    ['one of a wallet that is gone', [], { period: 'total' }, 'total in EUR'],
  ])('is booked on %s', async (_, objects, ask, account) => {
    expect(await shown(planeOf(objects, done(false)), ask)).toBe('done, 1 booked');
    expect(booked).toMatchObject([{ wallet: 'org', author: 'ann', ...ask }]);
    expect((booked as readonly AdjustAsk[]).map(({ period, currency }) => `${period} in ${currency}`)).toEqual([
      account,
    ]);
  });

  describe('that is booked under its id', () => {
    const entry = { wallet: 'org', reason: 'top-up', amountMicros: 12_500_000, author: 'bea', note: 'of before' };
    const known = { ...entry, period: 'month-2026-12-01', currency: 'EUR' };

    it('is said again, whatever the wallet became since', async () => {
      const given = await adjustWallet(planeOf([], done(true), known), ASK, 'ann');
      const { period, currency, author, note } = known;
      expect(given).toMatchObject({ ok: true, body: { repeated: true, period, currency, author, note } });
      expect(await shown(planeOf([wallet], done(true), known), { period, currency })).toBe('done, 1 booked');
    });

    it.each([
      { wallet: 'desk' },
      { kind: 'charge' },
      { amountMicros: 1 },
      { period: 'total' },
      { currency: 'USD' },
    ] as const)('is another with %j', async (ask) => {
      expect(await shown(planeOf([wallet], done(true), known), ask)).toBe('WALLET_ADJUST_CONFLICT, 0 booked');
    });
  });

  it('beyond what there is is refused, with what there is', async () => {
    const plane = planeOf([wallet], { ok: false, reason: 'too-much', mostMicros: 1_000_000 });
    expect(await adjustWallet(plane, ASK, 'ann')).toMatchObject({
      status: 422,
      code: 'WALLET_ADJUST_TOO_MUCH',
      message: expect.stringContaining('at most 1 USD, found 12.5 USD'),
    });
  });
});
