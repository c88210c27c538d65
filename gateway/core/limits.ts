import { add, createWindow, resetAfter, takeBack, usedAt, type Window, waitBelow } from './window.ts';

// Which requests the limits let in. All that count in time count in the windows of window.ts, and in no other way.

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
  return window === undefined ? 0 : waitBelow(window, limit.max, nowMs);
}

/** Counts a request that enters: one request of each limit of requests, and one under way of each of concurrency. */
export function enter(counters: Counters, bounds: readonly Bound[], nowMs: number): void {
  for (const bound of bounds) {
    const { measure } = bound.limit;
    if (measure === 'requests') count(counters, bound, 1, nowMs);
    else if (measure === 'concurrent') launch(counters, bound.key);
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

/** What is under way of a request while a person is asked about it: nothing, until `resume`. */
export function rest(counters: Counters, bounds: readonly Bound[]): void {
  for (const { limit, key } of bounds) if (limit.measure === 'concurrent') land(counters, key);
}

/** It goes on after `rest`; what others took meanwhile does not keep it out. */
export function resume(counters: Counters, bounds: readonly Bound[]): void {
  for (const { limit, key } of bounds) if (limit.measure === 'concurrent') launch(counters, key);
}

function launch({ flights }: Counters, key: string): void {
  flights.set(key, (flights.get(key) ?? 0) + 1);
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
    if (window !== undefined) takeBack(window, 1, enteredMs);
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
    const remaining = Math.max(0, limit.max - (window === undefined ? 0 : usedAt(window, nowMs)));
    if (found !== null && remaining / limit.max >= found.remaining / found.limit.max) continue;
    found = { limit, remaining, resetMs: window === undefined ? 0 : resetAfter(window, nowMs) };
  }
  return found;
}

function isCallers({ of }: Limit): boolean {
  return of === 'address' || of === 'user';
}

function mapOf(counters: Counters, limit: Limit): Map<string, Window> {
  return isCallers(limit) ? counters.callers : counters.named;
}

function count(counters: Counters, { limit, key }: Bound, amount: number, nowMs: number): void {
  const windows = mapOf(counters, limit);
  let window = windows.get(key);
  if (window === undefined) {
    makeRoom(windows, isCallers(limit) ? MAX_CALLERS : MAX_NAMED, nowMs);
    window = createWindow(limit.windowMs);
    windows.set(key, window);
  }
  add(window, amount, nowMs);
}

/** Where there are too many, those go that count nothing, then the half that came first: a flood of keys costs memory no more. */
function makeRoom(windows: Map<string, Window>, most: number, nowMs: number): void {
  if (windows.size < most) return;
  for (const [key, window] of windows) {
    if (usedAt(window, nowMs) <= 0) windows.delete(key);
  }
  let surplus = windows.size - most / 2;
  for (const key of windows.keys()) {
    if (surplus <= 0) return;
    windows.delete(key);
    surplus -= 1;
  }
}
