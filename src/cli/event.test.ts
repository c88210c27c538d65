import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { forgePlace, judgedRun } from './event.ts';

const place = { GITHUB_REPOSITORY: 'northlight/fleet', GITHUB_TOKEN: 'secret' };

test('an address that the environment leaves empty is that of github.com', () => {
  for (const environment of [place, { ...place, GITHUB_API_URL: '' }])
    expect(forgePlace(environment).api).toBe('https://api.github.com');
  const server = { ...place, GITHUB_API_URL: 'https://forge.example/api/v3' };
  expect(forgePlace(server)).toMatchObject({ api: 'https://forge.example/api/v3', owner: 'northlight' });
});

test.each(['forge.example', 'api', 'http://forge.example', 'https://'])('the address %s is wrong usage', (api) => {
  expect(() => forgePlace({ ...place, GITHUB_API_URL: api })).toThrow(/expected GITHUB_API_URL/);
});

test.each(['', '/no/such/event.json', tmpdir()])('an event at %j is wrong usage', (path) => {
  expect(() => judgedRun({ GITHUB_EVENT_PATH: path }, {})).toThrow(/expected .*GITHUB_EVENT_PATH/);
});
