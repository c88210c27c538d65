import { describe, expect, it } from 'vitest';
import { rotationRequest } from './ask.ts';

describe('a rotation that is asked for', () => {
  it('has what was said, and what is meant where nothing was', () => {
    const plain = { holder: 'online', orgs: null, withNewSeed: false, rootDirs: [] };
    expect(rotationRequest({ holder: 'online' })).toEqual(plain);
    const whole = {
      holder: 'root',
      orgs: ['acme'],
      withNewSeed: true,
      threshold: 2,
      rootSeeds: 3,
      rootDirs: ['/keys'],
      reason: 'a stolen laptop',
    };
    expect(rotationRequest(whole)).toEqual(whole);
  });

  it.each([
    null,
    undefined,
    'online',
    7,
    [],
    {},
    { holder: 'timestamp' },
    { holder: 'online', org: 'acme' },
    { holder: 'online', orgs: 'acme' },
    { holder: 'online', orgs: ['../acme'] },
    { holder: 'online', withNewSeed: 'yes' },
    { holder: 'root', threshold: 0 },
    { holder: 'root', rootSeeds: 1.5 },
    { holder: 'root', rootSeeds: 9 },
    { holder: 'root', rootDirs: 'keys' },
    { holder: 'root', rootDirs: [7] },
    { holder: 'online', reason: '' },
    { holder: 'online', reason: 'x'.repeat(1001) },
    { holder: 'online', reason: 7 },
  ])('is none: %j', (body) => {
    expect(rotationRequest(body)).toBeUndefined();
  });
});
