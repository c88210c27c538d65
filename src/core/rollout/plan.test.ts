import { describe, expect, it } from 'vitest';
import type { Content, Denial, Hold, Release, Rollout } from '../model/index.ts';
import { generationOf } from './overrides.ts';
import { type PlanInput, planDelivery } from './plan.ts';
import { digest, ringOf, rolloutOf, seen, termsOf } from './rollout.testkit.ts';

const content = (text: string): Content => ({ digest: digest(text), bytes: 1000 });
const release = (gateway: string, generation: number, text: string): Release => ({
  gateway,
  generation,
  contentDigest: digest(text),
  bytes: 1000,
});

/** Two gateways, `a` in ring canary and `b` in ring general; both have `one` by generation 1, and Git wants it. */
const input = (change: Partial<PlanInput> = {}): PlanInput => ({
  wanted: new Map(['a', 'b'].map((name) => [name, content('one')])),
  applied: { pins: [], secrets: new Map() },
  rollout: null,
  overrides: [],
  ended: [],
  releases: ['a', 'b'].map((name) => release(name, 1, 'one')),
  published: new Map(['a', 'b'].map((name) => [name, digest('one')])),
  terms: [termsOf('canary'), termsOf('general', { isJudged: false, soakMs: 0 })],
  ringOf: (gateway) => (gateway === 'a' ? 'canary' : 'general'),
  seenOf: () => new Map(['a', 'b'].map((name) => [name, seen()])),
  generation: 2,
  nowMs: 100,
  ...change,
});
const wants = (a: string, b = a): Pick<PlanInput, 'wanted'> => ({
  wanted: new Map([
    ['a', content(a)],
    ['b', content(b)],
  ]),
});
const given = (of: PlanInput): readonly string[] =>
  [...planDelivery(of).delivered].map(
    ([gateway, { digest: of_, why }]) => `${gateway} ${of_.replace(/0+$/, '')} ${why}`,
  );

const facts = {
  generation: 2,
  actor: 'ana',
  reason: 'why',
  createdAt: 50,
  expiresAt: 1000,
  isInGit: false,
  endedAt: null,
  endedWhy: null,
};
const hold = (change: Partial<Hold> = {}): Hold => ({
  ...facts,
  kind: 'rollback',
  id: 'rollback-2',
  to: 1,
  contents: { a: digest('zero'), b: digest('zero') },
  against: null,
  ...change,
});
const deny = (of: Denial['of'], name: string, change: Partial<Denial> = {}): Denial => ({
  ...facts,
  kind: 'deny',
  id: 'deny-2',
  of,
  name,
  ...change,
});

describe('what Git wants', () => {
  it('comes through the rings', () => {
    const plan = planDelivery(input(wants('two')));
    expect(given(input(wants('two')))).toEqual(['a two current', 'b one waiting']);
    expect(plan).toMatchObject({ released: ['a', 'b'], rollouts: [{ generation: 2, state: 'running' }] });
  });

  it('comes at once to who has nothing, and where no ring is judged', () => {
    expect(given(input({ ...wants('two'), published: new Map([['a', digest('one')]]) }))).toEqual([
      'a two current',
      'b two current',
    ]);
    expect(
      given(input({ ...wants('two'), terms: [termsOf('canary', { isJudged: false })], ringOf: () => 'canary' })),
    ).toEqual(['a two current', 'b two current']);
  });

  it('and nothing else, where nothing changed', () => {
    const plan = planDelivery(input());
    expect(plan).toMatchObject({ released: [], rollouts: [], changedOverrides: [] });
    expect(given(input())).toEqual(['a one current', 'b one current']);
  });
});

