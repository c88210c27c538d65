import { expect, test } from 'vitest';
import { findPlaces, machineNames } from './places.ts';

const registry = ['registry', 'npmjs', 'org'].join('.');

test('a registry, a configured mirror and this checkout are found with their line', () => {
  const names = machineNames({ npm_config_registry: 'https://mirror.example:8443/npm/' }, '/where/it/is');
  const text = `one\nhttps://${registry}/yaml\nsee /where/it/is/src\nmirror.example`;
  expect(findPlaces('docs/x.md', text, names)).toEqual([
    `docs/x.md:2 holds ${registry}`,
    'docs/x.md:3 holds /where/it/is',
    'docs/x.md:4 holds mirror.example',
  ]);
});

test('a lockfile holds no download address', () => {
  const text = '{\n"resolved": "https://anywhere.example/a.tgz"\n}';
  expect(findPlaces('package-lock.json', text, [])).toEqual(['package-lock.json:2 holds a download address']);
  expect(findPlaces('other.json', text, [])).toEqual([]);
});

test('a path of one step is a word, not a place', () => {
  expect(machineNames({}, '/app')).not.toContain('/app');
});
