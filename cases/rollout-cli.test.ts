import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { gatewayAt } from './evidence.testkit.ts';
import { ALDER, buildCli, createFleet, ROOT, type TestFleet } from './fleet.testkit.ts';

// The commands of rollouts and overrides as whole processes: with the store alone, and through a running controller.

const DAY_MS = 86_400_000;
const TIMEOUT_MS = 120_000;
let fleet: TestFleet;
beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * DAY_MS) });
  for (const args of [
    ['apply', '--yes'],
    ['token', 'issue', 'alder/app'],
  ])
    expect(fleet.run(args).status).toBe(0);
  fleet.commit('a token');
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
}, TIMEOUT_MS);
afterAll(() => fleet.destroy());

/** Runs with `--format json`; `runCli` compares the answer with its published schema, and this, that it is the one of `name`. */
function answered(name: string, ...args: readonly string[]): { readonly [key: string]: never } {
  const ran = fleet.run([...args, '--format', 'json']);
  expect([args, ran.stderr.includes('BUG'), ran.status]).toEqual([args, false, 0]);
  const answer = JSON.parse(ran.stdout) as { readonly [key: string]: never };
  expect(answer['schema']).toBe(`tenantry/${name}/v1`);
  return answer;
}

const refused = (...args: readonly string[]): string => {
  const { status, stderr } = fleet.run(args);
  return `${status} ${/[A-Z_]{5,}/.exec(stderr)?.[0] ?? ''}`;
};

it(
  'answer with data of published schemas, and refuse with a code',
  () => {
    expect(answered('rollouts', 'rollout', 'status')).toEqual({
      schema: 'tenantry/rollouts/v1',
      rollouts: [],
      overrides: [],
    });
    const denied = answered('override', 'deny', 'alder', 'app', '--reason', 'leaked in a log');
    expect(denied).toMatchObject({ override: { what: 'token/app', id: 'deny-3' }, published: { generation: 3 } });
    expect(answered('status', 'status', '--org', 'alder')).toMatchObject({
      gateways: [{ ring: 'general', standing: 'current', isWanted: false }],
      overrides: [{ id: 'deny-3' }],
    });
    expect(fleet.run(['status']).stdout).toContain('alder: deny-3 holds until');
    expect(answered('overrides', 'override', 'list')).toMatchObject({ overrides: [{ id: 'deny-3', isInGit: false }] });
    expect(answered('written-override', 'override', 'write', 'alder', 'deny-3')).toMatchObject({
      paths: ['orgs/alder/credentials.yaml'],
    });
    fleet.git('checkout', '-q', '.');
    const ended = answered('override', 'override', 'end', 'alder', 'deny-3', '--reason', 'another one');
    expect(ended).toMatchObject({ published: { changed: ['desk-production'] } });
    const again = fleet.run(['deny', 'alder', 'app', '--reason', 'leaked in a log']);
    expect(again.stderr).toContain('tenantry override write alder deny-5');
    // What has ended cannot be written, so nobody is told to.
    expect(fleet.run(['override', 'end', 'alder', 'deny-5', '--reason', 'another one'])).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining('override write'),
    });
    const until = instantText(Date.now() + DAY_MS);
    const back = ['rollback', '--org', 'alder', '--to', '1', '--reason', 'no orders', '--expires', until];
    expect(answered('override', ...back)).toMatchObject({ override: { kind: 'rollback', to: 1 } });
    expect(fleet.run(['rollout', 'status']).stdout).toContain('desk-production on generation 1');

    expect(answered('history', 'history', '--org', 'alder')).toMatchObject({
      chain: 'intact',
      entries: [
        { action: 'rollback' },
        ...[0, 1].flatMap(() => [
          { action: 'end', actor: expect.stringContaining(' at the store') },
          { action: 'deny' },
        ]),
        ...[{}, {}],
      ],
    });

    expect(refused('rollout', 'pause', 'alder', '--reason', 'wait')).toBe('1 ROLLOUT_NONE');
    expect(refused('deny', 'alder', 'nobody', '--reason', 'a test')).toBe('1 DENY_UNKNOWN');
    expect(refused('override', 'end', 'alder', 'deny-3', '--reason', 'again')).toBe('1 OVERRIDE_UNKNOWN');
    expect(refused('override', 'write', 'alder', 'deny-3')).toBe('1 OVERRIDE_UNKNOWN');
    expect(refused('deny', 'alder', 'app')).toBe('64 USAGE');
    expect(refused('deny', 'alder', 'app', '--reason', 'x')).toBe('64 USAGE');
    expect(refused('rollback', '--org', 'alder', '--to', '0', '--reason', 'a test', '--expires', until)).toBe(
      '64 USAGE',
    );
    expect(
      fleet.run(['rollback', '--org', 'alder', '--to', 'x', '--reason', 'a test', '--expires', until]).stderr,
    ).toBe('USAGE: expected a generation, from 1 up, found "x"\n');
  },
  TIMEOUT_MS,
);