describe('another change during a rollout', () => {
  const releases = ['a', 'b'].flatMap((name) => [release(name, 1, 'one'), release(name, 2, 'two')]);
  const ring = (name: 'canary' | 'general', gateway: string, state: 'open' | 'waiting' | 'done') => {
    const made = ringOf(termsOf(name), [gateway], { state });
    const member = { gateway, from: content('one'), to: content('two'), before: digest('one') };
    return { ...made, members: [{ ...member, since: state === 'waiting' ? null : 5 }] };
  };
  const during = (state: 'open' | 'done', rollout: Partial<Rollout> = {}): Partial<PlanInput> => ({
    rollout: { ...rolloutOf(ring('canary', 'a', state), ring('general', 'b', 'waiting')), ...rollout },
    releases,
    published: new Map([
      ['a', digest('two')],
      ['b', digest('one')],
    ]),
    generation: 3,
  });

  it('takes its place, and what was still judged is judged again', () => {
    const change = input({ ...during('open'), ...wants('two', 'three') });
    const plan = planDelivery(change);
    expect(plan.rollouts).toMatchObject([
      { generation: 2, state: 'superseded', endedAt: 100 },
      {
        generation: 3,
        rings: [{ state: 'open', members: [{ gateway: 'a', from: { digest: digest('one') }, since: 5 }] }, {}],
      },
    ]);
    expect(given(change)).toEqual(['a two current', 'b one waiting']);
  });

  it('goes on from rings that were done', () => {
    const change = input({ ...during('done'), ...wants('two', 'three') });
    expect(given(change)).toEqual(['a two current', 'b three current']);
  });

  it('a halt holds the rollout that halted, and no other', () => {
    const halted = during('open', { state: 'halted' });
    expect(given(input({ ...halted, ...wants('two') }))).toEqual(['a two current', 'b one waiting']);
    const plan = planDelivery(input({ ...halted, ...wants('three') }));
    expect(plan.rollouts.map(({ state }) => state)).toEqual(['superseded', 'running']);
  });

  it('is none where only an override comes or ends: who paused it, or what halted it, still holds', () => {
    const reason = { code: 'ROLLOUT_OPERATOR', ring: 'canary', words: 'wait', by: 'ana', at: 3 } as const;
    for (const state of ['paused', 'halted'] as const) {
      const stopped = { ...during('open', { state, reason }), ...wants('two') };
      const held = input({ ...stopped, overrides: [hold({ contents: { b: digest('zero') } })] });
      expect(planDelivery(held).rollouts).toMatchObject([{ state: 'superseded' }, { state, reason }]);
      expect(given(held)).toEqual(['a two current', 'b zero rolled-back']);
      const over = { ...held, overrides: [hold({ contents: { b: digest('zero') }, expiresAt: 100 })] };
      const [, next] = planDelivery(over).rollouts;
      expect(next).toMatchObject({ state, reason, rings: [{ state: 'open' }, { state: 'waiting' }] });
      expect(given(over)).toEqual(['a two current', 'b one waiting']);
    }
  });

  it('is none where an override holds a whole ring that is judged: no later ring has the content unjudged', () => {
    const overrides = [hold({ id: 'rollback-3', contents: { a: digest('one') } })];
    const held = input({ ...during('open'), ...wants('two'), overrides });
    const [, paused] = planDelivery(held).rollouts;
    const reason = { code: 'ROLLOUT_HELD', ring: 'canary', by: 'ana' };
    expect(paused).toMatchObject({
      state: 'paused',
      reason,
      rings: [{ terms: { name: 'general' }, state: 'waiting' }],
    });
    expect(given(held)).toEqual(['a one rolled-back', 'b one waiting']);
    const again = { ...held, rollout: paused ?? null, generation: 4 };
    const other = hold({ id: 'rollback-1', contents: {}, expiresAt: 100 });
    expect(planDelivery({ ...again, overrides: [...overrides, other] }).rollouts[1]).toMatchObject({ reason });
    const newer = planDelivery({ ...again, ...wants('two', 'three') });
    expect(newer.rollouts[1]).toMatchObject({ state: 'paused', reason, rings: [{ state: 'waiting' }] });
    expect(newer.delivered.get('b')).toMatchObject({ digest: digest('one'), why: 'waiting' });
    const over = { ...again, overrides: overrides.map((item) => ({ ...item, expiresAt: 100 })) };
    expect(planDelivery(over).rollouts[1]).toMatchObject({ state: 'running', reason: null });
    expect(given(over)).toEqual(['a two current', 'b one waiting']);
  });

  it('that takes a gateway away takes it out of the rollout, which would wait for it or go back by it', () => {
    const left = (name: string) => ({ wanted: new Map([[name, content('two')]]) });
    const general = planDelivery(input({ ...during('open'), ...left('b') }));
    expect(general.rollouts[1]).toMatchObject({ state: 'paused', reason: { code: 'ROLLOUT_HELD', by: 'controller' } });
    expect(general.delivered).toEqual(new Map([['b', { digest: digest('one'), why: 'waiting' }]]));
    const canary = planDelivery(input({ ...during('open'), ...left('a') }));
    expect(canary.rollouts[1]).toMatchObject({ state: 'running', rings: [{ state: 'open', members: [{ since: 5 }] }] });
    const nobody = planDelivery(input({ ...during('open'), wanted: new Map() }));
    expect(nobody.rollouts).toMatchObject([{ state: 'superseded', endedAt: 100 }]);
  });

  it('back to what everybody had is no rollout at all', () => {
    const plan = planDelivery(input({ ...during('open'), ...wants('one') }));
    expect(plan.rollouts).toMatchObject([{ state: 'superseded' }]);
    expect([...plan.delivered.values()].map(({ digest: of }) => of)).toEqual([digest('one'), digest('one')]);
  });
});

