import { expect, test } from 'vitest';
import type { ObjectKey, OrgSlug, RepoPath } from '../core/model/index.ts';
import type { FleetFact } from '../core/validate/index.ts';
import { packed, packedShare, unpacked, unpackedShare } from './checked-org.ts';

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

test('facts come back as they were, and each text is kept once', () => {
  const facts = [fact('a'), fact('b', { detail: '' }), fact('a', { detail: 'a' })];
  expect(unpacked(org, packed(facts))).toEqual(facts);
  expect(packed(facts).texts).toHaveLength(7);
  expect(unpacked(org, packed([]))).toEqual([]);
});

test('facts of several orgs come back in their order, and what they share is kept once', () => {
  const bravo = { org: 'bravo' as OrgSlug };
  const facts = [fact('a'), fact('b'), fact('a', bravo), fact('c', { ...bravo, detail: 'x' })];
  const share = packedShare(facts);
  expect(share.orgs).toEqual([
    ['acme', 2],
    ['bravo', 2],
  ]);
  expect(share.texts).toHaveLength(8);
  expect(unpackedShare(share)).toEqual(facts);
  expect(unpackedShare(packedShare([]))).toEqual([]);
});
