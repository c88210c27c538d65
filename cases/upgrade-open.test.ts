import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeForge, type Pull, startFakeForge } from '../scripts/forge/index.ts';
import { type CampaignReport, openCampaign, type RingReport } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import type { Forge } from '../src/ports/index.ts';
import { wireForge, wireRemoteBranches, wireRepository } from '../src/wire.ts';
import {
  BIRCH,
  buildCli,
  CLOVE,
  createFleet,
  fleetAt,
  OTTO,
  type Ran,
  runCliBeside,
  type TestFleet,
} from './fleet.testkit.ts';
import { BOT, OWNER, REPOSITORY, silent } from './forge.testkit.ts';

// Upgrades as pull requests: the real client and the real git, a bare repository as the remote, and a forge that knows its
// branches. clove is in the ring canary, alder and birch are in the ring general.

const CANARY = 'tenantry/upgrade/msp-standard-1.1.0/canary';
const GENERAL = 'tenantry/upgrade/msp-standard-1.1.0/general';

let made: TestFleet;
let root = '';
let fleet: TestFleet;
let fake: FakeForge;

beforeAll(async () => {
  buildCli();
  made = await createFleet({
    spec: {
      rings: [
        { name: 'canary', soakMinutes: 60 },
        { name: 'general', soakMinutes: 0 },
      ],
    },
  });
  const upstreams = 'region: eu-central\n        upstreams';
  made.edit('orgs/clove/org.yaml', upstreams, upstreams.replace('\n', '\n        ring: canary\n'));
  await made.save('clove goes first');
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

function branchOf(name: string): string | undefined {
  try {
    return remote('rev-parse', '--verify', '--quiet', `refs/heads/${name}`);
  } catch {
    return undefined;
  }
}
const remote = (...args: string[]): string => fleet.git(`--git-dir=${join(root, 'remote.git')}`, ...args);
const place = (token = 'bot-token') => ({ api: fake.url, owner: OWNER, repository: REPOSITORY, token });

interface How {
  readonly to?: string;
  readonly ring?: string;
  readonly mostOpen?: number;
  readonly reopen?: boolean;
  readonly writes?: boolean;
  /** A clone of somebody else, or of a run that races. */
  readonly dir?: string;
  /** Stands before the real client. */
  readonly before?: (forge: Forge) => Forge;
}

async function client(token?: string): Promise<Forge> {
  const { TENANTRY_FORGE_SECOND_MS: before } = process.env;
  process.env['TENANTRY_FORGE_SECOND_MS'] = '2';
  try {
    return await wireForge(place(token), silent);
  } finally {
    if (before === undefined) Reflect.deleteProperty(process.env, 'TENANTRY_FORGE_SECOND_MS');
    else process.env['TENANTRY_FORGE_SECOND_MS'] = before;
  }
}

async function open(how: How = {}): Promise<CampaignReport> {
  const dir = how.dir ?? fleet.dir;
  const { repository } = await wireRepository(dir);
  const forge = await client();
  return openCampaign(
    {
      repository,
      branches: await wireRemoteBranches(dir, 'origin'),
      forge: how.before?.(forge) ?? forge,
      hash: nodeHash,
      pause: async () => undefined,
      self: BOT,
      writes: how.writes ?? true,
    },
    {
      template: 'msp-standard',
      to: how.to ?? '1.1.0',
      ring: how.ring ?? null,
      base: 'main',
      mostOpen: how.mostOpen ?? 2,
      reopen: how.reopen ?? false,
    },
  );
}

const rings = (report: CampaignReport): readonly string[] =>
  report.rings.map(({ ring, did, why }) => `${ring} ${did}${why === null ? '' : `: ${why}`}`);
const ringOf = (report: CampaignReport, name: string): RingReport | undefined =>
  report.rings.find(({ ring }) => ring === name);
const pulls = (): readonly string[] => fake.state.pulls.map(({ branch, state }) => `${branch} ${state}`);
const only = (): Pull => {
  const [pull, ...others] = fake.state.pulls;
  if (pull === undefined || others.length > 0)
    throw new Error(`expected one pull request, found ${pulls().join(', ')}`);
  return pull;
};

/** What a person does on the forge: main becomes what the branch is, as one commit of theirs. */
function merge(pull: Pull): void {
  fleet.git('fetch', '-q', 'origin');
  fleet.git('checkout', '-q', '-B', 'main', 'origin/main');
  fleet.git('merge', '-q', '--squash', `origin/${pull.branch}`);
  fleet.commit(`${pull.title} (#${pull.number})`, OTTO);
  fleet.git('push', '-q', 'origin', 'main');
  pull.state = 'closed';
  pull.mergedAt = '2027-01-04T10:00:00Z';
}

/** A commit on main, pushed. */
async function advance(path: string, from: string, to: string): Promise<void> {
  fleet.edit(path, from, to);
  await fleet.save('another change');
  fleet.git('push', '-q', 'origin', 'main');
}

/** An overlay of clove that the new version contradicts, on main. */
async function planConflict(): Promise<void> {
  fleet.write(
    'orgs/clove/overlays/own.yaml',
    `apiVersion: tenantry/v1\nkind: Overlay\nmetadata: { org: clove, name: own }\nspec:\n  target: { kind: Gateway, environment: production, name: desk-production }\n  reason: what clove asked for\n  patches:\n    - { op: replace, path: /spec/limits/requestsPerMinute, was: 600, value: 517 }\n`,
  );
  await fleet.save('an overlay');
  fleet.git('push', '-q', 'origin', 'main');
}

describe('the pull request of a ring', () => {
  it('is opened for the first ring alone, and says org by org what happens', async () => {
    const before = fleet.git('status', '--porcelain');
    const head = fleet.head();
    const report = await open();
    expect(rings(report)).toEqual(['canary opened', `general waits: ring canary is not merged (#${only().number})`]);
    expect(only()).toMatchObject({
      branch: CANARY,
      author: BOT,
      title: 'Upgrade ring canary to msp-standard@1.1.0 (1 org)',
    });
    const lines = only().body.split('\n');
    expect(lines[0]).toBe('<!-- tenantry:upgrade msp-standard@1.1.0 canary -->');
    expect(lines[1]).toBe('### Upgrade of ring canary to msp-standard@1.1.0: 1 org moves, 0 left behind');
    expect(only().body).toContain('- from msp-standard@<!-- -->1.0.0, 1 org: clove');
    expect(remote('log', '--format=%an %s', `main..${CANARY}`)).toBe('Fleet Bot Upgrade clove to msp-standard@1.1.0');
    expect(remote('show', `${CANARY}:orgs/clove/org.yaml`)).toContain('msp-standard@1.1.0');
    expect([fleet.git('status', '--porcelain'), fleet.head()]).toEqual([before, head]);
  });

  it('is left alone by a second run, also from another clone and when main moved elsewhere', async () => {
    const first = await open();
    const other = join(root, 'other');
    fleet.git('clone', '-q', join(root, 'remote.git'), other);
    for (const [name, value] of [
      ['user.name', 'Fleet Bot'],
      ['user.email', 'bot@msp.example'],
    ] as const)
      fleetAt(other).git('config', name, value);
    await advance('orgs/birch/org.yaml', "limit: '100.00'", "limit: '120.00'");
    const second = await open({ dir: other });
    expect(rings(second)[0]).toBe('canary unchanged');
    expect(ringOf(second, 'canary')?.commit).toBe(ringOf(first, 'canary')?.commit);
    expect(fake.seen.filter(({ operation }) => /pulls\/(create|update)/.test(operation))).toHaveLength(1);
  });

  it('is brought up to date in place when its orgs moved on main', async () => {
    await open();
    const { number, head } = only();
    await advance('orgs/clove/org.yaml', "limit: '100.00'", "limit: '120.00'");
    expect(rings(await open())[0]).toBe('canary updated');
    expect(only().number).toBe(number);
    expect(branchOf(CANARY)).not.toBe(head);
    expect(remote('show', `${CANARY}:orgs/clove/org.yaml`)).toMatch(/@1\.1\.0[\s\S]*120\.00/);
    expect(remote('rev-list', '--count', `main..${CANARY}`)).toBe('1');
  });

  it('keeps a merge of main that somebody made on the forge', async () => {
    await open();
    await advance('orgs/birch/org.yaml', "limit: '100.00'", "limit: '120.00'");
    fleet.git('fetch', '-q', 'origin');
    fleet.git('checkout', '-q', '-b', 'their', `origin/${CANARY}`);
    fleet.git('-c', 'user.name=Otto', 'merge', '-q', '--no-ff', '-m', 'update', 'origin/main');
    fleet.git('push', '-q', 'origin', `HEAD:${CANARY}`);
    const at = branchOf(CANARY);
    expect(rings(await open())[0]).toBe('canary unchanged');
    expect(branchOf(CANARY)).toBe(at);
  });

  it('leaves out orgs in conflict, says so without values, and opens none where nobody can move', async () => {
    await planConflict();
    const report = await open();
    expect(rings(report)[0]).toBe('canary held: no org can move: 1 in conflict, 0 refused');
    expect(fake.state.pulls).toEqual([]);
    fleet.edit(
      'orgs/alder/org.yaml',
      'region: eu-central\n        up',
      'region: eu-central\n        ring: canary\n        up',
    );
    await fleet.save('alder goes first too');
    fleet.git('push', '-q', 'origin', 'main');
    expect(rings(await open())[0]).toBe('canary opened');
    const { body, title } = only();
    expect(title).toContain('(1 org)');
    expect(body).toContain('1 org moves, 1 left behind');
    expect(body).toContain('- **clove**, from msp-standard@<!-- -->1.0.0: 1 to decide');
    expect(body).not.toContain('517');
    expect(remote('diff', '--name-only', `main...${CANARY}`)).not.toContain('orgs/clove');
  });
});

describe('the rings', () => {
  it('follow each other as they are merged, and none is opened twice', async () => {
    await open();
    merge(only());
    expect(rings(await open())).toEqual(['canary done', 'general opened']);
    expect(pulls()).toEqual([`${CANARY} closed`, `${GENERAL} open`]);
    merge(fake.state.pulls[1] as Pull);
    expect(rings(await open())).toEqual(['canary done', 'general done']);
    expect(fake.state.pulls).toHaveLength(2);
  });

  it('wait for the one before also when they are asked for by name', async () => {
    await open({ ring: 'canary' });
    const report = await open({ ring: 'general' });
    expect(rings(report)).toEqual([
      'canary waits: another ring was asked for',
      `general waits: ring canary is not merged (#${only().number})`,
    ]);
    expect((await open({ ring: 'nowhere' })).rings).toEqual([]);
  });

  it('go on past orgs that a merged one left in conflict, and name them', async () => {
    fleet.edit(
      'orgs/alder/org.yaml',
      'region: eu-central\n        up',
      'region: eu-central\n        ring: canary\n        up',
    );
    await fleet.save('alder goes first too');
    await planConflict();
    await open();
    merge(only());
    const report = await open();
    expect(rings(report)).toEqual(['canary done', 'general opened']);
    expect(ringOf(report, 'canary')?.left).toEqual([CLOVE]);
    expect(ringOf(report, 'general')?.orgs.map(({ org }) => org)).toEqual([BIRCH]);
  });

  it('stop where a merged one was taken back', async () => {
    await open();
    merge(only());
    fleet.git('revert', '--no-edit', 'HEAD');
    fleet.git('push', '-q', 'origin', 'main');
    expect(rings(await open())).toEqual([
      `canary held: #${only().number} was merged, but no org is at msp-standard@1.1.0 on main: taken back`,
      `general waits: ring canary is not merged (#${only().number})`,
    ]);
  });

  it('wait while as many upgrades are open as the limit says', async () => {
    const body = '<!-- tenantry:upgrade msp-regulated@1.1.0 general -->\n';
    const commit = fleet.git('commit-tree', '-p', 'HEAD', '-m', 'x', 'HEAD^{tree}');
    fleet.git('push', '-q', 'origin', `${commit}:refs/heads/elsewhere`);
    await (await client()).createPull({ branch: 'elsewhere', base: 'main', title: 'another template', body });
    expect(rings(await open({ mostOpen: 1 }))[0]).toBe('canary waits: 1 upgrades are open, the limit is 1');
    expect(rings(await open({ mostOpen: 2 }))[0]).toBe('canary opened');
    expect(rings(await open({ mostOpen: 1 }))[0]).toBe('canary unchanged');
  });
});

describe('a pull request that moves nobody any more', () => {
  it('is told and left to a person: its org is in another ring by now, whatever version moves it there', async () => {
    await open();
    const { number } = only();
    await advance('orgs/clove/org.yaml', 'ring: canary', 'ring: general');
    const why = `canary held: #${number} moves nobody of ring canary to 1.1.0 any more: close it`;
    const report = await open();
    expect(rings(report)).toEqual(['general opened', why]);
    expect(ringOf(report, 'canary')).toMatchObject({ branch: CANARY, pull: number, orgs: [], left: [] });
    cpSync(join(fleet.dir, 'templates/msp-standard/1.1.0'), join(fleet.dir, 'templates/msp-standard/1.2.0'), {
      recursive: true,
    });
    await advance('templates/msp-standard/1.2.0/template.yaml', '@1.1.0', '@1.2.0');
    expect(rings(await open({ to: '1.2.0' }))[1]).toBe(why);
    for (const pull of fake.state.pulls) if (pull.number === number) pull.state = 'closed';
    expect(rings(await open())).toEqual(['general unchanged']);
  });

  it('is told and left to a person: its org is at the version, and the next ring goes on', async () => {
    await open();
    const pull = only();
    merge(pull);
    Object.assign(pull, { state: 'open', mergedAt: null });
    const why = `canary held: #${pull.number} moves nobody of ring canary to 1.1.0 any more: close it`;
    expect(rings(await open())).toEqual(['canary done', 'general opened', why]);
    expect((await tenantry('--open')).status).toBe(1);
  });

  it('is none as long as an org cannot be rendered, whose ring is not known', async () => {
    await open();
    await advance('orgs/clove/org.yaml', 'timeZone: Europe/Berlin', 'timeZone: [Europe/Berlin');
    expect(rings(await open()).filter((text) => text.includes('moves nobody'))).toEqual([]);
  });
});

describe('what people do', () => {
  it('stays: a closed pull request is not opened again unless somebody says so, and then it says so too', async () => {
    await open();
    const { number } = only();
    only().state = 'closed';
    const why = `canary held: #${number} was closed without being merged: --reopen opens another`;
    expect(rings(await open())[0]).toBe(why);
    expect(pulls()).toEqual([`${CANARY} closed`]);
    expect(rings(await open({ reopen: true }))[0]).toBe('canary opened');
    expect(pulls()).toEqual([`${CANARY} closed`, `${CANARY} open`]);
    expect(fake.state.pulls[1]?.body).toContain(`Opened again: #${number} was closed without being merged.`);
    expect(rings(await open())[0]).toBe('canary unchanged');
  });

  it('is never overwritten: commits of others on the branch', async () => {
    await open();
    fleet.git('fetch', '-q', 'origin');
    fleet.git('checkout', '-q', '-b', 'their', `origin/${CANARY}`);
    fleet.write('orgs/clove/note.txt', 'mine');
    fleet.commit('theirs', OTTO);
    fleet.git('push', '-q', 'origin', `HEAD:${CANARY}`);
    const at = branchOf(CANARY);
    expect(rings(await open())[0]).toBe(`canary held: ${CANARY} has commits of Otto Owner: merge, move or delete it`);
    expect(branchOf(CANARY)).toBe(at);
  });

  it('is not ours: a pull request with our marker, and one that somebody opened from our branch', async () => {
    await open({ before: (forge) => ({ ...forge, createPull: () => Promise.reject(new Error('killed')) }) }).catch(
      () => undefined,
    );
    const stranger = await client('stranger-token');
    const body = '<!-- tenantry:upgrade msp-standard@1.1.0 canary -->\nours, honestly';
    await stranger.createPull({ branch: CANARY, base: 'main', title: 'mine', body });
    expect(rings(await open())[0]).toBe(`canary held: #${only().number} of mallory is open from ${CANARY}: close it`);
    only().state = 'closed';
    only().mergedAt = '2027-01-04T10:00:00Z';
    expect(rings(await open())).toEqual(['canary opened', expect.stringContaining('general waits')]);
    expect(fake.state.pulls[0]).toMatchObject({ title: 'mine', body });
  });

  it('comes first: another version for the same ring', async () => {
    await open();
    cpSync(join(fleet.dir, 'templates/msp-standard/1.1.0'), join(fleet.dir, 'templates/msp-standard/1.2.0'), {
      recursive: true,
    });
    fleet.edit('templates/msp-standard/1.2.0/template.yaml', '@1.1.0', '@1.2.0');
    fleet.edit('templates/msp-standard/1.2.0/template.yaml', 'from: 1.0.0', 'from: 1.1.0');
    fleet.commit('version 1.2.0');
    fleet.git('push', '-q', 'origin', 'main');
    const report = await open({ to: '1.2.0' });
    expect(rings(report)[0]).toBe(`canary held: #${only().number} moves the same orgs to 1.1.0: merge or close it`);
  });
});

describe('a run that is cut short, or not alone', () => {
  it('is taken up between push and pull request, without another push', async () => {
    const dies = (forge: Forge): Forge => ({ ...forge, createPull: () => Promise.reject(new Error('killed')) });
    await expect(open({ before: dies })).rejects.toThrow('killed');
    const at = branchOf(CANARY);
    expect(at).toBeDefined();
    await advance('orgs/birch/org.yaml', "limit: '100.00'", "limit: '120.00'");
    expect(rings(await open())[0]).toBe('canary opened');
    expect([branchOf(CANARY), pulls()]).toEqual([at, [`${CANARY} open`]]);
  });

  it('pushes and opens nothing when it only says what would happen', async () => {
    expect(rings(await open({ writes: false }))[0]).toBe('canary opened');
    expect([branchOf(CANARY), fake.state.pulls]).toEqual([undefined, []]);
  });

  it.each([0, 1, 2, 3, 4])('leaves one pull request after a race, with lists that lag by %i requests', async (lag) => {
    fake.lag(lag);
    const reports = await Promise.all([open(), open()]);
    expect(pulls()).toEqual([`${CANARY} open`]);
    const did = reports.map((report) => ringOf(report, 'canary'));
    expect(did.map((ring) => ring?.did)).toContain('opened');
    expect(fake.seen.some(({ operation }) => operation === 'pulls/update')).toBe(false);
    expect(new Set(did.map((ring) => ring?.pull))).toEqual(new Set([only().number]));
    expect(rings(await open())[0]).toBe('canary unchanged');
  });

  it('leaves a branch to the run that moved it first', async () => {
    const { repository } = await wireRepository(fleet.dir);
    const head = await repository.head();
    const branches = await wireRemoteBranches(fleet.dir, 'origin');
    const overtaken = await openCampaign(
      {
        repository,
        branches: {
          ...branches,
          async push(name, commit, seen) {
            remote('branch', '-f', name, String(head));
            return branches.push(name, commit, seen);
          },
        },
        forge: await client(),
        hash: nodeHash,
        pause: async () => undefined,
        self: BOT,
        writes: true,
      },
      { template: 'msp-standard', to: '1.1.0', ring: null, base: 'main', mostOpen: 2, reopen: false },
    );
    expect(rings(overtaken)[0]).toBe(`canary waits: another run moved ${CANARY} meanwhile: run again`);
    expect([branchOf(CANARY), fake.state.pulls]).toEqual([head, []]);
    expect(rings(await open())[0]).toBe('canary opened');
  });
});

describe('a forge that limits and fails', () => {
  it.each(['primary', 'secondary', 'broken', 'lost'] as const)('is waited out: %s', async (kind) => {
    fake.fail({ kind, times: 2, operation: 'pulls/create' });
    fake.fail({ kind, times: 1, operation: 'pulls/list' });
    await open();
    expect(pulls()).toEqual([`${CANARY} open`]);
    await advance('orgs/clove/org.yaml', "limit: '100.00'", "limit: '120.00'");
    fake.fail({ kind, times: 1, operation: 'pulls/update' });
    expect(rings(await open())[0]).toBe('canary updated');
    expect(pulls()).toEqual([`${CANARY} open`]);
  });

  it('is read to its last page: ours is found behind 250 others, and counts towards the limit', async () => {
    await open();
    const ours = only();
    for (let number = 1; number <= 250; number += 1)
      fake.state.pulls.unshift({ ...ours, number, author: 'ana', owner: 'ana', branch: `topic-${number}`, body: '' });
    expect(rings(await open({ mostOpen: 1 }))[0]).toBe('canary unchanged');
    expect(fake.state.pulls).toHaveLength(251);
    expect(fake.seen.filter(({ operation }) => operation === 'pulls/list').length).toBeGreaterThan(5);
  });
});

/** The command as a process of its own, while the forge answers in this one. */
function tenantry(...args: readonly string[]): Promise<Ran> {
  const env = { ...ENVIRONMENT, GITHUB_API_URL: fake.url, TENANTRY_FORGE_SECOND_MS: '2' };
  const line = ['template', 'upgrade', 'msp-standard', '--to', '1.1.0', ...args];
  return runCliBeside(line, { cwd: fleet.dir, env });
}

const ENVIRONMENT = { GITHUB_REPOSITORY: `${OWNER}/${REPOSITORY}`, GITHUB_TOKEN: 'bot-token' };

describe('the command', () => {
  it('answers with a table or with data, and exits 0, 1 where a person has to act, 64 on wrong usage', async () => {
    const dry = await tenantry('--open', '--dry-run');
    expect(dry).toMatchObject({ status: 0, stdout: expect.stringContaining('Nothing was pushed or opened') });
    expect(fake.state.pulls).toEqual([]);
    const opened = await tenantry('--open', '--format', 'json');
    expect(opened.status).toBe(0);
    expect(JSON.parse(opened.stdout)).toMatchObject({
      schema: 'tenantry/upgrade-open/v1',
      to: 'msp-standard@1.1.0',
      rings: [
        {
          ring: 'canary',
          did: 'opened',
          pull: only().number,
          branch: CANARY,
          orgs: [{ org: 'clove', result: 'clean' }],
        },
        { ring: 'general', did: 'waits' },
      ],
    });
    only().state = 'closed';
    const held = await tenantry('--open', '--ring', 'canary');
    expect(held.status).toBe(1);
    expect(held.stdout).toMatch(/canary +#\d+ +held +#\d+ was closed without being merged/);
    for (const wrong of [['--open', '--orgs', 'a*'], ['--reopen'], ['--open', '--max-open', '0']])
      expect((await tenantry(...wrong)).status).toBe(64);
    const gone = await tenantry('--open', '--base', 'gone');
    expect(gone).toMatchObject({ status: 1, stderr: expect.stringContaining('expected a branch gone on the remote') });
  });
});
