import { isAboutRequest } from '../core/index.ts';
import { decide, type Exchange } from './exchange.ts';
import { Refused } from './refused.ts';
import type { Service } from './service.ts';

/** Refusals that say nothing about what was asked are counted, not written; a journal that is full is not written to. */
const UNRECORDED = new Set(['journal_unavailable', 'concurrency_exceeded', 'rate_limited', 'draining']);

/** Does the work; a refusal that it ends with is written as the decision of the request, unless it has one, and thrown on. */
export async function recorded(service: Service, exchange: Exchange, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Refused) await recordRefusal(service, exchange, error);
    throw error;
  }
}

async function recordRefusal(service: Service, exchange: Exchange, { refusal }: Refused): Promise<void> {
  if (exchange.isDecided) return;
  // What went to a provider, or to the service of a policy, is written however it ended: its intents wait for a decision.
  if (UNRECORDED.has(refusal.code) && exchange.attempts === 0) return;
  if (exchange.verdict !== 'block' && exchange.verdict !== 'escalate') {
    exchange.verdict = isAboutRequest(refusal) ? 'block' : exchange.verdict;
    exchange.reasonCode ??= `gateway.${refusal.code}`;
  }
  await decide(service, exchange, {
    status: refusal.status,
    usage: exchange.held === null ? exchange.usage : (exchange.known ?? 'unknown'),
  });
}
