import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sha256Hex } from '../../src/core/model/index.ts';
import { PULL_START, type PullEffect, type PullEvent, type PullState, step } from './pull.ts';

const settings = { pollSeconds: 30, maxBackoffSeconds: 60 };
const active = (generation: number) => ({
  generation,
  contentDigest: `${generation}`.repeat(64).slice(0, 64) as Sha256Hex,
});
const at = (nowMs: number, random = 0) => ({ nowMs, random });

function run(events: readonly PullEvent[], from: PullState = PULL_START) {
  const effects: PullEffect[] = [];
  let state = from;
  for (const event of events) {
    const next = step(state, event, settings);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

describe('pulling', () => {
  test('a gateway without configuration asks at once and without waiting, and acknowledges what it activates', () => {
    const { state, effects } = run([
      { type: 'booted', active: null, ...at(0) },
      { type: 'wake', ...at(0) },
      { type: 'activated', active: active(1), ...at(10) },
      { type: 'wake', ...at(60) },
    ]);
    expect(effects).toEqual([
      { type: 'sleep', ms: 0 },
      { type: 'poll', waitSeconds: 0 },
      { type: 'acknowledge', state: 'active', code: null, at: 10 },
      { type: 'sleep', ms: 50 },
      { type: 'poll', waitSeconds: 30 },
    ]);
    expect(state).toMatchObject({ phase: 'serving', active: active(1), activatedMs: 10, lastAskedMs: 60 });
  });

  test('a refusal keeps what is active, is acknowledged once per code, and backs off up to the ceiling', () => {
    const start = run([{ type: 'booted', active: active(1), ...at(0) }]).state;
    const refusal = (nowMs: number): PullEvent => ({ type: 'refused', code: 'TRUST_X', ...at(nowMs, 0.999999) });
    const { state, effects } = run(
      [refusal(1), refusal(2), refusal(3), ...Array.from({ length: 20 }, () => refusal(4))],
      start,
    );
    expect(state).toMatchObject({ phase: 'degraded', active: active(1), failures: 23, lastCode: 'TRUST_X' });
    expect(effects.filter((effect) => effect.type === 'acknowledge')).toEqual([
      { type: 'acknowledge', state: 'rejected', code: 'TRUST_X', at: 1 },
    ]);
    const sleeps = effects.flatMap((effect) => (effect.type === 'sleep' ? [effect.ms] : []));
    expect(sleeps.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
    expect(sleeps.at(-1)).toBe(60_000);
    expect(run([{ type: 'unchanged', ...at(9) }], state).state).toMatchObject({
      phase: 'serving',
      failures: 0,
      lastCode: null,
    });
  });

  test('an unreachable source is not acknowledged as a rejection', () => {
    const { effects } = run([{ type: 'refused', code: 'TRUST_UNREACHABLE', ...at(0) }]);
    expect(effects).toEqual([{ type: 'sleep', ms: 500 }]);
  });

  test('a configuration that ages is acknowledged as stale, once per step', () => {
    const start = run([{ type: 'booted', active: active(1), ...at(0) }]).state;
    const aged = (level: 'stale' | 'expired'): PullEvent => ({ type: 'aged', level, ...at(1) });
    expect(run([aged('stale'), aged('stale'), aged('expired')], start).effects).toEqual([
      { type: 'acknowledge', state: 'stale', code: 'GATEWAY_BUNDLE_STALE', at: 1 },
      { type: 'acknowledge', state: 'stale', code: 'GATEWAY_BUNDLE_EXPIRED', at: 1 },
    ]);
  });

  test('what was refused or stale and is in order again is acknowledged as active, once', () => {
    const start = run([{ type: 'booted', active: active(1), ...at(0) }]).state;
    const acks = (events: readonly PullEvent[]) =>
      run(events, start).effects.filter((effect) => effect.type === 'acknowledge');
    const unchanged: PullEvent = { type: 'unchanged', ...at(5) };
    expect(acks([unchanged, unchanged])).toEqual([]);
    expect(acks([{ type: 'refused', code: 'TRUST_X', ...at(1) }, unchanged, unchanged])).toEqual([
      { type: 'acknowledge', state: 'rejected', code: 'TRUST_X', at: 1 },
      { type: 'acknowledge', state: 'active', code: null, at: 5 },
    ]);
    expect(acks([{ type: 'aged', level: 'stale', ...at(1) }, unchanged])).toHaveLength(2);
  });

  describe('an acknowledgement', () => {
    const MINUTE_MS = 60_000;
    const start = run([{ type: 'booted', active: active(1), ...at(7) }]).state;
    const told = (outcome: 'heard' | 'lost', of = 7): PullEvent => ({ type: 'told', at: of, outcome, ...at(8) });
    const beats = (events: readonly PullEvent[]) =>
      run(events, start).effects.filter((effect) => effect.type === 'acknowledge');
    const same = { type: 'acknowledge', state: 'active', code: null, at: 7 };
    const unchanged = (nowMs: number, random = 0): PullEvent => ({ type: 'unchanged', ...at(nowMs, random) });
    const away = (nowMs: number): PullEvent => ({ type: 'refused', code: 'TRUST_UNREACHABLE', ...at(nowMs) });

    test('that was heard is said again every five minutes, with the time at which it became so', () => {
      expect(beats([told('heard'), unchanged(5 * MINUTE_MS + 6)])).toEqual([]);
      expect(beats([told('heard'), unchanged(5 * MINUTE_MS + 7), told('heard'), unchanged(10 * MINUTE_MS)])).toEqual([
        same,
      ]);
      expect(beats([5, 10, 15].flatMap((minute) => [told('heard'), unchanged(minute * MINUTE_MS + 7)]))).toHaveLength(
        3,
      );
    });

    test('is said again earlier by a share of chance, so that a region that started together does not beat together', () => {
      expect(beats([told('heard'), unchanged(4.5 * MINUTE_MS + 7, 0.49)])).toEqual([]);
      expect(beats([told('heard'), unchanged(4.5 * MINUTE_MS + 7, 0.51)])).toEqual([same]);
    });

    test('that was lost is said again after a minute, and one that waits for its answer is not', () => {
      expect(beats([told('lost'), unchanged(MINUTE_MS + 6)])).toEqual([]);
      expect(beats([told('lost'), unchanged(MINUTE_MS + 7), unchanged(60 * MINUTE_MS)])).toEqual([same]);
      expect(beats([unchanged(60 * MINUTE_MS), told('heard', 6), unchanged(61 * MINUTE_MS)])).toEqual([]);
    });

    test('is a sign of life also while the source of files is away, and where the last thing said was a refusal', () => {
      expect(beats([told('heard'), away(5 * MINUTE_MS + 7)])).toEqual([same]);
      const refusal = (nowMs: number): PullEvent => ({ type: 'refused', code: 'TRUST_X', ...at(nowMs) });
      const refused = { type: 'acknowledge', state: 'rejected', code: 'TRUST_X', at: 9 };
      expect(beats([refusal(9), told('heard', 9), refusal(10), refusal(5 * MINUTE_MS + 9)])).toEqual([
        refused,
        refused,
      ]);
    });

    test('that was never made is not said', () => {
      const events = [away(0), unchanged(60 * MINUTE_MS)];
      expect(run(events).effects.map(({ type }) => type)).toEqual(['sleep', 'sleep']);
    });
  });

  test('a server that waits is asked again at once, one that does not is polled', () => {
    let state = run([{ type: 'booted', active: active(1), ...at(0) }]).state;
    const pause = (asked: number, answered: number): PullEffect | undefined => {
      const { state: next, effects } = run(
        [
          { type: 'wake', ...at(asked) },
          { type: 'unchanged', ...at(answered) },
        ],
        state,
      );
      state = next;
      return effects.at(-1);
    };
    for (let turn = 0; turn < 3; turn += 1)
      expect(pause(turn * 100, turn * 100 + 5)).toEqual({ type: 'sleep', ms: 50 });
    expect(pause(300, 305)).toEqual({ type: 'sleep', ms: 27_000 });
    expect(pause(1000, 30_000)).toEqual({ type: 'sleep', ms: 50 });
  });

  test('a gateway that is no longer listed stops serving and keeps asking', () => {
    const start = run([{ type: 'booted', active: active(1), ...at(0) }]).state;
    const { state, effects } = run([{ type: 'delisted', code: 'TRUST_NOT_LISTED', ...at(5) }], start);
    expect(effects.map((effect) => effect.type)).toEqual(['stopServing', 'acknowledge', 'sleep']);
    expect(state).toMatchObject({ phase: 'starting', active: null });
  });

  test('law: every event but an ageing one leads to exactly one of poll and sleep, so pulling never stops or doubles', () => {
    const event = fc
      .record({ nowMs: fc.nat(), random: fc.double({ min: 0, max: 0.999, noNaN: true }) })
      .chain((facts) =>
        fc.constantFrom<PullEvent>(
          { type: 'booted', active: null, ...facts },
          { type: 'booted', active: active(2), ...facts },
          { type: 'wake', ...facts },
          { type: 'unchanged', ...facts },
          { type: 'activated', active: active(3), ...facts },
          { type: 'refused', code: 'TRUST_X', ...facts },
          { type: 'delisted', code: 'TRUST_NOT_LISTED', ...facts },
          { type: 'aged', level: 'stale', ...facts },
        ),
      );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let state = PULL_START;
        for (const item of events) {
          const next = step(state, item, settings);
          const going = next.effects.filter((effect) => effect.type === 'poll' || effect.type === 'sleep');
          expect(going).toHaveLength(item.type === 'aged' ? 0 : 1);
          expect(next.state.phase === 'starting').toBe(next.state.active === null);
          state = next.state;
        }
      }),
    );
  });
});
