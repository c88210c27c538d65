import { describe, expect, test } from 'vitest';
import {
  type Bound,
  type Counters,
  createCounters,
  enter,
  judge,
  type Limit,
  leave,
  tightest,
  withdraw,
} from './index.ts';

const MINUTE_MS = 60_000;
const START_MS = 1_800_000_000_000;
const limit = (max: number, more: Partial<Limit> = {}): Limit => ({
  of: 'token',
  measure: 'requests',
  max,
  windowMs: MINUTE_MS,
  ...more,
});
const bound = (own: Limit, key = 'a'): Bound => ({ limit: own, key: `${own.of} ${own.measure} ${key}` });

/** Whether a request is let in; one that is counts. */
function ask(counters: Counters, bounds: readonly Bound[], nowMs: number): boolean {
  if (judge(counters, bounds, nowMs) !== null) return false;
  enter(counters, bounds, nowMs);
  return true;
}

describe('a window', () => {
  test('lets in as many as the limit, in no interval of its length more, whoever asks when', () => {
    const counters = createCounters();
    const bounds = [bound(limit(10))];
    const entered: number[] = [];
    // Bursts at every phase of a window, from a fixed seed.
    let seed = 7;
    for (let nowMs = START_MS; nowMs < START_MS + 20 * MINUTE_MS; nowMs += 1 + (seed % 997)) {
      seed = (seed * 48_271) % 2_147_483_647;
      if (ask(counters, bounds, nowMs)) entered.push(nowMs);
    }
    const most = Math.max(...entered.map((from) => entered.filter((at) => at >= from && at < from + MINUTE_MS).length));
    expect(most).toBe(10);
    // And no more than an instant of each place is wasted: ten in every minute and a thousandth.
    expect(entered.length).toBeGreaterThanOrEqual(Math.floor((20 * MINUTE_MS) / (MINUTE_MS + 1000)) * 10);
  });

  test('has no turn at which twice the limit gets in', () => {
    const counters = createCounters();
    const bounds = [bound(limit(5))];
    const turnMs = Math.ceil(START_MS / MINUTE_MS) * MINUTE_MS;
    const asked = (nowMs: number) =>
      Array.from({ length: 5 }, () => ask(counters, bounds, nowMs)).filter(Boolean).length;
    expect([asked(turnMs - 1), asked(turnMs), asked(turnMs + 30_000)]).toEqual([5, 0, 0]);
    expect([asked(turnMs + MINUTE_MS - 2), asked(turnMs + MINUTE_MS - 1)]).toEqual([0, 5]);
  });

  test('says how long to wait, and then lets in', () => {
    const counters = createCounters();
    const bounds = [bound(limit(2))];
    ask(counters, bounds, START_MS);
    ask(counters, bounds, START_MS + 10_000);
    const exceeded = judge(counters, bounds, START_MS + 20_000);
    expect(exceeded?.limit.max).toBe(2);
    const readyMs = START_MS + 20_000 + (exceeded?.waitMs ?? 0);
    expect(readyMs).toBe(START_MS + MINUTE_MS);
    expect(judge(counters, bounds, readyMs - 1)).not.toBeNull();
    expect(judge(counters, bounds, readyMs)).toBeNull();
  });

  test('of which a limit was lowered waits for as many as are above', () => {
    const counters = createCounters();
    for (const atMs of [0, 9000, 18_000]) ask(counters, [bound(limit(3))], START_MS + atMs);
    const waitMs = judge(counters, [bound(limit(1))], START_MS + 20_000)?.waitMs ?? 0;
    expect(START_MS + 20_000 + waitMs).toBe(START_MS + 18_000 + MINUTE_MS);
  });

  test('forgets nothing when the clock is set back, and keeps nobody waiting for longer than itself', () => {
    const counters = createCounters();
    const bounds = [bound(limit(2))];
    expect([ask(counters, bounds, START_MS), ask(counters, bounds, START_MS + 1000)]).toEqual([true, true]);
    const backMs = START_MS - 600 * MINUTE_MS;
    expect(judge(counters, bounds, backMs)?.waitMs).toBe(MINUTE_MS);
    expect(ask(counters, bounds, backMs + MINUTE_MS - 1)).toBe(false);
    expect(ask(counters, bounds, backMs + MINUTE_MS)).toBe(true);
  });
});

