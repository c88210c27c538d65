// One algorithm for every limit that counts in time, a sliding window of parts: what was counted stays counted for the whole
// window and at most one part longer. So there is no interval of a window's length in which more is let in than the limit;
// no burst at the turn of a window, which fixed windows have, and none after a pause, which buckets that refill have.

/** Of a window. A place is free again after one window, at the latest after one and a twentieth. */
const PARTS = 20;

/** Counts of the newest parts. Changed in place by the functions of this file and by nothing else. */
interface Window {
  readonly partMs: number;
  /** By the number of the part since the epoch, modulo their number. */
  readonly counts: Float64Array;
  newest: number;
  used: number;
}

/**
 * What is counted now. Keys that configuration names are as many as it names; of those that callers choose (addresses,
 * headers) no more than MAX_CALLERS are kept, and none of them can push out one of the others.
 */
export interface Counters {
  readonly named: Map<string, Window>;
  readonly callers: Map<string, Window>;
  /** Requests under way by key; a key without any is not there. */
  readonly flights: Map<string, number>;
}

const MAX_CALLERS = 20_000;
const MAX_NAMED = 50_000;

export function createCounters(): Counters {
  return { named: new Map(), callers: new Map(), flights: new Map() };
}

/** What a limit bounds. */
export type LimitMeasure = 'requests' | 'tokens' | 'concurrent';

/** Whose requests count together. */
export type Subject = 'gateway' | 'token' | 'team' | 'address' | 'user' | 'model';

/** At most `max` of the measure; in `windowMs` where it counts in time. */
export interface Limit {
  readonly of: Subject;
  readonly measure: LimitMeasure;
  readonly max: number;
  readonly windowMs: number;
}

/** A limit with the key under which it counts for one request. */
export interface Bound {
  readonly limit: Limit;
  readonly key: string;
}

/** The limit that lets the request not in, and when to ask again. */
export interface Exceeded {
  readonly limit: Limit;
  readonly waitMs: number;
}

/** The first of the limits that are reached, the one with the longest wait; null: it may enter. Counts nothing. */
export function judge(counters: Counters, bounds: readonly Bound[], nowMs: number): Exceeded | null {
  let worst: Exceeded | null = null;
  for (const { limit, key } of bounds) {
    const waitMs =
      limit.measure === 'concurrent' ? flightWait(counters, key, limit) : windowWait(counters, { limit, key }, nowMs);
    if (waitMs > (worst?.waitMs ?? 0)) worst = { limit, waitMs };
  }
  return worst;
}

/** Nobody knows when one of those under way ends. */
const FLIGHT_WAIT_MS = 1000;

function flightWait({ flights }: Counters, key: string, limit: Limit): number {
  return (flights.get(key) ?? 0) < limit.max ? 0 : FLIGHT_WAIT_MS;
}

function windowWait(counters: Counters, { limit, key }: Bound, nowMs: number): number {
  const window = mapOf(counters, limit).get(key);
  if (window === undefined) return 0;
  turn(window, nowMs);
  if (window.used < limit.max) return 0;
  let left = window.used;
  for (let part = window.newest - PARTS; part <= window.newest; part += 1) {
    left -= countOf(window, part);
    if (left < limit.max) return Math.max(1, (part + PARTS + 1) * window.partMs - nowMs);
  }
  return limit.windowMs;
}

/** Counts a request that enters: one request of each limit of requests, and one under way of each of concurrency. */
export function enter(counters: Counters, bounds: readonly Bound[], nowMs: number): void {
  for (const bound of bounds) {
    const { measure } = bound.limit;
    if (measure === 'requests') count(counters, bound, 1, nowMs);
    else if (measure === 'concurrent') counters.flights.set(bound.key, (counters.flights.get(bound.key) ?? 0) + 1);
  }
}

/** Gives back what a request under way holds, and counts the tokens that it took. To be called once for each `enter`. */
export function leave(counters: Counters, bounds: readonly Bound[], tokens: number, nowMs: number): void {
  for (const bound of bounds) {
    const { measure } = bound.limit;
    if (measure === 'tokens' && tokens > 0) count(counters, bound, tokens, nowMs);
    else if (measure === 'concurrent') land(counters, bound.key);
  }
}

