import { describe, expect, it } from 'vitest';
import type { OrgSlug } from '../../core/model/index.ts';
import type { LedgerEntry, LoggedStep } from '../../ports/index.ts';
import { openBook } from './ledger.ts';
import { oversightOf } from './oversight.ts';

const entryOf = (reason: LedgerEntry['reason'], amountMicros: number, change: Partial<LedgerEntry> = {}) =>
  ({
    ...{ org: 'alder' as OrgSlug, sequence: 1, wallet: 'desk', period: 'p', currency: 'USD', reason, amountMicros },
    ...{ gateway: 'desk-production', sliceId: 's1', cause: 'c', author: null, note: null, at: 1000 },
    ...change,
  }) as LedgerEntry;

describe('what a ledger booked', () => {
  it('is added up by wallet, period and currency: what was given back or corrected is taken off, holds are no spending', () => {
    const book = openBook();
    for (const [reason, micros] of [
      ...([
        ['lease', 900],
        ['release', 800],
        ['settle', 60],
        ['settle', 5],
        ['excess', 3],
      ] as const),
      ...([
        ['expire', 40],
        ['correct', 10],
        ['credit', 7],
        ['charge', 6],
        ['top-up', 20],
        ['take-back', 4],
      ] as const),
    ])
      book.add(entryOf(reason, micros));
    book.add(entryOf('settle', 1, { currency: 'EUR' }));
    const sums = { settled: '0.000065', excess: '0.000003', presumed: '0.00003', credited: '0.000007' };
    const none = { excess: '0', presumed: '0', credited: '0', charged: '0', added: '0' };
    const { accounts, adjustments, incidents } = book.facts();
    expect(accounts).toEqual([
      { wallet: 'desk', period: 'p', currency: 'EUR', settled: '0.000001', ...none },
      { wallet: 'desk', period: 'p', currency: 'USD', ...sums, charged: '0.000006', added: '0.000016' },
    ]);
    expect(adjustments.map(({ kind }) => kind)).toEqual(['credit', 'charge', 'top-up', 'take-back']);
    expect(incidents.map(({ what }) => what)).toEqual(['presumed-spending']);
  });
});

const stepOf = (id: string, what: LoggedStep['what'], at: number, change: Partial<LoggedStep> = {}) =>
  ({ id, number: 1, at, actor: 'gateway desk', what, outcome: null, note: null, ...change }) as LoggedStep;

describe('what became of escalations', () => {
  it('is counted by outcome, and waiting is measured to the answer of a person alone', () => {
    const answered = (id: string, outcome: LoggedStep['outcome'], seconds: number) => [
      stepOf(id, 'queued', 0),
      stepOf(id, 'resolved', seconds * 1000, { outcome, actor: 'token rev' }),
    ];
    const steps = new Map([
      ['a', answered('a', 'approved', 10)],
      ['b', answered('b', 'denied', 30)],
      ['c', answered('c', 'denied', 50)],
      ['d', [stepOf('d', 'queued', 0), stepOf('d', 'resolved', 1, { outcome: 'expired', actor: 'control plane' })]],
      ['e', [stepOf('e', 'queued', 0)]],
    ]);
    const asked = { gateway: 'desk', policy: 'safety-filter', reasonCode: 'safety.detected' };
    const told = oversightOf(steps, new Map([['a', asked]]));
    expect(told).toMatchObject({ queued: 5, approved: 1, denied: 2, expired: 1, open: 1, medianSeconds: 30 });
    expect(told.escalations.map(({ gateway, by }) => [gateway, by])).toEqual([
      ['desk', 'token rev'],
      ...[
        [null, 'token rev'],
        [null, 'token rev'],
      ],
      ...[
        [null, 'control plane'],
        [null, null],
      ],
    ]);
  });
});
