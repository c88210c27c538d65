import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTestHost } from '../gateway/io/host.testkit.ts';
import { enrol } from '../gateway/io/index.ts';
import { type Running, runManaged } from '../gateway/io/run.ts';
import { readIdentity } from '../gateway/io/state.ts';
import { startUpstream, type TestUpstream, until } from '../gateway/io/upstream.testkit.ts';
import { type CommitId, instantText, type JsonObject } from '../src/core/model/index.ts';
import { type ApplyReport, type ControlPlane, createEnrolmentCode, issueToken } from '../src/flows/index.ts';
import { nodeRandom } from '../src/host/index.ts';
import { type ListeningServer, openApiDocument } from '../src/server/index.ts';
import { requestSigner } from '../src/trust/index.ts';
import { wireRepository } from '../src/wire.ts';
import { ALDER, buildCli, createFleet, type OpenFleet, OTTO, type TestFleet } from './fleet.testkit.ts';
import { planeOf, servePlane } from './served-plane.testkit.ts';

// A customer leaves: the real command, repository, store, publisher, control plane and gateway, step by step.

const DAY_MS = 86_400_000;
const GATEWAY = 'desk-production';
const clock = { nowMs: () => Date.now() };
let fleet: TestFleet;
let open: OpenFleet;
let plane: ControlPlane;
let server: ListeningServer;
let upstream: TestUpstream;
let gateway: Running;
let secret = '';
let consoleSecret = '';

beforeAll(async () => {
  buildCli();
  const ring = { name: 'general', soakMinutes: 0 };
  fleet = await createFleet({
    tokensExpire: instantText(Date.now() + 200 * DAY_MS),
    spec: { rings: [{ name: 'early', soakMinutes: 0, orgs: ['alder', 'birch'] }, ring] },
  });
  fleet.edit('fleet.yaml', 'spec:\n', '# Ours.\nspec:\n');
  fleet.edit('orgs/alder/org.yaml', '  isolation:', '  # As agreed in March.\n  isolation:');
  fleet.write('.github/CODEOWNERS', '# tenantry: begin\n');
  await fleet.save('an owner file');
  open = await fleet.open(clock);
  upstream = await startUpstream();
  plane = planeOf(open, clock);
  const issue = async (name: string): Promise<string> => {
    const { repository, write } = await wireRepository(fleet.dir);
    const tree = repository.workTree();
    const issued = await issueToken({ tree, write, random: nodeRandom, clock }, ALDER, name);
    if (!issued.ok) throw new Error(issued.message);
    return issued.value.secret;
  };
  secret = await issue('app');
  consoleSecret = await issue('console');
  await fleet.save('a secret');
  expect(await apply()).toMatchObject({ ok: true });
  server = await servePlane(plane);
  const stateDir = join(fleet.dir, '.tenantry', 'desk');
  await enrol({ code: await enrolmentCode(), source: `http://127.0.0.1:${server.port}`, stateDir });
  const listening = { host: '127.0.0.1', port: 0, simulator: upstream.url, pollSeconds: 5 };
  gateway = await runManaged({ stateDir, ...listening }, makeTestHost());
  await until(() => gateway.service.snapshot !== null, 'a snapshot');
});
afterAll(async () => {
  await gateway.stop(500);
  await server.close();
  await upstream.close();
  open.close();
  fleet.destroy();
});

const apply = (): Promise<ApplyReport> => open.apply({ parts: { lanes: plane.lanes, wake: plane.wakes.wake } });

async function enrolmentCode(): Promise<string> {
  const made = await createEnrolmentCode(plane, ALDER, GATEWAY);
  if (!made.ok) throw new Error(made.message);
  return made.value.code;
}

/** True for an answer as the OpenAPI document describes that of the path. */
function isDescribed(path: string, answer: unknown): boolean {
  const { paths } = openApiDocument() as unknown as Described;
  const { schema } = paths[path]?.get.responses['200'].content['application/json'] ?? {};
  return schema !== undefined && new Ajv({ allowUnionTypes: true }).validate(schema, answer);
}

interface Described {
  readonly paths: {
    readonly [path: string]: {
      readonly get: {
        readonly responses: {
          readonly '200': { readonly content: { readonly [type: string]: { readonly schema: object } } };
        };
      };
    };
  };
}

