import { describe, expect, it } from 'vitest';
import type { Json } from '../model/index.ts';
import { type Decoder, decode, flag, integer, list, nullable, oneOf, record, text } from './decode.ts';

/** The value, or what the reader says is wrong. */
function read<T>(decoder: Decoder<T>, value: Json): unknown {
  const decoded = decode(decoder, value, 'TRUST_BUNDLE_SHAPE');
  return decoded.ok ? decoded.value : `${decoded.code}: ${decoded.detail}`;
}

const refused = (detail: string): string => `TRUST_BUNDLE_SHAPE: expected ${detail}`;

describe('a decoder takes what it describes, and says where something else stands', () => {
  const point = record<{ x: number }>({ x: integer(0, 9) });
  const seven = text(/^7$/, 'a seven');

  it.each([
    [point, { x: 1 }, { x: 1 }],
    [point, { x: 10 }, refused('an integer from 0 to 9 at /x, found 10')],
    [point, { x: -1 }, refused('an integer from 0 to 9 at /x, found -1')],
    [point, { x: 0.5 }, refused('an integer from 0 to 9 at /x, found 0.5')],
    [point, { x: '1' }, refused('an integer from 0 to 9 at /x, found "1"')],
    [point, {}, refused('the field x at the root, found none')],
    [point, { x: 1, y: 1 }, refused('the fields x at the root, found "y"')],
    [point, null, refused('an object at the root, found null')],
    [point, [], refused('an object at the root, found an array')],
    [point, 'x', refused('an object at the root, found "x"')],
    [list(seven, 2), ['7', '7'], ['7', '7']],
    [list(seven, 2), ['7', '8'], refused('a seven at /1, found "8"')],
    [list(seven, 2), ['7', '7', '7'], refused('at most 2 items at the root, found 3')],
    [list(seven, 2), '77', refused('an array at the root, found "77"')],
    [list(seven, 2), {}, refused('an array at the root, found an object')],
    [seven, 7, refused('a seven at the root, found 7')],
    [oneOf('a', 'b'), 'b', 'b'],
    [oneOf('a', 'b'), 'c', refused('"a" or "b" at the root, found "c"')],
    [flag, false, false],
    [flag, 0, refused('true or false at the root, found 0')],
    [nullable(seven), null, null],
    [nullable(seven), '8', refused('a seven at the root, found "8"')],
  ] as readonly (readonly [Decoder<unknown>, Json, unknown])[])('%# %j gives %j', (decoder, value, expected) => {
    expect(read(decoder, value)).toEqual(expected);
  });
});

it('a defect in a decoder is no refusal', () => {
  const defect: Decoder<string> = () => {
    throw new RangeError('a defect');
  };
  expect(() => read(defect, null)).toThrow(RangeError);
});
