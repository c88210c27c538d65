import { expect, it } from 'vitest';
import { slopeOf } from './slope.ts';

it('a slope is what one more adds, whatever lies around the line', () => {
  expect(
    slopeOf([
      [0, 7],
      [10, 7],
      [20, 7],
    ]),
  ).toBe(0);
  expect(
    slopeOf([
      [100, 50],
      [200, 250],
      [300, 450],
    ]),
  ).toBe(2);
  expect(
    slopeOf([
      [0, 1],
      [1, -1],
      [2, -1],
      [3, 1],
    ]),
  ).toBe(0);
  expect(slopeOf([[1, 1]])).toBeNaN();
});