const offboard = (...more: readonly string[]) => fleet.run(['org', 'offboard', 'alder', ...more]);
const answered = (...more: readonly string[]): JsonObject & { readonly steps: readonly JsonObject[] } =>
  JSON.parse(offboard('--format', 'json', ...more).stdout);
const states = (steps: readonly JsonObject[]): string => steps.map(({ state }) => String(state).charAt(0)).join('');

/** `check` as the pull request asks it. */
const found = (base: CommitId): readonly string[] =>
  JSON.parse(fleet.run(['check', '--base', base, '--format', 'json']).stdout).findings.map(
    ({ code, place }: { readonly code: string; readonly place: { readonly file: string } }) => `${code} ${place?.file}`,
  );

/** The hazards of a change, which a platform owner accepts. */
async function approve(base: CommitId, head: CommitId): Promise<readonly string[]> {
  const { changeDigest, orgs } = await open.diff(base, head);
  const why = ['--as', '@msp/platform', '--reason', 'the contract ended'];
  expect(fleet.run(['approve', changeDigest, '--base', base, '--head', head, ...why])).toMatchObject({ status: 0 });
  fleet.commit('approve', OTTO);
  return orgs.flatMap(({ hazards }) => hazards.map(({ id }) => id));
}

const ask = async (): Promise<number> => {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
    body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 5, messages: [{ role: 'user', content: 'hi' }] }),
  });
  await response.text();
  return response.status;
};

const askConsole = async (): Promise<number> => {
  const headers = { authorization: `Bearer ${consoleSecret}` };
  return (await fetch(`http://127.0.0.1:${server.port}/api/v1/orgs/alder/usage`, { headers })).status;
};

test('a customer is served', async () => {
  expect([await ask(), await askConsole()]).toEqual([200, 200]);
});

