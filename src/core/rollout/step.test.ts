import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rollout, RolloutRing, RolloutState } from '../model/index.ts';
import type { MemberSeen, Seen } from './facts.ts';
import { digest, MINUTE_MS, ringOf, rolloutOf, seen, termsOf, traffic } from './rollout.testkit.ts';
import { type RolloutEvent, step, VERBS } from './step.ts';

const looked = (of: { readonly [gateway: string]: MemberSeen }): RolloutEvent => ({
  type: 'observed',
  seen: new Map(Object.entries(of)),
});
const said = (type: (typeof VERBS)[number], of: { readonly [gateway: string]: MemberSeen } = {}): RolloutEvent => ({
  type,
  seen: new Map(Object.entries(of)),
  by: 'ana',
  words: 'because',
});
const states = ({ rings }: Rollout): readonly string[] => rings.map(({ state }) => state);

const two = (canary = termsOf('canary'), general = termsOf('general', { isJudged: false, soakMs: 0 })): Rollout =>
  rolloutOf(ringOf(canary, ['a', 'b']), ringOf(general, ['c']));
const opened = (rollout = two()): Rollout => step(rollout, looked({ a: seen(), b: seen() }), 0).rollout;

describe('a ring', () => {
  it('opens, and its gateways alone are given the new content', () => {
    const { rollout, actions } = step(two(), looked({ a: seen(), b: seen() }), 7);
    expect([states(rollout), actions]).toEqual([['open', 'waiting'], [{ type: 'publish' }]]);
    expect(rollout.rings.map((ring) => ring.members.map(({ since }) => since))).toEqual([[7, 7], [null]]);
  });

  it('ends by every acknowledgement and its soak after the last of them', () => {
    const half = step(opened(), looked({ a: seen({ isRunning: true }), b: seen() }), MINUTE_MS);
    expect(half.rollout.rings[0]?.steadyAt).toBeNull();
    const all = looked({ a: seen({ isRunning: true }), b: seen({ isRunning: true }) });
    const steady = step(half.rollout, all, 2 * MINUTE_MS);
    expect(steady).toMatchObject({ actions: [], rollout: { rings: [{ state: 'open', steadyAt: 2 * MINUTE_MS }, {}] } });
    expect(states(step(steady.rollout, all, 12 * MINUTE_MS - 1).rollout)).toEqual(['open', 'waiting']);
    const done = step(steady.rollout, all, 12 * MINUTE_MS);
    expect(done).toMatchObject({ rollout: { state: 'done', endedAt: 12 * MINUTE_MS }, actions: [{ type: 'publish' }] });
    expect(states(done.rollout)).toEqual(['done', 'done']);
  });

  it('soaks anew when a gateway no longer runs the content', () => {
    const all = looked({ a: seen({ isRunning: true }), b: seen({ isRunning: true }) });
    const steady = step(opened(), all, MINUTE_MS).rollout;
    const lost = step(steady, looked({ a: seen({ isRunning: true }), b: seen() }), 2 * MINUTE_MS).rollout;
    expect(lost.rings[0]?.steadyAt).toBeNull();
    expect(step(lost, all, 3 * MINUTE_MS).rollout.rings[0]?.steadyAt).toBe(3 * MINUTE_MS);
  });

  it('of which nobody is enrolled is passed, and said to be empty', () => {
    const none = seen({ isEnrolled: false });
    expect(states(step(two(), looked({ a: none, b: none }), 0).rollout)).toEqual(['empty', 'done']);
  });

  it('waits for a gateway that never spoke, and does not fail for it', () => {
    const silent = { a: seen({ isRunning: true }), b: seen({ hasSpoken: false }) };
    expect(step(opened(), looked(silent), 1000 * MINUTE_MS).rollout).toMatchObject({ state: 'running' });
  });

  it('is passed at once where nobody judges it', () => {
    const free = two(termsOf('canary', { isJudged: false, soakMs: 0 }));
    expect(step(free, looked({ a: seen() }), 0).rollout.state).toBe('done');
  });
});

