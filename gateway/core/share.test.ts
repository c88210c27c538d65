import { expect, test } from 'vitest';
import { isWithinShare, type Taken } from './share.ts';

const taken = (token: string | null, ...sizes: readonly number[]): readonly Taken[] =>
  sizes.map((size) => ({ token, size }));

test.each([
  ['the first, however large', [], { token: 'a', size: 90 }, true],
  ['what fills the quarter', taken('a', 10, 10), { token: 'a', size: 5 }, true],
  ['what is more than the quarter', taken('a', 10, 10), { token: 'a', size: 6 }, false],
  ['another token, whatever the first has', taken('a', 90), { token: 'b', size: 25 }, true],
  ['callers without tokens, which are all alike', taken(null, 50, 40), { token: null, size: 10 }, true],
] as const)('of a hundred: %s', (_, before, wanted, may) => {
  expect(isWithinShare(before, wanted, 100)).toBe(may);
});
