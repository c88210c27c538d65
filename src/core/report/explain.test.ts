import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type CodeEntry, codes } from '../model/index.ts';
import { catalogue } from '../validate/index.ts';
import { explain, findingsMarkdown } from './index.ts';

const DOCS = 'docs/findings.md';

test('explain tells what, why and what to do; unknown codes are undefined', () => {
  expect(explain('WALLET_CYCLE')).toBe(
    `WALLET_CYCLE (high)\n${codes.WALLET_CYCLE.title}\n\n${codes.WALLET_CYCLE.explain}\n\nWhat to do: ${codes.WALLET_CYCLE.fix}\n`,
  );
  expect(explain('ISO_I08_SHARED_SECRET_REF')).toContain('Check I-08 of the isolation catalogue');
  expect(explain('NO_SUCH_CODE')).toBeUndefined();
  expect(explain('toString')).toBeUndefined();
});

test('every code stands in the document and says something', () => {
  const text = findingsMarkdown(catalogue);
  for (const [code, entry] of Object.entries<CodeEntry>(codes)) {
    expect(text).toContain(`\n## ${code}\n`);
    expect(`${entry.title}${entry.explain}${entry.fix}`.length).toBeGreaterThan(40);
  }
});

test('docs/findings.md is what the code table gives (UPDATE_DOCS=1 writes it)', () => {
  const text = findingsMarkdown(catalogue);
  if (process.env['UPDATE_DOCS'] === '1') {
    mkdirSync('docs', { recursive: true });
    writeFileSync(DOCS, text);
  }
  expect(existsSync(DOCS) ? readFileSync(DOCS, 'utf8') : '').toBe(text);
});