describe('a ring fails', () => {
  it('not for silence about what was published a moment ago, in a ring that is open for long', () => {
    const late = 9 * MINUTE_MS;
    const all = { a: seen({ isRunning: true, askedAt: late }), b: seen({ askedAt: late }) };
    expect(step(opened(), looked(all), late).rollout.state).toBe('running');
    expect(step(opened(), looked(all), late + 5 * MINUTE_MS + 1).rollout.reason?.code).toBe('ROLLOUT_SILENT');
  });

  const runs = seen({ isRunning: true });
  it.each<[string, { readonly [gateway: string]: MemberSeen }, number]>([
    ['ROLLOUT_REJECTED', { a: runs, b: seen({ refusal: { code: 'TRUST_LENGTH', at: 0 } }) }, 0],
    ['ROLLOUT_SILENT', { a: runs, b: seen() }, 5 * MINUTE_MS + 1],
    ['ROLLOUT_SILENT', { a: runs, b: seen({ refusal: { code: 'TRUST_SLOW', at: 0 } }) }, 5 * MINUTE_MS + 1],
    ['ROLLOUT_ERRORS', { a: seen({ isRunning: true, now: traffic(100, 0, 6) }), b: runs }, 0],
    ['ROLLOUT_BLOCKS', { a: seen({ isRunning: true, now: traffic(20, 5) }), b: runs }, 0],
  ])('%s, and everybody goes back or stays', (code, of, nowMs) => {
    const { rollout, actions } = step(opened(), looked(of), nowMs);
    expect(rollout).toMatchObject({ state: 'rolled-back', endedAt: nowMs, reason: { code, ring: 'canary' } });
    expect(actions).toMatchObject([
      { type: 'rollBack', members: [{ gateway: 'a' }, { gateway: 'b' }, { gateway: 'c' }] },
    ]);
  });

  it.each<[string, { readonly [gateway: string]: MemberSeen }, number]>([
    ['a refusal from before', { a: seen(), b: seen({ refusal: { code: 'OLD', at: -1 } }) }, 0],
    ['a refusal of the way to it', { a: runs, b: seen({ refusal: { code: 'TRUST_SLOW', at: 0 } }) }, 5 * MINUTE_MS],
    ['silence within the answer time', { a: runs, b: seen() }, 5 * MINUTE_MS],
    ['the allowed rise of errors', { a: seen({ isRunning: true, now: traffic(100, 0, 5) }), b: runs }, 0],
    ['too little traffic', { a: seen({ isRunning: true, now: traffic(19, 19) }), b: runs }, 0],
    [
      'what was blocked before',
      { a: seen({ isRunning: true, now: traffic(100, 60), former: traffic(100, 45) }), b: runs },
      0,
    ],
  ])('not by %s', (_, of, nowMs) => {
    expect(step(opened(), looked(of), nowMs).rollout.state).toBe('running');
  });

  it('only beyond its budget, and the others are still waited for', () => {
    const rollout = opened(two(termsOf('canary', { failures: 1 })));
    const refuses = seen({ refusal: { code: 'TRUST_LENGTH', at: 0 } });
    expect(step(rollout, looked({ a: seen(), b: refuses }), 0).rollout.rings[0]?.steadyAt).toBeNull();
    expect(step(rollout, looked({ a: runs, b: refuses }), 0).rollout.rings[0]?.steadyAt).toBe(0);
    expect(step(rollout, looked({ a: refuses, b: refuses }), 0).rollout.state).toBe('rolled-back');
  });

  it('by a rise of blocks against the rise in the ring before', () => {
    const rings = rolloutOf(ringOf(termsOf('first', { soakMs: 0 }), ['a']), ringOf(termsOf('second'), ['b']));
    const a = seen({ isRunning: true, now: traffic(100, 15) });
    const at = step(rings, looked({ a: seen() }), 0).rollout;
    const second = step(at, looked({ a, b: seen() }), 1).rollout;
    expect(states(second)).toEqual(['done', 'open']);
    const rose = (blocked: number) => looked({ a, b: seen({ isRunning: true, now: traffic(100, blocked) }) });
    expect(step(second, rose(35), 2).rollout.state).toBe('running');
    expect(step(second, rose(36), 2).rollout).toMatchObject({ state: 'rolled-back', reason: { ring: 'second' } });
  });

  it('without going back where the ring says so; resumed, it is judged by what comes then', () => {
    const rollout = opened(two(termsOf('canary', { onFailure: 'halt', soakMs: 0 })));
    const bad = { a: seen({ isRunning: true, now: traffic(40, 40) }), b: runs };
    const halted = step(rollout, looked(bad), 1);
    expect([halted.rollout.state, halted.actions]).toEqual(['halted', []]);
    expect(step(halted.rollout, looked(bad), 1000).rollout).toBe(halted.rollout);
    const resumed = step(halted.rollout, said('resume', bad), 2).rollout;
    expect(resumed).toMatchObject({ state: 'done', rings: [{ isExcused: true, excused: traffic(40, 40) }, {}] });
  });
});

