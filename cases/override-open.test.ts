import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeForge, type Pull, startFakeForge } from '../scripts/forge/index.ts';
import type { Denial, Hold, Override, Sha256Hex } from '../src/core/model/index.ts';
import { type OpenedOverride, openOverride } from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import { wireForge, wireRemoteBranches, wireRepository } from '../src/wire.ts';
import { ALDER, buildCli, createFleet, fleetAt, OTTO, runCliBeside, type TestFleet } from './fleet.testkit.ts';
import { BOT, OWNER, REPOSITORY, silent } from './forge.testkit.ts';

// What an operator took at once, brought into Git by a pull request: the real client and the real git, a bare repository as
// the remote, and a forge that knows its branches.

const EXPIRES = '2027-02-01T00:00:00Z';
const FACTS = {
  ...{ generation: 7, actor: 'ana at the store', createdAt: 0, expiresAt: Date.parse(EXPIRES) },
  ...{ isInGit: false, endedAt: null, endedWhy: null },
};
const HOLD: Hold = {
  ...FACTS,
  ...{ id: 'rollback-7', kind: 'rollback', to: 4, reason: 'no orders, see <b>@ops</b>', against: null },
  contents: { 'desk-production': 'a'.repeat(64) as Sha256Hex },
};
const DENIAL: Denial = { ...FACTS, id: 'deny-8', kind: 'deny', of: 'token', name: 'app', reason: 'leaked in a log' };
const PIN = `orgs/${ALDER}/pins/rollback-7.yaml`;
const BRANCH = `tenantry/override/${ALDER}/rollback-7`;

let made: TestFleet;
let root = '';
let fleet: TestFleet;
let fake: FakeForge;

beforeAll(async () => {
  buildCli();
  made = await createFleet();
  expect(made.run(['token', 'issue', 'alder/app']).status).toBe(0);
  made.commit('a token');
});
afterAll(() => made.destroy());

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tenantry-open-'));
  cpSync(made.dir, join(root, 'clone'), { recursive: true });
  fleet = fleetAt(join(root, 'clone'));
  fleet.git('config', 'user.name', 'Fleet Bot');
  fleet.git('config', 'user.email', 'bot@msp.example');
  fleet.git('clone', '-q', '--bare', '.', join(root, 'remote.git'));
  fleet.git('remote', 'add', 'origin', join(root, 'remote.git'));
  const users = { 'bot-token': BOT, 'stranger-token': 'mallory' };
  fake = await startFakeForge({ owner: OWNER, repository: REPOSITORY, users, branchOf });
});
afterEach(async () => {
  await fake.close();
  rmSync(root, { recursive: true, force: true });
  expect(fake.violations).toEqual([]);
});

const remote = (...args: string[]): string => fleet.git(`--git-dir=${join(root, 'remote.git')}`, ...args);

function branchOf(name: string): string | undefined {
  try {
    return remote('rev-parse', '--verify', '--quiet', `refs/heads/${name}`);
  } catch {
    return undefined;
  }
}

const client = (token = 'bot-token') =>
  wireForge({ api: fake.url, owner: OWNER, repository: REPOSITORY, token }, silent);

interface How {
  readonly reopen?: boolean;
  readonly writes?: boolean;
  readonly base?: string;
}

async function tried(override: Override, { reopen = false, writes = true, base = 'main' }: How = {}) {
  const { repository } = await wireRepository(fleet.dir);
  const branches = await wireRemoteBranches(fleet.dir, 'origin');
  const parts = { repository, branches, forge: await client(), pause: async () => undefined, self: BOT, writes };
  const host = { hash: nodeHash, random: nodeRandom, clock: { nowMs: () => 0 } };
  return openOverride({ ...parts, ...host }, { org: ALDER, override, base, reopen });
}

async function open(override: Override = HOLD, how: How = {}): Promise<OpenedOverride> {
  const done = await tried(override, how);
  if (done?.ok !== true) throw new Error(JSON.stringify(done));
  return done.value;
}

const only = (): Pull => {
  const [pull, ...others] = fake.state.pulls;
  if (pull === undefined || others.length > 0) throw new Error('expected one pull request');
  return pull;
};

