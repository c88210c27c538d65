import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fileAttacks } from './hostile/files.testkit.ts';
import { transportAttacks } from './hostile/transport.testkit.ts';

// docs/threat-model.md says which test shows what; here it is held to that.

const DOCUMENT = readFileSync('docs/threat-model.md', 'utf8');
const THREATS = Array.from({ length: 24 }, (_, index) => `T-${String(index + 1).padStart(2, '0')}`);

const sections = new Map(
  DOCUMENT.split('\n## ')
    .filter((text) => text.startsWith('T-'))
    .map((text) => [text.slice(0, 4), text.slice(4)]),
);
const played = new Set<string>([...transportAttacks, ...fileAttacks].map(({ threat }) => threat));

it('every threat stands, with what it gains and what meets it', () => {
  expect([...sections.keys()]).toEqual(THREATS);
  for (const [threat, text] of sections) {
    for (const part of ['Attack', 'Gains at most', 'Defence'])
      expect(text, threat).toMatch(new RegExp(`^- ${part}: \\S`, 'm'));
    expect(text, threat).toMatch(/^- (Tests|Not defended): /m);
  }
});

it('every test that is named exists', () => {
  const named = [...DOCUMENT.matchAll(/`([^`]+\.test\.ts)` "([^"]+)"/g)];
  expect(named.length).toBeGreaterThan(30);
  for (const [, file = '', name = ''] of named) expect(readFileSync(file, 'utf8'), file).toContain(name);
});

it('the hostile server plays what is said to be played, and nothing that is not described', () => {
  const said = [...sections].flatMap(([threat, text]) => (text.includes('Tests: hostile server') ? [threat] : []));
  expect(said).toEqual([...played].sort());
});

it('every function and file that is named exists', () => {
  for (const [, file = ''] of DOCUMENT.matchAll(/`((?:src|gateway|cases)\/[\w./-]+\.ts)`/g))
    expect(() => readFileSync(file), file).not.toThrow();
  for (const [, name = '', file = ''] of DOCUMENT.matchAll(/`#?(\w+)` in\s+`((?:src|gateway)\/[\w./-]+\.ts)`/g))
    expect(readFileSync(file, 'utf8'), `${name} in ${file}`).toMatch(new RegExp(`\\b${name}\\b`));
});