describe('an override', () => {
  it('holds gateways on older content at once, whatever Git comes to want', () => {
    expect(given(input({ overrides: [hold()] }))).toEqual(['a zero rolled-back', 'b zero rolled-back']);
    const change = input({ ...wants('two'), overrides: [hold({ contents: { b: digest('zero') } })] });
    expect(given(change)).toEqual(['a two current', 'b zero rolled-back']);
  });

  it('ends by its expiry, and what Git wants comes through the rings', () => {
    const over = input({ overrides: [hold()], nowMs: 1000 });
    expect(planDelivery(over).changedOverrides).toMatchObject([{ endedAt: 1000, endedWhy: 'expired' }]);
    expect(given(over)).toEqual(['a one current', 'b zero waiting']);
  });

  it('of an automatic rollback ends when other content comes', () => {
    const against = { a: digest('bad'), b: digest('bad') };
    const held = { releases: ['a', 'b'].map((name) => release(name, 2, 'bad')), overrides: [hold({ against })] };
    expect(planDelivery(input({ ...held, ...wants('bad') })).changedOverrides).toEqual([]);
    expect(planDelivery(input({ ...held, ...wants('mended') })).changedOverrides).toMatchObject([
      { endedWhy: 'other content was applied' },
    ]);
  });

  it('takes gateways out of an open rollout', () => {
    const rollout = rolloutOf(ringOf(termsOf('canary'), ['a'], { state: 'open' }), ringOf(termsOf('general'), ['b']));
    const plan = planDelivery(input({ rollout, overrides: [hold()] }));
    expect(plan.rollouts).toMatchObject([{ state: 'superseded' }]);
  });

  it('drops a denied gateway, until Git has dropped it too', () => {
    expect(given(input({ overrides: [deny('gateway', 'a')] }))).toEqual(['b one current']);
    const gone = input({ wanted: new Map([['b', content('one')]]), overrides: [deny('gateway', 'a')] });
    expect(planDelivery(gone).changedOverrides).toMatchObject([{ endedWhy: 'the gateway left the repository' }]);
  });

  it('on a token ends when every secret that it had is gone', () => {
    const applied = (...from: readonly number[]) => ({ pins: [], secrets: new Map([['app', from]]) });
    const ended = (of: PlanInput['applied']) =>
      planDelivery(input({ applied: of, overrides: [deny('token', 'app')] })).changedOverrides.length;
    expect([ended(applied(10, 60)), ended(applied(60)), ended({ pins: [], secrets: new Map() })]).toEqual([0, 1, 1]);
  });
});

