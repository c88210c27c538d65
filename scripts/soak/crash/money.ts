// What must be true of money and evidence whoever was killed: pure checks over ledger, events and what an upstream got.

import type { LedgerEntry } from '../../../src/ports/index.ts';
import type { StoredEvent } from './state.ts';

export interface Account {
  readonly leasedMicros: number;
  readonly spentMicros: number;
}

const NOTHING: Account = { leasedMicros: 0, spentMicros: 0 };

/** A limit, in force for what is granted from this entry of the ledger on. */
export interface LimitFrom {
  readonly sequence: number;
  readonly limitMicros: number;
}

const moved = ({ from, to, amountMicros }: LedgerEntry, account: LedgerEntry['from']): number =>
  (to === account ? amountMicros : 0) - (from === account ? amountMicros : 0);

/** Replays one wallet's ledger; gives its end over all periods and each grant above the limit that was in force. `limits` in order. */
export const replayed = (
  entries: readonly LedgerEntry[],
  limits: readonly LimitFrom[],
): { readonly end: Account; readonly faults: readonly string[] } => {
  const periods = new Map<string, Account>();
  const faults: string[] = [];
  for (const entry of entries) {
    const before = periods.get(entry.period) ?? NOTHING;
    const end = {
      leasedMicros: before.leasedMicros + moved(entry, 'leased'),
      spentMicros: before.spentMicros + moved(entry, 'spent'),
    };
    periods.set(entry.period, end);
    const limit = limits.findLast(({ sequence }) => sequence <= entry.sequence)?.limitMicros ?? 0;
    const taken = end.leasedMicros + end.spentMicros;
    if (entry.reason === 'lease' && taken > limit)
      faults.push(`entry ${entry.sequence} grants up to ${taken} of ${limit} micro-units`);
    if (entry.reason === 'excess') faults.push(`entry ${entry.sequence} books an excess of ${entry.amountMicros}`);
    if (end.leasedMicros < 0) faults.push(`entry ${entry.sequence} gives back more than was leased`);
  }
  const end = [...periods.values()].reduce(
    (sum, { leasedMicros, spentMicros }) => ({
      leasedMicros: sum.leasedMicros + leasedMicros,
      spentMicros: sum.spentMicros + spentMicros,
    }),
    NOTHING,
  );
  return { end, faults };
};

export interface Told {
  /** Request ids as an upstream got them. */
  readonly sent: readonly string[];
  /** Request ids of whole answers with status 200. */
  readonly answered: readonly string[];
}

/** What is wrong with the evidence; what is only missing may still come. */
export const faultsOfEvidence = (rows: readonly StoredEvent[], told: Told): readonly string[] => {
  const holds = new Map<string, number>();
  const decided = new Map<string, number>();
  const faults: string[] = [];
  for (const { event } of rows)
    if (event.type === 'intent') holds.set(event.requestId, (holds.get(event.requestId) ?? 0) + event.wallets.length);
  for (const { event } of rows) {
    if (event.type !== 'decision') continue;
    decided.set(event.requestId, (decided.get(event.requestId) ?? 0) + 1);
    const held = holds.get(event.requestId) ?? 0;
    if (event.wallets.length !== held)
      faults.push(`${event.requestId} held ${held} times and ended ${event.wallets.length} holds`);
  }
  const twice = [...decided].filter(([, times]) => times > 1);
  const missing = (what: string, ids: Iterable<string>, among: ReadonlyMap<string, number>): readonly string[] => {
    const lost = [...ids].filter((id) => !among.has(id));
    return lost.length === 0 ? [] : [`${lost.length} ${what}, first ${lost[0]}`];
  };
  return [
    ...faults,
    ...twice.map(([id, times]) => `${id} has ${times} decisions`),
    ...missing('requests at the upstream have no intent', told.sent, holds),
    ...missing('answers have no decision', told.answered, decided),
    ...missing('intents have no decision', holds.keys(), decided),
  ];
};

/** What decisions say was spent. */
export const spentBy = (rows: readonly StoredEvent[]): number =>
  rows
    .flatMap(({ event }) => (event.type === 'decision' ? event.wallets : []))
    .reduce((sum, { settledMicros, excessMicros = 0 }) => sum + settledMicros + excessMicros, 0);
