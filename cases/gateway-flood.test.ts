import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OrgSlug } from '../src/core/model/index.ts';
import { DOOR_PLAN, type ListeningServer } from '../src/server/index.ts';
import { type GatewayKey, generateGatewayKey, requestSigner } from '../src/trust/index.ts';
import { ALDER, BIRCH, createAppliedFleet, type OpenFleet, START_MS, type TestFleet } from './fleet.testkit.ts';
import { planeOf, servePlane } from './served-plane.testkit.ts';

// A gateway of one org, or somebody who says to be one, asks as much as it can. The store is the real one; it counts what it is
// asked, and holds back what the test says.

const PLAN = { perOrg: 4, total: 16, queued: 6, lingering: 5 };
const GATEWAY = 'desk-production';
const FLOOD = 60;
const clock = { nowMs: () => START_MS };

let fleet: TestFleet;
let open: OpenFleet;
let server: ListeningServer;
const keys = new Map<OrgSlug, GatewayKey>();
/** Looks of the store for a gateway, by its name; those of `held` wait until they are let go. */
let looks: string[] = [];
let held = '';
let release = (): void => {};
let gate = Promise.resolve();

beforeAll(async () => {
  fleet = await createAppliedFleet();
  open = await fleet.open(clock);
  for (const org of [ALDER, BIRCH]) {
    const key = generateGatewayKey();
    const codeHash = `${org} code` as never;
    await open.state.runtime.putEnrolmentCode(org, { gateway: GATEWAY, codeHash, expiresAt: START_MS + 1 });
    const use = { codeHash, gateway: GATEWAY, publicKey: key.publicKey, nowMs: START_MS };
    await open.state.runtime.redeemEnrolmentCode(org, use);
    keys.set(org, key);
  }
});
beforeEach(async () => {
  const { runtime } = open.state;
  const plane = planeOf(open, clock, {
    runtime: {
      ...runtime,
      async gateway(org, name) {
        looks.push(`${org}/${name}`);
        if (`${org}/${name}` === held) await gate;
        return runtime.gateway(org, name);
      },
    },
  });
  server = await servePlane(plane, PLAN);
  for (const org of [ALDER, BIRCH]) expect((await ask(org)).status).toBe(200);
  looks = [];
});
afterEach(async () => {
  release();
  held = '';
  await server.close();
});
afterAll(() => {
  open.close();
  fleet.destroy();
});

function hold(name: string): void {
  held = name;
  gate = new Promise((resolve) => {
    release = resolve;
  });
}

interface Asked {
  readonly gateway?: string;
  readonly key?: GatewayKey;
  readonly headers?: Readonly<Record<string, string>>;
}

async function ask(org: OrgSlug, { gateway = GATEWAY, key = keys.get(org), headers = {} }: Asked = {}) {
  const uid = await open.uidOf(org);
  const path = `/bundles/${uid}/timestamp.json`;
  const sign = requestSigner(key?.privateKey ?? '', { org: uid, gateway });
  const signed = sign({ method: 'GET', path, body: new Uint8Array(0), timeMs: START_MS, sequence: 0 });
  return fetch(`http://127.0.0.1:${server.port}${path}`, { headers: { ...signed, ...headers } });
}

/** The statuses of a flood as they come, and once all are there. */
function flood(one: () => Promise<Response>, times = FLOOD) {
  const statuses: number[] = [];
  const all = Array.from({ length: times }, async () => void statuses.push((await one()).status));
  const answered = async (count: number): Promise<void> => {
    for (let looked = 0; looked < 500 && statuses.length < count; looked += 1)
      await new Promise((resolve) => setTimeout(resolve, 10));
  };
  return { statuses, answered, ended: Promise.all(all) };
}

const count = (name: string): number => looks.filter((look) => look === name).length;
const PREFER = [{}, { prefer: 'wait=1' }] as const;

test.each(PREFER)('a flood of a gateway asks the store from the seats of its org alone (%j)', async (headers) => {
  hold(`${ALDER}/${GATEWAY}`);
  const { statuses, answered, ended } = flood(() => ask(ALDER, { headers }));
  await answered(FLOOD - PLAN.perOrg - PLAN.queued);
  expect(statuses).toEqual(Array.from({ length: FLOOD - PLAN.perOrg - PLAN.queued }, () => 429));
  expect(count(`${ALDER}/${GATEWAY}`)).toBe(PLAN.perOrg);
  for (let times = 0; times < 20; times += 1) expect((await ask(BIRCH)).status).toBe(200);
  // Nobody is asked who they are where they would be turned away.
  expect((await ask(ALDER, { key: generateGatewayKey() })).status).toBe(429);
  expect(count(`${ALDER}/${GATEWAY}`)).toBe(PLAN.perOrg);
  release();
  await ended;
  expect(statuses.filter((status) => status === 200)).toHaveLength(PLAN.perOrg + PLAN.queued);
});

