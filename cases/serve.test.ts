import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { parseJson } from '../src/core/model/index.ts';
import type { ControllerFile } from '../src/wire.ts';
import { buildCli, createFleet, ROOT, type TestFleet } from './fleet.testkit.ts';

// `tenantry serve` as a process: gateways have a control plane, and no commit is applied but those that somebody asks for.

const WAIT = { timeout: 60_000, interval: 50 };
/** A controller that follows looks for a new commit every second. */
const FOLLOWED_WITHIN_MS = 3_000;

let fleet: TestFleet;
let child: ChildProcess;
let said = '';
let ended: Promise<unknown>;
const controllerFile = (): string => join(fleet.dir, '.tenantry/controller.json');

beforeAll(() => buildCli());
beforeEach(async () => {
  fleet = await createFleet();
  await serve();
});
afterEach(async () => {
  child.kill('SIGKILL');
  await ended;
  fleet.destroy();
});

async function serve(env: NodeJS.ProcessEnv = {}): Promise<void> {
  said = '';
  const line = [join(ROOT, 'dist/tenantry.mjs'), 'serve', '--listen', '127.0.0.1:0', '-C', fleet.dir];
  child = spawn(process.execPath, line, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  child.stderr?.on('data', (part: Buffer) => (said += part.toString('utf8')));
  ended = once(child, 'exit');
  await expect.poll(() => said, WAIT).toContain('control plane on http://127.0.0.1:');
}

async function limitOf(org: string, limit: string): Promise<void> {
  const path = `orgs/${org}/org.yaml`;
  fleet.write(path, fleet.read(path).replace(/limit: '\d+\.00'/, `limit: '${limit}'`));
  await fleet.save(`another limit of ${org}`);
}

const json = (...args: readonly string[]) => {
  const done = fleet.run([...args, '--format', 'json']);
  return { status: done.status, stderr: done.stderr, body: done.stdout === '' ? null : parseJson(done.stdout) };
};
const planned = (): readonly string[] =>
  (json('plan').body as { readonly orgs: readonly { readonly org: string }[] }).orgs.map(({ org }) => org);

it('applies nothing by itself; an apply is done by it, and tells what it did as without it', async () => {
  const first = json('apply', '--yes');
  expect(first).toMatchObject({ status: 0, body: { ok: true, commit: fleet.head() } });
  const { orgs, published } = first.body as { readonly orgs: readonly object[]; readonly published: readonly object[] };
  expect(orgs.map((one) => ({ ...one, planDigest: null }))).toContainEqual(
    expect.objectContaining({ org: 'alder', outcome: 'applied', generation: 1 }),
  );
  expect(published).toContainEqual(
    expect.objectContaining({ org: 'alder', changed: ['desk-production'], removed: [], signatures: 3, findings: [] }),
  );
  await limitOf('alder', '110.00');
  await limitOf('birch', '120.00');
  await new Promise((resolve) => setTimeout(resolve, FOLLOWED_WITHIN_MS));
  expect(planned()).toEqual(['alder', 'birch']);
  const one = json('apply', '--yes', '--org', 'birch');
  expect(one).toMatchObject({
    status: 0,
    body: { ok: true, orgs: [{ org: 'birch', outcome: 'applied', generation: 2 }] },
  });
  expect(planned()).toEqual(['alder']);
  // Nobody but it wrote: another writer would have been refused, and an adjustment goes the same way.
  const other = fleet.run(['controller', '--listen', '127.0.0.1:0']);
  expect([other.status, other.stderr]).toEqual([69, expect.stringContaining('CONTROLLER_RUNNING')]);
  child.kill('SIGTERM');
  expect([await ended, existsSync(controllerFile())]).toEqual([[0, null], false]);
  expect(json('apply', '--yes')).toMatchObject({ status: 0, body: { orgs: [{ org: 'alder' }] } });
});

it('holds what is no longer what was shown, and asks for a yes first', async () => {
  const { planDigest } = json('plan').body as { readonly planDigest: string };
  const unasked = fleet.run(['apply']);
  expect([unasked.status, unasked.stderr]).toEqual([1, expect.stringContaining('Nothing was applied')]);
  await limitOf('alder', '110.00');
  const stale = json('apply', '--expect', planDigest);
  expect(stale).toMatchObject({ status: 1, body: { ok: false, orgs: expect.arrayContaining([]) } });
  expect(
    new Set((stale.body as { readonly orgs: readonly { readonly code?: string }[] }).orgs.map(({ code }) => code)),
  ).toEqual(new Set(['PLAN_STALE']));
  expect(json('apply', '--expect', (json('plan').body as { readonly planDigest: string }).planDigest).status).toBe(0);
});

it('starts with edits in the work tree, which it has nothing to do with, and says in its file what it does', async () => {
  child.kill('SIGTERM');
  await ended;
  fleet.write('orgs/alder/org.yaml', `${fleet.read('orgs/alder/org.yaml')}# a thought\n`);
  await serve();
  const file = parseJson(readFileSync(controllerFile(), 'utf8')) as unknown as ControllerFile;
  expect(file.commits).toBe('asked');
  const enrolled = fleet.run(['gateway', 'enroll', 'alder/desk-production']);
  expect([enrolled.status, said]).toEqual([1, expect.not.stringContaining('BUG')]);
  const body = JSON.stringify({ orgs: ['nobody-here'] });
  const headers = { authorization: `Bearer ${file.token}` };
  for (const [given, status] of [
    [body, 200],
    [JSON.stringify({ orgs: 'alder' }), 422],
    [JSON.stringify({ orgs: ['No Slug'] }), 422],
  ] as const) {
    const answer = await fetch(`${file.url}/api/v1/fleet/reconcile`, { method: 'POST', headers, body: given });
    expect([given, answer.status]).toEqual([given, status]);
    await answer.text();
  }
});

it('has what writes published files alone: who asks it to apply needs no credentials of their place', async () => {
  child.kill('SIGTERM');
  await ended;
  const place = 'driver: s3\n    endpoint: https://store.example\n    region: eu-central-1\n    bucket: bundles';
  fleet.write('fleet.yaml', fleet.read('fleet.yaml').replace(/driver: files\n +path: \S+/, place));
  fleet.commit('publish to an object store');
  await serve({ AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' });
  const asked = fleet.run(['apply'], { env: { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' } });
  expect([asked.status, asked.stderr]).toEqual([1, expect.stringContaining('Nothing was applied')]);
});
