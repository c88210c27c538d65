import { expect, it } from 'vitest';
import { type Finding, finding, type RepoPath } from '../../core/model/index.ts';
import { catalogue } from '../../core/validate/index.ts';
import { checkOf } from './isolation.ts';

const [entry] = catalogue.filter(({ decided, codes }) => decided === 'check' && codes.length > 0);

function found(waived: boolean): Finding {
  const code = entry?.codes[0];
  if (code === undefined) throw new Error('expected a check with a code');
  const place = { file: 'orgs/alder/org.yaml' as RepoPath, line: 1, column: 1 };
  const one = finding(code, { place, message: 'm', expected: 'e', found: 'f' });
  return waived ? { ...one, waived: { by: 'waivers/far.yaml', expires: '2027-01-31T00:00:00Z' } } : one;
}

it.each([
  ['held', []],
  ['waived', [found(true)]],
  ['broken', [found(true), found(false)]],
  ['broken', [found(false)]],
] as const)('a check is %s by what was found, whatever was accepted beside it', (verdict, findings) => {
  if (entry === undefined) throw new Error('expected a check that `check` decides');
  expect(checkOf(entry, findings)).toMatchObject({ id: entry.id, verdict });
});
