import { expect, it } from 'vitest';
import { wholeNumber } from './whole-number.ts';

it.each([
  ['0', 0],
  ['007', 7],
  ['9007199254740991', Number.MAX_SAFE_INTEGER],
])('reads %j', (text, number) => {
  expect(wholeNumber(text)).toBe(number);
});

it.each(['', ' 1', '1 ', '+1', '-1', '1.0', '1e2', '0x10', '0b1', '1_000', '٣', '9007199254740992', '1'.repeat(17)])(
  'takes %j for none',
  (text) => {
    expect(wholeNumber(text)).toBeUndefined();
  },
);