describe('the first step', () => {
  let base: CommitId;
  let head: CommitId;

  test('is refused while the org has uncommitted changes, and tells without writing what it would do', async () => {
    base = fleet.head();
    fleet.edit('orgs/alder/org.yaml', 'alder Trading', 'Alder Trading');
    expect(offboard()).toMatchObject({ status: 1, stderr: expect.stringContaining('OFFBOARD_DIRTY') });
    fleet.git('checkout', '-q', '.');
    const { step, written, removed, steps, waiting } = answered('--dry-run');
    expect([step, written]).toEqual(['retired', ['orgs/alder/org.yaml']]);
    expect(removed).toContain('orgs/alder/credentials.yaml');
    expect([states(steps), waiting]).toEqual(['oooooooooooo', 0]);
    expect(offboard('--dry-run').stdout).toMatch(
      /^alder would be retired, 2\S+Z: 1 file written, \d+ removed \(--dry-run: nothing was\)\.\n/,
    );
    expect(fleet.git('status', '--porcelain')).toBe('');
    expect(fleet.run(['org', 'offboard', 'elder'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('ORG_UNKNOWN'),
    });
  });

  test('writes one line, and takes away what requests come in through', async () => {
    const before = fleet.read('orgs/alder/org.yaml');
    const { status, stdout } = offboard();
    expect([status, stdout.split('\n')[0]]).toEqual([
      0,
      expect.stringMatching(/^alder is retired, 2\S+Z: 1 file written, \d+ removed\.$/),
    ]);
    expect(stdout).toContain(`git commit -m 'Retire alder'`);
    const lines = fleet.read('orgs/alder/org.yaml').split('\n');
    expect(lines.filter((line) => !line.startsWith("  retired: '2")).join('\n')).toBe(before);
    const left = fleet.git('ls-files', '-o', '-c', '--exclude-standard', 'orgs/alder').split('\n');
    const standing = left.filter((path) => existsSync(join(fleet.dir, path)));
    expect([...new Set(standing.map((path) => path.split('/')[2]))]).toEqual([
      'org.yaml',
      'policies',
      'reviews',
      'teams',
      'wallets',
    ]);
    // What is not committed is retired in no commit: the second step is not for it.
    expect(offboard()).toMatchObject({ status: 1, stderr: expect.stringContaining('OFFBOARD_DIRTY') });
    head = fleet.commit('Retire alder');
    expect(found(base)).toEqual([]);
    const shown = fleet.run(['diff', '--base', base]).stdout;
    expect(shown).toMatch(/the org is retired, 2\S+Z: 1 gateway and 3 tokens end/);
  });

  test('is followed by nothing until it is applied', async () => {
    expect(offboard()).toMatchObject({ status: 1, stderr: expect.stringContaining('OFFBOARD_NOT_APPLIED') });
    expect(await apply()).toMatchObject({ ok: false, orgs: [{ org: ALDER, outcome: 'held', code: 'HAZARD_OPEN' }] });
    expect(await ask()).toBe(200);
  });

  test('stops the gateway, and every secret, when its hazards are accepted', async () => {
    const code = await enrolmentCode();
    expect(await approve(base, head)).toEqual(['GATEWAY_REMOVED:Gateway/production/desk-production']);
    expect(await apply()).toMatchObject({ ok: true, published: [{ org: ALDER, removed: [GATEWAY] }] });
    await until(async () => (await ask()) === 503, 'the end of the service');
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    expect(await askConsole()).toBe(404);
    await until(
      async () => (await open.state.runtime.acks(ALDER)).some((ack) => ack.code === 'TRUST_NOT_LISTED'),
      'the last word of the gateway',
    );
    // Nobody enrols any more, also not with a code from before.
    const stateDir = join(fleet.dir, '.tenantry', 'late');
    const late = enrol({ code, source: `http://127.0.0.1:${server.port}`, stateDir });
    await expect(late).rejects.toMatchObject({ code: 'ENROL_REFUSED' });
    expect(await createEnrolmentCode(plane, ALDER, GATEWAY)).toMatchObject({ ok: false, code: 'GATEWAY_UNKNOWN' });
  });

  test('leaves everything else readable, and nothing to repair', async () => {
    expect(fleet.run(['check'])).toMatchObject({ status: 0 });
    expect(fleet.run(['drift'])).toMatchObject({ status: 0 });
    expect(fleet.run(['status', '--org', 'alder']).stdout).toContain('No gateway is applied.');
    expect(fleet.run(['why', 'alder', 'Wallet/desk', 'spec.limit'])).toMatchObject({ status: 0 });
    expect(fleet.run(['wallet', 'show', '--org', 'alder']).stdout).toContain('desk');
    const until = ['--reason', 'a test', '--expires', new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)];
    expect(fleet.run(['rollback', '--org', 'alder', '--to', '1', ...until]).stderr).toMatch(
      /^GATEWAY_UNKNOWN: expected a gateway of alder that can be held, found none\n/,
    );
    await gateway.shipping?.drain();
    expect(fleet.run(['wallet', 'export', '--org', 'alder']).stdout).toContain('desk');
    expect(fleet.run(['events', 'export', '--org', 'alder']).stdout).toContain('"decision"');
    expect(fleet.run(['events', 'verify', '--org', 'alder'])).toMatchObject({ status: 0 });
    expect(await apply()).toMatchObject({ ok: true, orgs: [], published: [] });
  });

  test('gives no money to whoever has the identity of a gateway that the org has no more', async () => {
    const { identity } = readIdentity(join(fleet.dir, '.tenantry', 'desk'));
    const sign = requestSigner(identity.privateKey, { org: identity.orgUid, gateway: identity.gateway });
    const [method, path] = ['POST', '/api/v1/gateway/wallets/lease'];
    const body = JSON.stringify({ wallet: 'desk', needMicros: 1 });
    // Beyond any that the gateway itself has used.
    const headers = sign({ method, path, body: Buffer.from(body), timeMs: Date.now(), sequence: 1_000_000 });
    const asked = await fetch(`http://127.0.0.1:${server.port}${path}`, { method, headers: { ...headers }, body });
    expect([asked.status, await asked.json()]).toMatchObject([200, { granted: false, reason: 'unknown-gateway' }]);
  });
});

