import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/core/model/index.ts';
import type { CompiledPolicy } from '../../src/core/policy/index.ts';
import { compiled, documentOf, target } from '../../src/core/policy/policy.testkit.ts';
import { type Candidates, candidatesOf, offeredNames, type RouteQuestion, routeOf } from './routing.ts';

const policyOf = (providers: JsonObject, targets = FOUR): CompiledPolicy =>
  compiled(documentOf('audit-logger', {}, { providers: { targets, ...providers } }));
const FOUR = [
  target({ id: 'a', model: 'small' }),
  target({ id: 'b', model: 'big' }),
  target({ id: 'c', model: 'small' }),
  target({ id: 'd', model: 'other' }),
];
const ALL = ['a', 'b', 'c', 'd'];
const GROUPS = {
  fallback: { enabled: true },
  model_groups: [
    { name: 'fast', targets: ['c', 'a'], aliases: ['quick'], fallback_group: 'strong' },
    { name: 'strong', targets: ['b', 'a'] },
  ],
};

function tiersOf(policy: CompiledPolicy, more: Partial<RouteQuestion>): string {
  const found = candidatesOf(policy, { eligible: ALL, model: null, allowed: null, isModelBound: false, ...more });
  if (typeof found === 'string') return found;
  return `${found.tiers.map((tier) => tier.map(({ id }) => id).join('')).join(' ')} ${found.most}`;
}

