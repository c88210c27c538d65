import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../src/core/model/index.ts';
import { createLog } from './log.ts';
import { createStrangers } from './strangers.ts';

const START_MS = 1_800_000_000_000;

function crowd(perMinute: number) {
  const clock = { nowMs: START_MS };
  const lines: string[] = [];
  const nowMs = () => clock.nowMs;
  const write = (text: string): void => void lines.push(text);
  const strangers = createStrangers(perMinute, { nowMs, log: createLog('json', { write, nowMs, level: 'warn' }) });
  /** `wrong`: it hears that it is; a number: it hears to wait so many seconds. */
  const show = (text: string | null): 'wrong' | number => {
    const { refusal } = strangers.refusal(text === null ? null : (parseAddress(text) ?? null));
    expect(['token_invalid', 'too_many_failures']).toContain(refusal.code);
    return refusal.code === 'token_invalid' ? 'wrong' : (refusal.retryAfterSeconds ?? 0);
  };
  return { clock, lines, show };
}

describe('an address', () => {
  test('is heard as often as the bound in a minute, then after the first of them is a minute old', () => {
    const { clock, show } = crowd(2);
    expect([show('192.0.2.1'), show('192.0.2.1')]).toEqual(['wrong', 'wrong']);
    clock.nowMs += 20_000;
    expect(show('192.0.2.1')).toBe(40);
    // What heard to wait has not counted.
    for (let times = 0; times < 50; times += 1) show('192.0.2.1');
    clock.nowMs += 40_000;
    expect(show('192.0.2.1')).toBe('wrong');
  });

  test('does not pay for another one; of IPv6 a whole /64 is one, and so is all that has no address', () => {
    const { show } = crowd(1);
    expect([show('192.0.2.1'), show('192.0.2.2'), show('192.0.2.1')]).toEqual(['wrong', 'wrong', 60]);
    expect([show('2001:db8::1'), show('2001:db8::ffff:2'), show('2001:db8:0:1::1')]).toEqual(['wrong', 60, 'wrong']);
    expect([show(null), show(null)]).toEqual(['wrong', 60]);
  });

  test('is always heard where there is no bound', () => {
    const { show } = crowd(0);
    expect(new Set(Array.from({ length: 1000 }, () => show('192.0.2.1')))).toEqual(new Set(['wrong']));
  });
});

test('a flood makes one line a minute, and of more addresses than are kept the oldest go', () => {
  const { clock, lines, show } = crowd(1);
  show('192.0.2.1');
  for (let times = 0; times < 100; times += 1) show('192.0.2.1');
  for (let host = 0; host < 30_000; host += 1) {
    show(`10.0.${host >> 8}.${host & 255}`);
    show(`10.0.${host >> 8}.${host & 255}`);
  }
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('192.0.2.1');
  expect([show('192.0.2.1'), show('10.0.117.47')]).toEqual(['wrong', 60]);
  clock.nowMs += 59_999;
  show('10.0.117.47');
  expect(lines).toHaveLength(1);
  clock.nowMs += 1;
  show('192.0.2.1');
  show('192.0.2.1');
  expect(lines).toHaveLength(2);
});
