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
    expect(adjustAsk({ ...BODY, period: 'month-2027-01-01' })).toEqual({ ...ASK, period: 'month-2027-01-01' });
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
  /** One wallet that was booked in two periods of a former kind; the store answers as told. */
  const planeOf = (objects: unknown, outcome: unknown = { ok: false, reason: 'conflict' }): Plane =>
    ({
      orgs: { observe: async () => (objects === undefined ? undefined : { objects }) },
      runtime: {
        balances: async () => [
          { wallet: 'org', period: 'month-2027-01-01', currency: 'USD' },
          { wallet: 'org', period: 'month-2027-02-01', currency: 'EUR' },
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
    ['WALLET_ADJUST_CONFLICT, 1 booked', [wallet], {}],
    ['WALLET_ADJUST_CONFLICT, 1 booked', [wallet], { period: 'month-2027-01-01' }],
    ['WALLET_ADJUST_CONFLICT, 1 booked', [wallet], { period: 'total' }],
  ])('%s: of %j', async (expected, objects, ask) => {
    expect(await shown(planeOf(objects), ask)).toBe(expected);
  });

  it('of another currency is refused, with the periods that can be named', async () => {
    expect(await adjustWallet(planeOf([wallet]), { ...ASK, period: 'month-2027-02-01' }, 'ann')).toMatchObject({
      message: 'expected a period of org in USD (month-2027-01-01, total), found month-2027-02-01',
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
