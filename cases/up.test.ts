import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, ORGS, ROOT, type TestFleet } from './fleet.testkit.ts';

// `up` and `controller` as whole processes: one gateway's trouble is its own, and nothing outlives the run, however that ends.

const TIMEOUT_MS = 180_000;
const WAIT = { timeout: 60_000, interval: 100 };
/** The control plane on IPv6 where this machine has it. */
const HOST = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'))
  ? '[::1]'
  : '127.0.0.1';
let fleet: TestFleet;
const ports = new Map<string, number>();
const started: ChildProcess[] = [];

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  for (const [index, org] of ORGS.entries()) {
    const port = await quietPort();
    ports.set(org, port);
    fleet.edit(`orgs/${org}/org.yaml`, `127.0.0.1:${41_000 + index}`, `127.0.0.1:${port}`);
  }
  await fleet.save('ports that are free here');
}, TIMEOUT_MS);
afterAll(() => {
  for (const child of started) child.kill('SIGKILL');
  fleet.destroy();
});

function listening(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}
/** Free, and below those that the system hands out: no other test of this run gets it meanwhile. */
async function quietPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = await listening(port).catch(() => undefined);
    if (server === undefined) continue;
    await closed(server);
    return port;
  }
}
const closed = (server: Server): Promise<unknown> => new Promise((resolve) => server.close(resolve));

interface Report {
  readonly controlPlane: string;
  readonly gateways: readonly { readonly name: string; readonly url: string; readonly pid: number }[];
  readonly waiting: readonly string[];
}

interface Started {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly ended: Promise<unknown>;
}

function start(...args: readonly string[]): Started {
  const line = [join(ROOT, 'dist/tenantry.mjs'), ...args, '--listen', `${HOST}:0`, '-C', fleet.dir];
  const child = spawn(process.execPath, line, {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...process.env, CI: '1' },
  });
  started.push(child);
  let said = '';
  child.stderr?.on('data', (part: Buffer) => {
    said += part.toString('utf8');
  });
  return { child, said: () => said, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

async function up(name: string, ...flags: readonly string[]): Promise<Started & { readonly report: Report }> {
  const file = join(fleet.dir, '.tenantry', `${name}.json`);
  const run = start('up', '--report', file, ...flags);
  await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8').endsWith('}'), WAIT).toBe(true);
  return { ...run, report: JSON.parse(readFileSync(file, 'utf8')) as Report };
}

const controllerFile = (): string => join(fleet.dir, '.tenantry/controller.json');
const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
const healthy = (org: string): Promise<boolean> =>
  fetch(`http://127.0.0.1:${ports.get(org)}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );
const allHealthy = async (): Promise<boolean> => (await Promise.all(ORGS.map(healthy))).every(Boolean);

describe('up', () => {
  it('refuses a simulator that no gateway would take before it starts anything', () => {
    const ran = fleet.run(['up', '--simulator', 'notaurl', '--until-stdin-ends', '--listen', '127.0.0.1:0']);
    expect([ran.status, ran.stderr]).toEqual([
      64,
      expect.stringContaining('expected --simulator to be http://127.0.0.1'),
    ]);
    expect(existsSync(controllerFile())).toBe(false);
  });

  it(
    'runs the gateways that it can, tries the others again, and leaves nobody behind',
    async () => {
      const busy = await listening(ports.get('birch') ?? 0);
      const first = await up('first');
      expect(first.report.gateways.map(({ name }) => name)).toEqual(['alder/desk-production', 'clove/desk-production']);
      const where = `127.0.0.1:${ports.get('birch')}`;
      expect(first.report.waiting).toEqual([
        expect.stringMatching(`^gateway birch/desk-production does not run: GATEWAY_PORT_IN_USE: .*${where}.*\\. Stop`),
      ]);
      expect(first.report.controlPlane).toContain(HOST);
      await closed(busy);
      await expect.poll(() => healthy('birch'), WAIT).toBe(true);

      // One that ends by itself is started again.
      process.kill(first.report.gateways[0]?.pid ?? 0, 'SIGKILL');
      await expect.poll(first.said, WAIT).toContain('gateway alder/desk-production ended with signal SIGKILL');
      await expect.poll(() => healthy('alder'), WAIT).toBe(true);

      first.child.kill('SIGKILL');
      await first.ended;
      await expect.poll(async () => (await Promise.all(ORGS.map(healthy))).some(Boolean), WAIT).toBe(false);
      expect(existsSync(controllerFile())).toBe(true);

      const second = await up('second');
      await expect.poll(allHealthy, WAIT).toBe(true);
      const pids = second.report.gateways.map(({ pid }) => pid);
      second.child.kill('SIGINT');
      expect([await second.ended, existsSync(controllerFile())]).toEqual([0, false]);
      expect(pids.some(isAlive)).toBe(false);
      expect(second.said()).not.toContain('BUG');
    },
    TIMEOUT_MS,
  );

  it(
    'moves a gateway to the address that a change gives it',
    async () => {
      const run = await up('moved');
      await expect.poll(allHealthy, WAIT).toBe(true);
      const before = ports.get('clove') ?? 0;
      ports.set('clove', await quietPort());
      fleet.edit('orgs/clove/org.yaml', `127.0.0.1:${before}`, `127.0.0.1:${ports.get('clove')}`);
      await fleet.save('another port');
      await expect.poll(() => healthy('clove'), WAIT).toBe(true);
      await expect(fetch(`http://127.0.0.1:${before}/healthz`)).rejects.toThrow();
      expect(run.said()).toContain(`gateway clove/desk-production moves to 127.0.0.1:${ports.get('clove')}`);
      expect(run.said()).not.toContain('ended with');
      run.child.kill('SIGINT');
      expect(await run.ended).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'goes on when nobody reads what it says, and ends with its standard input where that is asked for',
    async () => {
      const run = await up('unread', '--until-stdin-ends');
      await expect.poll(allHealthy, WAIT).toBe(true);
      run.child.stderr?.destroy();
      // Each end of one is told.
      const pids = run.report.gateways.map(({ pid }) => pid);
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await expect.poll(() => pids.some(isAlive), WAIT).toBe(false);
      await expect.poll(allHealthy, WAIT).toBe(true);
      run.child.stdin?.end();
      expect([await run.ended, existsSync(controllerFile())]).toEqual([0, false]);
      expect(await allHealthy()).toBe(false);
    },
    TIMEOUT_MS,
  );

  it(
    'stops its gateways when a commit cannot be looked at for a reason of ours, or of the lease',
    async () => {
      const run = await up('third');
      await expect.poll(allHealthy, WAIT).toBe(true);
      const pids = run.report.gateways.map(({ pid }) => pid);
      const open = await fleet.open({ nowMs: Date.now });
      open.sql("UPDATE leases SET fence = fence + 1 WHERE name = 'controller'");
      open.close();
      fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '110.00'");
      await fleet.save('limit');
      expect([await run.ended, existsSync(controllerFile())]).toEqual([69, false]);
      expect([run.said(), pids.some(isAlive)]).toEqual([expect.stringContaining('STORE_FENCED'), false]);
    },
    TIMEOUT_MS,
  );
});

