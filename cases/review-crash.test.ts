import { spawn } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { instantText } from '../src/core/model/index.ts';
import { gatewayAt } from './evidence.testkit.ts';
import { ALDER, buildCli, createFleet, ROOT, type TestFleet } from './fleet.testkit.ts';

// A controller that is killed while a message is on its way: its successor sends the same message once more.

const TIMEOUT_MS = 120_000;
const DAY_MS = 86_400_000;
const GATEWAY = 'desk-production';
const ID = 'esc_killed';
let fleet: TestFleet;
let receive: (id: string, response: ServerResponse) => void = () => undefined;
const receiver = createServer((request, response) => {
  request.resume();
  request.on('end', () => receive(String(request.headers['webhook-id']), response));
});
let port = 0;

beforeAll(async () => {
  buildCli();
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  port = (receiver.address() as AddressInfo).port;
  fleet = await createFleet({ tokensExpire: instantText(Date.now() + 200 * DAY_MS) });
  expect(fleet.run(['apply', '--yes']).status).toBe(0);
  await escalate();
}, TIMEOUT_MS);
afterAll(() => {
  receiver.closeAllConnections();
  receiver.close();
  fleet.destroy();
});

/** One escalation with a webhook, as a gateway's events leave it in the store. */
async function escalate(): Promise<void> {
  const open = await fleet.open({ nowMs: Date.now });
  const { runtime } = open.state;
  await gatewayAt(runtime, ALDER, GATEWAY);
  const at = Date.now();
  const channels = [{ kind: 'webhook', to: `http://127.0.0.1:${port}/`, secretEnv: 'WEBHOOK_ALDER' }] as const;
  const review = { name: 'alder-escalations', dueAt: at + DAY_MS, onTimeout: 'deny', channels } as const;
  const facts = { requestId: 'req_killed', phase: 'output', policy: 'human-oversight', reasonCode: 'a.test' } as const;
  const asked = { token: 'app', team: 'desk', model: 'small', createdAt: at, receivedAt: at };
  await runtime.once(ALDER, { gateway: GATEWAY, sequence: 1, bodyDigest: 'a'.repeat(64) as never }, async (tx) => {
    await tx.putEscalation({ id: ID, gateway: GATEWAY, ...facts, ...asked, review });
    return {};
  });
  open.close();
}

function startController() {
  const args = ['controller', '--listen', '127.0.0.1:0', '--allow-private', '127.0.0.1', '-C', fleet.dir];
  const env = { ...process.env, WEBHOOK_ALDER: `whsec_${Buffer.alloc(32, 3).toString('base64')}` };
  const child = spawn(process.execPath, [join(ROOT, 'dist/tenantry.mjs'), ...args], { stdio: 'ignore', env });
  return { child, ended: new Promise((resolve) => child.once('exit', resolve)) };
}

const received = (then: (response: ServerResponse) => void): Promise<string> =>
  new Promise((resolve) => {
    receive = (id, response) => {
      receive = (_id, later) => void later.writeHead(204).end();
      then(response);
      resolve(id);
    };
  });

it(
  'sends what the killed one had not written down, under the same id, and writes it down',
  async () => {
    const killed = startController();
    const first = await received(() => killed.child.kill('SIGKILL'));
    await killed.ended;
    const next = startController();
    try {
      expect(await received((response) => void response.writeHead(204).end())).toBe(first);
      const open = await fleet.open();
      const states = async () => (await open.state.runtime.escalation(ALDER, ID))?.notifications;
      await expect.poll(states, { timeout: 20_000 }).toMatchObject([{ state: 'sent', attempts: 1, error: null }]);
      open.close();
    } finally {
      next.child.kill('SIGTERM');
      await next.ended;
    }
  },
  TIMEOUT_MS,
);
