import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { notifyReviewers } from '../src/flows/index.ts';
import { webhookNotifier } from '../src/io/webhooks/index.ts';
import { webhookSignature } from '../src/trust/index.ts';
import { ALDER, forgetAppliedFleet, ROOT } from './fleet.testkit.ts';
import { escalation, ofAlder, openReviewWorld, type ReviewWorld, type Told } from './reviews.testkit.ts';

// What reviewers are told: the outbox of the real store, sent to a real receiver on loopback that behaves as the case says.

const KEY = Buffer.alloc(32, 5);
const environment = { WEBHOOK_ALDER: `whsec_${KEY.toString('base64')}` };

interface Received {
  readonly id: string;
  readonly type: string;
  readonly data: { readonly [name: string]: unknown };
}
let received: Received[] = [];
const unverified: string[] = [];
let status = 204;
const server = createServer((request: IncomingMessage, response: ServerResponse) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    try {
      received.push(verified(request.headers, Buffer.concat(chunks).toString()));
      response.writeHead(status).end();
    } catch (cause) {
      unverified.push(String(cause));
      response.writeHead(400).end();
    }
  });
});

type Verify = (secret: string, headers: object, body: string, nowMs: number) => Omit<Received, 'id'> | null;

/** The code that docs/escalations.md gives to receivers. */
async function documented(): Promise<Verify> {
  const text = readFileSync(join(ROOT, 'docs/escalations.md'), 'utf8');
  const code = /```js\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const url = `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;
  const { verify } = (await import(/* @vite-ignore */ url)) as { readonly verify: Verify };
  return verify;
}
let verify: Verify;

function verified(headers: IncomingMessage['headers'], body: string): Received {
  const message = verify(environment.WEBHOOK_ALDER, headers, body, world.nowMs);
  const { 'webhook-signature': signature = '' } = headers;
  expect(verify(environment.WEBHOOK_ALDER, headers, `${body} `, world.nowMs)).toBeNull();
  expect(verify(environment.WEBHOOK_ALDER, headers, body, world.nowMs + 301_000)).toBeNull();
  expect(verify(`whsec_${Buffer.alloc(32, 6).toString('base64')}`, headers, body, world.nowMs)).toBeNull();
  const two = { ...headers, 'webhook-signature': `v1,AAAA ${String(signature)}` };
  expect(verify(environment.WEBHOOK_ALDER, two, body, world.nowMs)).toEqual(message);
  if (message === null) throw new Error('expected a message that verifies');
  return { id: String(headers['webhook-id']), ...message };
}

let world: ReviewWorld;
let desk: Told;
let port = 0;

beforeAll(async () => {
  verify = await documented();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  world = await openReviewWorld([]);
  world.fleet.write('orgs/alder/overlays/review.yaml', overlay());
  await world.fleet.save('a webhook');
  expect(await world.open.apply()).toMatchObject({ ok: true });
  desk = await world.enrol(ALDER);
});
afterAll(async () => {
  await world.close();
  await forgetAppliedFleet();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  received = [];
  status = 204;
});
// What a case left behind is of no other.
afterEach(async () => {
  expect(unverified).toEqual([]);
  status = 204;
  world.nowMs += 300 * 60_000;
  while ((await pass()).sent > 0);
});

const overlay = (): string => `apiVersion: tenantry/v1
kind: Overlay
metadata: { org: alder, name: review }
spec:
  target: { kind: Review, name: escalations }
  reason: a test of messages to reviewers
  patches:
    - op: replace
      path: /spec/notifications
      was: [{ kind: email, to: lead@alder.example }]
      value:
        - { kind: email, to: lead@alder.example }
        - { kind: webhook, to: 'http://127.0.0.1:${port}/alder', secretEnv: WEBHOOK_ALDER }
`;

const notifier = webhookNotifier({
  environment,
  allowedHosts: new Set(['127.0.0.1']),
  sign: webhookSignature,
  timeoutMs: 2000,
});
const pass = () => notifyReviewers(world.plane, notifier);
const told = async (name: string, timeoutMs: number | null = null, more = {}): Promise<string> => {
  await desk.tell(escalation(name, { at: world.nowMs, timeoutMs, ...more }));
  return `esc_${name}`;
};
const states = async (id: string) =>
  ((await world.ask(ofAlder(`/${id}`))).body['notifications'] as readonly { readonly [name: string]: unknown }[]).map(
    ({ event, kind, state, attempts, error }) => `${event} ${kind} ${state} ${attempts} ${error ?? ''}`.trimEnd(),
  );