describe('controller', () => {
  it(
    'goes on after a commit that cannot be read, and applies the next',
    async () => {
      const run = start('controller');
      await expect.poll(run.said, WAIT).toContain('control plane on');
      fleet.edit('orgs/alder/org.yaml', "limit: '110.00'", "limit: '120.00'");
      await fleet.render();
      fleet.git('add', '-A');
      const tree = fleet.git('write-tree');
      const commit = fleet.git(
        '-c',
        'user.name=a',
        '-c',
        'user.email=a@b',
        'commit-tree',
        tree,
        '-p',
        'HEAD',
        '-m',
        'x',
      );
      const object = join(fleet.dir, '.git/objects', tree.slice(0, 2), tree.slice(2));
      renameSync(object, `${object}.away`);
      fleet.git('update-ref', 'HEAD', commit);
      await expect.poll(run.said, WAIT).toMatch(/is not applied: GIT_.*tried again in a minute/);
      renameSync(`${object}.away`, object);
      const next = fleet.commit('another').slice(0, 12);
      await expect.poll(run.said, WAIT).toContain(`applied alder at ${next}: generation`);
      const git = join(fleet.dir, '.git');
      renameSync(git, `${git}.away`);
      await expect.poll(run.said, WAIT).toContain('HEAD cannot be read, so that nothing new is applied: ');
      renameSync(`${git}.away`, git);
      await expect.poll(run.said, WAIT).toContain('HEAD can be read again');
      run.child.kill('SIGTERM');
      expect(await run.ended).toBe(0);
    },
    TIMEOUT_MS,
  );

  it(
    'applies nothing where it cannot listen',
    async () => {
      const own = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
      const busy = await listening(0);
      try {
        const { port } = busy.address() as { readonly port: number };
        const dirty = own.read('fleet.yaml');
        own.write('fleet.yaml', `${dirty}\n`);
        const refused = own.run(['controller', '--listen', `127.0.0.1:${port}`]);
        expect([refused.status, refused.stderr]).toEqual([
          1,
          expect.stringMatching(/^DIRTY_TREE: .*; commit them, or undo them\n$/),
        ]);
        own.write('fleet.yaml', dirty);
        const ran = own.run(['controller', '--listen', `127.0.0.1:${port}`]);
        expect([ran.status, ran.stderr]).toEqual([69, expect.stringContaining('ADDRESS_IN_USE')]);
        expect(own.run(['history', '--org', 'alder']).stderr).toContain('ORG_UNKNOWN');
      } finally {
        await closed(busy);
        own.destroy();
      }
    },
    TIMEOUT_MS,
  );
});
