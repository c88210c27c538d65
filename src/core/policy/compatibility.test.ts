import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { compatibilityMarkdown } from './index.ts';

const FILE = 'docs/policy-compatibility.md';

it('docs/policy-compatibility.md is what the tables say (UPDATE_DOCS=1 writes it)', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(FILE, compatibilityMarkdown());
  expect(readFileSync(FILE, 'utf8')).toBe(compatibilityMarkdown());
});
