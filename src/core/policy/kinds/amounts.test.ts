import { describe, expect, it } from 'vitest';
import type { Json } from '../../model/index.ts';
import { type Amount, amountOf } from './amounts.ts';

describe('the amount of a tool call', () => {
  it.each<[Json, Amount]>([
    [{ amount: 120.5 }, 120.5],
    [{ total: 7, amount: 5 }, 7],
    [{ order_total: 7 }, 7],
    [{ unitPrice: 7 }, 7],
    [{ 'refund-amount': 7 }, 7],
    [{ amount_usd: 7 }, 7],
    [{ amountUSD: 7 }, 7],
    [{ amount_cents: 12_050 }, 120.5],
    [{ prices: [1, 2, 3] }, 6],
    [{ cost: -40 }, 40],
    [{ amount: '1,500.00' }, 1500],
    [{ amount: ' $20 ' }, 20],
    [{ amount: '20 USD' }, 20],
    [{ amount: '0.125' }, 'unreadable'],
    [{ amount: '0.12' }, 0.12],
    [{ amount: { value: '12.00', currency: 'USD' } }, 12],
    [{ amount: { currency: 'USD' } }, 'unreadable'],
    [{ amount: { value: 1, main: { eur: 99_999 } } }, 99_999],
    [{ amount: { value: 1, parts: [40, { eur: 2 }, ['3.00', 'EUR', null, true]] } }, 45],
    [{ amount_cents: { value: 1, main: { deep: [12_050] } } }, 120.5],
    [{ amount: { value: 1, total_cents: 700 } }, 7],
    [{ amount: { value: 1, n: '1e6' } }, 'unreadable'],
    [{ amount: { value: 1, n: { m: ['1.500'] } } }, 'unreadable'],
    [{ amount: { value: 1, n: '１０００' } }, 'unreadable'],
    [{ amount: { value: 1, meta: {}, tags: [], isFinal: true, note: null, currency: 'USD' } }, 1],
    [{ amount: { meta: { tags: [] } } }, 'unreadable'],
    [{ items: [{ price: 10 }, { price: 15 }, { name: 'x' }] }, 25],
    [{ total: 30, items: [{ price: 10 }, { price: 15 }] }, 30],
    [{ total: 3, items: [{ price: 10 }, { price: 15 }] }, 25],
    [[{ amount: 1 }, [{ amount: 2 }]], 3],
    [{ a: { b: { c: { sum: 4 } } } }, 4],
    [{ amount: '1.500' }, 'unreadable'],
    [{ amount: '1e6' }, 'unreadable'],
    [{ amount: '12 EUR' }, 'unreadable'],
    [{ amount: 'all' }, 'unreadable'],
    [{ amount: true }, 'unreadable'],
    [{ amount: '' }, 'unreadable'],
    [{ amount: '9'.repeat(19) }, 'unreadable'],
    [{ amount: null }, null],
    [{ total_count: 9000, amounts_due_date: 3, sumo: 1 }, null],
    [{ quantity: 3, note: 'amount 500' }, null],
    [{}, null],
    [[], null],
    [{ items: [] }, null],
    [{ '': 5, _: 6, usd: 7 }, null],
    [7, null],
  ])('in %j is %j', (value, amount) => expect(amountOf(JSON.stringify(value))).toBe(amount));

  it('is none without arguments, and unreadable in what is no JSON', () => {
    expect([amountOf(''), amountOf(' '), amountOf('{"amount": 5'), amountOf('amount=5')]).toEqual([
      null,
      null,
      'unreadable',
      'unreadable',
    ]);
    expect(amountOf('{"amount":1,"a\\u006dount":2}')).toBe('unreadable');
    expect(amountOf('{"amount":1e999}')).toBe(Number.POSITIVE_INFINITY);
  });
});
