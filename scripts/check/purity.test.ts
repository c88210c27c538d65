import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { impurities } from './purity.ts';

const FIXTURES = 'scripts/check/fixtures/purity-compile';
const files = readdirSync(FIXTURES);
const planted = files.filter((file) => !file.startsWith('allowed-'));
const allowed = files.filter((file) => file.startsWith('allowed-'));

describe('the second compile of core', () => {
  test.each(planted)('refuses %s', (file) => {
    const found = impurities([`${FIXTURES}/${file}`]);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/Cannot find (name|module)|does not include|'dom'/);
  });

  test.each(allowed)('accepts %s', (file) => {
    expect(impurities([`${FIXTURES}/${file}`])).toEqual([]);
  });
});
