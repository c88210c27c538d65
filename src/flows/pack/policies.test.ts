import { describe, expect, it } from 'vitest';
import type { CommitId, OrgSlug, Sha256Hex } from '../../core/model/index.ts';
import type { PolicyVersion } from '../../ports/index.ts';
import { policiesInForce } from './policies.ts';

const versionOf = (name: string, version: number, generation: number): PolicyVersion => ({
  ...{ org: 'alder' as OrgSlug, environment: 'live', name, version, generation, commit: 'c' as CommitId },
  ...{ author: 'ana', changeDetail: '', digest: `${name}${version}` as Sha256Hex, packVersion: '1.0.0', at: 0 },
});

const entryOf = (generation: number, kind: string, object: string, words: readonly string[] = []) => ({
  ...{ at: generation * 1000, generation, detail: { subject: 's', changes: [{ kind, object, words }] } },
});

const HISTORY = [
  entryOf(1, 'create', 'Policy/live/first'),
  entryOf(2, 'create', 'Wallet/org'),
  entryOf(3, 'update', 'Policy/live/first', ['x']),
  { at: 4000, generation: 4, detail: { gateways: ['desk'] } },
  entryOf(5, 'delete', 'Policy/live/first'),
  entryOf(6, 'create', 'Policy/live/first'),
  entryOf(7, 'rename', 'Policy/live/second', ['renamed from first']),
];
const VERSIONS = [versionOf('second', 1, 7), versionOf('first', 2, 3), versionOf('first', 1, 1)];

function inForce(fromSecond: number, toSecond: number): readonly string[] {
  const span = { fromMs: fromSecond * 1000, toMs: toSecond * 1000 };
  const second = (instant: string | null): string => (instant === null ? 'now' : instant.slice(17, 19));
  return policiesInForce(HISTORY, VERSIONS, span).map(
    ({ name, version, since, until }) => `${name} ${version}: ${second(since)} to ${second(until)}`,
  );
}

describe('policies in force', () => {
  it('end with their next version, their removal and their next name, and begin again where they come back', () => {
    expect(inForce(0, 99)).toEqual([
      'first 1: 01 to 03',
      'first 2: 03 to 05',
      'first 2: 06 to 07',
      'second 1: 07 to now',
    ]);
  });

  it('are those of any moment of the span', () => {
    expect(inForce(0, 1)).toEqual([]);
    expect(inForce(1, 2)).toEqual(['first 1: 01 to 03']);
    expect(inForce(2, 4)).toEqual(['first 1: 01 to 03', 'first 2: 03 to 05']);
    expect(inForce(5, 6)).toEqual([]);
    expect(inForce(8, 9)).toEqual(['second 1: 07 to now']);
  });
});
