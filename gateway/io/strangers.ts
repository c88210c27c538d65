import { callerText } from '../../src/core/model/index.ts';
import { type Bound, type clientAddress, createCounters, enter, judge, type Limit, refuse } from '../core/index.ts';
import type { Log } from './log.ts';
import { Refused } from './refused.ts';

// Callers without a right credential, by address (of IPv6 by /64): each may be wrong so many times in a minute, and then hears
// 429 before its credential is looked at. What is refused so does not count, so the way is open again after a minute.

const WINDOW_MS = 60_000;
/** Far more than who types a token wrong, far less than what keeps a gateway busy. */
export const WRONG_CREDENTIALS_PER_MINUTE = 120;

type Address = ReturnType<typeof clientAddress>;

export interface Strangers {
  /** Throws Refused (`too_many_failures`) where the address has been wrong too many times. */
  judge(address: Address): void;
  /** Counts a wrong credential. */
  wrong(address: Address): void;
}

const NO_BOUND: Strangers = { judge() {}, wrong() {} };

/** `perMinute`: wrong credentials of one address that are looked at; 0: all. Addresses beside the first 20,000 push out others. */
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
    judge(address) {
      const name = nameOf(address);
      const exceeded = judge(counters, boundOf(name), nowMs());
      if (exceeded === null) return;
      warn(name);
      throw new Refused(refuse('too_many_failures', { retryAfterSeconds: Math.ceil(exceeded.waitMs / 1000) }));
    },
    wrong(address) {
      enter(counters, boundOf(nameOf(address)), nowMs());
    },
  };
}
