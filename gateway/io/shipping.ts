import { codes, type FindingCode, type SettleRequest } from '../../src/core/model/index.ts';
import { type ChainHead, isSameLine, type KeptLine, lineBefore, readHead } from '../core/index.ts';
import type { Answered, ControlPlane } from './control.ts';
import type { EscalationBook } from './escalation-book.ts';
import { GatewayFailure } from './failure.ts';
import type { Journal } from './journal.ts';
import type { Log } from './log.ts';
import { unreadable } from './segments.ts';
import type { ShippedCursor } from './state.ts';
import type { SliceBook, WalletDesk } from './wallets.ts';

// Delivers the journal to the control plane, which books what the decisions in it settled; then slices that are spent are
// given back, and what is no longer needed is deleted. All is idempotent there: a lost answer or cursor only repeats work.
// A control plane that has less than it said, because its store was put back from a backup, gets the lines again.

/** Why lines do not reach a control plane that answers; nothing of it passes before a person has looked. */
export type Trouble = Extract<FindingCode, 'GATEWAY_JOURNAL_BROKEN' | 'GATEWAY_EVIDENCE_REFUSED'>;

export interface Shipping {
  /** Tells that the journal has grown; a delivery follows shortly. */
  nudge(): void;
  /** Delivers everything that is durable now, or gives up when the control plane is away. For a clean stop and for tests. */
  drain(): Promise<boolean>;
  /** Null again as soon as everything is delivered. */
  trouble(): Trouble | null;
  /** Durable lines that the control plane does not have. */
  unshipped(): number;
  readonly counters: { events: number; failures: number; rewinds: number };
  stop(): void;
}