describe('content that multiplied', () => {
  const large = (to: number): Rollout => {
    const [canary, general] = two().rings;
    const grown = (ring: RolloutRing | undefined): RolloutRing[] =>
      ring === undefined
        ? []
        : [{ ...ring, members: ring.members.map((one) => ({ ...one, to: { digest: digest('x'), bytes: to } })) }];
    return rolloutOf(...grown(canary), ...grown(general));
  };

  it('opens no ring before somebody looked', () => {
    expect(step(large(32 * 1024), looked({ a: seen() }), 0).rollout.state).toBe('running');
    const halted = step(large(32 * 1024 + 1), looked({ a: seen() }), 0);
    expect(halted).toMatchObject({ actions: [], rollout: { state: 'halted', reason: { code: 'ROLLOUT_SIZE' } } });
    const resumed = step(halted.rollout, said('resume', { a: seen() }), 1);
    expect([states(resumed.rollout), resumed.actions]).toEqual([['open', 'waiting'], [{ type: 'publish' }]]);
    const skipped = step(halted.rollout, said('skip', { a: seen() }), 1);
    expect([states(skipped.rollout), skipped.actions]).toEqual([['skipped', 'done'], [{ type: 'publish' }]]);
    expect(skipped.rollout.rings.flatMap((ring) => ring.members.map(({ since }) => since))).toEqual([1, 1, 1]);
  });
});

describe('an operator', () => {
  const all = { a: seen({ isRunning: true }), b: seen({ isRunning: true }) };

  it('pauses what opens, not what protects, and resumes', () => {
    const paused = step(opened(), said('pause'), 1).rollout;
    expect(paused).toMatchObject({
      state: 'paused',
      reason: { code: 'ROLLOUT_OPERATOR', by: 'ana', words: 'because' },
    });
    const later = step(paused, looked(all), 1000 * MINUTE_MS).rollout;
    expect(states(step(later, looked(all), 2000 * MINUTE_MS).rollout)).toEqual(['open', 'waiting']);
    const bad = looked({ ...all, b: seen({ refusal: { code: 'X', at: 5 } }) });
    expect(step(later, bad, 2000 * MINUTE_MS).rollout.state).toBe('rolled-back');
    expect(step(later, said('resume', all), 2000 * MINUTE_MS).rollout.state).toBe('done');
  });

  it('skips a ring, or aborts for everybody', () => {
    expect(states(step(opened(), said('skip', all), 1).rollout)).toEqual(['skipped', 'done']);
    const aborted = step(opened(), said('abort', all), 1);
    expect(aborted).toMatchObject({ rollout: { state: 'aborted', endedAt: 1 }, actions: [{ type: 'rollBack' }] });
  });

  it('says nothing to what has ended', () => {
    for (const state of ['done', 'aborted', 'rolled-back', 'superseded'] as const) {
      const ended: Rollout = { ...two(), state, endedAt: 0 };
      for (const verb of VERBS) expect(step(ended, said(verb, all), 1)).toEqual({ rollout: ended, actions: [] });
    }
  });
});

