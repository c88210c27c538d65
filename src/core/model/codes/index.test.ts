import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CodeTable, codes } from './index.ts';

const NO_TABLES = ['index.ts', 'index.test.ts', 'entry.ts'];

test('a code stands in one table: of two entries, one would explain what the other raises', async () => {
  const files = readdirSync(import.meta.dirname).filter((name) => !NO_TABLES.includes(name));
  const tables = await Promise.all(files.map((name): Promise<Record<string, CodeTable>> => import(`./${name}`)));
  const names = tables.flatMap((exported) => Object.values(exported).flatMap((table) => Object.keys(table)));
  expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  expect(names.toSorted()).toEqual(Object.keys(codes).toSorted());
});
