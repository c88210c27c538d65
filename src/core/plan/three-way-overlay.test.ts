import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromKeyed, toKeyed } from '../kinds/index.ts';
import type { Json, JsonObject } from '../model/index.ts';
import { type Choice, judgePatches, type Patch, sameJson, type Verdict } from './index.ts';
import { orgObjects } from './objects.testkit.ts';

const make = orgObjects('acme');
const wallet = (spec: JsonObject = {}): JsonObject =>
  make.wallet('main', { limit: '900', thresholds: [80, 100], ...spec }).document;

function judge(theirs: JsonObject | null, patches: readonly Patch[], choice: Choice | null = null): readonly Verdict[] {
  return judgePatches({ kind: 'Wallet', base: wallet(), theirs, patches, decided: () => choice });
}

const LIMIT: Patch = { op: 'replace', path: '/spec/limit', was: '900', value: '600' };
const MEMBERS: Patch = { op: 'replace', path: '/spec/thresholds', was: [80, 100], value: [40, 80, 100] };
const EARLY: Patch = { op: 'add', path: '/spec/thresholds/40', value: true };
const GONE: Patch = { op: 'remove', path: '/spec/thresholds/80', was: true };

describe('a patch against a new template', () => {
  const without80 = wallet({ thresholds: [100] });
  const rows: readonly (readonly [string, JsonObject | null, Patch, object])[] = [
    ['says the same: unchanged', wallet(), LIMIT, { type: 'unchanged' }],
    ['changed elsewhere: unchanged', wallet({ thresholds: [50, 100] }), LIMIT, { type: 'unchanged' }],
    ['says what the patch says: unnecessary', wallet({ limit: '600' }), LIMIT, { type: 'unnecessary' }],
    [
      'same members in another order: unnecessary',
      wallet({ thresholds: [100, 80, 40] }),
      MEMBERS,
      { type: 'unnecessary' },
    ],
    [
      'other members: own value, new guard, and it says that it hides them',
      wallet({ thresholds: [80, 90, 100] }),
      MEMBERS,
      { type: 'refreshed', hides: true, patch: { value: [40, 80, 100], was: [80, 90, 100] } },
    ],
    [
      'changed the same field: conflict with all sides',
      wallet({ limit: '800' }),
      LIMIT,
      {
        type: 'conflict',
        cause: 'both-changed',
        base: '900',
        ours: '600',
        theirs: '800',
        suggestion: { take: 'ours' },
      },
    ],
    [
      'no such object: conflict',
      null,
      LIMIT,
      { type: 'conflict', cause: 'target-gone', suggestion: { take: 'theirs' } },
    ],
    ['a member added that is there: unnecessary', wallet({ thresholds: [40, 100] }), EARLY, { type: 'unnecessary' }],
    ['a member added that is not: unchanged', wallet({ thresholds: [100] }), EARLY, { type: 'unchanged' }],
    ['a member taken away that is gone: unnecessary', without80, GONE, { type: 'unnecessary' }],
  ];
  test.each(rows)('%s', (_, theirs, patch, wanted) => expect(judge(theirs, [patch])[0]).toMatchObject(wanted));

  test('a field that is gone is a conflict', () => {
    const warn: Patch = { op: 'replace', path: '/spec/parent', was: 'org', value: 'other' };
    const [verdict] = judgePatches({
      kind: 'Wallet',
      base: wallet({ parent: 'org' }),
      theirs: wallet(),
      patches: [warn],
      decided: () => null,
    });
    expect(verdict).toMatchObject({
      type: 'conflict',
      cause: 'field-gone',
      base: 'org',
      ours: 'other',
      theirs: undefined,
    });
  });

  test('each patch sees those before it', () => {
    const second: Patch = { ...LIMIT, was: '600', value: '500' };
    expect(judge(wallet(), [LIMIT, second]).map(({ type }) => type)).toEqual(['unchanged', 'unchanged']);
  });
});

describe('a decision', () => {
  const theirs = wallet({ limit: '800' });
  test('for ours keeps the value under the guard of the new template', () => {
    expect(judge(theirs, [LIMIT], { take: 'ours' })[0]).toMatchObject({
      type: 'refreshed',
      patch: { op: 'replace', was: '800', value: '600' },
    });
  });
  test('for theirs takes the patch out', () => {
    expect(judge(theirs, [LIMIT], { take: 'theirs' })[0]).toEqual({ type: 'unnecessary' });
  });
  test('for a value writes it', () => {
    expect(judge(theirs, [LIMIT], { take: 'value', value: '700' })[0]).toMatchObject({
      patch: { was: '800', value: '700' },
    });
  });
  test('that cannot be followed leaves the conflict', () => {
    expect(judge(null, [LIMIT], { take: 'ours' })[0]?.type).toBe('conflict');
  });
});

test('nothing of ours is lost: what a patch set is in the result, or it is a conflict', () => {
  const amount = fc.constantFrom('100', '200', '300');
  const members = fc.uniqueArray(fc.constantFrom(20, 40, 60, 80, 100));
  const side = fc.record({ limit: amount, thresholds: members });
  fc.assert(
    fc.property(side, side, side, (base, ours, theirs) => {
      const patches: readonly Patch[] = [
        { op: 'replace', path: '/spec/limit', was: base.limit, value: ours.limit },
        { op: 'replace', path: '/spec/thresholds', was: base.thresholds, value: ours.thresholds },
      ];
      const sides = { base: wallet(base), theirs: wallet(theirs) };
      const verdicts = judgePatches({ kind: 'Wallet', ...sides, patches, decided: () => null });
      const keyed = toKeyed('Wallet', sides.theirs);
      const spec: Record<string, Json> = { ...(keyed['spec'] as JsonObject) };
      patches.forEach((patch, index) => {
        const name = patch.path.slice('/spec/'.length);
        const verdict = verdicts[index];
        if (verdict?.type === 'conflict') return;
        const made = verdict?.type === 'refreshed' ? verdict.patch : patch;
        if (verdict?.type === 'unchanged' || verdict?.type === 'refreshed') spec[name] = made.value as Json;
        const result = toKeyed('Wallet', fromKeyed('Wallet', { ...keyed, spec }));
        const wanted = toKeyed('Wallet', wallet(ours));
        expect(sameJson((result['spec'] as JsonObject)[name], (wanted['spec'] as JsonObject)[name])).toBe(true);
        if (verdict?.type === 'refreshed')
          expect(made.was).toEqual(fromKeyed('Wallet', keyed)['spec']?.[name as never]);
      });
    }),
  );
});
