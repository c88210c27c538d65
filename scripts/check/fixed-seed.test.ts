import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FIXED_SEED, seedOf } from './property-seed.ts';

/** What a property that names no seed is tried with. */
const drawn = (): readonly number[] => {
  const values: number[] = [];
  fc.assert(
    fc.property(fc.integer(), (value) => {
      values.push(value);
    }),
    { numRuns: 20 },
  );
  return values;
};
const seed = seedOf(process.env['TENANTRY_PROPERTY_SEED']);
/** The soak asks for many times the cases, in this test too. */
const TIMES = Number(process.env['TENANTRY_PROPERTY_TIMES'] ?? 1);

it('a property that names no seed draws what the fixed seed gives, every time', () => {
  const expected = fc.sample(fc.integer(), { numRuns: 20 * TIMES, seed });
  expect(drawn()).toEqual(expected);
  expect(drawn()).toEqual(expected);
});

it('the seed is the fixed one unless a run asks for another', () => {
  expect(seedOf(undefined)).toBe(FIXED_SEED);
  expect(seedOf('7')).toBe(7);
  expect(seedOf('-7')).toBe(-7);
  for (const asked of ['', ' ', '1.5', 'seven', '1e99']) expect(() => seedOf(asked)).toThrow('whole number');
});
