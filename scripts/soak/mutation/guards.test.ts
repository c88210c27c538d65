import { expect, it } from 'vitest';
import { withoutEntry } from './entries.ts';
import { type GuardWords, guardsOf } from './guards.ts';

const WORDS: GuardWords = { refusals: ['refused', 'NOT_FOUND', 'fail', 'undefined', 'damaged'], readers: ['readIt'] };

/** Each guard of a function with this body, as what is taken out and what is left of the line it stood in. */
const guards = (body: string, words = WORDS): readonly (readonly [string, string])[] => {
  const source = `function f(x: X) { ${body} }`;
  return guardsOf(source, words).map((entry) => [entry.text, withoutEntry(source, entry).slice(19, -2)]);
};

it.each([
  ['if (x.a) throw new Error();', '{}'],
  ["if (x.a) { throw new Error('a'); }", '{}'],
  ['if (x.a) { const found = x.b; throw new Error(found); }', '{}'],
  ['if (x.a && x.b) throw new Error();', '{}'],
  ["if (x.a) return refused('CODE', 'why');", '{}'],
  ['if (x.a) return NOT_FOUND;', '{}'],
  ['if (x.a) return undefined;', '{}'],
  ["if (x.a) return { ok: false, code: 'A' };", '{}'],
  ["if (x.a) return 'damaged';", '{}'],
  ["if (x.a) fail('CODE');", '{}'],
  ['checkSize(x);', '{}'],
  ['this.#checkSize(x);', '{}'],
  ['assertSame(x.a, x);', '{}'],
  ['readIt(x);', '{}'],
  ["return x.a ?? fail('CODE');", 'return x.a;'],
  ['return x.a ? undefined : x.b;', 'return x.b;'],
  ['return x.a ? x.b : NOT_FOUND;', 'return true ? x.b : NOT_FOUND;'],
  ["if (x.a) return x.b; return fail('CODE');", "if (true) return x.b; return fail('CODE');"],
])('takes out %s', (body, left) => {
  expect(guards(body).map(([, rest]) => rest)).toEqual([left]);
});

it.each([
  ['if (x.a) return null;', '{}'],
  ['if (x.a) return false;', '{}'],
  ['return x.a ? 0 : x.b;', 'return x.b;'],
  ['return x.a ? x.b : new Bytes(0);', 'return true ? x.b : new Bytes(0);'],
])('takes out %s where such a value refuses, and nowhere else', (body, left) => {
  const words = { refusals: ['null', 'false', '0', 'Bytes'], readers: [] };
  expect(guards(body, words).map(([, rest]) => rest)).toEqual([left]);
  expect(guards(body)).toEqual([]);
});

it.each(['break', 'continue', 'return'])('takes out a %s where that refuses', (word) => {
  const loop = `for (;;) { if (x.a) ${word}; }`;
  expect(guards(loop)).toEqual([]);
  expect(guards(loop, { refusals: [word], readers: [] })).toEqual([[`if (x.a) ${word};`, 'for (;;) { {} }']]);
});

it('takes out each part of a condition of many', () => {
  expect(guards('if (x.a || (x.b || !x.c)) throw new Error();')).toEqual([
    ['x.a', 'if (false || (x.b || !x.c)) throw new Error();'],
    ['x.b', 'if (x.a || (false || !x.c)) throw new Error();'],
    ['!x.c', 'if (x.a || (x.b || false)) throw new Error();'],
  ]);
  expect(
    guards('if (x.a && x.b) return x; if (x.c) throw new Error(); return undefined;').map(([text]) => text),
  ).toEqual(['x.a', 'x.b', 'if (x.c) throw new Error();']);
  expect(guards('const fits = x.a && x.b; if (!fits) throw new Error();').map(([text]) => text)).toEqual([
    'x.a',
    'x.b',
    'if (!fits) throw new Error();',
  ]);
  const asks = 'function isWhole(x: X) { const b = x.b; return x.a && b; }';
  expect(guardsOf(asks, WORDS).map(({ text }) => text)).toEqual(['x.a', 'b']);
});

it.each([
  'if (x.a) return 1;',
  'if (x.a) return { ok: true };',
  'if (x.a) throw new Error(); else done();',
  'const kept = checkAll(x);',
  'checked(); files.write(x);',
  'return x.ok ? x.value : refused(x.code);',
  'return x.a ?? x.b;',
  'const fits = x.a && x.b; use(fits);',
])('leaves %s', (body) => {
  expect(guards(body)).toEqual([]);
});

it('keeps the text a program where the guard stood alone', () => {
  const source = 'if (a) first(); else if (b) throw new Error();';
  const [guard] = guardsOf(source, WORDS);
  expect(guard && withoutEntry(source, guard)).toBe('if (a) first(); else {}');
});
