import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, runCli, type TestFleet } from './fleet.testkit.ts';

// Who looks into the store has nothing to do with the place of published files, and needs none of its credentials.

let fleet: TestFleet;

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  expect(run('apply', '--yes').status).toBe(0);
  const place = 'driver: s3\n    endpoint: https://store.example\n    region: eu-central-1\n    bucket: bundles';
  fleet.write('fleet.yaml', fleet.read('fleet.yaml').replace(/driver: files\n +path: \S+/, place));
  fleet.git('commit', '-qam', 'publish to an object store');
});
afterAll(() => fleet.destroy());

function run(...args: readonly string[]) {
  const env = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
  return runCli([...args, '-C', fleet.dir], { env });
}

describe('without the credentials of the place of published files', () => {
  it.each([
    'status',
    'history --org alder',
    'plan',
    'rollout status',
    'override list',
    'gateway list',
    'events tail --org alder',
    'events verify --org alder',
    'wallet show --org alder',
    'wallet export --org alder',
    'wallet adjust alder/org --top-up 5.00 --reason credit',
    'drill stolen-online-key',
  ])('%s does what it is for', (words) => {
    const ran = run(...words.split(' '));
    expect([ran.status, ran.stderr]).toEqual([0, expect.not.stringContaining('PUBLISH_')]);
  });

  it('tells of an override and of a gateway that there is none', () => {
    expect(run('override', 'write', 'alder', 'none').stderr).toContain('OVERRIDE_UNKNOWN');
    expect(run('gateway', 'revoke', 'alder/desk-production').stderr).toContain('GATEWAY_UNKNOWN');
  });

  it.each(['drift', 'publish', 'apply --yes', 'gateway enroll alder/desk-production', 'controller'])(
    '%s says at once what it misses',
    (words) => {
      const ran = run(...words.split(' '));
      expect(ran.status).toBe(69);
      expect(ran.stderr).toContain('PUBLISH_REFUSED: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
    },
  );
});
