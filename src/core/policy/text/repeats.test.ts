import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseJson } from '../../model/index.ts';
import { repeatsKey } from './repeats.ts';

/** A JSON text as it is written, and whether an object in it has a name twice. */
interface Written {
  readonly text: string;
  readonly repeats: boolean;
}

const SHORT: { readonly [unit: string]: string } = { '"': '\\"', '\\': '\\\\', '/': '\\/', '\n': '\\n' };
const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** A code unit and one of the ways to write it. */
const unit = fc.tuple(fc.constantFrom(...'aA:{"\\/ü\n\ud83d\ude00'.split('')), fc.nat(3)).map(([name, way]) => {
  const isBare = /^[^"\\\n]$/.test(name);
  const hex = escaped(name);
  const ways = [isBare ? name : hex, SHORT[name] ?? hex, hex, `\\u${hex.slice(2).toUpperCase()}`];
  return { name, text: ways[way] ?? hex };
});
const name = fc.oneof(
  fc.array(unit, { maxLength: 2 }).map((units) => ({
    name: units.map((one) => one.name).join(''),
    text: `"${units.map((one) => one.text).join('')}"`,
  })),
  fc.constantFrom('__proto__', 'constructor', '10', 'length').map((text) => ({ name: text, text: `"${text}"` })),
);
const space = fc.constantFrom('', ' ', '\n', '\t ');

const { value } = fc.letrec<{ value: Written; list: Written; object: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc
      .oneof(
        name.map(({ text }) => text),
        fc.constantFrom('null', 'true', '-1.5e3'),
      )
      .map((text) => ({ text, repeats: false })),
    tie('object'),
    tie('list'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }).map((items) => ({
    text: `[${items.map(({ text }) => text).join(',')}]`,
    repeats: items.some(({ repeats }) => repeats),
  })),
  object: fc.array(fc.tuple(name, space, space, tie('value')), { maxLength: 5 }).map((members) => ({
    text: `{${members.map(([key, before, after, { text }]) => `${before}${key.text}${after}:${text}`).join(',')}}`,
    repeats:
      new Set(members.map(([key]) => key.name)).size < members.length || members.some(([, , , { repeats }]) => repeats),
  })),
}));

test('a text repeats a key where an object in it has two members of one name, however they are written', () => {
  const seen = { true: 0, false: 0 };
  fc.assert(
    fc.property(value, ({ text, repeats }) => {
      seen[`${repeats}`] += 1;
      expect(repeatsKey(text, parseJson(text))).toBe(repeats);
    }),
    { numRuns: 500 },
  );
  expect(Math.min(seen.true, seen.false)).toBeGreaterThan(25);
});

test('texts of many escapes, members and levels are read in one pass', () => {
  const slashes = '\\\\'.repeat(200_000);
  const members = Array.from({ length: 50_000 }, (_, index) => `"${index}\\"":"${index}:"`).join(',');
  const deep = `${'{"a":['.repeat(20_000)}${']}'.repeat(20_000)}`;
  for (const text of [`{"${slashes}":"${slashes}"}`, `{${members}}`, deep]) {
    expect(repeatsKey(text, parseJson(text))).toBe(false);
    const twice = `[${text},{"a":1,"\\u0061":2}]`;
    expect(repeatsKey(twice, parseJson(twice))).toBe(true);
  }
});
