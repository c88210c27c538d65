import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { OrgUid } from '../src/core/model/index.ts';
import type { ControlPlane } from '../src/flows/index.ts';
import type { ListeningServer } from '../src/server/index.ts';
import {
  encodeSecret,
  type GatewayKey,
  generateGatewayKey,
  parcelPath,
  requestSigner,
  unpackParcel,
} from '../src/trust/index.ts';
import { ALDER, createAppliedFleet, type OpenFleet, START_MS, type TestFleet } from './fleet.testkit.ts';
import { planeOf, servePlane } from './served-plane.testkit.ts';

// Published files may lie with somebody else: what a control plane does while they do not come, or something else does.

const PLAN = { perOrg: 4, total: 16, queued: 6, lingering: 5 };
const GATEWAY = 'desk-production';
const clock = { nowMs: () => START_MS };

type Get = ControlPlane['publisher']['get'];

let fleet: TestFleet;
let open: OpenFleet;
let server: ListeningServer;
let uid: OrgUid;
let key: GatewayKey;
let sequence = 0;
/** What the place does when a file is asked for. */
let get: Get;

beforeAll(async () => {
  fleet = await createAppliedFleet();
  open = await fleet.open(clock);
  uid = await open.uidOf(ALDER);
  key = generateGatewayKey();
  const codeHash = 'a code' as never;
  const { runtime } = open.state;
  await runtime.putEnrolmentCode(ALDER, { gateway: GATEWAY, codeHash, expiresAt: START_MS + 1 });
  await runtime.redeemEnrolmentCode(ALDER, { codeHash, gateway: GATEWAY, publicKey: key.publicKey, nowMs: START_MS });
});
beforeEach(async () => {
  const { publisher } = open.state;
  get = publisher.get;
  server = await servePlane(
    planeOf(open, clock, { publisher: { ...publisher, get: (...asked) => get(...asked) } }),
    PLAN,
  );
  expect((await ask('GET', folder('timestamp.json'))).status).toBe(200);
});
afterEach(() => server.close());
afterAll(() => {
  open.close();
  fleet.destroy();
});

const folder = (path: string): string => `/bundles/${uid}/${path}`;
const everything = () => folder(parcelPath({ root: 1, snapshot: null, bundle: null }));

function ask(
  method: 'GET' | 'POST',
  path: string,
  { body = '', signal }: { body?: string; signal?: AbortSignal } = {},
) {
  sequence += 1;
  const facts = { method, path, body: new TextEncoder().encode(body), timeMs: START_MS, sequence };
  const headers = requestSigner(key.privateKey, { org: uid, gateway: GATEWAY })(facts);
  const sent = method === 'GET' ? {} : { body };
  return fetch(`http://127.0.0.1:${server.port}${path}`, { method, headers, ...sent, ...(signal ? { signal } : {}) });
}

test('while files do not come, evidence and acknowledgements of the org are taken', async () => {
  const gate = Promise.withResolvers<undefined>();
  get = () => gate.promise;
  const polls = Array.from({ length: PLAN.perOrg + PLAN.queued }, () => ask('GET', folder('timestamp.json')));
  // One more is turned away once all the others are there.
  await expect.poll(async () => (await ask('GET', folder('timestamp.json'))).status).toBe(429);
  const said = { gateway: GATEWAY, generation: 1, contentDigest: null, state: 'stale', code: null, at: START_MS };
  expect((await ask('POST', '/api/v1/gateway/ack', { body: JSON.stringify(said) })).status).toBe(200);
  gate.resolve(undefined);
  expect(new Set((await Promise.all(polls)).map(({ status }) => status))).toEqual(new Set([404]));
});

test.each([
  ['a timestamp', () => folder('timestamp.json')],
  ['another file', () => folder('1.root.json')],
  ['all of them', everything],
  ['the second of all of them', everything, 'timestamp.json'],
])('nobody waits for %s once the gateway that asked is gone', async (_what, path, comes = '') => {
  const asked = Promise.withResolvers<AbortSignal | undefined>();
  get = async (org, file, signal) => {
    if (file === comes) return open.state.publisher.get(org, file);
    asked.resolve(signal);
    return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('gone'))));
  };
  const client = new AbortController();
  const answer = ask('GET', path(), { signal: client.signal }).catch(() => 'gone');
  const signal = await asked.promise;
  expect(signal?.aborted).toBe(false);
  client.abort();
  expect(await answer).toBe('gone');
  await expect.poll(() => signal?.aborted).toBe(true);
});

test('a stranger who knows an org by its uid keeps nobody from being enrolled while files do not come', async () => {
  get = () => new Promise(() => undefined);
  const code = encodeSecret(new Uint8Array(32).fill(3));
  const guess = JSON.stringify({ orgUid: uid, gateway: GATEWAY, code, publicKey: key.publicKey });
  for (let times = 0; times < 3; times += 1) {
    const headers = { 'content-type': 'application/json' };
    const path = `http://127.0.0.1:${server.port}/api/v1/gateway/enroll`;
    expect((await fetch(path, { method: 'POST', headers, body: guess })).status).toBe(401);
  }
});

test.each(['PUBLISH_UNREACHABLE', 'PUBLISH_REFUSED', 'PUBLISH_FOREIGN', 'PUBLISH_OVERLONG', 'PUBLISH_FOLDER'])(
  'that they cannot be read is told as that, and to be asked for again: %s',
  async (code) => {
    get = () => Promise.reject(Object.assign(new Error('expected hunter2'), { code }));
    for (const path of [folder('timestamp.json'), folder('1.root.json'), everything()]) {
      const answer = await ask('GET', path);
      expect(answer.status).toBe(503);
      const { error } = (await answer.json()) as {
        readonly error: { readonly code: string; readonly message: string };
      };
      expect(error.code).toBe(code);
      expect(error.message).not.toContain('hunter2');
    }
  },
);

test.each([
  ['a place that has every file', '{}', 129],
  ['a place that has every file, each as large as can be', ' '.repeat(8 * 1024 * 1024), 2],
])('%s fills no parcel without end', async (_what, text, most) => {
  const bytes = new TextEncoder().encode(text);
  let reads = 0;
  get = async () => {
    reads += 1;
    return bytes;
  };
  expect((await ask('GET', everything())).status).toBe(404);
  expect(reads).toBe(most);
});

test.each(['<html>', '[]', '{"signed":1}', '{"signed":{"meta":{"snapshot.json":{"version":1}}}}'])(
  'what lies in the place of the timestamp is for the gateway to judge: %s',
  async (text) => {
    get = async (_org, path) => (path === 'timestamp.json' ? new TextEncoder().encode(text) : undefined);
    const answer = await ask('GET', everything());
    expect(answer.status).toBe(200);
    const files = unpackParcel(new Uint8Array(await answer.arrayBuffer()));
    expect([...files.keys()]).toEqual(['timestamp.json']);
  },
);
