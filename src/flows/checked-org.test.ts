import { expect, test } from 'vitest';
import type { ObjectKey, OrgSlug, RepoPath } from '../core/model/index.ts';
import type { FleetFact } from '../core/validate/index.ts';
import { type PackedFacts, packed, unpacked } from './checked-org.ts';

const org = 'acme' as OrgSlug;
const fact = (value: string, more: Partial<FleetFact> = {}): FleetFact => ({
  org,
  code: 'ISO_I15_SHARED_UID',
  value,
  object: 'Organization/acme' as ObjectKey,
  path: 'orgs/acme/org.yaml' as RepoPath,
  pointer: '/spec/uid',
  ...more,
});

test('facts come back as they were, and each text is kept once, on one line', () => {
  const facts = [fact('a'), fact('b', { detail: '' }), fact('a', { detail: 'a\n\ta' })];
  expect(unpacked(org, packed(facts))).toEqual(facts);
  expect(JSON.parse(packed(facts)).texts).toHaveLength(8);
  expect(packed(facts)).not.toMatch(/[\n\t]/);
  expect(unpacked(org, packed([]))).toEqual([]);
});

test.each(['', '{', '[]', 'null', '{"texts":[]}', '{"rows":[],"texts":7}'])('%s are no facts', (text) => {
  expect(unpacked(org, text as PackedFacts)).toBeUndefined();
});