it(
  'content that a later generation left as it was is told as what is wanted',
  async () => {
    const row = (): string => fleet.run(['status', '--org', 'clove']).stdout.split('\n')[1] ?? '';
    expect(row()).toMatch(/ gen 1 +gen 1 /);
    fleet.edit('orgs/clove/org.yaml', 'notify: lead@', 'notify: first@');
    await fleet.save('whom reviews tell, which no gateway needs to know');
    expect(fleet.run(['apply', '--yes']).status).toBe(0);
    expect(row()).toMatch(/ gen 2 \(as 1\) +gen 1 /);
    expect(answered('status', 'status', '--org', 'clove')).toMatchObject({ gateways: [{ isWanted: true }] });
  },
  TIMEOUT_MS,
);

it(
  'what could not be published is said to be recorded, and is not recorded twice',
  () => {
    const keys = ['publish', 'online'].map((holder) => join(fleet.dir, '.tenantry/keys', `${holder}.seed`));
    for (const path of keys) chmodSync(path, 0o644);
    const day = instantText(Date.now() + 40 * DAY_MS).slice(0, 10);
    const line = ['deny', 'birch', 'desk-production', '--reason', 'its host was stolen', '--expires', day];
    const first = fleet.run(line);
    expect([first.status, first.stdout, first.stderr]).toEqual([
      1,
      expect.stringContaining('Recorded, and not published yet'),
      expect.stringMatching(/SIGNER_SEED_UNUSABLE: .*chmod 600[\s\S]*override write birch deny-\d+/),
    ]);
    const again = fleet.run(line);
    expect([again.status, again.stdout]).toEqual([1, expect.stringMatching(/Nothing new: deny-\d+ stands since/)]);
    for (const path of keys) chmodSync(path, 0o600);
    expect(fleet.run(['publish'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Published 1 org with/) });
    const { overrides } = answered('overrides', 'override', 'list', '--org', 'birch') as {
      readonly overrides?: readonly { readonly id: string; readonly expiresAt: number }[];
    };
    expect(overrides).toMatchObject([{ expiresAt: Date.parse(day) + DAY_MS }]);
    expect(fleet.run(['override', 'end', 'birch', overrides?.[0]?.id ?? '', '--reason', 'it is back']).status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'what somebody wrote moves no cursor and is no line of its own, in notes and in refusals',
  () => {
    const odd = 'seen\u001b[2J\u202e\nbirch: nothing holds';
    expect(fleet.run(['deny', 'birch', 'desk-production', '--reason', odd]).status).toBe(0);
    const notes = fleet.run(['status']).stdout.split('\n');
    const note = notes.find((line) => line.startsWith('birch: deny-')) ?? '';
    expect(note).toMatch(/: seen\\u\{1b\}\[2J\\u\{202e\}\\u\{a\}birch: nothing holds$/);
    const [id = ''] = /deny-\d+/.exec(note) ?? [];
    expect(fleet.run(['override', 'end', 'birch', id, '--reason', 'a test']).status).toBe(0);
    const { stderr } = fleet.run(['explain', 'no\u001b[2J\nDONE: ok']);
    expect(stderr).toContain('found no\\u{1b}[2J\n  DONE: ok; docs');
  },
  TIMEOUT_MS,
);

it(
  'a commit after them that changes no object of their org is applied, with all that it changes of others',
  () => {
    const denied = fleet.run(['deny', 'birch', 'desk-production', '--reason', 'stolen again']);
    const [id = ''] = /deny-\d+/.exec(denied.stdout) ?? [];
    const path = 'orgs/birch/org.yaml';
    fleet.write(path, `# said to the next reader\n${fleet.read(path)}`);
    fleet.edit('orgs/clove/org.yaml', "limit: '100.00'", "limit: '101.00'");
    expect(fleet.run(['render', '--write']).status).toBe(0);
    fleet.commit('a comment, and a limit of another org');
    const ran = fleet.run(['apply', '--yes']);
    expect([ran.status, ran.stdout]).toEqual([0, expect.stringMatching(/^published clove /m)]);
    expect(fleet.run(['apply', '--yes']).stdout).toBe('Nothing to apply: the store is at this commit.\n');
    expect(fleet.run(['override', 'end', 'birch', id, '--reason', 'it is back']).status).toBe(0);
  },
  TIMEOUT_MS,
);

it(
  'a running rollout is paused, resumed, skipped and aborted',
  async () => {
    const rings = [
      { name: 'canary', soakMinutes: 60 },
      { name: 'general', soakMinutes: 0 },
    ];
    const own = await createFleet({ tokensExpire: instantText(Date.now() + 200 * DAY_MS), spec: { rings } });
    try {
      const upstreams = 'region: eu-central\n        upstreams';
      own.edit('orgs/alder/org.yaml', upstreams, upstreams.replace('\n', '\n        ring: canary\n'));
      await own.save('alder goes first');
      expect(own.run(['apply', '--yes']).status).toBe(0);
      // A ring waits for gateways that are enrolled.
      const open = await own.open({ nowMs: Date.now });
      await gatewayAt(open.state.runtime, ALDER, 'desk-production');
      open.close();
      own.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '120.00'");
      await own.save('limit');
      expect(own.run(['apply', '--yes']).status).toBe(0);
      const said = (verb: string): unknown => {
        const ran = own.run(['rollout', verb, 'alder', '--reason', 'a test', '--format', 'json']);
        expect([verb, ran.stderr, ran.status]).toEqual([verb, '', 0]);
        return JSON.parse(ran.stdout);
      };
      const schema = 'tenantry/rollout/v1';
      expect(said('pause')).toMatchObject({ schema, rollout: { org: 'alder', state: 'paused' } });
      expect(said('resume')).toMatchObject({ schema, rollout: { state: 'running' } });
      const odd = 'wait\u001b[31m\u202e\nalder: go on';
      const told = own.run(['rollout', 'pause', 'alder', '--reason', odd]).stdout;
      expect(told.split('\n').at(-2)).toContain('ROLLOUT_OPERATOR: wait\\u{1b}[31m\\u{202e}\\u{a}alder: go on (');
      expect(said('resume')).toMatchObject({ rollout: { state: 'running' } });
      expect(JSON.parse(own.run(['rollout', 'status', '--format', 'json']).stdout)).toMatchObject({
        rollouts: [{ org: 'alder', state: 'running', rings: [{ ring: 'canary', state: 'open' }] }],
      });
      expect(JSON.parse(own.run(['status', '--format', 'json']).stdout).rollouts).toMatchObject([{ org: 'alder' }]);
      own.edit('orgs/alder/org.yaml', "limit: '120.00'", "limit: '130.00'");
      await own.save('another limit, while the first is still judged');
      expect(own.run(['apply', '--yes']).status).toBe(0);
      expect(said('abort')).toMatchObject({ schema, rollout: { state: 'aborted', generation: 3 } });
      // Generation 2 is what nobody had long enough.
      const { overrides } = JSON.parse(own.run(['override', 'list', '--format', 'json']).stdout);
      expect(overrides).toMatchObject([{ kind: 'rollback', to: 1 }]);
    } finally {
      own.destroy();
    }
  },
  TIMEOUT_MS,
);

it(
  'go through a running controller, in the name of its local credential',
  async () => {
    const args = [join(ROOT, 'dist/tenantry.mjs'), 'controller', '--listen', '127.0.0.1:0', '-C', fleet.dir];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      await new Promise<void>((resolve, reject) => {
        child.stderr.on('data', (text: Buffer) => text.includes('control plane on') && resolve());
        child.once('exit', () => reject(new Error('the controller ended')));
      });
      const file = join(fleet.dir, '.tenantry/controller.json');
      expect(existsSync(file)).toBe(true);
      expect(answered('override', 'deny', 'birch', 'desk-production', '--reason', 'stolen')).toMatchObject({
        override: { what: 'gateway/desk-production', actor: `${userInfo().username} at the controller` },
        published: { removed: ['desk-production'] },
      });
      expect(answered('status', 'status', '--org', 'birch')).toMatchObject({
        gateways: [{ standing: 'denied', published: null }],
      });
      expect(refused('deny', 'birch', 'nobody', '--reason', 'a test')).toBe('1 DENY_UNKNOWN');
      const { url, token } = JSON.parse(readFileSync(file, 'utf8')) as { readonly url: string; readonly token: string };
      const seen = await fetch(`${url}/api/v1/fleet/rollouts`, { headers: { authorization: `Bearer ${token}` } });
      expect(await seen.json()).toMatchObject({ items: [], overrides: [{ org: 'alder' }, { org: 'birch' }] });
    } finally {
      child.kill('SIGTERM');
      await ended;
    }
  },
  TIMEOUT_MS,
);