test.each([
  ['a name that is not enrolled', 'nobody'],
  ['the name of a gateway', GATEWAY],
])('who shows no credential takes nothing from the org it names, by %s', async (_, gateway) => {
  const key = generateGatewayKey();
  if (gateway === 'nobody') hold(`${ALDER}/nobody`);
  const { statuses, answered, ended } = flood(() => ask(ALDER, { gateway, key }));
  if (gateway === 'nobody') {
    await expect.poll(() => count(`${ALDER}/nobody`)).toBe(DOOR_PLAN.perOrg);
    for (let times = 0; times < 20; times += 1) expect((await ask(ALDER)).status).toBe(200);
    expect(count(`${ALDER}/nobody`)).toBe(DOOR_PLAN.perOrg);
    release();
  }
  await ended;
  await answered(FLOOD);
  expect(new Set(statuses)).toEqual(new Set([401]));
  // The gateway itself is known as before: nothing that strangers show has it forgotten.
  hold(`${ALDER}/nobody`);
  const strangers = flood(() => ask(ALDER, { gateway: 'nobody', key }));
  await expect.poll(() => count(`${ALDER}/nobody`)).toBeGreaterThanOrEqual(DOOR_PLAN.perOrg);
  expect((await ask(ALDER)).status).toBe(200);
  release();
  await strangers.ended;
});

test('strangers who are too many at the door of an org are turned away, and at that door alone', async () => {
  const key = generateGatewayKey();
  hold(`${ALDER}/nobody`);
  const most = DOOR_PLAN.perOrg + DOOR_PLAN.queued;
  const { statuses, answered, ended } = flood(() => ask(ALDER, { gateway: 'nobody', key }), most + 9);
  await answered(9);
  expect(statuses).toEqual(Array.from({ length: 9 }, () => 429));
  const enrol = async (org: OrgSlug) => {
    const body = { orgUid: await open.uidOf(org), gateway: GATEWAY, code: 'none', publicKey: key.publicKey };
    const url = `http://127.0.0.1:${server.port}/api/v1/gateway/enroll`;
    const headers = { 'content-type': 'application/json' };
    return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })).status;
  };
  expect([await enrol(ALDER), await enrol(BIRCH)]).toEqual([429, expect.any(Number)]);
  expect(await enrol(BIRCH)).not.toBe(429);
  expect((await ask(ALDER)).status).toBe(200);
  release();
  await ended;
});

test('bodies that never end fill no memory, and keep no gateway of the org they name from sending its own', async () => {
  const path = '/api/v1/gateway/events';
  const uid = await open.uidOf(ALDER);
  const at = { method: 'POST', timeMs: START_MS };
  const signed = (key: GatewayKey, body: Uint8Array, sequence: number) =>
    requestSigner(key.privateKey, { org: uid, gateway: GATEWAY })({ ...at, path, body, sequence });
  const most = 4 * 1024 * 1024;
  const stranger = generateGatewayKey();
  const lines = ['host: x', `content-length: ${most}`];
  for (const [name, value] of Object.entries(signed(stranger, new Uint8Array(0), 1))) lines.push(`${name}: ${value}`);
  const half = Buffer.concat([
    Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`),
    Buffer.alloc(most - 1, 'x'),
  ]);
  let turnedAway = 0;
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.on('data', (text) => {
      if (text.includes('429')) turnedAway += 1;
    });
    socket.write(half);
    return socket;
  });
  // Of an org 64 MiB are held: 16 of these.
  await expect.poll(() => turnedAway, { timeout: 20_000 }).toBeGreaterThanOrEqual(4);
  const own = keys.get(ALDER) ?? stranger;
  const body = new Uint8Array(0);
  const sent = await fetch(`http://127.0.0.1:${server.port}${path}`, {
    method: 'POST',
    headers: signed(own, body, 10),
    body,
  });
  expect(sent.status).toBe(200);
  for (const socket of sockets) socket.destroy();
}, 60_000);

test('a revocation holds at once for who was let in before, and one that is enrolled anew is let in', async () => {
  const { runtime } = open.state;
  await runtime.revokeGateway(ALDER, GATEWAY, START_MS);
  expect((await ask(ALDER)).status).toBe(401);
  const key = generateGatewayKey();
  const codeHash = 'another code' as never;
  await runtime.putEnrolmentCode(ALDER, { gateway: GATEWAY, codeHash, expiresAt: START_MS + 1 });
  await runtime.redeemEnrolmentCode(ALDER, { codeHash, gateway: GATEWAY, publicKey: key.publicKey, nowMs: START_MS });
  expect((await ask(ALDER)).status).toBe(401);
  keys.set(ALDER, key);
  expect((await ask(ALDER)).status).toBe(200);
});

test('only who really waits leaves its seat, and an org has only so many of them', async () => {
  const etag = (await ask(ALDER)).headers.get('etag') ?? '';
  const waiting = { prefer: 'wait=2', 'if-none-match': etag };
  const { statuses, answered, ended } = flood(() => ask(ALDER, { headers: waiting }));
  await answered(FLOOD - PLAN.lingering);
  expect(new Set(statuses)).toEqual(new Set([429]));
  expect(statuses).toHaveLength(FLOOD - PLAN.lingering);
  // Those that wait have no seat: the org works on.
  expect((await ask(ALDER)).status).toBe(200);
  await ended;
  expect(statuses.filter((status) => status === 304)).toHaveLength(PLAN.lingering);
});