const mail = (event: string): string => `escalation.${event} email failed 1 mail is not sent: use a webhook`;

it('tells that one came and how it ended, with nothing that was asked, answered or noted', async () => {
  const id = await told('signed');
  expect(await pass()).toEqual({
    sent: 1,
    failed: ['alder: escalation.created to email: mail is not sent: use a webhook'],
  });
  const { body: shown } = await world.ask(ofAlder(`/${id}`));
  const addresses = (shown['notifications'] as readonly { readonly to: string }[]).map(({ to }) => to);
  expect(addresses).toEqual(['lead@alder.example', `http://127.0.0.1:${port}/…`]);
  await world.ask(ofAlder(`/${id}/claim`), { body: {} });
  await world.ask(ofAlder(`/${id}/resolve`), { body: { outcome: 'denied', note: 'a private note' } });
  expect((await pass()).sent).toBe(1);
  expect(await pass()).toEqual({ sent: 0, failed: [] });
  const facts = { id, org: 'alder', gateway: 'desk-production', queue: 'alder-escalations', team: 'desk' };
  const asked = { requestId: 'req_signed', phase: 'output', policy: 'human-oversight', model: 'gpt-4o-mini' };
  const due = { reasonCode: 'oversight.high-risk', createdAt: '2027-01-04T09:00:00Z', dueAt: '2027-01-04T13:00:00Z' };
  const data = { ...facts, ...asked, ...due };
  const end = { outcome: 'denied', reason: 'reviewer', resolvedAt: '2027-01-04T09:00:00Z' };
  expect(received).toEqual([
    { id: expect.any(String), type: 'escalation.created', timestamp: due.createdAt, data },
    { id: expect.any(String), type: 'escalation.resolved', timestamp: end.resolvedAt, data: { ...data, ...end } },
  ]);
  expect(new Set(received.map((message) => message.id)).size).toBe(2);
  expect(await states(id)).toEqual([
    mail('created'),
    'escalation.created webhook sent 1',
    mail('resolved'),
    'escalation.resolved webhook sent 1',
  ]);
});

it('tells which tool is called, and of its arguments the digest', async () => {
  const tool = { server: 'docs', tool: 'search', argumentsDigest: 'a'.repeat(64) };
  await told('called', null, { phase: 'input', tool });
  await pass();
  expect(received.map(({ data }) => [data['phase'], data['tool']])).toEqual([['input', tool]]);
});

it('tells of one that time decided, though nobody looked at it', async () => {
  const id = await told('late', 1000);
  await pass();
  world.nowMs += 1000;
  await pass();
  expect(received.map(({ type, data }) => [type, data['id'], data['outcome'], data['reason']])).toEqual([
    ['escalation.created', id, undefined, undefined],
    ['escalation.resolved', id, 'denied', 'timeout'],
  ]);
});

it('tries again with longer and longer pauses under the same id, and gives up in the end', async () => {
  const id = await told('failing');
  status = 500;
  const created = () => received.filter(({ type }) => type === 'escalation.created');
  const triedAtMs: number[] = [];
  while (triedAtMs.length < 8) {
    await pass();
    if (created().length > triedAtMs.length) triedAtMs.push(world.nowMs);
    // The clock goes on in steps that no pause is shorter than.
    world.nowMs += triedAtMs.length < 4 ? 5000 : 600_000;
  }
  const pauses = triedAtMs.slice(1).map((at, index) => (at - (triedAtMs[index] ?? 0)) / 1000);
  expect(pauses).toEqual([5, 30, 120, 600, 3600, 21_600, 57_600]);
  expect(new Set(created().map((message) => message.id)).size).toBe(1);
  expect((await states(id))[1]).toBe('escalation.created webhook failed 8 status 500');
});

it('gives up at once where the receiver says that it wants none any more', async () => {
  const id = await told('gone');
  status = 410;
  expect((await pass()).failed).toContain('alder: escalation.created to webhook: status 410');
  expect((await states(id))[1]).toBe('escalation.created webhook failed 1 status 410');
});

it('sends once more what was sent when the process ended before it was written down', async () => {
  await told('crash');
  const crashing = {
    ...world.plane,
    runtime: { ...world.plane.runtime, endNotification: () => Promise.reject(new Error('killed')) },
  };
  await expect(notifyReviewers(crashing, notifier)).rejects.toThrow('killed');
  await pass();
  expect(received).toHaveLength(2);
  expect(received[0]).toEqual(received[1]);
});