describe('whatever happens', () => {
  const GATEWAYS = ['a', 'b', 'c', 'd', 'e'];
  const OPEN: readonly RolloutState[] = ['running', 'paused', 'halted'];
  const terms = fc.record({ isJudged: fc.boolean(), soak: fc.nat(20), failures: fc.nat(1), halt: fc.boolean() });
  const world = fc.array(terms, { minLength: 1, maxLength: 4 }).map((all) =>
    rolloutOf(
      ...all.map(({ isJudged, soak, failures, halt }, index) =>
        ringOf(
          termsOf(`r${index}`, {
            isJudged,
            soakMs: soak * MINUTE_MS,
            failures,
            onFailure: halt ? 'halt' : 'rollback',
          }),
          index === 0 ? GATEWAYS.slice(0, 2) : [GATEWAYS[index + 1] ?? 'e'],
        ),
      ),
    ),
  );
  const member = fc.record({
    isEnrolled: fc.constantFrom(true, true, true, false),
    hasSpoken: fc.boolean(),
    isRunning: fc.boolean(),
    askedAt: fc.nat(100 * MINUTE_MS),
    refusal: fc.option(fc.record({ code: fc.constant('X'), at: fc.nat(100 * MINUTE_MS) }), { freq: 9 }),
    now: fc.record({ requests: fc.nat(60), blocked: fc.nat(3), errors: fc.nat(3) }),
    former: fc.record({ requests: fc.nat(60), blocked: fc.nat(3), errors: fc.nat(3) }),
  });
  const view: fc.Arbitrary<Seen> = fc
    .array(member, { minLength: GATEWAYS.length, maxLength: GATEWAYS.length })
    .map((all) => new Map(GATEWAYS.map((gateway, index) => [gateway, all[index] ?? seen()])));
  const happening = fc.record({
    verb: fc.constantFrom('observed', 'observed', 'observed', 'observed', ...VERBS),
    after: fc.nat(15 * MINUTE_MS),
    view,
  });

  it('no ring opens before those before it ended, none ends by time alone, and a step repeated does nothing', () => {
    fc.assert(
      fc.property(world, fc.array(happening, { maxLength: 12 }), (start, happenings) => {
        let rollout = start;
        let nowMs = 0;
        for (const { verb, after, view: now } of happenings) {
          nowMs += after;
          const event: RolloutEvent =
            verb === 'observed' ? { type: verb, seen: now } : { type: verb, seen: now, by: 'ana', words: 'why' };
          const next = step(rollout, event, nowMs);
          const ended = (ring: RolloutRing): boolean => ['done', 'skipped', 'empty'].includes(ring.state);
          next.rollout.rings.forEach((ring, index) => {
            const was = rollout.rings[index];
            if (ring.state !== 'waiting') expect(next.rollout.rings.slice(0, index).every(ended)).toBe(true);
            if (was !== undefined && ended(was)) expect(ring.state).toBe(was.state);
            if (!ring.terms.isJudged || ring.state !== 'done' || was?.state === 'done') return;
            const enrolled = ring.members.filter(({ gateway }) => now.get(gateway)?.isEnrolled === true);
            expect(enrolled.some(({ gateway }) => now.get(gateway)?.isRunning === true)).toBe(true);
            if (verb === 'observed') expect(nowMs - (ring.steadyAt ?? nowMs)).toBeGreaterThanOrEqual(ring.terms.soakMs);
          });
          const isOpen = OPEN.includes(next.rollout.state);
          expect(next.rollout.endedAt === null).toBe(isOpen);
          if (rollout.state === 'halted' && verb === 'observed') expect(next.rollout).toBe(rollout);
          const back = next.actions.filter(({ type }) => type === 'rollBack');
          expect(back).toHaveLength(
            ['aborted', 'rolled-back'].includes(next.rollout.state) && rollout.endedAt === null ? 1 : 0,
          );
          const again = step(next.rollout, { type: 'observed', seen: now }, nowMs);
          if (verb === 'observed') expect(again).toEqual({ rollout: next.rollout, actions: [] });
          rollout = next.rollout;
        }
      }),
    );
  });
});
