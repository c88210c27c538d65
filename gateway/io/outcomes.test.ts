import { describe, expect, it } from 'vitest';
import type { Answered } from './control.ts';
import { createOutcomes } from './outcomes.ts';

const answered = (id: string, more: object): Answered => ({ kind: 'ok', body: { id, state: 'resolved', ...more } });
const approved = (id: string): Answered => answered(id, { outcome: 'approved', reason: 'reviewer' });
const told = Promise.resolve();
const idOf = (path: string): string => path.split('/').at(-1) ?? '';
const NOBODY: Answered = { kind: 'away', detail: 'nobody there' };

describe('asking how questions to people end', () => {
  it('asks about any number with a bounded number of polls, the shorter the more wait', async () => {
    const waits = new Set<number>();
    let [now, most] = [0, 0];
    const asked = new Map<string, number>();
    const get = async (path: string, seconds: number): Promise<Answered> => {
      waits.add(seconds);
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      const times = (asked.get(path) ?? 0) + 1;
      asked.set(path, times);
      return times < 3 ? { kind: 'ok', body: { id: idOf(path), state: 'claimed' } } : approved(idOf(path));
    };
    const outcomes = createOutcomes({ get, nowMs: () => 0, pauseMs: 0 });
    const watched = Array.from({ length: 100 }, (_, index) => outcomes.watch(`esc_${index}`, 1000, told).outcome);
    expect(new Set(await Promise.all(watched))).toEqual(new Set(['approved']));
    expect([most, asked.size, [...asked.values()].every((times) => times === 3)]).toEqual([16, 100, true]);
    expect(waits).toEqual(new Set([0, 5, 25]));
  });

  it('does not ask before it was told, and says itself that time is up when nobody answers', async () => {
    let [nowMs, count] = [0, 0];
    let tell: () => void = () => {};
    const get = async (): Promise<Answered> => {
      count += 1;
      nowMs += 60;
      return NOBODY;
    };
    const outcomes = createOutcomes({ get, nowMs: () => nowMs, pauseMs: 0 });
    const { outcome } = outcomes.watch('esc_1', 100, new Promise<void>((resolve) => (tell = resolve)));
    await new Promise((resolve) => setImmediate(resolve));
    expect(count).toBe(0);
    tell();
    expect([await outcome, count]).toEqual(['expired', 2]);
  });

  it.each<[string, Answered, string]>([
    ['a denial', answered('esc_1', { outcome: 'denied', reason: 'reviewer' }), 'denied'],
    ['time', answered('esc_1', { outcome: 'denied', reason: 'timeout' }), 'expired'],
    ['an approval by time', answered('esc_1', { outcome: 'approved', reason: 'timeout' }), 'approved'],
    ['something else', answered('esc_1', { outcome: 'maybe' }), 'denied'],
    ['the answer about another', approved('esc_2'), 'expired'],
    ['what is not resolved', answered('esc_1', { state: 'queued', outcome: 'approved' }), 'expired'],
    ['a refusal', { kind: 'refused', status: 404, code: 'NOT_FOUND' }, 'expired'],
    ['no object', { kind: 'ok', body: 'approved' }, 'expired'],
  ])('takes %s for what it is', async (_, given, expected) => {
    let nowMs = 0;
    const get = async (): Promise<Answered> => {
      nowMs += 60;
      return given;
    };
    const outcomes = createOutcomes({ get, nowMs: () => nowMs, pauseMs: 0 });
    expect(await outcomes.watch('esc_1', 100, told).outcome).toBe(expected);
  });

  it('stops asking about what is dropped', async () => {
    let count = 0;
    const get = async (): Promise<Answered> => {
      count += 1;
      return NOBODY;
    };
    const outcomes = createOutcomes({ get, nowMs: () => 0, pauseMs: 0 });
    const { outcome, drop } = outcomes.watch('esc_1', 1000, told);
    drop();
    expect(await outcome).toBe('lost');
    await new Promise((resolve) => setImmediate(resolve));
    expect(count).toBe(0);
  });
});
