import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Json } from './json.ts';
import { parseJson } from './parse-json.ts';

/** Makes V8 take an escaped key after `members` for `key`. */
const poison = (members: string, key: string): Json => JSON.parse(`{${members},${JSON.stringify(key)}:1}`) as Json;

describe('a key that is escaped', () => {
  test.each([
    ['\\', '\\u0061', 'a'],
    ['\\', '\\"', '"'],
    ['m\\u00', 'm\\u006fdel', 'model'],
    ['a\\', 'a\\n', 'a\n'],
  ])('is what it says after %j in its place: %j', (key, written, meant) => {
    const first = `before ${written.replaceAll(/\W/g, '')}`;
    const members = `"${first}":0`;
    poison(members, key);
    const text = `{${members},"${written}":2}`;
    expect(Object.keys(parseJson(text) as object)).toEqual([first, meant]);
  });

  // When this fails, V8 reads keys right again, and JSON.parse is enough.
  test('is still taken for another one by V8 itself', () => {
    poison('"probe":0', 'm\\u00');
    expect(JSON.parse('{"probe":0,"m\\u006fdel":2}')).toEqual({ probe: 0, 'm\\u00': 2 });
  });
});

const UNITS = ['a', '"', '\\', '/', ':', '{', '_', '=', '0', 'ü', '\n', '\u2028', '\ud83d'];
const name = fc.oneof(
  fc.array(fc.constantFrom(...UNITS), { maxLength: 4 }).map((units) => units.join('')),
  fc.constantFrom('__proto__', 'constructor', '10', '2', 'length', 'm\\u00'),
);
/** Every code unit of it escaped where `nth` bits say so. */
const written = (text: string, nth: number): string =>
  [...text.split('')]
    .map((unit, index) =>
      ((nth >> (index % 8)) & 1) === 1
        ? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
        : JSON.stringify(unit).slice(1, -1),
    )
    .join('');
const space = fc.constantFrom('', ' ', '\n\t', '\r');
const { text } = fc.letrec<{ text: string }>((tie) => ({
  text: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.oneof(
      fc.tuple(name, fc.nat(255)).map(([key, nth]) => `"${written(key, nth)}"`),
      fc.constantFrom('null', '-1.5e3', 'true'),
    ),
    fc.array(tie('text'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(name, fc.nat(255), space, tie('text')), { maxLength: 5 })
      .map(
        (members) =>
          `{${members.map(([key, nth, gap, value]) => `${gap}"${written(key, nth)}"${gap}:${value}`).join(',')}}`,
      ),
  ),
}));

/** Reads as the grammar says, key by key. */
function plainly(source: string): Json {
  let at = 0;
  const skip = (): void => {
    while (/\s/.test(source[at] ?? '')) at += 1;
  };
  const string = (): string => {
    const [found = ''] = /^"(?:[^"\\]|\\.)*"/s.exec(source.slice(at)) ?? [];
    at += found.length;
    return JSON.parse(found) as string;
  };
  const value = (): Json => {
    skip();
    const opened = source[at];
    if (opened === '"') return string();
    if (opened !== '[' && opened !== '{') {
      const [found = ''] = /^[^,\]}\s]+/.exec(source.slice(at)) ?? [];
      at += found.length;
      return JSON.parse(found) as Json;
    }
    at += 1;
    const items: [string, Json][] = [];
    for (skip(); source[at] !== ']' && source[at] !== '}'; skip()) {
      if (source[at] === ',') at += 1;
      skip();
      const key = opened === '{' ? string() : '';
      skip();
      if (opened === '{') at += 1;
      items.push([key, value()]);
    }
    at += 1;
    return opened === '[' ? items.map(([, item]) => item) : Object.fromEntries(items);
  };
  return value();
}

test('every text is read as the grammar says, in the order of its keys, whatever was read before', () => {
  fc.assert(
    fc.property(text, (source) => {
      expect(JSON.stringify(parseJson(source))).toBe(JSON.stringify(plainly(source)));
    }),
    { numRuns: 1000 },
  );
});

test('what is no JSON is refused with the words for the text itself', () => {
  for (const source of ['', '{"\\u0061":}', '{"\\x":1}', '{"a\\":1}', '[{"\\n":1},]', '{"\\u0061" 1}']) {
    const said = ((): string => {
      try {
        JSON.parse(source);
        return '';
      } catch (error) {
        return String(error);
      }
    })();
    expect(() => parseJson(source)).toThrow(said.replace('SyntaxError: ', ''));
  }
});

test('texts of many escaped keys, and of many levels, are read in one pass', () => {
  const members = Array.from({ length: 50_000 }, (_, index) => `"${index}\\n":"\\\\${index}"`).join(',');
  expect(Object.keys(parseJson(`{${members}}`) as object)).toHaveLength(50_000);
  const deep = `${'{"\\u0061":['.repeat(20_000)}${']}'.repeat(20_000)}`;
  let depth = 0;
  for (let at = parseJson(deep) as { readonly a: Json[] } | undefined; at !== undefined; at = at.a[0] as typeof at)
    depth += 1;
  expect(depth).toBe(20_000);
  expect(parseJson(`["${'\\\\'.repeat(500_000)}"]`)).toEqual(['\\'.repeat(500_000)]);
});