describe('requests, tokens and concurrency', () => {
  const tokens = bound(limit(100, { measure: 'tokens' }));
  const flights = bound(limit(2, { measure: 'concurrent', windowMs: 0 }));

  test('nothing is counted of a request that one of its limits refuses', () => {
    const counters = createCounters();
    const bounds = [bound(limit(5)), flights];
    expect([1, 2, 3, 4].map(() => ask(counters, bounds, START_MS))).toEqual([true, true, false, false]);
    expect(tightest(counters, bounds, 'requests', START_MS)).toMatchObject({ remaining: 3 });
  });

  test('tokens count when a request has ended, for those after it', () => {
    const counters = createCounters();
    expect(ask(counters, [tokens], START_MS)).toBe(true);
    expect(ask(counters, [tokens], START_MS)).toBe(true);
    leave(counters, [tokens], 99, START_MS);
    expect(ask(counters, [tokens], START_MS)).toBe(true);
    leave(counters, [tokens], 500, START_MS);
    expect(ask(counters, [tokens], START_MS)).toBe(false);
    expect(tightest(counters, [tokens], 'tokens', START_MS)).toMatchObject({ remaining: 0 });
  });

  test('concurrency is given back by each request that leaves, and its key forgotten', () => {
    const counters = createCounters();
    const enters = () => ask(counters, [flights], START_MS);
    expect([enters(), enters(), enters()]).toEqual([true, true, false]);
    leave(counters, [flights], 0, START_MS);
    expect([enters(), enters()]).toEqual([true, false]);
    leave(counters, [flights], 0, START_MS);
    leave(counters, [flights], 0, START_MS);
    expect(counters.flights.size).toBe(0);
  });

  test('a request that another limit refused afterwards is taken back whole', () => {
    const counters = createCounters();
    const bounds = [bound(limit(1)), flights];
    for (let times = 0; times < 2; times += 1) {
      expect(ask(counters, bounds, START_MS)).toBe(true);
      withdraw(counters, bounds, START_MS);
      expect(counters.flights.size).toBe(0);
    }
  });

  test.each([
    ['when it is over', MINUTE_MS],
    ['long after it', 10 * MINUTE_MS],
  ])('a request that has left the window when it is taken back is not taken from one that came %s', (_, afterMs) => {
    const counters = createCounters();
    const bounds = [bound(limit(1))];
    expect([ask(counters, bounds, START_MS), ask(counters, bounds, START_MS + afterMs)]).toEqual([true, true]);
    withdraw(counters, bounds, START_MS);
    expect(ask(counters, bounds, START_MS + afterMs)).toBe(false);
  });

  test('a request that counts from another instant, because the clock was set back, stays counted when it is taken back', () => {
    const counters = createCounters();
    const bounds = [bound(limit(2))];
    const backMs = START_MS - 3000;
    expect([ask(counters, bounds, START_MS), ask(counters, bounds, backMs)]).toEqual([true, true]);
    withdraw(counters, bounds, START_MS);
    expect(ask(counters, bounds, backMs)).toBe(false);
    withdraw(counters, bounds, backMs);
    expect([ask(counters, bounds, backMs), ask(counters, bounds, backMs)]).toEqual([true, false]);
  });

  test('a limit stands whole where nothing was counted, and again when all has left the window', () => {
    const counters = createCounters();
    const bounds = [bound(limit(2))];
    const whole = { remaining: 2, resetMs: 0 };
    expect(tightest(counters, bounds, 'requests', START_MS)).toMatchObject(whole);
    ask(counters, bounds, START_MS);
    expect(tightest(counters, bounds, 'requests', START_MS)).toMatchObject({ remaining: 1 });
    expect(tightest(counters, bounds, 'requests', START_MS + 2 * MINUTE_MS)).toMatchObject(whole);
  });

  test('of several limits the one with the longest wait refuses, and the tightest is shown', () => {
    const counters = createCounters();
    const [short, long, wide] = [
      bound(limit(1, { windowMs: 1000 }), 'short'),
      bound(limit(1, { of: 'team' }), 'long'),
      bound(limit(100, { of: 'gateway' }), 'wide'),
    ];
    const bounds = [wide, short, long];
    expect(tightest(counters, bounds, 'requests', START_MS)?.resetMs).toBe(0);
    expect(ask(counters, bounds, START_MS)).toBe(true);
    expect(judge(counters, bounds, START_MS)?.limit).toBe(long.limit);
    const standing = tightest(counters, [wide, long], 'requests', START_MS);
    expect(tightest(counters, [long, wide], 'requests', START_MS)).toEqual(standing);
    expect(standing).toMatchObject({ limit: long.limit, remaining: 0 });
    expect(START_MS + (standing?.resetMs ?? 0)).toBe(START_MS + MINUTE_MS);
    expect(tightest(counters, bounds, 'tokens', START_MS)).toBeNull();
  });
});

describe('memory', () => {
  const user = (name: number) => bound(limit(2, { of: 'user' }), String(name));

  test('a flood of callers is bounded, and pushes out no limit that configuration names', () => {
    const counters = createCounters();
    const named = bound(limit(1));
    expect(ask(counters, [named], START_MS)).toBe(true);
    for (let name = 0; name < 50_000; name += 1) ask(counters, [user(name)], START_MS);
    expect(counters.callers.size).toBeLessThanOrEqual(20_000);
    expect(ask(counters, [named], START_MS)).toBe(false);
    expect(ask(counters, [user(49_999)], START_MS)).toBe(true);
    expect(ask(counters, [user(49_999)], START_MS)).toBe(false);
  });

  test('nobody is looked at for room while there is some', () => {
    const counters = createCounters();
    for (let name = 0; name < 3; name += 1) ask(counters, [user(name)], START_MS);
    ask(counters, [user(-1)], START_MS + 2 * MINUTE_MS);
    expect(counters.callers.size).toBe(4);
  });

  test('those that count nothing any more go first', () => {
    const counters = createCounters();
    for (let name = 0; name < 19_999; name += 1) ask(counters, [user(name)], START_MS);
    const laterMs = START_MS + 2 * MINUTE_MS;
    ask(counters, [user(-1)], laterMs);
    ask(counters, [user(-2)], laterMs);
    expect(counters.callers.size).toBe(2);
  });
});
