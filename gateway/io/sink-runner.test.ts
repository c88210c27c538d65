import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { KeptLine } from '../core/index.ts';
import { makeTestHost } from './host.testkit.ts';
import { unreadable } from './segments.ts';
import { createSink, type Delivery, type Sink } from './sink-runner.ts';

// When a receiver is asked, by timers that the test turns.

const GATHER_MS = 500;
const RETRY_MS = 4000;

/** Lines that were written. */
let lines: KeptLine[];
let through: number;
/** Deliveries under way and past: their lines, and how to answer. */
let asked: {
  readonly sequences: readonly number[];
  readonly answer: (delivery: Delivery) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
}[];
let sink: Sink;
/** Of this line and those behind it nothing can be read; by an answer of none, or with the code of the journal. */
let damage: { readonly at: number; readonly isTold: boolean } | null;
let host: ReturnType<typeof makeTestHost>;

function linesAfter(sequence: number): readonly KeptLine[] {
  if (damage?.isTold && damage.at <= sequence + 1) throw unreadable(sequence + 1);
  return lines.slice(sequence, damage === null ? undefined : damage.at - 1);
}

beforeEach(() => {
  damage = null;
  host = makeTestHost();
  vi.useFakeTimers();
  lines = [];
  through = 0;
  asked = [];
  sink = createSink({
    driver: {
      name: 'test',
      deliver: (batch) =>
        new Promise((resolve, reject) => {
          const fail = async (error: Error): Promise<void> => {
            reject(error);
            await vi.advanceTimersByTimeAsync(0);
          };
          const answer = async (delivery: Delivery): Promise<void> => {
            resolve(delivery);
            await vi.advanceTimersByTimeAsync(0);
          };
          asked.push({ sequences: batch.map(({ sequence }) => sequence), answer, fail });
        }),
      close: () => Promise.resolve(),
    },
    source: { head: () => ({ sequence: lines.length }), after: linesAfter },
    cursor: {
      read: () => through,
      write(sequence) {
        through = sequence;
      },
      flush() {},
    },
    log: host.log,
    gatherMs: GATHER_MS,
    retryMs: RETRY_MS,
  });
});
afterEach(() => {
  vi.useRealTimers();
});

function write(): void {
  lines.push({ sequence: lines.length + 1 } as KeptLine);
  sink.nudge();
}
const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
const last = () => asked.at(-1) ?? expect.fail('expected a delivery');
const AGAIN: Delivery = { kind: 'again', why: 'busy' };

describe('a receiver', () => {
  test('is asked once for the lines that gather, by one timer', async () => {
    write();
    write();
    expect(vi.getTimerCount()).toBe(1);
    await pass(GATHER_MS - 1);
    expect(asked).toHaveLength(0);
    await pass(1);
    expect(asked.map(({ sequences }) => sequences)).toEqual([[1, 2]]);
  });

  test('gets what was written while it was asked, and nothing where nothing was', async () => {
    write();
    await pass(GATHER_MS);
    write();
    await last().answer({ kind: 'done' });
    await pass(GATHER_MS);
    expect(last().sequences).toEqual([2]);
    await last().answer({ kind: 'done' });
    expect([sink.cursor(), vi.getTimerCount(), asked.length]).toEqual([2, 0, 2]);
  });

  test('that fails is asked again after a wait that doubles, which no line that is written shortens', async () => {
    write();
    await pass(GATHER_MS);
    for (const waitMs of [RETRY_MS, 2 * RETRY_MS, 4 * RETRY_MS, 30_000, 30_000]) {
      const before = asked.length;
      write();
      await last().answer(AGAIN);
      write();
      await pass(waitMs - 1);
      expect(asked).toHaveLength(before);
      await pass(1);
      expect(asked).toHaveLength(before + 1);
    }
    await last().answer({ kind: 'done' });
    write();
    await pass(GATHER_MS);
    await last().answer(AGAIN);
    const before = asked.length;
    await pass(RETRY_MS);
    expect(asked).toHaveLength(before + 1);
  });

  test.each([true, false])(
    'has not everything while lines cannot be read: none is skipped, and it is said once (%s)',
    async (isTold) => {
      for (let line = 0; line < 4; line += 1) write();
      damage = { at: 3, isTold };
      const drained = sink.drain();
      await last().answer({ kind: 'done' });
      expect(await drained).toBe(false);
      expect(await sink.drain()).toBe(false);
      expect([sink.cursor(), sink.pending(), sink.counters]).toEqual([2, 2, { delivered: 2, failures: 2, lost: 0 }]);
      expect(host.logged.filter((line) => line.includes('GATEWAY_JOURNAL_BROKEN'))).toHaveLength(1);
      damage = null;
      await pass(2 * RETRY_MS);
      expect(last().sequences).toEqual([3, 4]);
    },
  );

  test('says each time what stopped it that is no damage, by its name and without its words', async () => {
    write();
    for (let time = 0; time < 2; time += 1) {
      const drained = sink.drain();
      await last().fail(new TypeError('with content'));
      expect(await drained).toBe(false);
    }
    const told = host.logged.filter((line) => line.includes('broke off'));
    expect(told).toHaveLength(2);
    for (const line of told) expect([line.includes('TypeError'), line.includes('content')]).toEqual([true, false]);
  });

  test('is not asked any more after a stop, though lines are left', async () => {
    write();
    await pass(GATHER_MS);
    const stopped = sink.stop();
    await last().answer(AGAIN);
    await stopped;
    expect(vi.getTimerCount()).toBe(0);
    write();
    expect([vi.getTimerCount(), asked.length]).toEqual([0, 1]);
  });
});
