import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, type TestFleet } from './fleet.testkit.ts';

// The second form of bundles, for Open Policy Agent: asked for in fleet.yaml, published by `apply`.

const KEY = '.tenantry/keys/opa.pem';

let fleet: TestFleet;
beforeAll(async () => {
  buildCli();
  const publisher = { driver: 'files', path: '.tenantry/published', opa: { key: KEY } };
  const tokensExpire = instantText(Date.now() + 200 * 86_400_000);
  fleet = await createFleet({ tokensExpire, spec: { publisher } });
});
afterAll(() => fleet.destroy());

it('is published beside each bundle where fleet.yaml names a key, and nothing is where that key is not usable', () => {
  expect(fleet.run(['apply', '--yes'])).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^applied {2}alder [\s\S]*^unpublished alder {2}SIGNER_SEED_MISSING: /m),
  });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  mkdirSync(dirname(join(fleet.dir, KEY)), { recursive: true });
  writeFileSync(join(fleet.dir, KEY), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
  const published = join(fleet.dir, '.tenantry/published');
  const files = readdirSync(published, { recursive: true, encoding: 'utf8' });
  const forOpa = files.filter((path) => path.endsWith('.opa.tar.gz'));
  expect(forOpa.length).toBeGreaterThan(0);
  expect(forOpa).toHaveLength(files.filter((path) => path.endsWith('.bundle.tar')).length);
  for (const path of forOpa) {
    const text = gunzipSync(readFileSync(join(published, path))).toString('utf8');
    expect(text).toContain('"roots":["tenantry"]');
    expect(text).toContain(`"org":"${path.split('/')[0]}"`);
    expect(text).not.toContain('PRIVATE');
  }
});
