import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exactAs, writeJson, writtenAt } from './exact-numbers.ts';
import type { JsonArray, JsonObject } from './json.ts';
import { parseJson } from './parse-json.ts';

const LONG = '1234567890123456789';
const objectOf = (text: string): JsonObject => parseJson(text) as JsonObject;

describe('an integer that no double is', () => {
  test.each([
    `{"id":${LONG}}`,
    `{"id":-${LONG},"other":9007199254740993}`,
    `[1,[${LONG},{"a":"${LONG}"}],18446744073709551615]`,
    `{"10":${LONG},"b":2}`,
    `{"__proto__":${LONG}}`,
    `{"\\u0069d":${LONG},"list":[0,${LONG}]}`,
    `{"id":${'9'.repeat(300)}}`,
  ])('is written again as it was: %s', (text) => {
    expect(writeJson(parseJson(text))).toBe(text.replace('\\u0069', 'i'));
  });

  test('is known by what holds it', () => {
    const value = objectOf(`{"id":${LONG},"plain":4111111111111111,"list":[${LONG}]}`);
    expect([writtenAt(value, 'id'), writtenAt(value, 'plain'), writtenAt(value, 'none')]).toEqual([
      LONG,
      undefined,
      undefined,
    ]);
    expect(writtenAt(value['list'] as JsonArray, 0)).toBe(LONG);
  });

  test('stays in a copy where nothing took its place, and nowhere else', () => {
    const value = objectOf(`{"a":${LONG},"b":${LONG},"c":${LONG}}`);
    const copy = exactAs({ ...value, a: 'gone', b: 1234567890123456000 }, value);
    expect(writeJson(copy)).toBe(`{"a":"gone","b":1234567890123456000,"c":${LONG}}`);
    expect(writeJson({ ...value })).toBe('{"a":1234567890123456800,"b":1234567890123456800,"c":1234567890123456800}');
  });

  test('of a key that is there twice is the last one', () => {
    expect(writeJson(parseJson(`{"a":{"b":1},"a":${LONG}}`))).toBe(`{"a":${LONG}}`);
    expect(writeJson(parseJson(`{"a":${LONG},"a":1}`))).toBe('{"a":1}');
    expect(writeJson(parseJson(`{"a":[${LONG}],"a":{"0":${LONG.slice(0, 15)}}}`))).toBe(
      `{"a":{"0":${LONG.slice(0, 15)}}}`,
    );
  });

  test('in what nests more deeply than anything goes is a number like others', () => {
    const depth = 200_000;
    expect(Array.isArray(parseJson(`${'['.repeat(depth)}${LONG}, 1${']'.repeat(depth)}`))).toBe(true);
  });
});

test('whatever is parsed is written as by JSON.stringify, but for such integers', () => {
  const integer = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map(String);
  fc.assert(
    fc.property(fc.array(fc.oneof(integer, fc.json())), (items) => {
      const written = items.map((item) => (/^-?\d+$/.test(item) ? item : JSON.stringify(JSON.parse(item))));
      const exact = written.map((item) => (/^-?\d{1,15}$/.test(item) ? JSON.stringify(Number(item)) : item));
      expect(writeJson(parseJson(`[${items.join(' ,')}]`))).toBe(`[${exact.join(',')}]`);
    }),
    { numRuns: 300 },
  );
});
