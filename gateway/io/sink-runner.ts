import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeptLine } from '../core/index.ts';
import { GatewayFailure } from './failure.ts';
import type { Log } from './log.ts';
import { unreadable } from './segments.ts';

// Delivers lines of the evidence to one receiver, in order, at least once: the cursor moves when a batch was taken. Nothing
// waits for it, and it keeps nothing: it reads the lines where they are. What is discarded there before it was delivered is
// counted as lost.

/** Where lines are read: the journal, or the last lines of a gateway that keeps none. */
export interface LineSource {
  head(): { readonly sequence: number };
  /** None only where there are none. Throws GATEWAY_JOURNAL_BROKEN where they cannot be read. */
  after(sequence: number, limit: number, maxBytes?: number): readonly KeptLine[];
}

/**
 * What became of a batch: taken, but for the parts of it that the receiver says it rejected; not now; or never, because of what
 * it is. `why` holds no words of the receiver.
 */
export type Delivery =
  | { readonly kind: 'done'; readonly rejected?: number }
  | { readonly kind: 'again'; readonly why: string }
  | { readonly kind: 'refused'; readonly why: string };

/** A receiver of one kind. */
export interface SinkDriver {
  /** A label of metrics and logs: no address, no secret. */
  readonly name: string;
  deliver(lines: readonly KeptLine[]): Promise<Delivery>;
  close(): Promise<void>;
}

/** Through which line a receiver has everything. */
export interface SinkCursor {
  read(): number;
  write(sequence: number): void;
  /** Writes what is not on disk yet; nothing follows it. */
  flush(): void;
}

export interface SinkCounters {
  delivered: number;
  failures: number;
  lost: number;
}

export interface Sink {
  readonly name: string;
  readonly counters: SinkCounters;
  /** Lines that it does not have yet. */
  pending(): number;
  cursor(): number;
  /** Tells that there are more lines; a delivery follows shortly. */
  nudge(): void;
  /** Delivers what is there now, or gives up at the first failure. For a clean stop and for tests. */
  drain(): Promise<boolean>;
  stop(): Promise<void>;
}

export interface SinkOptions {
  readonly driver: SinkDriver;
  readonly source: LineSource;
  readonly cursor: SinkCursor;
  readonly log: Log;
  /** Lines gather this long before they are delivered. */
  readonly gatherMs?: number;
  /** The wait after the first failure; it doubles with each, up to half a minute. */
  readonly retryMs?: number;
}

const BATCH_LINES = 500;
const BATCH_BYTES = 1 << 18;
const MAX_PAUSE_MS = 30_000;
/** A batch that is refused for what it is is given up after so many tries: it would hold up all that follow. */
const MOST_REFUSALS = 3;

/** Makes the runner of one receiver; it begins when it is nudged. */
export function createSink(options: SinkOptions): Sink {
  const { driver, source, cursor, log, gatherMs = 500, retryMs = 500 } = options;
  const counters: SinkCounters = { delivered: 0, failures: 0, lost: 0 };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<boolean> | undefined;
  let failures = 0;
  let refusals = 0;
  /** Said once, however often it is tried. */
  let unreadAt: number | null = null;
  let isStopped = false;

  const lose = (lines: number, why: string): void => {
    counters.lost += lines;
    log.warn('a sink lost lines', { sink: driver.name, lines, why });
  };

  /** True: the batch is behind us, taken or given up. */
  const deliver = async (lines: readonly KeptLine[]): Promise<boolean> => {
    const result = await driver.deliver(lines);
    if (result.kind === 'done') {
      counters.delivered += lines.length;
      if (result.rejected !== undefined) lose(result.rejected, 'rejected by the receiver');
    } else {
      counters.failures += 1;
      log.warn('a sink did not take a batch', { sink: driver.name, why: result.why });
    }
    if (result.kind === 'again') return false;
    refusals = result.kind === 'refused' ? refusals + 1 : 0;
    if (refusals > 0 && refusals < MOST_REFUSALS) return false;
    if (refusals > 0) lose(lines.length, result.kind === 'refused' ? result.why : '');
    refusals = 0;
    return true;
  };

  const work = async (): Promise<boolean> => {
    const target = source.head().sequence;
    while (!isStopped && cursor.read() < target) {
      const lines = source.after(cursor.read(), BATCH_LINES, BATCH_BYTES);
      const [first] = lines;
      if (first === undefined) throw unreadable(cursor.read() + 1);
      const gap = first.sequence - cursor.read() - 1;
      if (gap > 0) {
        lose(gap, 'discarded before they were delivered');
        cursor.write(first.sequence - 1);
      }
      if (!(await deliver(lines))) return false;
      // Lines of a journal follow one another.
      cursor.write(first.sequence + lines.length - 1);
      // Of a batch that needs no request nothing waits for anybody: requests have their turn before the next.
      await nextTurn();
    }
    return true;
  };

  /** What cannot be read is not skipped: it is known to be missing, and nobody has said that it may be. */
  const brokeOff = (error: unknown): false => {
    counters.failures += 1;
    const isDamage = error instanceof GatewayFailure;
    const why = isDamage ? error.code : error instanceof Error ? error.name : 'unknown';
    if (!isDamage || unreadAt !== cursor.read()) log.warn('a sink broke off', { sink: driver.name, why });
    unreadAt = isDamage ? cursor.read() : null;
    return false;
  };

  const run = (): Promise<boolean> => {
    running ??= work()
      .catch(brokeOff)
      .then((ok) => {
        running = undefined;
        failures = ok ? 0 : failures + 1;
        const isBehind = source.head().sequence > cursor.read();
        if (isBehind) later(ok ? gatherMs : Math.min(MAX_PAUSE_MS, retryMs * 2 ** Math.min(failures - 1, 10)));
        return ok;
      });
    return running;
  };

  const later = (ms: number): void => {
    if (isStopped || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      void run();
    }, ms);
    timer.unref();
  };

  return {
    name: driver.name,
    counters,
    pending: () => Math.max(0, source.head().sequence - cursor.read()),
    cursor: () => cursor.read(),
    nudge: () => {
      if (running === undefined) later(gatherMs);
    },
    async drain() {
      if (running !== undefined) await running;
      return run();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await running;
      cursor.flush();
      await driver.close();
    },
  };
}
