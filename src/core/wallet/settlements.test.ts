import { describe, expect, test } from 'vitest';
import type { DecisionEvent, Sha256Hex, WalletEntry } from '../model/index.ts';
import { boundedSettlement, MOST_SETTLED_MICROS, settlementsOf } from './settlements.ts';

const entry = (sliceId: string | undefined, settledMicros: number, excessMicros?: number): WalletEntry => ({
  ...{ wallet: 'team', period: 'p', currency: 'EUR', heldMicros: 100, settledMicros },
  ...(sliceId === undefined ? {} : { sliceId }),
  ...(excessMicros === undefined ? {} : { excessMicros }),
});

const decision = (wallets: readonly WalletEntry[]): DecisionEvent => ({
  ...{ type: 'decision', id: 'evt1', at: 7, requestId: 'req1', token: null, team: null, route: '/', target: null },
  ...{
    model: null,
    provider: null,
    attempts: 0,
    status: 200,
    verdict: 'allow',
    reasonCode: null,
    stream: false,
    simulated: false,
  },
  ...{
    configVersion: '1',
    contentDigest: '0'.repeat(64) as Sha256Hex,
    generation: 1,
    commit: null,
    steps: [],
    wallets,
  },
  ...{ inputTokens: 3, outputTokens: 4, durationMs: 1 },
});

const shortly = (wallets: readonly WalletEntry[]): readonly string[] =>
  settlementsOf(decision(wallets)).map((item) => `${item.id} ${item.settledMicros} ${item.excessMicros}`);

describe('the settlements of a decision', () => {
  test('are one per slice, of what was spent of it', () => {
    const both = [entry('s1', 10), entry('s2', 5, 2), entry('s1', 1, 3)];
    expect(shortly(both)).toEqual(['evt1:s1 11 3', 'evt1:s2 5 2']);
    expect(settlementsOf(decision([entry('s1', 10)]))).toEqual([
      {
        ...{ id: 'evt1:s1', sliceId: 's1', requestId: 'req1', settledMicros: 10, excessMicros: 0 },
        ...{ model: 'unknown', inputTokens: 3, outputTokens: 4, at: 7 },
      },
    ]);
  });

  test('are none where nothing was spent, no slice paid, or nothing is decided yet', () => {
    expect(shortly([entry('s1', 0), entry(undefined, 10)])).toEqual([]);
    const intent = {
      type: 'intent',
      id: 'int1',
      at: 1,
      requestId: 'req1',
      target: 't',
      wallets: [entry('s1', 1)],
    } as const;
    expect(settlementsOf(intent)).toEqual([]);
  });
});

test.each([
  [MOST_SETTLED_MICROS - 1, 1, MOST_SETTLED_MICROS - 1, 1],
  [MOST_SETTLED_MICROS - 1, 2, MOST_SETTLED_MICROS - 1, 1],
  [MOST_SETTLED_MICROS + 1, 7, MOST_SETTLED_MICROS, 0],
  [5, Number.MAX_SAFE_INTEGER, 5, MOST_SETTLED_MICROS - 5],
  [1e300, 1e300, MOST_SETTLED_MICROS, 0],
])('of %d and an excess of %d, %d and %d are booked', (settledMicros, excessMicros, settled, excess) => {
  const booked = boundedSettlement({ settledMicros, excessMicros });
  expect(booked).toEqual({ settledMicros: settled, excessMicros: excess });
});