export interface ShippingOptions {
  readonly journal: Journal;
  readonly control: Pick<ControlPlane, 'post'>;
  readonly desk: WalletDesk;
  readonly book: SliceBook;
  /** Questions to people that are in the journal. */
  readonly questions: Pick<EscalationBook, 'oldestOpen'>;
  readonly cursor: ShippedCursor;
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

const EVENTS = '/api/v1/gateway/events';
const SETTLE = '/api/v1/gateway/wallets/settle';

const everything = (): number => Number.POSITIVE_INFINITY;

export function createShipping(options: ShippingOptions): Shipping {
  const { journal, control, desk, book, cursor, log, gatherMs = 500, floor = everything } = options;
  const counters = { events: 0, failures: 0, rewinds: 0 };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<boolean> | undefined;
  /** Something came up while a delivery was under way, which may have looked already. */
  let isNudged = false;
  let failures = 0;
  let stopped = false;
  let trouble: Trouble | null = null;

  const failed = (path: string, why: string): void => {
    counters.failures += 1;
    log.warn('delivery failed', { path, why });
  };
  /** Said once, however often it is tried. */
  const stuck = (code: Trouble, why: string): void => {
    counters.failures += 1;
    if (trouble !== code) log.warn('evidence cannot be delivered', { code, why, fix: codes[code].fix });
    trouble = code;
  };

  /** Takes the cursor back to where the control plane is, if that is a line of ours and what follows it is still here. */
  const rewind = (at: ChainHead, refused: Answered & { readonly kind: 'refused' }): boolean => {
    const end = endOf(refused.details);
    const [next] = end === undefined || end.sequence >= at.sequence ? [] : journal.after(end.sequence, 1);
    if (end === undefined || next === undefined || !isSameLine(lineBefore(next), end)) return false;
    log.warn('the control plane has less than it said; it gets the rest again', {
      said: at.sequence,
      has: end.sequence,
    });
    counters.rewinds += 1;
    cursor.write(end);
    return true;
  };

  /** Delivers a batch; the cursor is moved on, or back, or stays where it was. */
  const deliver = async (lines: readonly KeptLine[], at: ChainHead): Promise<'on' | 'back' | 'failed'> => {
    const last = lines.at(-1);
    if (last === undefined) throw unreadable(at.sequence + 1);
    const answered = await control.post(EVENTS, eventsBody(lines));
    if (answered.kind === 'ok' && throughOf(answered.body) === last.sequence) {
      counters.events += lines.length;
      cursor.write({ sequence: last.sequence, hash: last.hash });
      return 'on';
    }
    if (answered.kind !== 'refused' || answered.code !== 'EVENT_CHAIN_BROKEN') {
      failed(EVENTS, answered.kind === 'ok' ? 'the answer does not say that the lines are stored' : whyOf(answered));
      return 'failed';
    }
    if (rewind(at, answered)) return 'back';
    stuck('GATEWAY_EVIDENCE_REFUSED', `${answered.code} after line ${at.sequence}`);
    return 'failed';
  };

  /** Through `target`, which is durable: what comes in meanwhile gathers for the next delivery. */
  const shipEvents = async (target: ChainHead): Promise<boolean> => {
    let isBack = false;
    for (let at = cursor.read(); at.sequence < target.sequence; at = cursor.read()) {
      const most = Math.min(BATCH_LINES, target.sequence - at.sequence);
      const outcome = await deliver(journal.after(at.sequence, most, BATCH_BYTES), at);
      // Once in a delivery: who goes back again and again is asked again later.
      if (outcome === 'failed' || (outcome === 'back' && isBack)) return false;
      isBack ||= outcome === 'back';
    }
    if (!isSameLine(cursor.read(), target)) throw unreadable(cursor.read().sequence);
    trouble = null;
    return true;
  };

  const giveBack = async (closed: readonly string[]): Promise<boolean> => {
    if (closed.length === 0) return true;
    const body: SettleRequest = { settlements: [], closed, keeps: desk.keptSlices() };
    const answered = await control.post(SETTLE, JSON.stringify(body));
    if (answered.kind !== 'ok') {
      failed(SETTLE, whyOf(answered));
      return false;
    }
    desk.forget(closed);
    return true;
  };

  /** Deletes what everybody has: never a line that is not delivered, nor an intent that still waits for its decision. */
  const discard = async (): Promise<void> => {
    const oldest = Math.min(
      book.oldestOpen() ?? Number.POSITIVE_INFINITY,
      options.questions.oldestOpen() ?? Number.POSITIVE_INFINITY,
    );
    const through = Math.min(cursor.read().sequence, oldest - 1, journal.head().sequence, floor());
    await options.checkpoint();
    journal.discardThrough(through);
  };

  const work = async (): Promise<boolean> => {
    isNudged = false;
    const before = cursor.read().sequence;
    // Asked first: whatever was settled of these slices is in the journal by now, and delivered before they are closed.
    const closed = desk.spentSlices();
    const done = (await shipEvents(journal.head())) && (await giveBack(closed));
    const shipped = cursor.read().sequence;
    // Others are a little behind as a rule; who is far behind reads from disk.
    journal.forgetThrough(Math.min(shipped, Math.max(floor(), shipped - NEAR_LINES)));
    if (shipped >> 13 !== before >> 13) await discard();
    return done;
  };

  const brokeOff = (error: unknown): false => {
    if (error instanceof GatewayFailure && error.code === 'GATEWAY_JOURNAL_BROKEN') stuck(error.code, error.message);
    else log.warn('delivery broke off', { why: error instanceof Error ? error.message : String(error) });
    return false;
  };

  const run = (): Promise<boolean> => {
    running ??= work()
      .catch(brokeOff)
      .then((ok) => {
        running = undefined;
        failures = ok ? 0 : failures + 1;
        const isBehind = !isSameLine(journal.head(), cursor.read());
        if (!ok || isBehind || isNudged)
          later(ok ? gatherMs : Math.min(MAX_PAUSE_MS, 500 * 2 ** Math.min(failures, 10)));
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
    trouble: () => trouble,
    unshipped: () => journal.head().sequence - cursor.read().sequence,
    nudge: () => {
      isNudged = true;
      if (running === undefined) later(gatherMs);
    },
    async drain() {
      if (running !== undefined) await running;
      return run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      cursor.flush();
    },
  };
}

/** The lines as the journal has them: the exact texts that were hashed. */
function eventsBody(lines: readonly KeptLine[]): string {
  let body = '';
  for (const { text } of lines) body += `${text}\n`;
  return body;
}

/** Through which line an answer says that lines are stored: no other answer is believed, whatever its status. */
function throughOf(body: unknown): number | undefined {
  const { through } = (body ?? {}) as { readonly through?: unknown };
  return typeof through === 'number' ? through : undefined;
}

/** Where a refusal says that the stored journal ends. */
function endOf(details: unknown): ChainHead | undefined {
  const end = details as { readonly through?: unknown; readonly hash?: unknown } | null | undefined;
  return readHead(end?.through, end?.hash);
}

function whyOf(answered: Exclude<Answered, { readonly kind: 'ok' }>): string {
  return answered.kind === 'away' ? answered.detail : `${answered.status} ${answered.code}`;
}
