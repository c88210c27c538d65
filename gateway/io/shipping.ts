import type { Settlement } from '../../src/core/model/index.ts';
import type { KeptLine } from '../core/index.ts';
import type { Answered, ControlPlane } from './control.ts';
import type { Journal } from './journal.ts';
import type { Log } from './log.ts';
import type { CursorFile } from './state.ts';
import type { SliceBook, WalletDesk } from './wallets.ts';

// Delivers the journal to the control plane: events in order, settlements in batches, then what is delivered and no
// longer needed is deleted. Both are idempotent there, so a lost answer or cursor only repeats work.

export interface Shipping {
  /** Tells that the journal has grown; a delivery follows shortly. */
  nudge(): void;
  /** Delivers everything that is durable now, or gives up when the control plane is away. For a clean stop and for tests. */
  drain(): Promise<boolean>;
  readonly counters: { events: number; settlements: number; failures: number };
  stop(): void;
}

export interface ShippingOptions {
  readonly journal: Journal;
  readonly control: Pick<ControlPlane, 'post'>;
  readonly desk: WalletDesk;
  readonly book: SliceBook;
  readonly cursors: CursorFile;
  readonly checkpoint: () => Promise<void>;
  readonly log: Log;
  /** Lines gather this long before they are delivered: a delivery costs a signature and a transaction, however many it has. */
  readonly gatherMs?: number;
}

/**
 * One signature, one transaction there. Both are below the limits there: 4,000 lines and 4 MiB, of which a UTF-16 unit, which
 * is what is counted here, takes at most three bytes.
 */
const BATCH_LINES = 2000;
const BATCH_BYTES = 1 << 20;
const MAX_PAUSE_MS = 30_000;

export function createShipping(options: ShippingOptions): Shipping {
  const { journal, control, desk, book, cursors, log, gatherMs = 500 } = options;
  const counters = { events: 0, settlements: 0, failures: 0 };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<boolean> | undefined;
  let failures = 0;
  let stopped = false;

  const post = async (path: string, body: string): Promise<Answered> => {
    const answered = await control.post(path, body);
    if (answered.kind !== 'ok') {
      counters.failures += 1;
      log.warn('delivery failed', {
        path,
        why: answered.kind === 'away' ? answered.detail : `${answered.status} ${answered.code}`,
      });
    }
    return answered;
  };

  const shipEvents = async (): Promise<boolean> => {
    for (;;) {
      const { shipped } = cursors.read();
      const lines = journal.after(shipped, BATCH_LINES, BATCH_BYTES);
      const last = lines.at(-1);
      if (last === undefined) return true;
      const answered = await post('/api/v1/gateway/events', eventsBody(lines));
      if (answered.kind !== 'ok') return false;
      counters.events += lines.length;
      cursors.write({ ...cursors.read(), shipped: last.sequence });
    }
  };

  const shipSettlements = async (): Promise<boolean> => {
    const target = journal.head().sequence;
    const closed = desk.spentSlices();
    for (;;) {
      const { settled } = cursors.read();
      const lines = journal.after(settled, BATCH_LINES, BATCH_BYTES).filter((line) => line.sequence <= target);
      const through = lines.at(-1)?.sequence ?? settled;
      const isLast = through >= target;
      const settlements = lines.flatMap((line) => line.settlements);
      const giveBack = isLast ? closed : [];
      if (settlements.length > 0 || giveBack.length > 0) {
        if (!(await deliver(settlements, giveBack))) return false;
      }
      if (through > settled) cursors.write({ ...cursors.read(), settled: through });
      if (giveBack.length > 0) desk.forget(giveBack);
      if (isLast) return true;
    }
  };

  const deliver = async (settlements: readonly Settlement[], closed: readonly string[]): Promise<boolean> => {
    for (let from = 0; from === 0 || from < settlements.length; from += BATCH_LINES) {
      const part = settlements.slice(from, from + BATCH_LINES);
      const isLast = from + BATCH_LINES >= settlements.length;
      const body = JSON.stringify({ settlements: part, closed: isLast ? closed : [] });
      if ((await post('/api/v1/gateway/wallets/settle', body)).kind !== 'ok') return false;
      counters.settlements += part.length;
    }
    return true;
  };

  /** Deletes what everybody has: never a line that is not delivered, nor an intent that still waits for its decision. */
  const discard = async (): Promise<void> => {
    const { shipped, settled } = cursors.read();
    const oldest = book.oldestOpen() ?? Number.POSITIVE_INFINITY;
    const through = Math.min(shipped, settled, oldest - 1, journal.head().sequence);
    await options.checkpoint();
    journal.discardThrough(through);
  };

  const work = async (): Promise<boolean> => {
    const before = cursors.read();
    const events = await shipEvents();
    const settlements = await shipSettlements();
    const { shipped, settled } = cursors.read();
    journal.forgetThrough(Math.min(shipped, settled));
    if (cursors.read().shipped >> 13 !== before.shipped >> 13) await discard();
    return events && settlements;
  };

  const run = (): Promise<boolean> => {
    running ??= work()
      .catch((error: unknown) => {
        log.warn('delivery broke off', { why: error instanceof Error ? error.message : String(error) });
        return false;
      })
      .then((ok) => {
        running = undefined;
        failures = ok ? 0 : failures + 1;
        const isBehind = journal.head().sequence > cursors.read().settled;
        if (!ok || isBehind) later(ok ? gatherMs : Math.min(MAX_PAUSE_MS, 500 * 2 ** Math.min(failures, 10)));
        return ok;
      });
    return running;
  };

  const later = (ms: number): void => {
    if (stopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void run();
    }, ms);
    timer.unref();
  };

  return {
    counters,
    nudge: () => {
      if (running === undefined) later(gatherMs);
    },
    async drain() {
      if (running !== undefined) await running;
      return run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      cursors.flush();
    },
  };
}

/** The lines as the journal has them: the exact texts that were hashed. */
function eventsBody(lines: readonly KeptLine[]): string {
  let body = '';
  for (const { text } of lines) body += `${text}\n`;
  return body;
}