function land({ flights }: Counters, key: string): void {
  const left = (flights.get(key) ?? 1) - 1;
  if (left > 0) flights.set(key, left);
  else flights.delete(key);
}

/** Takes back what `enter` counted of a request that was refused by another limit afterwards; it is not under way any more either. */
export function withdraw(counters: Counters, bounds: readonly Bound[], enteredMs: number): void {
  leave(counters, bounds, 0, enteredMs);
  for (const { limit, key } of bounds) {
    const window = limit.measure === 'requests' ? mapOf(counters, limit).get(key) : undefined;
    if (window === undefined) continue;
    const part = Math.floor(enteredMs / window.partMs);
    if (part < window.newest - PARTS || countOf(window, part) < 1) continue;
    add(window, part, -1);
  }
}

/** Where a limit stands: what is left of it, and when nothing is counted any more. */
export interface Standing {
  readonly limit: Limit;
  readonly remaining: number;
  readonly resetMs: number;
}

/** Of the limits of a measure the one of which the smallest share is left; null where there is none. */
export function tightest(
  counters: Counters,
  bounds: readonly Bound[],
  measure: LimitMeasure,
  nowMs: number,
): Standing | null {
  let found: Standing | null = null;
  for (const { limit, key } of bounds) {
    if (limit.measure !== measure) continue;
    const window = mapOf(counters, limit).get(key);
    if (window !== undefined) turn(window, nowMs);
    const used = window?.used ?? 0;
    const remaining = Math.max(0, limit.max - used);
    if (found !== null && remaining / limit.max >= found.remaining / found.limit.max) continue;
    found = { limit, remaining, resetMs: window === undefined ? 0 : resetOf(window, nowMs) };
  }
  return found;
}

/** When nothing of what is counted is in the window any more. */
function resetOf(window: Window, nowMs: number): number {
  for (let part = window.newest; part >= window.newest - PARTS; part -= 1) {
    if (countOf(window, part) > 0) return (part + PARTS + 1) * window.partMs - nowMs;
  }
  return 0;
}

const slot = (part: number): number => part % (PARTS + 1);

/** What is counted in a part, one of the newest. */
function countOf({ counts }: Window, part: number): number {
  return counts[slot(part)] ?? 0;
}

function add(window: Window, part: number, amount: number): void {
  window.counts[slot(part)] = countOf(window, part) + amount;
  window.used += amount;
}

function isCallers({ of }: Limit): boolean {
  return of === 'address' || of === 'user';
}

function mapOf(counters: Counters, limit: Limit): Map<string, Window> {
  return isCallers(limit) ? counters.callers : counters.named;
}

/** Forgets the parts that have left the window. A clock that is set back forgets nothing, and counts where it was. */
function turn(window: Window, nowMs: number): void {
  const part = Math.floor(nowMs / window.partMs);
  if (part <= window.newest) return;
  if (part - window.newest > PARTS) {
    window.counts.fill(0);
    window.used = 0;
  } else {
    for (let next = window.newest + 1; next <= part; next += 1) {
      add(window, next, -countOf(window, next));
    }
  }
  window.newest = part;
}

function count(counters: Counters, { limit, key }: Bound, amount: number, nowMs: number): void {
  const windows = mapOf(counters, limit);
  let window = windows.get(key);
  if (window === undefined) {
    makeRoom(windows, isCallers(limit) ? MAX_CALLERS : MAX_NAMED, nowMs);
    const partMs = limit.windowMs / PARTS;
    window = { partMs, counts: new Float64Array(PARTS + 1), newest: Math.floor(nowMs / partMs), used: 0 };
    windows.set(key, window);
  }
  turn(window, nowMs);
  add(window, window.newest, amount);
}

/** Where there are too many, those go that count nothing, then the half that came first: a flood of keys costs memory no more. */
function makeRoom(windows: Map<string, Window>, most: number, nowMs: number): void {
  if (windows.size < most) return;
  for (const [key, window] of windows) {
    turn(window, nowMs);
    if (window.used <= 0) windows.delete(key);
  }
  let surplus = windows.size - most / 2;
  for (const key of windows.keys()) {
    if (surplus <= 0) return;
    windows.delete(key);
    surplus -= 1;
  }
}