describe('a rollback that is brought into Git', () => {
  it('is one pull request with its Pin, who, why and until when, and never touches the work tree', async () => {
    const before = [fleet.git('status', '--porcelain'), fleet.head()];
    expect(await open()).toMatchObject({ did: 'opened', branch: BRANCH, paths: [PIN], pull: only().number });
    expect(only()).toMatchObject({ branch: BRANCH, author: BOT, title: 'Bring rollback-7 of alder into Git' });
    expect(only().body).toContain('- By: ana at the store');
    expect(only().body).toContain('without a merge it ends at 2027-02-01T00:00:00Z');
    expect(only().body).not.toMatch(/<b>|@ops/);
    expect(remote('diff', '--name-status', `main...${BRANCH}`)).toBe(`A\t${PIN}`);
    expect(remote('show', `${BRANCH}:${PIN}`)).toContain('generation: 4');
    expect([fleet.git('status', '--porcelain'), fleet.head()]).toEqual(before);
    expect(await open()).toMatchObject({ did: 'unchanged', pull: only().number });
  });

  it('follows the override while it is open, and is done once the base says it', async () => {
    await open();
    const longer = { ...HOLD, expiresAt: Date.parse('2027-03-01T00:00:00Z') };
    expect(await open(longer)).toMatchObject({ did: 'updated', pull: only().number });
    expect(remote('show', `${BRANCH}:${PIN}`)).toContain('2027-03-01');
    remote('update-ref', 'refs/heads/main', BRANCH);
    only().state = 'closed';
    only().mergedAt = '2027-01-04T10:00:00Z';
    expect(await open(longer)).toMatchObject({ did: 'done', pull: null });
    remote('update-ref', 'refs/heads/main', fleet.head());
    expect(await open(longer)).toMatchObject({ did: 'held', why: expect.stringContaining('was merged, but main') });
  });

  it('leaves what people do: a closed one stays closed unless asked for, and commits of others stay', async () => {
    await open();
    const { number } = only();
    only().state = 'closed';
    const why = `#${number} was closed without being merged: --reopen opens another`;
    expect(await open()).toMatchObject({ did: 'held', why, pull: number });
    expect(await open(HOLD, { reopen: true })).toMatchObject({ did: 'opened' });
    expect(fake.state.pulls.at(-1)?.body).toContain(`Opened again: #${number} was closed`);
    fleet.git('fetch', '-q', 'origin');
    fleet.git('checkout', '-q', '-b', 'their', `origin/${BRANCH}`);
    fleet.write('orgs/alder/note.txt', 'mine');
    fleet.commit('theirs', OTTO);
    fleet.git('push', '-q', 'origin', `HEAD:${BRANCH}`);
    const at = branchOf(BRANCH);
    expect(await open()).toMatchObject({ did: 'held', why: expect.stringContaining('has commits of Otto Owner') });
    expect(branchOf(BRANCH)).toBe(at);
  });

  it('is held where somebody else has a pull request open from its branch', async () => {
    await open();
    fake.state.pulls.splice(0, 1, { ...only(), author: 'mallory' });
    expect(await open()).toMatchObject({ did: 'held', why: expect.stringContaining('of mallory is open from') });
  });

  it('writes nothing in a dry run, and nothing without a base', async () => {
    expect(await open(HOLD, { writes: false })).toMatchObject({ did: 'opened', pull: null });
    expect([fake.state.pulls, branchOf(BRANCH)]).toEqual([[], undefined]);
    expect(await tried(HOLD, { base: 'gone' })).toBeNull();
  });
});

describe('a denial that is brought into Git', () => {
  it('of a token takes its secrets away; of one that has no Token there, it is refused', async () => {
    expect(await open(DENIAL)).toMatchObject({ did: 'opened', paths: [`orgs/${ALDER}/credentials.yaml`] });
    expect(remote('show', `main:orgs/${ALDER}/credentials.yaml`)).toContain('token: app');
    expect(remote('show', `${only().branch}:orgs/${ALDER}/credentials.yaml`)).not.toContain('token: app');
    expect(await tried({ ...DENIAL, name: 'nobody' })).toMatchObject({ ok: false, code: 'TOKEN_UNKNOWN' });
  });

  it('of a gateway is for a person to write', async () => {
    const done = await open({ ...DENIAL, of: 'gateway', name: 'desk-production' });
    expect(done).toMatchObject({ did: 'held', why: expect.stringContaining('remove gateway desk-production') });
    expect(fake.state.pulls).toEqual([]);
  });
});

it('override write --open answers with data, and with exit code 1 where a person has to act', async () => {
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
  expect(fleet.run(['deny', 'alder', 'app', '--reason', 'leaked in a log']).status).toBe(0);
  const tenantry = (...args: readonly string[]) => {
    const place = { GITHUB_REPOSITORY: `${OWNER}/${REPOSITORY}`, GITHUB_TOKEN: 'bot-token', GITHUB_API_URL: fake.url };
    const env = { ...place, TENANTRY_FORGE_SECOND_MS: '2' };
    const format = args.includes('--format') ? [] : ['--format', 'json'];
    const line = ['override', 'write', 'alder', 'deny-2', ...format, ...args];
    return runCliBeside(line, { cwd: fleet.dir, env });
  };
  const plain = await tenantry('--open', '--dry-run', '--format', 'human');
  expect(plain.stdout).toMatch(/^opened from \S+: .*\nNothing was pushed or opened \(--dry-run\)\.\n$/);
  expect(JSON.parse((await tenantry('--open', '--dry-run')).stdout)).toMatchObject({ dryRun: true, did: 'opened' });
  expect(fake.state.pulls).toEqual([]);
  const opened = await tenantry('--open');
  expect([opened.status, JSON.parse(opened.stdout)]).toMatchObject([
    0,
    { did: 'opened', pull: only().number, why: null },
  ]);
  only().state = 'closed';
  expect((await tenantry('--open')).status).toBe(1);
  expect((await tenantry('--open', '--base', 'gone')).status).toBe(1);
  expect((await tenantry('--reopen')).status).toBe(64);
  expect(fleet.git('status', '--porcelain')).toBe('');
}, 120_000);
