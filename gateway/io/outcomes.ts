import type { EscalationAnswer } from '../../src/core/model/index.ts';
import type { Answered } from './control.ts';

// How questions to people end, asked of the control plane: a bounded number of long polls for however many wait.

/** How a question ended: by a reviewer or the queue's rule, because nobody answered in time, or with this gateway. */
export type Outcome = 'approved' | 'denied' | 'expired' | 'lost';

export interface Outcomes {
  /**
   * Asks about an escalation until it is decided, or `untilMs`, after which it is expired; from when `told` resolves, which
   * says that the control plane has heard of it.
   */
  watch(id: string, untilMs: number, told: Promise<unknown>): Watched;
}

export interface Watched {
  readonly outcome: Promise<Outcome>;
  /** Stops asking; the outcome is `lost`, unless it is known. */
  drop(): void;
}

export interface OutcomesOptions {
  /** GET of a path of the control plane, held back there until there is news, at most so many seconds. */
  readonly get: (path: string, waitSeconds: number) => Promise<Answered>;
  readonly nowMs: () => number;
  /** Between two questions where the first brought nothing and was not held back. */
  readonly pauseMs?: number;
}

/** Long polls at once. */
const POLLS = 16;
const LONG_SECONDS = 25;
const SHORT_SECONDS = 5;

interface Watching {
  readonly id: string;
  readonly untilMs: number;
  isOver: boolean;
  readonly end: (outcome: Outcome) => void;
}

export function createOutcomes({ get, nowMs, pauseMs = 500 }: OutcomesOptions): Outcomes {
  const queue: Watching[] = [];
  let polls = 0;

  /** The more wait, the shorter a poll is held back, so that each has its turn soon. */
  const waitSeconds = (): number => {
    const waiting = queue.length + polls;
    return waiting > POLLS ? 0 : waiting > POLLS / 2 ? SHORT_SECONDS : LONG_SECONDS;
  };
  const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, pauseMs).unref());

  const poll = async (): Promise<void> => {
    polls += 1;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      if (next.isOver) continue;
      const seconds = waitSeconds();
      const answered = await get(`/api/v1/gateway/escalations/${next.id}`, seconds);
      const outcome = outcomeOf(answered, next.id) ?? (nowMs() > next.untilMs ? 'expired' : null);
      if (outcome !== null) {
        next.end(outcome);
        continue;
      }
      if (seconds === 0 || answered.kind !== 'ok') await pause();
      queue.push(next);
    }
    polls -= 1;
  };

  return {
    watch(id, untilMs, told) {
      let resolve: (outcome: Outcome) => void = () => {};
      const outcome = new Promise<Outcome>((settle) => {
        resolve = settle;
      });
      const watching: Watching = {
        id,
        untilMs,
        isOver: false,
        end(how) {
          watching.isOver = true;
          resolve(how);
        },
      };
      void told.then(() => {
        queue.push(watching);
        if (polls < POLLS) void poll();
      });
      return { outcome, drop: () => watching.end('lost') };
    },
  };
}

/** What the control plane says, or null while it says nothing. Of an answer that is not understood nothing is believed. */
function outcomeOf(answered: Answered, id: string): Outcome | null {
  if (answered.kind !== 'ok' || typeof answered.body !== 'object' || answered.body === null) return null;
  const answer = answered.body as Partial<EscalationAnswer>;
  if (answer.id !== id || answer.state !== 'resolved') return null;
  if (answer.outcome === 'approved') return 'approved';
  return answer.reason === 'timeout' ? 'expired' : 'denied';
}
