import type { SettleRequest } from '../../src/core/model/index.ts';
import type { KeptLine } from '../core/index.ts';
import type { Answered, ControlPlane } from './control.ts';
import type { EscalationBook } from './escalation-book.ts';
import type { Journal } from './journal.ts';
import type { Log } from './log.ts';
import type { CursorFile } from './state.ts';
import type { SliceBook, WalletDesk } from './wallets.ts';

// Delivers the journal to the control plane, which books what the decisions in it settled; then slices that are spent are
// given back, and what is no longer needed is deleted. All is idempotent there: a lost answer or cursor only repeats work.

export interface Shipping {
  /** Tells that the journal has grown; a delivery follows shortly. */
  nudge(): void;
  /** Delivers everything that is durable now, or gives up when the control plane is away. For a clean stop and for tests. */
  drain(): Promise<boolean>;
  readonly counters: { events: number; failures: number };
  stop(): void;
}

export interface ShippingOptions {
  readonly journal: Journal;
  readonly control: Pick<ControlPlane, 'post'>;
  readonly desk: WalletDesk;
  readonly book: SliceBook;
  /** Questions to people that are in the journal. */
  readonly questions: Pick<EscalationBook, 'oldestOpen'>;
  readonly cursors: CursorFile;
  readonly checkpoint: () => Promise<void>;
  readonly log: Log;
  /** Through which line others have what they need of the journal; without it there are no others. */
  readonly floor?: () => number;
  /** Lines gather this long before they are delivered: a delivery costs a signature and a transaction, however many it has. */
  readonly gatherMs?: number;
}

/**
 * One signature, one transaction there. Both are below the limits there: 4,000 lines and 4 MiB, of which a UTF-16 unit, which
 * is what is counted here, takes at most three bytes.
 */
const BATCH_LINES = 2000;
const BATCH_BYTES = 1 << 20;
/** Delivered lines that stay in memory for others. */
const NEAR_LINES = 4000;
const MAX_PAUSE_MS = 30_000;

const everything = (): number => Number.POSITIVE_INFINITY;

export function createShipping(options: ShippingOptions): Shipping {
  const { journal, control, desk, book, cursors, log, gatherMs = 500, floor = everything } = options;
  const counters = { events: 0, failures: 0 };
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

  /** Through what was durable at the call: what comes in meanwhile gathers for the next delivery. */
  const shipEvents = async (): Promise<boolean> => {
    const target = journal.head().sequence;
    for (;;) {
      const { shipped } = cursors.read();
      if (shipped >= target) return true;
      const lines = journal.after(shipped, BATCH_LINES, BATCH_BYTES);
      const last = lines.at(-1);
      if (last === undefined) return true;
      const answered = await post('/api/v1/gateway/events', eventsBody(lines));
      if (answered.kind !== 'ok') return false;
      counters.events += lines.length;
      cursors.write({ shipped: last.sequence });
    }
  };

  const giveBack = async (closed: readonly string[]): Promise<boolean> => {
    if (closed.length === 0) return true;
    const body: SettleRequest = { settlements: [], closed, keeps: desk.keptSlices() };
    if ((await post('/api/v1/gateway/wallets/settle', JSON.stringify(body))).kind !== 'ok') return false;
    desk.forget(closed);
    return true;
  };

  /** Deletes what everybody has: never a line that is not delivered, nor an intent that still waits for its decision. */
  const discard = async (): Promise<void> => {
    const oldest = Math.min(
      book.oldestOpen() ?? Number.POSITIVE_INFINITY,
      options.questions.oldestOpen() ?? Number.POSITIVE_INFINITY,
    );
    const through = Math.min(cursors.read().shipped, oldest - 1, journal.head().sequence, floor());
    await options.checkpoint();
    journal.discardThrough(through);
  };

  const work = async (): Promise<boolean> => {
    const before = cursors.read();
    // Asked first: whatever was settled of these slices is in the journal by now, and delivered before they are closed.
    const closed = desk.spentSlices();
    const done = (await shipEvents()) && (await giveBack(closed));
    const { shipped } = cursors.read();
    // Others are a little behind as a rule; who is far behind reads from disk.
    journal.forgetThrough(Math.min(shipped, Math.max(floor(), shipped - NEAR_LINES)));
    if (shipped >> 13 !== before.shipped >> 13) await discard();
    return done;
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
        const isBehind = journal.head().sequence > cursors.read().shipped;
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
