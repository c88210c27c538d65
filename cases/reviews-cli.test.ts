import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readControllerFile, removeControllerFile, writeControllerFile } from '../src/wire.ts';
import { ALDER, buildCli, forgetAppliedFleet, type Ran, runCliBeside } from './fleet.testkit.ts';
import { escalation, ofAlder, openReviewWorld, type ReviewWorld, type Told } from './reviews.testkit.ts';

// `escalations` as whole processes against a control plane that runs here.

const TIMEOUT_MS = 120_000;
let world: ReviewWorld;
let desk: Told;

beforeAll(async () => {
  buildCli();
  world = await openReviewWorld([['outsider', 'service']]);
  desk = await world.enrol(ALDER);
  const { text: token, run: nonce } = world.plane.localStaff;
  writeControllerFile(world.fleet.dir, { url: world.url, pid: process.pid, token, run: nonce, commits: 'followed' });
}, TIMEOUT_MS);
afterAll(async () => {
  await world.close();
  await forgetAppliedFleet();
});

/** Not waited for in place: the control plane lives in this process. */
const run = (args: readonly string[], secret = world.secrets.get('console')): Promise<Ran> =>
  runCliBeside(['escalations', ...args, '--org', 'alder'], {
    cwd: world.fleet.dir,
    env: { TENANTRY_TOKEN: secret },
  });

const answered = async (name: string, ...args: readonly string[]): Promise<{ readonly [key: string]: unknown }> => {
  const ran = await run([...args, '--format', 'json']);
  expect([args, ran.stderr, ran.status]).toEqual([args, '', 0]);
  const answer = JSON.parse(ran.stdout);
  expect(answer.schema).toBe(`tenantry/${name}/v1`);
  return answer;
};
const refused = async (args: readonly string[], secret?: string): Promise<string> => {
  const { status, stderr } = await (secret === undefined ? run(args) : run(args, secret));
  return `${status} ${/[A-Z_]{5,}/.exec(stderr)?.[0] ?? ''}`;
};
const TOOL = { server: 'docs', tool: 'search', argumentsDigest: 'a'.repeat(64) };
const told = async (name: string, more = {}): Promise<string> => {
  await desk.tell(escalation(name, { at: world.nowMs, ...more }));
  return `esc_${name}`;
};

it(
  'a reviewer lists, claims, gives back and decides, as the token that is given',
  async () => {
    expect((await run(['list'])).stdout).toBe('No open escalations of alder.\n');
    const [one, two] = [await told('one', { tool: TOOL }), await told('two')];
    expect((await run(['claim', one, '--note', 'looking']))?.stdout).toBe('Done: esc_one is claimed.\n');
    expect((await run(['claim', one])).stdout).toBe('Nothing done: esc_one is claimed already.\n');
    const open = await run(['list']);
    expect(open.stdout).toMatch(/^ID +STATE[\s\S]*esc_two +queued .* app +-\nesc_one +claimed .* app +console\n$/);
    expect(await answered('escalations', 'list', '--state', 'queued')).toMatchObject({ escalations: [{ id: two }] });
    expect(await answered('escalations', 'list', '--limit', '1', '--state', 'all')).toMatchObject({
      escalations: [{ id: two }],
    });
    expect(await answered('escalation', 'unclaim', one)).toMatchObject({ state: 'queued', repeated: false });
    await run(['claim', one]);
    const decide = ['resolve', one, '--deny', '--note', 'no basis \u001b[31m', '--key', 'k1'];
    expect(await answered('escalation', ...decide)).toMatchObject({ outcome: 'denied', claimedBy: 'console' });
    expect((await run(decide)).stdout).toBe('Nothing done: esc_one is denied already.\n');
    expect(await answered('escalation', 'show', one)).toMatchObject({
      log: [{}, { note: 'looking' }, { what: 'unclaimed' }, {}, { what: 'resolved', outcome: 'denied' }],
      notifications: [{ kind: 'email', state: 'waiting' }, {}],
    });
    const shown = (await run(['show', one])).stdout;
    expect(shown).toContain('no basis \\u{1b}[31m');
    expect(shown).toContain(`Calls tool search of docs, arguments SHA-256 ${TOOL.argumentsDigest}.`);
    expect(await answered('escalation', 'show', one)).toMatchObject({ tool: TOOL });
    expect(await answered('escalation', 'show', two)).not.toHaveProperty('tool');
    expect(shown).toMatch(/escalation\.created +email +lead@alder\.example +waiting/);
    expect((await run(['list', '--state', 'resolved'])).stdout).toMatch(/esc_one +denied .* console\n$/);
  },
  TIMEOUT_MS,
);

it(
  'what is claimed while the list is made stands in it once',
  async () => {
    const id = await told('moving');
    const between = createServer(async (request, response) => {
      const { authorization = '' } = request.headers;
      const answer = await fetch(`${world.url}${request.url}`, { headers: { authorization } });
      const text = await answer.text();
      await world.ask(ofAlder(`/${id}/claim`), { body: {} });
      response.writeHead(answer.status).end(text);
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = between.address() as AddressInfo;
      const { escalations } = await answered('escalations', 'list', '--url', `http://127.0.0.1:${port}`);
      const rows = (escalations as readonly { readonly id: string }[]).filter((row) => row.id === id);
      expect(rows).toMatchObject([{ state: 'queued' }]);
    } finally {
      between.close();
    }
  },
  TIMEOUT_MS,
);

it(
  'what cannot be done is refused by its code',
  async () => {
    const id = await told('refused');
    const file = join(world.fleet.dir, '.tenantry/outsider');
    writeFileSync(file, `${world.secrets.get('outsider')}\n`);
    expect([
      await refused(['list', '--token-file', file]),
      await refused(['list', '--token-file', join(world.fleet.dir, 'none')]),
      await refused(['claim', id], world.secrets.get('birch/console')),
      await refused(['resolve', id, '--approve', '--note', 'too early']),
      await refused(['list', '--state', 'opened']),
      await refused(['show', 'esc_none']),
      await refused(['show', '../tokens']),
      await refused(['resolve', id, '--note', 'which']),
      await refused(['resolve', id, '--approve', '--deny', '--note', 'both']),
      await refused(['resolve', id, '--approve']),
      await refused(['resolve', id, '--approve', '--note', 'x']),
      await refused(['list'], ' '),
      await refused(['list', '--url', 'http://control.msp.example']),
      await refused(['list', '--url', 'http://127.0.0.1:1']),
    ]).toEqual([
      ...[
        '1 ESCALATION_NOT_REVIEWER',
        '64 USAGE',
        '1 NOT_FOUND',
        '1 ESCALATION_NOT_CLAIMED',
        '64 USAGE',
        '1 NOT_FOUND',
      ],
      ...['64 USAGE', '64 USAGE', '64 USAGE', '64 USAGE', '64 USAGE', '64 USAGE', '64 USAGE', '69 CONTROL_PLANE_AWAY'],
    ]);
    expect((await run(['list', '--url', world.url])).status).toBe(0);
    removeControllerFile(world.fleet.dir, readControllerFile(world.fleet.dir)?.token ?? '');
    expect(await refused(['list'])).toBe('69 CONTROL_PLANE_AWAY');
  },
  TIMEOUT_MS,
);
