import type { Target } from '../../src/core/policy/index.ts';
import { LONGEST_ANSWER_MS } from '../../src/core/wallet/index.ts';
import type { UpstreamAnswer } from './answer.ts';
import { type Exchange, payers } from './exchange.ts';
import { SILENCE_MS } from './pools.ts';
import type { Service } from './service.ts';

// What wallets pay for ends before the slices expire that it is held of: else they would count as spent under a running answer.

/** How often the clock is looked at, which goes on while the machine sleeps, and may be set. */
const LOOK_MS = 1000;

/** The target as a request that is paid for asks it: no silence is awaited beyond what its answer may still take. */
export function withinDeadline(service: Service, exchange: Exchange, target: Target): Target {
  if (service.desk === null || payers(exchange).length === 0) return target;
  const { answerByMs } = exchange;
  const leftMs = answerByMs === null ? LONGEST_ANSWER_MS : Math.max(1, answerByMs - service.nowMs());
  const within = (ms: number | null): number | null => ((ms ?? SILENCE_MS) > leftMs ? leftMs : ms);
  const { answer, stream } = target.idleTimeoutMs;
  return { ...target, idleTimeoutMs: { answer: within(answer), stream: within(stream) } };
}

/** Cuts an answer off that takes longer than it may, as long as money is held for it; gives what ends the watch. */
export function watchDeadline(service: Service, exchange: Exchange, answer: UpstreamAnswer): () => void {
  const { answerByMs } = exchange;
  if (answerByMs === null) return () => {};
  // By a clock of its own too: the other may be set back.
  const endsAt = performance.now() + answerByMs - service.nowMs();
  const timer = setInterval(() => {
    if (exchange.held === null) clearInterval(timer);
    else if (service.nowMs() >= answerByMs || performance.now() >= endsAt) answer.cutOff();
  }, LOOK_MS).unref();
  return () => clearInterval(timer);
}
