import fc from 'fast-check';
import { RE2JS } from 're2js';
import { expect, test } from 'vitest';
import { compileAutomaton } from './automaton.ts';

const PATTERNS = [
  '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$',
  '^(group:[A-Za-z0-9][A-Za-z0-9._-]*|[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)+)$',
  '^[0-9]+(\\.[0-9]+)?$',
  '^[^\\s]+$',
  'ab|b+a$',
  '^a',
  'a$',
  '',
  '^$',
  '$^',
  '(?i)^ab+c$',
  '(?s)^.a.$',
  'a{2,4}b?',
  '(^|b)a',
  'a($|b)',
  '\\x{17f}|k',
  '(?i)k',
];

test('a table answers what the engine answers, for every text', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'abABkK019.-_@:\n \u017f\u212aé😀'), maxLength: 12 }),
    fc.string({ unit: 'binary', maxLength: 6 }),
  );
  for (const source of PATTERNS) {
    const pattern = RE2JS.compile(source);
    const matches = compileAutomaton(pattern);
    expect(matches, source).not.toBeNull();
    fc.assert(fc.property(text, (given) => matches?.(given) === pattern.test(given)));
  }
});

test('made patterns answer the same, too', () => {
  const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
    pattern: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('a', 'b', '.', '[^a]', '^', '$', '[a-c]'),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
      fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(${a}|${b})`),
      fc.tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{1,3}')).map(([a, b]) => `(${a})${b}`),
    ),
  }));
  const text = fc.string({ unit: fc.constantFrom(...'abcd\n'), maxLength: 10 });
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 5, maxLength: 20 }), (source, texts) => {
      const made = RE2JS.compile(source);
      const matches = compileAutomaton(made);
      return matches === null || texts.every((given) => matches(given) === made.test(given));
    }),
    { numRuns: 500 },
  );
});

test('what a table cannot say is left to the engine: boundaries, lines, and more states than are kept', () => {
  expect(compileAutomaton(RE2JS.compile('\\bword\\b'))).toBeNull();
  expect(compileAutomaton(RE2JS.compile('(?m)^a$'))).toBeNull();
  const wide = RE2JS.compile('a.{10}b');
  const matches = compileAutomaton(wide);
  const texts = ['a'.repeat(40), `${'aab'.repeat(9)}b`, `${'ca'.repeat(12)}b`, `${'x'.repeat(50)}a0123456789b`];
  for (const text of texts) expect(matches?.(text), text).toBe(wide.test(text));
});
