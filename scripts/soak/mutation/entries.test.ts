import { expect, it } from 'vitest';
import { entriesOf, exceptThese, withoutEntry } from './entries.ts';

const SOURCE = `
import { a, b } from './x.ts';
/** All of them. */
export const list: readonly Rule[] = [
  a, // a comment, with a comma
  { name: 'b', decide: b },
  c({ deep: [1, 2] }),
];
const frozen = Object.freeze(['x', 'y'] as const);
export const byName = new Map([['k', 1], ['l', 2]] satisfies Pair[]);
export function decided(input: Input): readonly Hazard[] {
  if (input === null) return none;
  return [...mass(input), ...campaign(input)];
}
export const made = (input: Input) => [one(input), two(input)];
`;

const texts = (name: string): string[] => entriesOf(SOURCE, name).map((entry) => entry.text);

it('finds the entries of lists however they are declared', () => {
  expect(texts('list')).toEqual(['a', "{ name: 'b', decide: b }", 'c({ deep: [1, 2] })']);
  expect(texts('frozen')).toEqual(["'x'", "'y'"]);
  expect(texts('byName')).toEqual(["['k', 1]", "['l', 2]"]);
  expect(texts('decided')).toEqual(['...mass(input)', '...campaign(input)']);
  expect(texts('made')).toEqual(['one(input)', 'two(input)']);
});

it('takes out one entry and leaves the rest as it was', () => {
  const removed = ['list', 'frozen', 'byName', 'decided', 'made'].flatMap((name) =>
    entriesOf(SOURCE, name).map((entry, index, all) => ({
      left: entriesOf(withoutEntry(SOURCE, entry), name).map(({ text }) => text),
      expected: all.filter((_, other) => other !== index).map(({ text }) => text),
    })),
  );
  for (const { left, expected } of removed) expect(left).toEqual(expected);
  expect(removed).toHaveLength(11);
});

it('refuses a list that is not there', () => {
  expect(() => entriesOf(SOURCE, 'gone')).toThrow('Expected a list named gone');
});

it('refuses to leave a text that is no program', () => {
  const entry = { text: 'x', start: SOURCE.indexOf('[\n'), end: SOURCE.indexOf('[\n') + 1, replacement: '' };
  expect(() => withoutEntry(SOURCE, entry)).toThrow('Expected TypeScript without x');
});

it('leaves out the entries that are excepted, and refuses to except what is not there', () => {
  const entries = entriesOf(SOURCE, 'frozen');
  expect(exceptThese(entries, ["'x'"]).map(({ text }) => text)).toEqual(["'y'"]);
  expect(() => exceptThese(entries, ["'z'"])).toThrow("Expected a guard to except that reads 'z'");
});
