import { callerText } from '../../src/core/model/index.ts';
import { type Bound, type clientAddress, createCounters, enter, judge, type Limit, refuse } from '../core/index.ts';
import type { Log } from './log.ts';
import { Refused } from './refused.ts';

// Callers without a right credential, by address (of IPv6 by /64): each may be wrong so many times in a minute, and then hears
// 429 in place of 401. That does not count again, so it hears 401 again after a minute. Who is right is no stranger, whoever
// else comes from the same address: the secret of a token is too long to be found by trying.

const WINDOW_MS = 60_000;
/** Far more than who types a token wrong, far less than what fills a log. */
export const WRONG_CREDENTIALS_PER_MINUTE = 120;

type Address = ReturnType<typeof clientAddress>;

export interface Strangers {
  /** What a wrong credential of this address hears: `token_invalid`, which is counted, or `too_many_failures`. */
  refusal(address: Address): Refused;
}

const NO_BOUND: Strangers = { refusal: () => new Refused(refuse('token_invalid')) };

/** `perMinute`: wrong credentials of one address that hear 401; 0: all. Addresses beside the first 20,000 push out others. */
export function createStrangers(
  perMinute: number,
  host: { readonly nowMs: () => number; readonly log: Log },
): Strangers {
  if (perMinute === 0) return NO_BOUND;
  const { nowMs, log } = host;
  // Counters of its own: a flood of strangers pushes no counter of a caller out.
  const counters = createCounters();
  const limit: Limit = { of: 'address', measure: 'requests', max: perMinute, windowMs: WINDOW_MS };
  const boundOf = (name: string): readonly Bound[] => [{ limit, key: name }];
  const nameOf = (address: Address): string => (address === null ? 'unknown' : callerText(address));
  let warnedMs = Number.NEGATIVE_INFINITY;
  const warn = (name: string): void => {
    // One line a minute, however many addresses there are: a flood of requests must not be one of lines.
    if (nowMs() - warnedMs < WINDOW_MS && nowMs() >= warnedMs) return;
    warnedMs = nowMs();
    log.warn('an address has shown too many wrong credentials', { address: name, perMinute });
  };
  return {
    refusal(address) {
      const name = nameOf(address);
      const exceeded = judge(counters, boundOf(name), nowMs());
      if (exceeded === null) {
        enter(counters, boundOf(name), nowMs());
        return new Refused(refuse('token_invalid'));
      }
      warn(name);
      return new Refused(refuse('too_many_failures', { retryAfterSeconds: Math.ceil(exceeded.waitMs / 1000) }));
    },
  };
}
