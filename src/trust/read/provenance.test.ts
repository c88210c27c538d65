import { expect, test } from 'vitest';
import { provenanceCommit } from './provenance.ts';

const COMMIT = 'c0ffee'.repeat(6).padEnd(40, '0');
const said = { format: 'tenantry/provenance/v1', org: 'o', gateway: 'desk', generation: 4, commit: COMMIT };
const of = (value: unknown): string | null => provenanceCommit(new TextEncoder().encode(JSON.stringify(value)));

test('the commit of a provenance is the one that its content comes from', () => {
  expect(of(said)).toBe(COMMIT);
});

test.each([
  ['an override, whose content is older', { ...said, override: true }],
  ['no commit', { ...said, commit: null }],
  ['a text that is no commit', { ...said, commit: 'main' }],
  ['a number', { ...said, commit: 7 }],
  ['another format', { ...said, format: 'tenantry/provenance/v2' }],
  ['no object', [said]],
])('it is null for %s', (_, value) => {
  expect(of(value)).toBeNull();
});

test('it is null where there is none, and where it cannot be read', () => {
  expect(provenanceCommit(null)).toBeNull();
  expect(provenanceCommit(new Uint8Array([0x7b, 0xff]))).toBeNull();
});