describe('who may answer', () => {
  test('without fallback, those that offer the model, and one of them', () => {
    const policy = policyOf({});
    expect(tiersOf(policy, {})).toBe('abcd 1');
    expect(tiersOf(policy, { model: 'small' })).toBe('ac 1');
    expect(tiersOf(policy, { model: 'small', eligible: ['c', 'b', 'a'] })).toBe('ca 1');
  });

  test('with fallback, then the others, and so many as it says', () => {
    expect(tiersOf(policyOf({ fallback: { enabled: true } }), { model: 'small' })).toBe('ac bd 4');
    const two = policyOf({ fallback: { enabled: true, max_fallback_attempts: 1 } });
    expect(tiersOf(two, { model: 'big' })).toBe('b acd 2');
  });

  test('are of one model where answers of two do not compare, unless a group says otherwise', () => {
    const policy = policyOf({ ...GROUPS });
    const bound = { isModelBound: true };
    expect(tiersOf(policy, { model: 'small', ...bound })).toBe('ac 4');
    expect(tiersOf(policy, { model: null, ...bound })).toBe('ac 4');
    expect(tiersOf(policy, { model: null, eligible: ['d', 'a'], ...bound })).toBe('d 4');
    expect(tiersOf(policy, { model: null, eligible: [], ...bound })).toBe('no_compliant_provider');
    expect(tiersOf(policy, { model: 'fast', ...bound })).toBe('ca b 4');
  });

  test('of a group by its name or an alias, its targets in its order and those of the groups that follow', () => {
    const policy = policyOf(GROUPS);
    expect(tiersOf(policy, { model: 'fast' })).toBe('ca b 4');
    expect(tiersOf(policy, { model: 'quick' })).toBe('ca b 4');
    expect(tiersOf(policy, { model: 'strong' })).toBe('ba 4');
    expect(tiersOf(policy, { model: 'fast', eligible: ['b', 'd'] })).toBe('b 4');
    const alone = policyOf({ model_groups: [{ name: 'fast', targets: ['c', 'a'] }] });
    expect(tiersOf(alone, { model: 'fast' })).toBe('ca 1');
  });

  test('is told from nobody by why', () => {
    const policy = policyOf({ ...GROUPS, routing: { ignore: ['d'] } });
    const eligible = ['b'];
    expect(tiersOf(policy, { model: 'nonsense' })).toBe('model_not_found');
    expect(tiersOf(policy, { model: 'other' })).toBe('model_not_found');
    expect(tiersOf(policy, { model: 'small', eligible })).toBe('no_compliant_provider');
    expect(tiersOf(policy, { model: 'fast', eligible: ['d'] })).toBe('no_compliant_provider');
    const inRegion = FOUR.map((item) => (item['id'] === 'a' ? { ...item, region: 'eu' } : item));
    const european = policyOf({ routing: { require_region: 'eu' } }, inRegion);
    expect(tiersOf(european, { model: 'big', eligible: ['a'] })).toBe('no_compliant_provider');
    expect(tiersOf(policy, { model: null, eligible: [] })).toBe('no_compliant_provider');
  });

  test('is what the token may use: models, or groups by a name of theirs', () => {
    const policy = policyOf(GROUPS);
    expect(tiersOf(policy, { model: 'small', allowed: ['small'] })).toBe('ac 4');
    expect(tiersOf(policy, { model: 'fast', allowed: ['fast'] })).toBe('ca 4');
    expect(tiersOf(policy, { model: 'fast', allowed: ['quick', 'strong'] })).toBe('ca b 4');
    expect(tiersOf(policy, { model: 'quick', allowed: ['small'] })).toBe('ca 4');
    expect(tiersOf(policy, { model: 'strong', allowed: ['small'] })).toBe('a 4');
    expect(tiersOf(policy, { model: 'strong', allowed: ['fast'] })).toBe('model_not_allowed');
  });

  test('law: nobody whom policies, routing or token rule out is ever tried, on no fallback', () => {
    const names = ['small', 'big', 'other', 'fast', 'quick', 'strong', 'nonsense'];
    const policies = [policyOf({}), policyOf(GROUPS), policyOf({ ...GROUPS, routing: { ignore: ['d'] } })];
    fc.assert(
      fc.property(
        fc.constantFrom(...policies),
        fc.record({
          eligible: fc.shuffledSubarray(ALL),
          model: fc.option(fc.constantFrom(...names)),
          allowed: fc.option(fc.subarray(names)),
          isModelBound: fc.boolean(),
        }),
        (policy, question) => {
          const { eligible, model, allowed, isModelBound } = question;
          const found = candidatesOf(policy, question);
          if (typeof found === 'string') return;
          const tried = [...routeOf(found, (tier) => tier.toReversed())];
          if (isModelBound && !policy.groups.has(model ?? '')) {
            expect(new Set(tried.map((target) => target.model)).size).toBe(1);
          }
          expect(found.most).toBe(policy.fallback.enabled ? 1 + policy.fallback.maxAttempts : 1);
          expect(new Set(tried).size).toBe(tried.length);
          for (const { id, model: own, excludedBy } of tried) {
            expect(eligible).toContain(id);
            expect(excludedBy).toBeNull();
            const groups = [...policy.groups].filter(([, group]) => group.targets.includes(id));
            const isAllowed =
              allowed === null || allowed.includes(own) || groups.some(([name]) => allowed.includes(name));
            expect(isAllowed).toBe(true);
          }
        },
      ),
    );
  });
});

test('a tier is ordered when it is reached', () => {
  const [a, b, c] = policyOf({}).targets;
  if (a === undefined || b === undefined || c === undefined) throw new Error('no targets');
  const candidates: Candidates = { tiers: [[a, b], [c]], most: 3 };
  const reached: number[] = [];
  const order = <T>(tier: readonly T[]): readonly T[] => {
    reached.push(tier.length);
    return tier;
  };
  const route = routeOf(candidates, order);
  expect([route.next().value, route.next().value]).toEqual([a, b]);
  expect(reached).toEqual([2]);
  expect([route.next().value, route.next().done]).toEqual([c, true]);
});

test('what is offered are models and groups that may be used, by name', () => {
  const policy = policyOf({ ...GROUPS, routing: { ignore: ['d'] } });
  expect(offeredNames(policy, null)).toEqual(['small', 'big', 'fast', 'quick', 'strong']);
  expect(offeredNames(policy, ['big', 'quick'])).toEqual(['big', 'fast', 'quick', 'strong']);
  expect(offeredNames(policy, ['other'])).toEqual([]);
});
