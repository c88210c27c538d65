import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Hash } from '../../core/model/index.ts';
import { nodeHash } from '../../host/index.ts';
import { createIdSet } from './ids.ts';

test('a set of ids has what was put into it, once each, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 60 }), fc.string({ maxLength: 3 }), (ids, other) => {
      const [made, plain] = [createIdSet(nodeHash), new Set<string>()];
      for (const id of ids) {
        expect(made.add(id)).toBe(!plain.has(id));
        plain.add(id);
      }
      expect([...ids, other].map(made.has)).toEqual([...ids, other].map((id) => plain.has(id)));
    }),
  );
});

test('it grows', () => {
  const made = createIdSet(nodeHash);
  const ids = Array.from({ length: 10_000 }, (_, index) => `req_${index}`);
  expect(ids.every(made.add)).toBe(true);
  expect(ids.some(made.add)).toBe(false);
  expect(ids.every(made.has)).toBe(true);
  expect(made.has('req_10000')).toBe(false);
});

test('ids whose digests begin alike are told apart, also where one is nothing but zeros', () => {
  const digests = new Map([
    ['zero', '0'.repeat(64)],
    ['begin', `${'0'.repeat(31)}1`.padEnd(64, '0')],
    ['end', `${'f'.repeat(31)}0`.padEnd(64, '0')],
    ['ends', 'f'.repeat(64)],
  ]);
  const hash = { sha256: (id: string) => digests.get(id) } as unknown as Hash;
  const made = createIdSet(hash);
  for (const id of digests.keys()) {
    expect(made.has(id)).toBe(false);
    expect([made.add(id), made.add(id), made.has(id)]).toEqual([true, false, true]);
  }
});
