import { describe, expect, it } from 'vitest';
import { otherThan } from './others.ts';

const ORGS: { readonly [org: string]: { readonly displayName: string; readonly domains: readonly string[] } } = {
  alder: { displayName: 'Alder & Söhne', domains: ['alder.example'] },
  'alder-eu': { displayName: 'Alder Europe', domains: ['eu.alder.example'] },
  fern: { displayName: 'Fern Ltd.', domains: ['fern.example', 'fernery.example'] },
  it: { displayName: 'The IT House', domains: ['it-house.example'] },
};

const namesOf = (org: string): readonly string[] => {
  const { displayName = '', domains = [] } = ORGS[org] ?? {};
  return [org, org.padEnd(20, '0'), displayName, ...domains];
};

describe('whether a text names another org', () => {
  it.each([
    ['alder', 'Raise FERN by ten', true],
    ['alder', 'cut fern/desk-production off', true],
    ['alder', 'of fern.example', true],
    ['alder', 'mail to ops@fernery.example', true],
    ['alder', 'fern0000000000000000', true],
    ['alder', 'ferns and a fernery', false],
    ['alder', 'Raise alder-eu', true],
    ['alder', 'Raise alder', false],
    ['alder', 'Alder & Söhne asked', false],
    ['alder-eu', 'Raise alder-eu', false],
    ['alder-eu', 'eu.alder.example', false],
    ['alder-eu', 'Raise alder', true],
    ['alder', 'it is what it is', false],
    ['alder', 'the it house', true],
    ['alder', '', false],
  ])('%s: %s', (org, text, expected) => {
    const others = Object.keys(ORGS).filter((one) => one !== org);
    expect(otherThan(namesOf(org), others.flatMap(namesOf))(text)).toBe(expected);
  });
});
