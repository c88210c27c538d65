import { expect, test } from 'vitest';
import { codeEntry } from '../model/index.ts';
import { catalogue, rules } from './index.ts';

const numberOf = (code: string): string | undefined => /^ISO_I([0-9]{2})_/.exec(code)?.[1];

test('all 62 checks are there once, in order', () => {
  const expected = Array.from({ length: 62 }, (_, index) => `I-${String(index + 1).padStart(2, '0')}`);
  expect(catalogue.map(({ id }) => id)).toEqual(expected);
});

test('every code with a catalogue number is raised by a rule of the list and stands at its check', () => {
  const raised = rules.map(({ code }) => code).filter((code) => numberOf(code) !== undefined);
  const listed = catalogue.flatMap(({ id, codes }) =>
    codes.filter((code) => numberOf(code) === id.slice(2)).map((code) => code),
  );
  expect([...listed].sort()).toEqual([...raised].sort());
});

test('every code that the catalogue names exists, and what is decided has one or says why not', () => {
  for (const { id, codes, decided, note } of catalogue) {
    for (const code of codes) expect([id, code, codeEntry(code) !== undefined]).toEqual([id, code, true]);
    const isDecided = /^(check|check --base|plan|apply)$/.test(decided);
    if (decided !== 'forge') expect([id, codes.length > 0]).toEqual([id, isDecided]);
    if (!isDecided) expect([id, note.length > 20]).toEqual([id, true]);
  }
});
