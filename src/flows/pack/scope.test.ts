import { expect, it } from 'vitest';
import type { ObjectSide } from '../../core/model/index.ts';
import { controlsOf } from './scope.ts';

it('says of each policy of a chain where it stands, whether it holds for every request, and what it speaks to', () => {
  const chain = [
    'pii-detector',
    { 'dlp-filter': { when: { models: ['a'] } } },
    { rbac: { targeting: { teams: ['b'] } } },
  ];
  const document = { policies: { chain: [...chain, { 'audit-logger': { stage: 'request' } }] } };
  const policy = {
    id: { kind: 'Policy', environment: 'live', name: 'standard' },
    document: { kind: 'Policy', spec: { document } },
  } as unknown as ObjectSide;
  const told = controlsOf([policy]);
  expect(told.map(({ position, kind, isConditional }) => [position, kind, isConditional])).toEqual([
    [1, 'pii-detector', false],
    [2, 'dlp-filter', true],
    [3, 'rbac', true],
    [4, 'audit-logger', false],
    [0, 'journal of the gateway', false],
    [0, 'wallets and limits', false],
  ]);
  expect(told[0]?.controls.length).toBeGreaterThan(0);
});
