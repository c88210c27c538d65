import { expect, test } from 'vitest';
import { figures, measure, p90 } from './sizes.ts';

const functionOf = (lines: number, name: string): string =>
  `export const ${name} = (a: number): number => {\n${'  a += 1;\n'.repeat(lines - 3)}  return a;\n};\n`;

test('functions are measured with their name, lines and parameters', () => {
  const { lines, functions } = measure('a.ts', `${functionOf(5, 'five')}class K {\n  m(x: 1, y: 2) {\n  }\n}\n`);
  expect(lines).toBe(9);
  expect(functions).toEqual([
    { place: 'a.ts:1 five', lines: 5, parameters: 1 },
    { place: 'a.ts:7 m', lines: 2, parameters: 2 },
  ]);
});

test('p90 is the value that nine of ten do not exceed', () => {
  expect(p90([])).toBe(0);
  expect(p90([5, 1, 2, 3, 4, 6, 7, 8, 9, 100])).toBe(9);
});

test('each budget is exceeded by a planted offender', () => {
  const wide = 'export const wide = (a: 1, b: 1, c: 1, d: 1, e: 1): void => undefined;\n';
  const file = measure('src/core/plan/long.ts', functionOf(61, 'long') + functionOf(150, 'longer') + wide);
  const found = figures([file], [file]);
  expect(found.map((figure) => figure.found > figure.allowed)).toEqual([true, true, true, true, true]);
  expect(found.at(-1)?.offenders).toEqual([
    'src/core/plan/long.ts:62 longer: 150 lines',
    'src/core/plan/long.ts:1 long: 61 lines',
  ]);
});
