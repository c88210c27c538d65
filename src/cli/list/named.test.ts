import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type CodeEntry, codes } from '../../core/model/index.ts';
import { COMMANDS, GROUPS } from './index.ts';

// What people are told to run can be run.

const ROOT = join(import.meta.dirname, '../../..');
const commands = COMMANDS.map(({ usage }) => usage.split(' ').filter((word) => /^[a-z-]+$/.test(word)));

/** Commands as a text names them: in backticks or on a line of their own, with up to two words. A name of a check run is none. */
function namedIn(text: string): readonly string[] {
  const found = text.matchAll(/(?:`|^\$? *(?:scripts\/|npx )?)tenantry ([a-z-]+(?: [a-z-]+)?)\b(?! \()/gm);
  return [...found].map(([, words = '']) => words);
}

const exists = (words: readonly string[]): boolean =>
  commands.some((command) => command.every((word, at) => words[at] === word));

/** The options of the command that these words begin with, those that each command has among them. */
function optionsOf(words: readonly string[]): ReadonlySet<string> {
  const specs = COMMANDS.filter((_, at) => commands[at]?.every((word, place) => words[place] === word));
  const own = specs.flatMap(({ options = [] }) => options.map(([flags]) => flags));
  return new Set([...own, '--help', '--format', '--quiet', '--no-color'].flatMap((flags) => flags.split(/[ ,]+/)));
}

const places: readonly (readonly [string, string])[] = [
  ...Object.entries<CodeEntry>(codes).map(([code, { explain, fix }]) => [code, `${explain}\n${fix}`] as const),
  ...COMMANDS.map(({ usage, example }) => [usage, `\`${example}`] as const),
  ...['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md'].map((file) => [file, read(file)] as const),
  ...readdirSync(join(ROOT, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => [`docs/${file}`, read(join('docs', file))] as const),
];

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

it('every command that a finding, an example or a document names exists', () => {
  const named = places.flatMap(([place, text]) => namedIn(text).map((words) => `${place}: tenantry ${words}`));
  expect(named.length).toBeGreaterThan(100);
  expect(named.filter((line) => !exists(line.replace(/^.*: tenantry /, '').split(' ')))).toEqual([]);
});

it('every option that a finding, an example or a document gives a command is one of it', () => {
  const given = places.flatMap(([place, text]) =>
    [...text.matchAll(/(?:`|^\$? *(?:scripts\/|npx )?)tenantry ([a-z][^`\n]*)/gm)].flatMap(([, line = '']) =>
      [...line.matchAll(/(?<![\w-])--[a-z-]+/g)].map(([option]) => ({ place, line, option })),
    ),
  );
  expect(given.length).toBeGreaterThan(100);
  const strange = given.filter(({ line, option }) => !optionsOf(line.split(' ')).has(option));
  expect(strange.map(({ place, line }) => `${place}: tenantry ${line}`)).toEqual([]);
});

it('every command has its place in the table of README.md', () => {
  const cells = [...read('README.md').matchAll(/^\| (`[^|]*(?:\\\|[^|]*)*) \|/gm)].map(([, cell = '']) => cell);
  const missing = commands.filter(
    (words) => !cells.some((cell) => words.every((word) => new RegExp(`\\b${word}\\b`).test(cell))),
  );
  expect(missing).toEqual([]);
});

it('every first word that several commands share says what they are about, and no other', () => {
  const shared = COMMANDS.map(({ usage }) => usage.split(' ')).filter(([, second = '']) => /^[a-z-]+$/.test(second));
  expect(Object.keys(GROUPS).sort()).toEqual([...new Set(shared.map(([first = '']) => first))].sort());
});
