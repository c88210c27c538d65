import { expect, it } from 'vitest';
import { oneOf } from './one-of.ts';

const MANY = Array.from({ length: 1000 }, (_, index) => `org-${String(index).padStart(4, '0')}`);

it.each([
  ['all names while a person reads them', ['alder', 'birch'], 'adler', 'one of alder, birch'],
  ['all of twenty', MANY.slice(0, 20), 'x', `one of ${MANY.slice(0, 20).join(', ')}`],
  ['of more the one that was meant', MANY, 'org_0917', 'one of 1000, such as org-0917'],
  ['or some, where none is near', MANY, 'nobody', 'one of 1000, such as org-0000, org-0001, org-0002'],
  ['what would be one, where there are none', [], 'x', 'a folder below orgs/'],
] as const)('says %s', (_, names, text, words) => {
  expect(oneOf(names, text, 'a folder below orgs/')).toBe(words);
});
