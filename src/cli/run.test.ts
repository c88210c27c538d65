import { describe, expect, it } from 'vitest';
import { plainCheck } from './run.ts';

describe('a check that needs no parser', () => {
  const base = { C: '.', format: 'human', color: true, cache: true };
  const PLAIN: readonly (readonly [line: string, flags: object])[] = [
    ['check', base],
    ['check --format json', { ...base, format: 'json' }],
    ['check -C fleet --quiet', { ...base, C: 'fleet', quiet: true }],
    ['check --no-color --format human', { ...base, color: false }],
  ];
  it.each(PLAIN)('%s', (line, flags) => {
    expect(plainCheck(line.split(' '))).toEqual(flags);
  });

  const PARSED = [
    '',
    'diff',
    'check --help',
    'check --format sarif',
    'check --format',
    'check --format=json',
    'check -C',
    'check -C --quiet',
    'check -C ',
    'check --base HEAD~1',
    'check --org acme',
    'check --no-cache',
    'check acme',
    '--quiet check',
  ];
  it.each(PARSED)('%s is left to the parser', (line) => {
    expect(plainCheck(line.split(' '))).toBeUndefined();
  });
});
