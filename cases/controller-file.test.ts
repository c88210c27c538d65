import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { buildCli, createFleet, type Ran, ROOT, runCliBeside, type TestFleet } from './fleet.testkit.ts';

// What commands make of .tenantry/controller.json: the controller that it names, what a killed one left, and one that is silent.

const TIMEOUT_MS = 120_000;
let fleet: TestFleet;
let child: ChildProcess | undefined;
beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
  expect(fleet.run(['token', 'issue', 'alder/app']).status).toBe(0);
  fleet.commit('a token');
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
}, TIMEOUT_MS);
afterEach(() => child?.kill('SIGKILL'));
afterAll(() => fleet.destroy());

const run = (...args: readonly string[]): Promise<Ran> => runCliBeside(args, { cwd: fleet.dir });
const file = (): string => join(fleet.dir, '.tenantry/controller.json');
const written = (): { readonly url: string; readonly pid: number; readonly token: string; readonly run: string } =>
  JSON.parse(readFileSync(file(), 'utf8'));

async function start(): Promise<ChildProcess> {
  const args = [join(ROOT, 'dist/tenantry.mjs'), 'controller', '--listen', '127.0.0.1:0', '-C', fleet.dir];
  const made = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  child = made;
  await new Promise<void>((resolve, reject) => {
    made.stderr?.on('data', (text: Buffer) => text.includes('control plane on') && resolve());
    made.once('exit', () => reject(new Error('the controller ended')));
  });
  return made;
}

async function killed(): Promise<void> {
  const made = await start();
  const ended = new Promise((resolve) => made.once('exit', resolve));
  made.kill('SIGKILL');
  await ended;
}

const COMMANDS = [
  [['deny', 'alder', 'app', '--reason', 'leaked'], 0],
  [['wallet', 'adjust', 'alder/desk', '--top-up', '1.00', '--reason', 'as agreed'], 0],
  [['apply', '--yes'], 0],
  [['gateway', 'enroll', 'alder/desk-production'], 0],
] as const;

it(
  'what a killed controller left stops nothing, whatever has its process id and its address by now',
  async () => {
    await killed();
    writeFileSync(file(), JSON.stringify({ ...written(), pid: process.pid }));
    for (const [args, status] of COMMANDS) {
      const ran = await run(...args);
      expect([args, ran.stderr.includes('BUG'), ran.status]).toEqual([args, false, status]);
    }
    const asked: string[] = [];
    const stranger: Server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.setHeader('content-type', 'application/json').end('{"run":"another","token":"x"}');
    });
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as { readonly port: number };
    writeFileSync(file(), JSON.stringify({ ...written(), pid: process.pid, url: `http://127.0.0.1:${port}` }));
    for (const [args, status] of COMMANDS) expect([args, (await run(...args)).status]).toEqual([args, status]);
    const list = await runCliBeside(['escalations', 'list', '--org', 'alder'], {
      cwd: fleet.dir,
      env: { TENANTRY_TOKEN: 'tnt_x' },
    });
    expect([list.status, list.stderr]).toEqual([69, expect.stringContaining('CONTROL_PLANE_AWAY')]);
    // Nobody who is not the controller hears what was asked.
    expect([...new Set(asked)]).toEqual(['GET /api/v1/fleet/controller']);
    stranger.close();
  },
  TIMEOUT_MS,
);

it(
  'a controller that is there and does not answer is said to be, within a time, and nobody else writes',
  async () => {
    const made = await start();
    made.kill('SIGSTOP');
    const all = await Promise.all(COMMANDS.map(([args]) => run(...args)));
    for (const ran of all)
      expect([ran.status, ran.stderr]).toEqual([
        69,
        expect.stringMatching(/^CONTROLLER_SILENT: .* process \d+ is there/),
      ]);
    made.kill('SIGCONT');
    expect((await run('deny', 'alder', 'desk-production', '--reason', 'stolen')).status).toBe(0);
    expect(await run('apply', '--yes')).toMatchObject({
      status: 69,
      stderr: expect.stringContaining('CONTROLLER_RUNNING'),
    });
  },
  TIMEOUT_MS,
);

it(
  'one that ends before it answered is said to have',
  async () => {
    const nonce = 'of this run';
    const dying: Server = createServer((request, response) => {
      if (request.method === 'GET') response.end(JSON.stringify({ run: nonce }));
      else request.socket.destroy();
    });
    await new Promise<void>((resolve) => dying.listen(0, '127.0.0.1', resolve));
    const { port } = dying.address() as { readonly port: number };
    const url = `http://127.0.0.1:${port}`;
    writeFileSync(file(), JSON.stringify({ url, pid: process.pid, token: 'x', run: nonce }));
    const ran = await run('deny', 'alder', 'desk-production', '--reason', 'stolen');
    expect([ran.status, ran.stderr]).toEqual([69, expect.stringMatching(/^CONTROLLER_GONE: .*tenantry history/)]);
    dying.close();
  },
  TIMEOUT_MS,
);

it(
  'a controller is asked while it still works on its first commit',
  async () => {
    const signers = join(fleet.dir, '.tenantry/signers');
    const hold = join(fleet.dir, '.tenantry/hold');
    mkdirSync(signers, { recursive: true });
    copyFileSync(join(ROOT, 'scripts/signer/reference.mjs'), join(signers, 'real.mjs'));
    const waits = `#!/bin/sh\nwhile [ -e "${hold}" ]; do sleep 0.05; done\nexec "${process.execPath}" "${signers}/real.mjs"\n`;
    writeFileSync(join(signers, 'signer'), waits, { mode: 0o700 });
    const slow = await createFleet({
      tokensExpire: instantText(Date.now() + 200 * 86_400_000),
      spec: { signer: { driver: 'command', program: 'signer', timeoutSeconds: 60 } },
    });
    writeFileSync(hold, '');
    const env = { ...process.env, TENANTRY_SIGNERS_DIR: signers, REFERENCE_SIGNER_KEYS: join(signers, 'keys') };
    const args = [join(ROOT, 'dist/tenantry.mjs'), 'controller', '--listen', '127.0.0.1:0', '-C', slow.dir];
    const made = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
    child = made;
    let said = '';
    made.stderr?.on('data', (text: Buffer) => (said += text));
    const path = join(slow.dir, '.tenantry/controller.json');
    await expect.poll(() => existsSync(path), { timeout: 30_000 }).toBe(true);
    await expect.poll(() => slow.run(['history', '--org', 'alder']).status, { timeout: 30_000 }).toBe(0);
    const adjusting = ['wallet', 'adjust', 'alder/desk', '--top-up', '1.00', '--reason', 'as agreed'];
    const adjusted = await runCliBeside(adjusting, { cwd: slow.dir });
    expect([adjusted.status, adjusted.stderr]).toEqual([0, '']);
    expect(said).not.toContain('control plane on');
    rmSync(hold);
    await expect.poll(() => said, { timeout: 30_000 }).toContain('control plane on');
    const ended = new Promise((resolve) => made.once('exit', resolve));
    made.kill('SIGTERM');
    expect([await ended, existsSync(path)]).toEqual([0, false]);
    slow.destroy();
  },
  TIMEOUT_MS,
);
