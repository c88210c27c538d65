import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { LEASE_TTL_MS, takeLease } from '../src/cli/lease.ts';
import type { OpenedState } from '../src/cli/state.ts';
import { instantText } from '../src/core/model/index.ts';
import { ALDER, buildCli, createFleet, type OpenFleet, ROOT, runCli, type TestFleet } from './fleet.testkit.ts';

// The one writer of a store: what becomes of it when it stood still, when its clock stepped, and when another took over.

const TIMEOUT_MS = 90_000;
const LEASE = 'controller';
let fleet: TestFleet;
let open: OpenFleet;
let nowMs = 0;

beforeAll(async () => {
  buildCli();
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * 86_400_000) });
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
}, TIMEOUT_MS);
afterAll(() => fleet.destroy());
beforeEach(async () => {
  nowMs = Date.now();
  open = await fleet.open({ nowMs: () => nowMs });
});
afterEach(() => {
  vi.useRealTimers();
  open.close();
});

const opened = () => ({ state: open.state, clock: { nowMs: () => nowMs } }) as OpenedState;
const take = (holder: string) => open.state.store.acquireLease(LEASE, holder, nowMs, LEASE_TTL_MS);
const write = (lease: { readonly fence: { readonly name: string; readonly fence: number } }) =>
  open.state.store.transact(ALDER, async (tx) => (await tx.observe())?.generation, lease.fence);
/** The time of the next renewal, in which the clock says `laterMs` more. */
const renewal = async (laterMs: number) => {
  nowMs += laterMs;
  await vi.advanceTimersByTimeAsync(LEASE_TTL_MS / 3);
};

it('goes on under its fence after its lease ran out, as long as nobody took it', async () => {
  vi.useFakeTimers();
  const lease = await takeLease(opened(), 'controller');
  for (const laterMs of [LEASE_TTL_MS / 3, 60_000, 3_600_000, -7_200_000]) {
    await renewal(laterMs);
    expect(await write(lease)).toBe(1);
    expect(await take('another')).toMatchObject({ granted: false });
    expect(lease.lost.aborted).toBe(false);
  }
  await lease.release();
});

it('tells at its next renewal that another took over, and leaves that one its lease', async () => {
  vi.useFakeTimers();
  const lease = await takeLease(opened(), 'controller');
  nowMs += LEASE_TTL_MS;
  expect(await take('another')).toMatchObject({ granted: true });
  await expect(write(lease)).rejects.toMatchObject({ code: 'STORE_FENCED' });
  await renewal(0);
  expect(lease.lost.reason).toMatchObject({ code: 'STORE_FENCED', exitCode: 69 });
  expect(String(lease.lost.reason)).toContain('another took over');
  await lease.release();
  expect(await take('a third')).toMatchObject({ granted: false, holder: 'another' });
  open.sql('UPDATE leases SET expires_at_ms = 0');
});

it.each([
  ['serve', 'up', 'this one is not needed beside it; to have this one instead, stop it first'],
  ['deny', 'controller', 'where it still starts, run this again in a moment'],
  ['serve', 'apply', 'wait for it to end, then run this again'],
  ['publish', 'keys rotate', 'wait for it to end, then run this again'],
])('tells %s who else writes, and what to do: %s', async (asker, holder, advice) => {
  const lease = await takeLease(opened(), holder);
  const refused = await takeLease(opened(), asker).catch((cause: unknown) => cause);
  expect(refused).toMatchObject({ code: 'CONTROLLER_RUNNING', exitCode: 69 });
  const words = `expected to be the only writer, found ${holder} on ${hostname()}, process ${process.pid}; `;
  expect(String(refused)).toContain(words);
  expect(String(refused)).toContain(advice);
  await lease.release();
});

it('an up that is refused makes no seeds', async () => {
  const lease = await takeLease(opened(), 'serve');
  const keys = join(fleet.dir, '.tenantry/none-yet');
  const env = { TENANTRY_KEYS_DIR: keys };
  const refused = runCli(['up', '--listen', '127.0.0.1:0', '-C', fleet.dir], { env });
  await lease.release();
  expect([refused.status, refused.stderr]).toEqual([69, expect.stringContaining('CONTROLLER_RUNNING')]);
  expect(existsSync(keys)).toBe(false);
});

it('takes the lease of a process of this machine that is gone, and of no other that may go on', async () => {
  const [, here, run] = / on (.+), run (\d+)-/.exec(await holderHere()) ?? [];
  const gone = spawn(process.execPath, ['-e', '']);
  await new Promise((resolve) => gone.once('exit', resolve));
  const machine = hostname();
  const nobody = `${machine}, process ${gone.pid}`;
  const cases = [
    // A container: the same host name and the same number, and another process.
    [`controller on ${here}, run 17-0123456789ab`, false],
    [`controller on ${nobody}, run 17-0123456789ab`, false],
    [`controller on elsewhere, process ${gone.pid}, run ${run}-0123456789ab`, false],
    [`controller on ${machine}, process ${process.ppid}, run ${run}-0123456789ab`, false],
    [`keys rotate on ${nobody}, run ${run}-0123456789ab`, true],
    // Its number is this process's by now, so it is gone.
    [`controller on ${here}, run ${run}-0123456789ab`, true],
    [await holderHere(), false],
  ] as const;
  for (const [holder, isFree] of cases) {
    nowMs += LEASE_TTL_MS * 2;
    expect(await take(holder)).toMatchObject({ granted: true });
    const taken = await takeLease(opened(), 'controller').catch((cause: unknown) => cause);
    expect([holder, taken instanceof Error]).toEqual([holder, !isFree]);
    if (taken instanceof Error) expect(taken).toMatchObject({ code: 'CONTROLLER_RUNNING' });
    else await (taken as Awaited<ReturnType<typeof takeLease>>).release();
  }
  nowMs = Date.now();
  open.sql('UPDATE leases SET expires_at_ms = 0');
});

async function holderHere(): Promise<string> {
  const lease = await takeLease(opened(), 'controller');
  const refused = await take('somebody');
  await lease.release();
  return refused.granted ? '' : refused.holder;
}

it(
  'ends a controller that was overtaken, and says so instead of an error of ours',
  async () => {
    const args = [join(ROOT, 'dist/tenantry.mjs'), 'controller', '--listen', '127.0.0.1:0', '-C', fleet.dir];
    const controller = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    controller.stderr.on('data', (chunk) => {
      words += String(chunk);
    });
    const ended = new Promise((resolve) => controller.once('exit', resolve));
    try {
      const file = join(fleet.dir, '.tenantry/controller.json');
      await expect.poll(() => words, { timeout: 30_000 }).toContain('control plane on');
      nowMs = Date.now() + LEASE_TTL_MS * 2;
      expect(await take('another on elsewhere, process 1, run 1-00')).toMatchObject({ granted: true });
      const denied = fleet.run(['deny', ALDER, 'gateway/desk-production', '--reason', 'stolen']);
      expect([denied.status, denied.stderr]).toEqual([69, expect.stringContaining('STORE_FENCED')]);
      expect(denied.stderr).not.toContain('INTERNAL');
      expect(await ended).toBe(69);
      expect(words).toContain('STORE_FENCED: expected to stay the only writer, found that another on elsewhere');
      expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(false);
    } finally {
      controller.kill('SIGKILL');
      await ended;
    }
  },
  TIMEOUT_MS,
);
