import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../src/ports/index.ts';
import { faultsOfEvidence, replayed, spentBy } from './money.ts';
import type { StoredEvent } from './state.ts';

const ACCOUNTS: Readonly<Record<string, readonly [from: string, to: string]>> = {
  lease: ['available', 'leased'],
  settle: ['leased', 'spent'],
  release: ['leased', 'available'],
  excess: ['available', 'spent'],
};
const entry = (sequence: number, reason: string, amountMicros: number, period = 'one'): LedgerEntry => {
  const [from, to] = ACCOUNTS[reason] ?? [];
  return { sequence, reason, from, to, amountMicros, period } as LedgerEntry;
};
const LIMITS = [
  { sequence: 0, limitMicros: 100 },
  { sequence: 4, limitMicros: 50 },
];

describe('a ledger', () => {
  it('is replayed to its end', () => {
    const entries = [entry(1, 'lease', 60), entry(2, 'settle', 20), entry(3, 'release', 40), entry(4, 'lease', 30)];
    expect(replayed(entries, LIMITS)).toEqual({ end: { leasedMicros: 30, spentMicros: 20 }, faults: [] });
  });

  it('has the limit anew in each period', () => {
    const entries = [entry(1, 'lease', 90), entry(2, 'settle', 90), entry(3, 'lease', 80, 'two')];
    expect(replayed(entries, LIMITS)).toEqual({ end: { leasedMicros: 80, spentMicros: 90 }, faults: [] });
  });

  it('tells a grant above the limit in force, an excess, and what comes back twice', () => {
    const entries = [entry(1, 'lease', 60), entry(4, 'lease', 10), entry(5, 'excess', 7), entry(6, 'release', 80)];
    expect(replayed(entries, LIMITS).faults).toEqual([
      'entry 4 grants up to 70 of 50 micro-units',
      'entry 5 books an excess of 7',
      'entry 6 gives back more than was leased',
    ]);
  });
});

const row = (event: object): StoredEvent => ({ event }) as StoredEvent;
const intent = (requestId: string): StoredEvent => row({ type: 'intent', requestId, wallets: [{}] });
const decision = (requestId: string, wallets: readonly object[]): StoredEvent =>
  row({ type: 'decision', requestId, wallets });
const settled = { settledMicros: 5 };

describe('evidence', () => {
  it('that is whole has no fault', () => {
    const rows = [intent('a'), decision('a', [settled]), decision('b', [])];
    expect(faultsOfEvidence(rows, { sent: ['a'], answered: ['a'] })).toEqual([]);
    expect(spentBy([...rows, decision('c', [{ settledMicros: 1, excessMicros: 2 }])])).toBe(8);
  });

  it.each([
    [
      'an upstream got what nobody intended',
      [],
      { sent: ['a'], answered: [] },
      '1 requests at the upstream have no intent, first a',
    ],
    ['an answer was not decided', [], { sent: [], answered: ['a'] }, '1 answers have no decision, first a'],
    ['an intent stays open', [intent('a')], { sent: [], answered: [] }, '1 intents have no decision, first a'],
    [
      'a decision comes twice',
      [intent('a'), decision('a', [settled]), decision('a', [settled])],
      { sent: [], answered: [] },
      'a has 2 decisions',
    ],
    [
      'a hold never ended',
      [intent('a'), decision('a', [])],
      { sent: [], answered: [] },
      'a held 1 times and ended 0 holds',
    ],
  ])('tells that %s', (_what, rows, told, fault) => {
    expect(faultsOfEvidence(rows, told)).toEqual([fault]);
  });
});