describe('a denial of a token that ended because its secrets left', () => {
  const left = { ...deny('token', 'app'), endedAt: 80, endedWhy: 'its secrets left the repository' };
  const again = (from: readonly number[], ended: Denial, nowMs = 100) =>
    planDelivery(input({ applied: { pins: [], secrets: new Map([['app', from]]) }, ended: [ended], nowMs }));

  it('holds again when one of them is back, and is not recorded twice', () => {
    const plan = again([10, 60], left);
    expect(plan.overrides).toEqual([{ ...left, endedAt: null, endedWhy: null }]);
    expect(plan.changedOverrides).toEqual(plan.overrides);
    const secrets = new Map([['app', [10, 60]]]);
    const next = planDelivery(input({ applied: { pins: [], secrets }, overrides: plan.overrides }));
    expect([next.overrides.length, next.changedOverrides]).toEqual([1, []]);
  });

  it.each([
    ['of secrets that are newer', () => again([60], left)],
    ['after its time', () => again([10], left, left.expiresAt)],
    ['that somebody ended', () => again([10], { ...left, expiresAt: 80 })],
    ['of a gateway', () => again([10], { ...left, of: 'gateway' })],
    ['of another token', () => again([10], { ...left, name: 'other' })],
  ])('holds not again %s', (_title, plan) => {
    expect(plan().changedOverrides).toEqual([]);
  });
});

describe('a pin of the repository', () => {
  const pin = { name: 'rollback-2', gateway: null, generation: 1, reason: 'until spring', expiresAt: 5000 };
  const releases = ['a', 'b'].flatMap((name) => [release(name, 1, 'zero'), release(name, 2, 'one')]);
  const pinned = (change: Partial<PlanInput> = {}): PlanInput =>
    input({ applied: { pins: [pin], secrets: new Map() }, releases, ...change });

  it('holds as an override does', () => {
    expect(given(pinned())).toEqual(['a zero rolled-back', 'b zero rolled-back']);
    expect(planDelivery(pinned()).changedOverrides).toMatchObject([{ id: 'rollback-2', isInGit: true, to: 1 }]);
    expect(given(pinned({ nowMs: 5000 }))).toEqual(['a one current', 'b one current']);
  });

  it('takes over the override that it was written from, which ends with it', () => {
    const taken = planDelivery(pinned({ overrides: [hold()] })).changedOverrides;
    expect(taken).toMatchObject([{ id: 'rollback-2', isInGit: true, expiresAt: 5000, endedAt: null }]);
    expect(planDelivery(pinned({ overrides: taken })).changedOverrides).toEqual([]);
    expect(planDelivery(input({ overrides: taken })).changedOverrides).toMatchObject([
      { endedAt: 100, endedWhy: 'its file left the repository' },
    ]);
  });

  it('of content that is not kept is told', () => {
    expect(planDelivery(pinned({ releases: releases.slice(1, 2) })).unknownPins).toEqual([pin]);
  });

  it('to a generation that never was holds nothing and is told', () => {
    const { generation } = pinned();
    const never = { ...pin, generation };
    const plan = planDelivery(pinned({ applied: { pins: [never], secrets: new Map() } }));
    expect([plan.unknownPins, plan.changedOverrides]).toEqual([[never], []]);
    expect(given(pinned({ applied: { pins: [never], secrets: new Map() } }))).toEqual([
      'a one current',
      'b one current',
    ]);
  });
});

it.each([
  ['right before it', { a: 'two', b: 'two' }, 3],
  ['before what came between', { a: 'one', b: 'one' }, 1],
  ['of which each gateway has its own', { a: 'one', b: 'two' }, 3],
])('a rollback leads to the generation %s', (_what, contents, generation) => {
  const releases = ['a', 'b'].flatMap((name) => [release(name, 1, 'one'), release(name, 2, 'two')]);
  const digests = Object.fromEntries(Object.entries(contents).map(([name, text]) => [name, digest(text)]));
  expect(generationOf(releases, digests, 4)).toBe(generation);
});
