import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toKeyed } from '../kinds/index.ts';
import { isJsonObject, type Json, type JsonObject } from '../model/index.ts';
import { mergeThreeWay } from './index.ts';
import { orgObjects } from './objects.testkit.ts';

const make = orgObjects('acme');

/** Gateways in keyed form: closed maps, a list with keys, a set, plain values. */
const gateway: fc.Arbitrary<JsonObject> = fc
  .record({
    teams: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
    region: fc.constantFrom('eu', 'us', 'ap'),
    upstreams: fc.uniqueArray(
      fc.record({
        id: fc.constantFrom('main', 'large', 'spare'),
        account: fc.constantFrom('one', 'two'),
        region: fc.constantFrom('eu', 'us'),
      }),
      { selector: ({ id }) => id },
    ),
  })
  .map((spec) => toKeyed('Gateway', make.gateway('edge', spec).document));

const merge = (base: Json, ours: Json, theirs: Json) => mergeThreeWay('Gateway', { base, ours, theirs });

/** Every pointer at which a keyed document holds a plain value. */
function leaves(value: Json | undefined, at = ''): ReadonlyMap<string, Json> {
  if (!isJsonObject(value)) return new Map(value === undefined ? [] : [[at, value]]);
  return new Map(Object.entries(value).flatMap(([key, item]) => [...leaves(item, `${at}/${key}`)]));
}

describe('laws of the three-way merge', () => {
  test('who changed nothing takes what the other has', () => {
    fc.assert(
      fc.property(gateway, gateway, (base, x) => {
        expect(merge(base, base, x)).toEqual({ value: x, clashes: [] });
        expect(merge(base, x, base)).toEqual({ value: x, clashes: [] });
      }),
    );
  });

  test('two equal changes are one', () => {
    fc.assert(
      fc.property(gateway, gateway, (base, x) => {
        expect(merge(base, x, x)).toEqual({ value: x, clashes: [] });
      }),
    );
  });

  test('sides may be swapped: the same clashes, and the same value where there are none', () => {
    fc.assert(
      fc.property(gateway, gateway, gateway, (base, ours, theirs) => {
        const [one, other] = [merge(base, ours, theirs), merge(base, theirs, ours)];
        const places = (merged: typeof one) => merged.clashes.map(({ pointer }) => pointer).sort();
        expect(places(one)).toEqual(places(other));
        if (one.clashes.length === 0) expect(one.value).toEqual(other.value);
      }),
    );
  });

  test('nothing of ours is lost: what we set stands, what we took away is gone, or it is a clash', () => {
    fc.assert(
      fc.property(gateway, gateway, gateway, (base, ours, theirs) => {
        const { value, clashes } = merge(base, ours, theirs);
        const [was, own, merged] = [leaves(base), leaves(ours), leaves(value)];
        const clashing = (pointer: string): boolean => clashes.some((clash) => pointer.startsWith(clash.pointer));
        for (const [pointer, leaf] of own) if (was.get(pointer) !== leaf) expect(merged.get(pointer)).toEqual(leaf);
        for (const pointer of was.keys())
          if (!own.has(pointer) && !clashing(pointer)) expect(merged.has(pointer)).toBe(false);
      }),
    );
  });

  test('nothing of theirs is lost without a clash that names it', () => {
    fc.assert(
      fc.property(gateway, gateway, gateway, (base, ours, theirs) => {
        const { value, clashes } = merge(base, ours, theirs);
        const [was, merged] = [leaves(base), leaves(value)];
        const clashing = (pointer: string): boolean => clashes.some((clash) => pointer.startsWith(clash.pointer));
        for (const [pointer, leaf] of leaves(theirs))
          if (was.get(pointer) !== leaf && !clashing(pointer)) expect(merged.get(pointer)).toEqual(leaf);
      }),
    );
  });
});

describe('by schema', () => {
  const wallet = (spec: JsonObject): JsonObject => toKeyed('Wallet', make.wallet('main', spec).document);
  const at = (sides: readonly [JsonObject, JsonObject, JsonObject]) =>
    mergeThreeWay('Wallet', { base: sides[0], ours: sides[1], theirs: sides[2] });

  test('members of a set that merges by union come together', () => {
    const merged = at([
      wallet({ thresholds: [80, 100] }),
      wallet({ thresholds: [40, 80, 100] }),
      wallet({ thresholds: [50, 100] }),
    ]);
    expect(merged).toEqual({ value: wallet({ thresholds: [40, 50, 100] }), clashes: [] });
  });

  test('one field that both changed is a clash with all three sides', () => {
    const merged = at([wallet({ limit: '900' }), wallet({ limit: '600' }), wallet({ limit: '800' })]);
    expect(merged.clashes).toEqual([{ pointer: '/spec/limit', base: '900', ours: '600', theirs: '800' }]);
    expect(merged.value).toEqual(wallet({ limit: '600' }));
  });

  test('a list that nothing merges is one value', () => {
    const allowed = (...items: string[]): JsonObject => ({ spec: { document: { anything: items } } });
    const sides = { base: allowed('a'), ours: allowed('a', 'b'), theirs: allowed('c', 'a') };
    const merged = mergeThreeWay('Policy', sides);
    expect(merged.clashes.map(({ pointer }) => pointer)).toEqual(['/spec/document/anything']);
  });
});
