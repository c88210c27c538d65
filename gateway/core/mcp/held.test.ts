import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalText } from '../../../src/core/bundle/index.ts';
import { type Json, parseJson } from '../../../src/core/model/index.ts';
import { nodeHash } from '../../../src/host/index.ts';
import { digestOf } from './held.ts';

test('the digest of a value is that of its RFC 8785 form', () => {
  const name = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('10', '2', '__proto__', '€', '\u{1f600}'));
  const value = fc.letrec<{ value: Json }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.oneof(name, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    ),
  })).value;
  fc.assert(
    fc.property(value, (item) => {
      expect(digestOf(item, nodeHash)).toBe(nodeHash.sha256(canonicalText(item)));
    }),
  );
});

test('a value with long integers has one of its own, and one with half a character none', () => {
  const long = (last: number): Json => parseJson(`{"b":1,"a":[123456789012345678${last}]}`);
  expect(digestOf(long(1), nodeHash)).toBe(nodeHash.sha256('{"a":[1234567890123456781],"b":1}'));
  expect(digestOf(long(2), nodeHash)).not.toBe(digestOf(long(1), nodeHash));
  expect(digestOf({ a: '\ud800' }, nodeHash)).toBeNull();
});