describe('the second step', () => {
  let base: CommitId;

  test('is refused while fleet.yaml has uncommitted changes', () => {
    base = fleet.head();
    fleet.edit('fleet.yaml', '# Ours.', '# Theirs.');
    expect(offboard()).toMatchObject({ status: 1, stderr: expect.stringContaining('OFFBOARD_DIRTY') });
    fleet.git('checkout', '-q', '.');
  });

  test('is refused while a gateway is still published', async () => {
    open.sql("UPDATE publications SET generation = generation - 1 WHERE org = 'alder'");
    expect(offboard()).toMatchObject({ status: 1, stderr: expect.stringContaining('OFFBOARD_NOT_PUBLISHED') });
    open.sql("UPDATE publications SET generation = generation + 1 WHERE org = 'alder'");
  });

  test('says in a folder without a store that it looked at none', async () => {
    const clone = join(fleet.dir, '.tenantry', 'clone');
    fleet.git('clone', '-q', fleet.dir, clone);
    const there = fleet.run(['org', 'offboard', 'alder', '-C', clone]);
    expect([there.status, existsSync(join(clone, '.tenantry'))]).toEqual([0, false]);
    expect(there.stdout).toContain('No store stands in this folder');
    expect(there.stdout).toContain('ORG_OFFBOARDED');
  });

  test('removes the directory, keeps name and uid from coming back, and checks', async () => {
    const { step, gateways, steps, written } = answered();
    expect(step).toBe('removed');
    expect(gateways).toMatchObject([{ gateway: GATEWAY, state: 'stopped' }]);
    expect(states(steps)).toBe('ddddduuodooo');
    expect(written).toEqual(['fleet.yaml', '.github/CODEOWNERS']);
    expect(existsSync(join(fleet.dir, 'orgs/alder'))).toBe(false);
    const settings = fleet.read('fleet.yaml');
    expect(settings).toMatch(
      /\n {2}retiredOrgs:\n {4}- \{ uid: alder000000000000001, org: alder, retired: '2\S+Z' \}\n/,
    );
    expect(settings).toContain('# Ours.');
    expect(settings.match(/alder/g)).toHaveLength(2);
    expect(fleet.read('.github/CODEOWNERS')).not.toContain('alder');
    const head = fleet.commit('Remove alder');
    expect(found(base)).toEqual([]);
    const again = answered();
    expect([again['step'], states(again.steps)]).toEqual(['gone', 'dduuuuuuduuu']);
    const { orgs } = await open.diff(base, head);
    const said = orgs.flatMap(({ hazards }) => hazards.map(({ message }) => message));
    expect(said).toContainEqual(expect.stringContaining('it was retired before: no token and no gateway is left'));
    expect(await approve(base, head)).toContain('ORG_OFFBOARDED:alder');
  });

  test('is applied as the last word of the history', async () => {
    expect(await apply()).toMatchObject({ ok: true });
    const { entries, chain } = JSON.parse(fleet.run(['history', '--org', 'alder', '--format', 'json']).stdout);
    expect([entries[0].action, entries[1].action, chain]).toEqual(['offboard', 'apply', 'intact']);
    expect(fleet.run(['check'])).toMatchObject({ status: 0 });
    expect(fleet.run(['drift'])).toMatchObject({ status: 0 });
    expect(fleet.run(['events', 'export', '--org', 'alder']).stdout).toContain('"decision"');
    expect(await apply()).toMatchObject({ ok: true, orgs: [], published: [] });
  });

  test('is seen in the list of all orgs as one without template', async () => {
    const path = '/api/v1/fleet/orgs';
    const headers = { authorization: `Bearer ${plane.localStaff.text}` };
    const answer = await (await fetch(`http://127.0.0.1:${server.port}${path}`, { headers })).json();
    const { items } = answer as { readonly items: readonly JsonObject[] };
    expect(items.map((item) => [item['org'], item['template']])).toEqual([
      ['alder', null],
      ['birch', 'msp-standard@1.0.0'],
      ['clove', 'msp-standard@1.0.0'],
    ]);
    expect(isDescribed(path, answer)).toBe(true);
    expect(isDescribed(path, { items: [{ ...items[0], template: '' }], next: null })).toBe(false);
  });

  test('lets neither the name come back nor anybody in', async () => {
    const added = fleet.run(['org', 'add', 'alder', '--template', 'msp-standard@1.0.0']);
    expect(added).toMatchObject({ status: 1, stderr: expect.stringContaining('ISO_I55_RETIRED_ORG_REUSED') });
    expect(existsSync(join(fleet.dir, 'orgs/alder'))).toBe(false);
    expect(await ask()).toBe(503);
    expect(await createEnrolmentCode(plane, ALDER, GATEWAY)).toMatchObject({ ok: false });
    expect(fleet.run(['gateway', 'revoke', `alder/${GATEWAY}`])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('It had stopped before.'),
    });
  });
});
