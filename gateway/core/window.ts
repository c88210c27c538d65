// What is counted in time: each amount under the instant at which it came, for exactly one window. So there is no interval of
// a window's length in which more is let in than the limit (no burst at the turn of a window, which fixed windows have, and
// none after a pause, which buckets that refill have), and a place is free again when its window is over and not later.

/**
 * Instants that a window tells apart; what comes within one of them counts from the newest of it. A limit of no more than this
 * has an instant for each request of who spaces them evenly, so that caller is never refused; of a higher limit at most one
 * request in this many is.
 */
export const INSTANTS = 1000;

/** Of one key, amounts in the order in which they came. Changed in place by the functions of this file and by nothing else. */
export interface Window {
  readonly windowMs: number;
  readonly instantMs: number;
  /** Ring: when the amounts came, ascending. As long as was needed, at first FIRST_SLOTS. */
  times: Float64Array;
  amounts: Float64Array;
  first: number;
  size: number;
  /** The sum of the amounts. */
  used: number;
}

const FIRST_SLOTS = 4;

/** A window in which nothing is counted. */
export function createWindow(windowMs: number): Window {
  return {
    windowMs,
    instantMs: Math.max(1, Math.floor(windowMs / INSTANTS)),
    times: new Float64Array(FIRST_SLOTS),
    amounts: new Float64Array(FIRST_SLOTS),
    first: 0,
    size: 0,
    used: 0,
  };
}

/** What is counted at the instant, after forgetting what is a window old. */
export function usedAt(window: Window, nowMs: number): number {
  turn(window, nowMs);
  return window.used;
}

/** For how long `used` stays at `max` or above, if nothing is added; 0: it is below. */
export function waitBelow(window: Window, max: number, nowMs: number): number {
  turn(window, nowMs);
  let left = window.used;
  if (left < max) return 0;
  for (let index = 0; index < window.size; index += 1) {
    left -= amountAt(window, index);
    if (left < max) return Math.max(1, timeAt(window, index) + window.windowMs - nowMs);
  }
  return window.windowMs;
}

/** In how many milliseconds nothing is counted any more. */
export function resetAfter(window: Window, nowMs: number): number {
  turn(window, nowMs);
  return window.used === 0 ? 0 : timeAt(window, window.size - 1) + window.windowMs - nowMs;
}

/** Counts an amount. */
export function add(window: Window, amount: number, nowMs: number): void {
  turn(window, nowMs);
  window.used += amount;
  const last = window.size - 1;
  if (window.size > 0 && instantOf(window, timeAt(window, last)) === instantOf(window, nowMs)) {
    window.times[slot(window, last)] = nowMs;
    window.amounts[slot(window, last)] = amountAt(window, last) + amount;
    return;
  }
  if (window.size === window.times.length) grow(window);
  const next = slot(window, window.size);
  window.times[next] = nowMs;
  window.amounts[next] = amount;
  window.size += 1;
}

/** Takes an amount back that was counted at `atMs`; of what is forgotten, or was counted by another clock, nothing. */
export function takeBack(window: Window, amount: number, atMs: number): void {
  for (let index = window.size - 1; index >= 0; index -= 1) {
    if (instantOf(window, timeAt(window, index)) !== instantOf(window, atMs)) continue;
    if (amountAt(window, index) < amount) return;
    window.amounts[slot(window, index)] = amountAt(window, index) - amount;
    window.used -= amount;
    return;
  }
}

const slot = ({ first, times }: Window, index: number): number => (first + index + times.length) % times.length;

const timeAt = (window: Window, index: number): number => window.times[slot(window, index)] ?? 0;

const amountAt = (window: Window, index: number): number => window.amounts[slot(window, index)] ?? 0;

const instantOf = ({ instantMs }: Window, timeMs: number): number => Math.floor(timeMs / instantMs);

/**
 * Forgets what is a window old. Of a clock that was set back everything counts as come now: nothing is forgotten too early,
 * and nobody waits longer than a window.
 */
function turn(window: Window, nowMs: number): void {
  for (let index = window.size - 1; index >= 0 && timeAt(window, index) > nowMs; index -= 1) {
    window.times[slot(window, index)] = nowMs;
  }
  while (window.size > 0 && timeAt(window, 0) + window.windowMs <= nowMs) {
    window.used -= amountAt(window, 0);
    window.first = slot(window, 1);
    window.size -= 1;
  }
}

function grow(window: Window): void {
  const times = new Float64Array(window.times.length * 2);
  const amounts = new Float64Array(window.times.length * 2);
  for (let index = 0; index < window.size; index += 1) {
    times[index] = timeAt(window, index);
    amounts[index] = amountAt(window, index);
  }
  Object.assign(window, { times, amounts, first: 0 });
}
