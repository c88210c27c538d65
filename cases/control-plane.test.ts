import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Ajv } from 'ajv';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  instantText,
  type JournalLine,
  type Json,
  type OrgSlug,
  type OrgUid,
  type Sha256Hex,
} from '../src/core/model/index.ts';
import {
  type Away,
  answer,
  type ControlPlane,
  createEnrolmentCode,
  expireLeases,
  gatewayStatuses,
  issueToken,
  localStaff,
  openDirectory,
  openLanes,
  openReconciler,
  openWakes,
  operate,
  parcelOf,
  publishOne,
  refusal,
  rotateKeys,
  verifyEvidence,
  watchSilence,
} from '../src/flows/index.ts';
import { nodeHash, nodeRandom, nodeZoneOffset } from '../src/host/index.ts';
import { createApp, type ListeningServer, listen, openApiDocument, ROUTES } from '../src/server/index.ts';
import {
  decodeEnrolmentCode,
  encodeSecret,
  formatToken,
  type GatewayKey,
  generateGatewayKey,
  type KnownFiles,
  parcelPath,
  requestSigner,
  unpackParcel,
} from '../src/trust/index.ts';
import { timers, wireRepository } from '../src/wire.ts';
import {
  ALDER,
  BIRCH,
  CLOVE,
  createAppliedFleet,
  forgetAppliedFleet,
  HOUR_MS,
  type OpenFleet,
  STAFF_ID,
  STAFF_TOKEN,
  START_MS,
  type TestFleet,
} from './fleet.testkit.ts';

// The real server on loopback, with the real store, publisher and signer, and an injected clock.

const GATEWAY = 'desk-production';
let fleet: TestFleet;
let open: OpenFleet;
let plane: ControlPlane;
let server: ListeningServer;
let nowMs = START_MS;
let sequence = 0;
let warnings: string[] = [];
const clock = { nowMs: () => nowMs };

beforeEach(async () => {
  nowMs = START_MS;
  sequence = 0;
  fleet = await createAppliedFleet();
  open = await fleet.open(clock);
  const { store, runtime, publisher, signer } = open.state;
  const staff = localStaff(nodeRandom, 'ann');
  warnings = [];
  const log = { info: () => undefined, warn: (text: string) => warnings.push(text), progress: () => undefined };
  const [hash, random, zoneOffset] = [nodeHash, nodeRandom, nodeZoneOffset];
  plane = {
    ...{
      fleet: 'test-fleet',
      orgs: store,
      runtime,
      publisher,
      fence: undefined,
      signer,
      hash,
      clock,
      random,
      zoneOffset,
      log,
    },
    wakes: openWakes(timers),
    decisions: openWakes(timers),
    directory: openDirectory(store, { nowMs: () => Date.now() * 1000 }),
    lanes: openLanes(),
    localStaff: staff,
    identityKeys: { keysOf: async () => [] },
  };
  const app = createApp({
    plane,
    reconcile: openReconciler(() => open.parts({ lanes: plane.lanes, wake: plane.wakes.wake })),
    operate: async (ask, by) => operate(await open.parts({ lanes: plane.lanes }), ask, by),
    drift: async () => answer({ items: [], next: null }),
    rotateKeys: async (ask, actor) => {
      const { custody, roots } = open.state;
      const parts = await open.parts({ lanes: plane.lanes, wake: plane.wakes.wake });
      const rotated = await rotateKeys({ ...parts, custody, roots, actor }, ask);
      return rotated.ok ? answer(rotated.value) : refusal(422, rotated.code, rotated.message);
    },
    requestId: () => `req-${Buffer.from(nodeRandom.bytes(4)).toString('hex')}`,
  });
  server = await listen(app, '127.0.0.1', 0);
});
afterEach(async () => {
  await server.close();
  open.close();
  fleet.destroy();
});
afterAll(forgetAppliedFleet);

type Headers = { readonly [name: string]: string };

const url = (path: string): string => `http://127.0.0.1:${server.port}${path}`;
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

interface Given {
  readonly status: number;
  readonly text: string;
  readonly headers: globalThis.Headers;
  json(): { readonly [name: string]: Json } & { readonly items: readonly { readonly [name: string]: Json }[] };
}

async function ask(path: string, init: RequestInit = {}): Promise<Given> {
  const response = await fetch(url(path), init);
  const text = await response.text();
  requireDescribed(init.method ?? 'GET', path, { status: response.status, text });
  return { status: response.status, text, headers: response.headers, json: () => JSON.parse(text) };
}

interface Operation {
  readonly responses: { readonly [status: string]: object };
}
const DESCRIBED = openApiDocument() as unknown as {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Operation } };
  readonly components: { readonly schemas: { readonly Error: object } };
};
const isError = new Ajv({ strict: false }).compile(DESCRIBED.components.schemas.Error);

/** Every answer of a route that these tests get has a status that its description names, and an error the shape of one. */
function requireDescribed(method: string, path: string, { status, text }: Pick<Given, 'status' | 'text'>): void {
  const pathname = path.replace(/\?.*$/, '');
  const [, methods] =
    Object.entries(DESCRIBED.paths).find(([template]) =>
      new RegExp(`^${template.replace('{rest}', '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
    ) ?? [];
  const responses = methods?.[method.toLowerCase()]?.responses;
  if (responses !== undefined && status < 500)
    expect(Object.keys(responses), `${method} ${path}`).toContain(`${status}`);
  if (responses !== undefined && status >= 400) expect([isError(JSON.parse(text)), text]).toEqual([true, text]);
}

const codeOf = (given: Given): string =>
  (JSON.parse(given.text) as { readonly error: { readonly code: string } }).error.code;

/** Issues a secret of a Token through the command's flow, and applies it. */
async function issue(org: OrgSlug, name: string, atMs = START_MS): Promise<string> {
  const { repository, write } = await wireRepository(fleet.dir);
  const parts = {
    tree: repository.workTree(),
    write,
    hash: nodeHash,
    random: nodeRandom,
    clock: { nowMs: () => atMs },
  };
  const issued = await issueToken(parts, org, name);
  if (!issued.ok) throw new Error(issued.message);
  await fleet.save(`token of ${org}`);
  expect(await open.apply()).toMatchObject({ ok: true });
  return issued.value.secret;
}

/** A secret whose end is in the past. */
async function issueExpired(org: OrgSlug): Promise<string> {
  const secret = await issue(org, 'console');
  const path = `orgs/${org}/credentials.yaml`;
  fleet.write(
    path,
    fleet
      .read(path)
      .replace(/notAfter: .*/, `notAfter: "${instantText(START_MS - 1000)}"`)
      .replace(/notBefore: .*/, `notBefore: "${instantText(START_MS - 2000)}"`),
  );
  await fleet.save('it ends');
  expect(await open.apply()).toMatchObject({ ok: true });
  return secret;
}

interface Enrolled {
  readonly key: GatewayKey;
  readonly org: OrgSlug;
}

async function code(org: OrgSlug): Promise<{ readonly text: string; readonly secret: string }> {
  const made = await createEnrolmentCode(plane, org, GATEWAY);
  if (!made.ok) throw new Error(made.message);
  const decoded = decodeEnrolmentCode(made.value.code);
  if (!decoded.ok) throw new Error('expected a code');
  return { text: made.value.code, secret: encodeSecret(decoded.value.secret) };
}

async function enrolBody(
  org: OrgSlug,
  more: { readonly gateway?: string; readonly key?: GatewayKey; readonly secret: string },
): Promise<string> {
  const key = more.key ?? generateGatewayKey();
  return JSON.stringify({
    orgUid: await open.uidOf(org),
    gateway: more.gateway ?? GATEWAY,
    code: more.secret,
    publicKey: key.publicKey,
  });
}

const enrolWith = (body: string): Promise<Given> =>
  ask('/api/v1/gateway/enroll', { method: 'POST', body, headers: { 'content-type': 'application/json' } });

async function enrol(org: OrgSlug): Promise<Enrolled> {
  const key = generateGatewayKey();
  const { secret } = await code(org);
  expect((await enrolWith(await enrolBody(org, { key, secret }))).status).toBe(200);
  return { key, org };
}

interface Signed {
  readonly method?: 'GET' | 'POST';
  readonly body?: string;
  readonly sequence?: number;
  readonly timeMs?: number;
  readonly headers?: Headers;
}

async function signed(by: Enrolled, path: string, more: Signed = {}): Promise<Headers> {
  const method = more.method ?? (more.body === undefined ? 'GET' : 'POST');
  sequence += 1;
  const bytes = new TextEncoder().encode(more.body ?? '');
  const from = { org: await open.uidOf(by.org), gateway: GATEWAY };
  const facts = { method, path, body: bytes, timeMs: more.timeMs ?? nowMs, sequence: more.sequence ?? sequence };
  return { ...requestSigner(by.key.privateKey, from)(facts), ...more.headers };
}

async function askSigned(by: Enrolled, path: string, more: Signed = {}): Promise<Given> {
  const headers = await signed(by, path, more);
  return ask(path, {
    method: more.body === undefined ? 'GET' : 'POST',
    headers,
    ...(more.body === undefined ? {} : { body: more.body }),
  });
}

const ack = (generation = 1): string =>
  JSON.stringify({
    gateway: GATEWAY,
    generation,
    contentDigest: 'a'.repeat(64),
    state: 'active',
    code: null,
    at: START_MS,
  });

describe('who reaches what', () => {
  it('opens every route to its own credential alone', async () => {
    const own = await issue(ALDER, 'console');
    const wrongScope = await issue(ALDER, 'app');
    const foreign = await issue(BIRCH, 'console');
    const expired = await issueExpired(CLOVE);
    const gateway = await enrol(ALDER);
    const uid = await open.uidOf(ALDER);
    const alien = formatToken('nobody', new Uint8Array(32));
    await sendEvents(gateway, 1);
    const lines: string[] = [];
    for (const route of ROUTES) {
      const named = { org: ALDER, uid, rest: 'timestamp.json', id: 'esc_r1' } as const;
      const path = route.path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof named) => named[name]);
      const expiredPath = path.replace(ALDER, CLOVE);
      const body = route.method === 'get' ? undefined : bodies(route.path);
      const init = (headers: Headers): RequestInit => ({
        method: route.method.toUpperCase(),
        headers: { ...headers, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body }),
      });
      const right =
        route.scope === 'tenant'
          ? bearer(own)
          : route.scope === 'fleet'
            ? bearer(plane.localStaff.text)
            : await signed(gateway, path, body === undefined ? {} : { body });
      const statuses = [
        (await ask(path, init({}))).status,
        (await ask(path, init(bearer(alien)))).status,
        (await ask(path, init(bearer(foreign)))).status,
        (await ask(expiredPath, init(bearer(expired)))).status,
        (await ask(path, init(bearer(wrongScope)))).status,
        (await ask(path, init(right))).status,
      ];
      lines.push(`${route.scope} ${route.path.replace(/^\/api\/v1/, '')} ${statuses.join(' ')}`);
    }
    // no credential, unknown token, other org's console, expired (its own org), wrong scope, the right one
    expect(lines).toEqual([
      'tenant /orgs/{org}/configurations 401 404 404 401 404 200',
      'tenant /orgs/{org}/usage 401 404 404 401 404 200',
      'tenant /orgs/{org}/events 401 404 404 401 404 200',
      'tenant /orgs/{org}/settings/teams 401 404 404 401 404 200',
      'tenant /orgs/{org}/settings/tokens 401 404 404 401 404 200',
      'tenant /orgs/{org}/escalations 401 404 404 401 404 200',
      'tenant /orgs/{org}/escalations/{id} 401 404 404 401 404 200',
      'tenant /orgs/{org}/escalations/{id}/claim 401 404 404 401 404 200',
      'tenant /orgs/{org}/escalations/{id}/unclaim 401 404 404 401 404 200',
      // It was given back a moment ago.
      'tenant /orgs/{org}/escalations/{id}/resolve 401 404 404 401 404 409',
      'fleet /fleet/orgs 401 401 401 401 401 200',
      'fleet /fleet/gateways 401 401 401 401 401 200',
      'fleet /fleet/rollouts 401 401 401 401 401 200',
      'fleet /fleet/drift 401 401 401 401 401 200',
      'fleet /fleet/controller 401 401 401 401 401 200',
      'fleet /fleet/reconcile 401 401 401 401 401 200',
      'fleet /fleet/operate 401 401 401 401 401 200',
      'fleet /fleet/keys/rotate 401 401 401 401 401 200',
      'fleet /fleet/wallets/adjust 401 401 401 401 401 200',
      'fleet /fleet/enrolments 401 401 401 401 401 200',
      // Its credential is in the body: an unknown code is refused, whoever asks.
      'gateway /gateway/enroll 401 401 401 401 401 401',
      'gateway /gateway/ack 401 401 401 401 401 200',
      'gateway /gateway/events 401 401 401 401 401 200',
      'gateway /gateway/escalations/{id} 401 401 401 401 401 200',
      'gateway /gateway/wallets/lease 401 401 401 401 401 200',
      'gateway /gateway/wallets/settle 401 401 401 401 401 200',
      'gateway /bundles/{uid}/{rest} 401 401 401 401 401 200',
    ]);
  });

  function bodies(path: string): string {
    if (path.endsWith('/enroll'))
      return JSON.stringify({
        orgUid: 'alder000000000000001',
        gateway: GATEWAY,
        code: encodeSecret(new Uint8Array(32)),
        publicKey: 'a'.repeat(64),
      });
    if (path.endsWith('/ack')) return ack();
    if (path.endsWith('/events')) return '';
    if (path.endsWith('/lease')) return JSON.stringify({ wallet: 'desk', needMicros: 10 });
    if (path.endsWith('/settle')) return JSON.stringify({ settlements: [], closed: [] });
    if (path.endsWith('/operate')) return JSON.stringify({ org: ALDER, do: 'deny', name: 'app', reason: 'a test' });
    if (path.endsWith('/adjust')) return JSON.stringify(topUp());
    if (path.endsWith('/rotate')) return JSON.stringify({ holder: 'online', orgs: [BIRCH] });
    if (path.endsWith('/resolve')) return JSON.stringify({ outcome: 'approved', note: 'a test' });
    if (path.endsWith('/enrolments')) return JSON.stringify({ org: ALDER, gateway: GATEWAY });
    return '{}';
  }

  it('answers a wrong method on a known path alike, whoever asks for whatever org', async () => {
    const own = await issue(ALDER, 'console');
    const uid = await open.uidOf(ALDER);
    const methods = new Map<string, string[]>();
    for (const { path, method } of ROUTES) methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
    const asked = new Set<string>();
    for (const [path, found] of methods) {
      const allowed = [...(found.includes('GET') ? ['GET', 'HEAD'] : []), ...(found.includes('POST') ? ['POST'] : [])];
      for (const org of [ALDER, BIRCH, 'nobody', '%00'])
        for (const headers of [{}, bearer(own), bearer(plane.localStaff.text)])
          for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].filter(
            (one) => !allowed.includes(one),
          )) {
            const named: { readonly [name: string]: string } = {
              org,
              uid,
              rest: 'targets/a/b.bundle.tar',
              id: 'esc_r1',
            };
            const given = await ask(
              path.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name] ?? ''),
              { method, headers },
            );
            expect([given.status, given.headers.get('allow'), isError(JSON.parse(given.text))]).toEqual([
              405,
              allowed.join(', '),
              true,
            ]);
            asked.add(`${method} ${path}`);
          }
    }
    expect(asked.size).toBeGreaterThan(ROUTES.length);
    expect((await ask('/healthz', { method: 'POST' })).headers.get('allow')).toBe('GET, HEAD');
    for (const path of ['/nowhere', '/api/v1/orgs', '/api/v1/orgs//usage', '/bundles/x/', '/api/v1/fleet/orgs/'])
      expect((await ask(path, { method: 'DELETE' })).status).toBe(404);
  });

  it('gives every answer an id, and names it in a refusal', async () => {
    const post = { method: 'POST', body: 'x'.repeat(70_000) };
    const given = [
      await ask('/healthz'),
      await ask('/api/v1/fleet/orgs'),
      await ask('/nowhere'),
      await ask('/api/v1/fleet/reconcile', { ...post, headers: { 'content-length': '70000' } }),
    ];
    expect(given.map(({ status }) => status)).toEqual([200, 401, 404, 413]);
    for (const { headers } of given) expect(headers.get('x-request-id')).toMatch(/^req-[0-9a-f]{8}$/);
    for (const { headers, text } of given.slice(1)) expect(text).toContain(headers.get('x-request-id'));
  });

  it.each(['Host: a b', 'Host: user@x:99999', 'Host: [::1'])(
    'refuses a request with %s as it refuses any other',
    async (host) => {
      const socket = connect(server.port, '127.0.0.1');
      socket.end(`GET /api/v1/fleet/orgs HTTP/1.1\r\n${host}\r\nConnection: close\r\n\r\n`);
      let given = '';
      for await (const part of socket) given += String(part);
      const [head = '', body = ''] = given.split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 400 /);
      const { error } = JSON.parse(/\{.*\}/.exec(body)?.[0] ?? '') as { readonly error: object };
      expect(error).toEqual({ code: 'MALFORMED_REQUEST', message: expect.any(String), requestId: 'unread' });
      expect(isError({ error })).toBe(true);
    },
  );

  it('answers for a foreign org exactly as for one that does not exist', async () => {
    const token = await issue(ALDER, 'console');
    const places = ROUTES.filter((route) => route.scope === 'tenant');
    const neutral = (given: Given): string => {
      const headers = [...given.headers].filter(([name]) => !['date', 'x-request-id', 'etag'].includes(name));
      return JSON.stringify([given.status, headers, given.text.replace(/req-[0-9a-f]{8}/, 'req')]);
    };
    for (const { path, method } of places) {
      const init = {
        method: method.toUpperCase(),
        headers: bearer(token),
        ...(method === 'post' ? { body: '{}' } : {}),
      };
      const foreign = await ask(path.replace('{org}', BIRCH), init);
      const unknown = await ask(path.replace('{org}', 'nobody'), init);
      expect(foreign.status).toBe(404);
      expect(neutral(foreign)).toBe(neutral(unknown));
    }
    expect((await ask('/api/v1/orgs/_fleet/usage', { headers: bearer(token) })).status).toBe(404);
  });

  it('takes a staff token of fleet.yaml until its end, and an enrolled gateway nowhere but in its own org', async () => {
    const status = async (): Promise<number> =>
      (await ask('/api/v1/fleet/orgs', { headers: bearer(STAFF_TOKEN) })).status;
    expect(await status()).toBe(200);
    const run = async (token: string) => (await ask('/api/v1/fleet/controller', { headers: bearer(token) })).text;
    expect(await run(STAFF_TOKEN)).toContain('STAFF_ONLY');
    expect(JSON.parse(await run(plane.localStaff.text))).toEqual({ run: plane.localStaff.run });
    nowMs += HOUR_MS;
    expect(await status()).toBe(401);
    const gateway = await enrol(ALDER);
    const [own, other] = [await open.uidOf(ALDER), await open.uidOf(BIRCH)];
    const files = ['1.root.json', '1.targets.json', 'timestamp.json'];
    for (const file of files) {
      expect((await askSigned(gateway, `/bundles/${own}/${file}`)).status).toBe(200);
      expect((await askSigned(gateway, `/bundles/${other}/${file}`)).status).toBe(404);
    }
    expect((await askSigned(gateway, `/bundles/${own}/targets/other-gateway/x.tar`)).status).toBe(404);
    expect((await askSigned(gateway, `/bundles/${own}/..%2f..%2fstore.db`)).status).toBe(404);
  });

  it('describes exactly its routes', async () => {
    const document = (await ask('/api/v1/openapi.json')).json() as unknown as {
      readonly paths: { readonly [path: string]: object };
    };
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual(ROUTES.map((route) => `${route.method} ${route.path}`).sort());
    expect((await ask('/api/v1/nothing')).status).toBe(404);
  });
});

describe('pages', () => {
  it('pages by cursor through every row once, in each place', async () => {
    const token = await issue(ALDER, 'console');
    const gateway = await enrol(ALDER);
    fleet.edit('orgs/alder/org.yaml', '    review:', '    confidential: { terms: [Heron] }\n    review:');
    await fleet.save('second version');
    await open.apply();
    await sendEvents(gateway, 3);
    for (const [place, count] of [
      ['configurations', 2],
      ['usage', 3],
      ['events', 3],
      ['escalations', 3],
      ['settings/teams', 2],
      ['settings/tokens', 3],
    ] as const) {
      const rows: string[] = [];
      let next: Json = null;
      do {
        const cursor: string = next === null ? '' : `&cursor=${encodeURIComponent(String(next))}`;
        const page = await ask(`/api/v1/orgs/alder/${place}?limit=1${cursor}`, { headers: bearer(token) });
        expect([place, page.status, page.text]).toEqual([place, 200, expect.any(String)]);
        rows.push(...page.json().items.map((item) => JSON.stringify(item)));
        next = page.json()['next'] ?? null;
      } while (next !== null && rows.length < 10);
      expect([place, new Set(rows).size, rows.length]).toEqual([place, count, count]);
      const whole = await ask(`/api/v1/orgs/alder/${place}`, { headers: bearer(token) });
      expect(whole.json().items.map((item) => JSON.stringify(item))).toEqual(rows);
      expect(whole.json()['next']).toBeNull();
    }
    const wrong = await ask('/api/v1/orgs/alder/configurations?cursor=nonsense', { headers: bearer(token) });
    expect([wrong.status, codeOf(wrong)]).toEqual([422, 'PAGE_CURSOR']);
    expect((await ask('/api/v1/orgs/alder/usage?limit=0', { headers: bearer(token) })).status).toBe(422);
  });

  it('holds no more of long lines than it can, and goes on with the next page', async () => {
    const token = await issue(ALDER, 'console');
    const gateway = await enrol(ALDER);
    let previous = '0'.repeat(64);
    for (const number of [1, 2, 3, 4]) {
      const event = { type: 'intent', id: 'x'.repeat(4_000_000) };
      const text = JSON.stringify({ sequence: number, previous, event });
      previous = nodeHash.sha256(text);
      expect((await askSigned(gateway, '/api/v1/gateway/events', { body: `${text}\n` })).status).toBe(200);
    }
    const pages: (readonly Json[])[] = [];
    for (let next: Json | undefined; next !== null; ) {
      const cursor = next === undefined ? '' : `&cursor=${next}`;
      const page = (await ask(`/api/v1/orgs/alder/events?limit=500${cursor}`, { headers: bearer(token) })).json();
      pages.push(page.items.map(({ sequence: number }) => number ?? null));
      next = page['next'] ?? null;
    }
    expect(pages).toEqual([[4, 3, 2], [1]]);
  });

  it('answers 304 to who has it already, and the new rows after a change', async () => {
    const token = await issue(ALDER, 'console');
    const first = await ask('/api/v1/orgs/alder/usage', { headers: bearer(token) });
    const etag = first.headers.get('etag') ?? '';
    const again = await ask('/api/v1/orgs/alder/usage', { headers: { ...bearer(token), 'if-none-match': etag } });
    expect([again.status, again.text, again.headers.get('x-request-id')]).toEqual([
      ...[304, ''],
      expect.stringMatching(/^req-/),
    ]);
    fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '120.00'");
    await fleet.save('limit');
    await open.apply();
    const after = await ask('/api/v1/orgs/alder/usage', { headers: { ...bearer(token), 'if-none-match': etag } });
    expect([after.status, after.text.includes('120.00')]).toEqual([200, true]);
  });

  it('refuses bodies over the limit before it reads them', async () => {
    const gateway = await enrol(ALDER);
    const body = JSON.stringify({ wallet: 'x'.repeat(70_000), needMicros: 1 });
    const given = await askSigned(gateway, '/api/v1/gateway/wallets/lease', { body });
    expect([given.status, codeOf(given)]).toEqual([413, 'BODY_TOO_LARGE']);
  });
});

/** A chain of escalations. */
function eventLines(
  count: number,
  fromSequence = 1,
  before = '0'.repeat(64),
): { readonly body: string; readonly last: string } {
  let previous = before;
  const lines = Array.from({ length: count }, (_, index) => {
    const id = fromSequence + index;
    const event = {
      ...{ type: 'escalation', id: `esc_r${id}`, at: START_MS + id, requestId: `r${id}`, phase: 'output' },
      ...{ policy: 'human-oversight', reasonCode: 'asked', token: 'app', team: null, model: null, timeoutMs: null },
    };
    const line = { sequence: id, previous, event } as unknown as JournalLine;
    const text = JSON.stringify(line);
    previous = nodeHash.sha256(text);
    return `${text}\n`;
  });
  return { body: lines.join(''), last: previous };
}

async function sendEvents(gateway: Enrolled, count: number): Promise<void> {
  const given = await askSigned(gateway, '/api/v1/gateway/events', { body: eventLines(count).body });
  expect([given.status, given.text]).toEqual([200, `{"through":${count}}`]);
}

describe('enrolment', () => {
  it('takes a code once, for its gateway, before its end', async () => {
    const { secret } = await code(ALDER);
    const wrong = await enrolWith(await enrolBody(ALDER, { secret, gateway: 'another' }));
    const otherOrg = await enrolWith(await enrolBody(BIRCH, { secret }));
    expect([wrong.status, otherOrg.status]).toEqual([401, 401]);
    const key = generateGatewayKey();
    const body = await enrolBody(ALDER, { secret, key });
    const first = await enrolWith(body);
    expect([first.status, first.json()['gateway'], first.json()['fleet']]).toEqual([200, GATEWAY, 'test-fleet']);
    // The answer may be lost on the way: the same key again is the same enrolment; another key is a thief.
    expect((await enrolWith(body)).status).toBe(200);
    expect((await enrolWith(await enrolBody(ALDER, { secret }))).status).toBe(401);
    expect((await askSigned({ key, org: ALDER }, '/api/v1/gateway/ack', { body: ack() })).status).toBe(200);

    const late = await code(BIRCH);
    nowMs += HOUR_MS;
    expect((await enrolWith(await enrolBody(BIRCH, { secret: late.secret }))).status).toBe(401);
    expect((await enrolWith('{"orgUid":1}')).status).toBe(422);
  });

  it('leaves a running gateway its identity when somebody else uses a wrong name', async () => {
    const gateway = await enrol(ALDER);
    const { secret } = await code(ALDER);
    expect((await enrolWith(await enrolBody(ALDER, { secret, gateway: 'another' }))).status).toBe(401);
    expect((await askSigned(gateway, '/api/v1/gateway/ack', { body: ack() })).status).toBe(200);
  });
});

describe('a gateway that is enrolled again', () => {
  const paths = async (): Promise<readonly string[]> => [
    '/api/v1/gateway/ack',
    '/api/v1/gateway/events',
    '/api/v1/gateway/wallets/lease',
    '/api/v1/gateway/wallets/settle',
    `/bundles/${await open.uidOf(ALDER)}/timestamp.json`,
    `/bundles/${await open.uidOf(ALDER)}/1.root.json`,
  ];
  const statuses = async (by: Enrolled): Promise<readonly number[]> => {
    const asked = (await paths()).map((path) => askSigned(by, path, path.startsWith('/bundles') ? {} : { body: '{}' }));
    return (await Promise.all(asked)).map(({ status }) => status);
  };

  it('has its former key refused everywhere at once, and counts sequences anew', async () => {
    const former = await enrol(ALDER);
    expect((await askSigned(former, '/api/v1/gateway/ack', { body: ack(), sequence: 50 })).status).toBe(200);
    expect(new Set(await statuses(former))).not.toContain(401);
    const again = await enrol(ALDER);
    expect(await statuses(former)).toEqual((await paths()).map(() => 401));
    expect((await askSigned(again, '/api/v1/gateway/ack', { body: ack(), sequence: 1 })).status).toBe(200);
    expect((await open.state.runtime.gateways(ALDER)).map(({ publicKey }) => publicKey)).toEqual([again.key.publicKey]);
  });

  it('keeps its key until the new code is used, and of two codes the last alone counts', async () => {
    const former = await enrol(ALDER);
    const lost = await code(ALDER);
    const { secret } = await code(ALDER);
    nowMs += HOUR_MS - 1;
    expect((await enrolWith(await enrolBody(ALDER, { secret: lost.secret }))).status).toBe(401);
    expect((await askSigned(former, '/api/v1/gateway/ack', { body: ack() })).status).toBe(200);
    expect((await enrolWith(await enrolBody(ALDER, { secret }))).status).toBe(200);
    expect((await askSigned(former, '/api/v1/gateway/ack', { body: ack() })).status).toBe(401);
  });
});

describe('a gateway that is heard of no more', () => {
  const QUARTER_MS = HOUR_MS / 4;
  const say = async (gateway: Enrolled): Promise<void> => {
    nowMs += 1;
    expect((await askSigned(gateway, '/api/v1/gateway/ack', { body: ack() })).status).toBe(200);
  };
  const status = async () => (await gatewayStatuses(plane, [ALDER])).find((item) => item.gateway === GATEWAY);

  it('is silent after three heartbeats, and what it says again is a sign of life and no news', async () => {
    const gateway = await enrol(ALDER);
    expect(await status()).toMatchObject({ state: 'silent', heardAt: null });
    await say(gateway);
    const first = nowMs;
    nowMs = first + QUARTER_MS;
    expect(await status()).toMatchObject({ state: 'active', heardAt: first });
    nowMs += 1;
    expect(await status()).toMatchObject({ state: 'silent', heardAt: first });
    await say(gateway);
    expect(await status()).toMatchObject({ state: 'active', acknowledgedAt: first, heardAt: nowMs });
  });

  it('is silent where it was heard at a time that has not come: a clock was put right since', async () => {
    const gateway = await enrol(ALDER);
    const present = nowMs;
    nowMs += 24 * HOUR_MS;
    await say(gateway);
    const heardAt = nowMs;
    expect(await status()).toMatchObject({ state: 'active', heardAt });
    nowMs = present;
    const look = watchSilence(plane);
    expect(await status()).toMatchObject({ state: 'silent', heardAt });
    expect(await look()).toEqual({ fell: [{ gateway: `${ALDER}/${GATEWAY}`, heardAt }], back: [] });
    await say(gateway);
    expect(await status()).toMatchObject({ state: 'active', heardAt: nowMs });
    nowMs -= QUARTER_MS;
    expect(await status()).toMatchObject({ state: 'active' });
  });

  it('is silent when it was enrolled anew and never started: what its former identity said counts no more', async () => {
    await say(await enrol(ALDER));
    const heardAt = nowMs;
    const look = watchSilence(plane);
    expect(await status()).toMatchObject({ state: 'active', acknowledged: expect.any(String) });
    const anew = await enrol(ALDER);
    expect(await status()).toMatchObject({ state: 'silent', acknowledged: null, heardAt: null });
    nowMs += QUARTER_MS + 1;
    expect(await look()).toEqual({ fell: [{ gateway: `${ALDER}/${GATEWAY}`, heardAt }], back: [] });
    await say(anew);
    expect(await status()).toMatchObject({ state: 'active', heardAt: nowMs });
  });

  it('is revoked where its identity was taken away, which is not the same as never to have had one', async () => {
    expect(await status()).toMatchObject({ state: 'not enrolled', revokedAt: null });
    await say(await enrol(ALDER));
    await open.state.runtime.revokeGateway(ALDER, GATEWAY, nowMs);
    const held = { acknowledged: expect.any(String), heardAt: nowMs };
    expect(await status()).toMatchObject({ state: 'revoked', revokedAt: nowMs, ...held });
    await enrol(ALDER);
    expect(await status()).toMatchObject({ state: 'silent', revokedAt: null });
  });

  it('is told once when it falls silent and once when it is heard again, and not when it is enrolled no more', async () => {
    const gateway = await enrol(ALDER);
    await enrol(BIRCH);
    await say(gateway);
    const heardAt = nowMs;
    const nothing = { fell: [], back: [] };
    nowMs += 10 * QUARTER_MS;
    const look = watchSilence(plane);
    expect(await look()).toEqual(nothing);
    nowMs += QUARTER_MS + 1;
    expect(await look()).toEqual({ fell: [{ gateway: `${ALDER}/${GATEWAY}`, heardAt }], back: [] });
    expect(await look()).toEqual(nothing);
    await say(gateway);
    expect(await look()).toEqual({ fell: [], back: [`${ALDER}/${GATEWAY}`] });
    expect(await look()).toEqual(nothing);
    await open.state.runtime.revokeGateway(ALDER, GATEWAY, nowMs);
    nowMs += 2 * QUARTER_MS;
    expect(await look()).toEqual(nothing);
  });
});

describe('signed requests', () => {
  it('need the enrolled key over exactly these bytes, and a rising sequence', async () => {
    const gateway = await enrol(ALDER);
    const path = '/api/v1/gateway/ack';
    const headers = await signed(gateway, path, { body: ack(), sequence: 10 });
    const post = (body: string, with_: Headers = headers): Promise<Given> =>
      ask(path, { method: 'POST', headers: with_, body });
    expect((await post(ack(2))).status).toBe(401);
    expect((await post(ack(), { ...headers, 'tenantry-sequence': '11' })).status).toBe(401);
    expect(
      (await post(ack(), { ...headers, 'tenantry-gateway': `${await open.uidOf(BIRCH)}/${GATEWAY}` })).status,
    ).toBe(401);
    const stranger = { key: generateGatewayKey(), org: ALDER };
    expect((await askSigned(stranger, path, { body: ack() })).status).toBe(401);

    expect((await post(ack())).status).toBe(200);
    const replay = await post(ack());
    expect([replay.status, replay.text]).toEqual([200, '{}']);
    const other = await askSigned(gateway, path, { body: ack(2), sequence: 10 });
    expect([other.status, codeOf(other)]).toEqual([409, 'SEQUENCE_USED']);
    expect((await askSigned(gateway, path, { body: ack(2), sequence: 9 })).status).toBe(409);
    expect((await open.state.runtime.acks(ALDER))[0]).toMatchObject({ generation: 1, sequence: 10 });
    await open.state.runtime.revokeGateway(ALDER, GATEWAY, nowMs);
    expect((await askSigned(gateway, path, { body: ack(3), sequence: 11 })).status).toBe(401);
  });

  it('bind a read to a minute around the present', async () => {
    const gateway = await enrol(ALDER);
    const path = `/bundles/${await open.uidOf(ALDER)}/timestamp.json`;
    for (const [skewMs, status] of [
      [-60_000, 200],
      [60_000, 200],
      [-60_001, 401],
      [60_001, 401],
    ] as const)
      expect([skewMs, (await askSigned(gateway, path, { timeMs: nowMs + skewMs })).status]).toEqual([skewMs, status]);
  });

  it('store events in order, each once, and refuse a broken chain', async () => {
    const gateway = await enrol(ALDER);
    await sendEvents(gateway, 2);
    const gap = eventLines(1, 9, 'f'.repeat(64));
    const broken = await askSigned(gateway, '/api/v1/gateway/events', { body: gap.body });
    expect([broken.status, codeOf(broken)]).toEqual([409, 'EVENT_CHAIN_BROKEN']);
    const [newest] = await open.state.runtime.events(ALDER, { limit: 1 });
    const end = { chain: newest?.chain, through: 2, hash: newest?.hash };
    expect(JSON.parse(broken.text)).toMatchObject({ error: { details: end } });
    const forged = eventLines(1).body.replace('"asked"', '"other"');
    expect((await askSigned(gateway, '/api/v1/gateway/events', { body: forged })).status).toBe(409);
    expect(await open.state.runtime.events(ALDER, { limit: 10 })).toHaveLength(2);
    expect(await open.state.runtime.escalations(ALDER, { limit: 10 })).toMatchObject([
      { queue: 'alder-escalations' },
      {},
    ]);
  });
});

describe('a rotation asked of the running controller', () => {
  const rotate = (body: unknown, token = plane.localStaff.text): Promise<Given> =>
    ask('/api/v1/fleet/keys/rotate', { method: 'POST', body: JSON.stringify(body), headers: bearer(token) });

  it('wakes long polls, and takes folders of its machine from who is on it alone', async () => {
    const gateway = await enrol(ALDER);
    const path = `/bundles/${await open.uidOf(ALDER)}/timestamp.json`;
    const etag = (await askSigned(gateway, path)).headers.get('etag') ?? '';
    const polled = askSigned(gateway, path, { headers: { 'if-none-match': etag, prefer: 'wait=50' } });
    const rotated = await rotate({ holder: 'online', orgs: [ALDER] }, STAFF_TOKEN);
    expect([rotated.status, rotated.json()]).toMatchObject([
      200,
      { epoch: 2, orgs: [{ org: ALDER, outcome: 'rotated' }] },
    ]);
    expect((await polled).status).toBe(200);
    const folder = { holder: 'online', rootDirs: ['/media/a'] };
    expect([(await rotate(folder, STAFF_TOKEN)).status, (await rotate(folder)).status]).toEqual([403, 200]);
    const entries = await open.state.store.history(ALDER, { limit: 2 });
    expect(entries.map(({ action, actor }) => `${action} by ${actor}`)).toEqual([
      'rotate by ann at the controller',
      `rotate by staff ${STAFF_ID}`,
    ]);
  });

  it.each([
    [{}],
    [{ holder: 'all' }],
    [{ holder: 'online', newSeed: true }],
    [{ holder: 'online', orgs: ['../x'] }],
    [{ holder: 'online', orgs: 'alder' }],
    [{ holder: 'online', withNewSeed: 'yes' }],
    [{ holder: 'root', threshold: 0 }],
    [{ holder: 'root', threshold: 1.5 }],
    [{ holder: 'root', rootDirs: 'media' }],
    [null],
    [7],
    [{ holder: 'root', rootSeeds: 9 }],
    [{ holder: 'root', rootDirs: [7] }],
  ])('of %j is refused', async (body) => {
    expect((await rotate(body)).status).toBe(422);
  });
});

/** A request that has no seat to give away. */
const away: Away = (wait) => wait();

describe('long polls', () => {
  it('wake on a publication of the own org alone, and end with 304', async () => {
    const gateway = await enrol(ALDER);
    const path = `/bundles/${await open.uidOf(ALDER)}/timestamp.json`;
    const first = await askSigned(gateway, path);
    const etag = first.headers.get('etag') ?? '';
    const wait = { headers: { 'if-none-match': etag, prefer: 'wait=1' } };
    expect((await askSigned(gateway, path, wait)).status).toBe(304);

    const polling = askSigned(gateway, path, { headers: { 'if-none-match': etag, prefer: 'wait=30' } });
    const parts = { lanes: plane.lanes, wake: plane.wakes.wake };
    fleet.edit('orgs/birch/org.yaml', "limit: '100.00'", "limit: '120.00'");
    await fleet.save('birch');
    expect((await open.apply({ parts })).published).toHaveLength(1);
    expect(await Promise.race([polling.then(() => 'answered'), Promise.resolve('waiting')])).toBe('waiting');
    fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '120.00'");
    await fleet.save('alder');
    expect((await open.apply({ parts })).published).toHaveLength(1);
    const woken = await polling;
    expect(woken.status).toBe(200);
    expect(woken.headers.get('etag')).not.toBe(etag);
  });

  it('do not miss a publication between the look and the wait', async () => {
    const uid = await open.uidOf(ALDER);
    const head = await open.headOf(ALDER);
    const { timestampFile } = await import('../src/flows/index.ts');
    const before = await plane.publisher.get(uid, 'timestamp.json');
    if (before === undefined) throw new Error('expected a timestamp');
    let looks = 0;
    const publisher = {
      ...plane.publisher,
      async get() {
        looks += 1;
        // The publication comes when the first look has its bytes in hand.
        if (looks === 1) plane.wakes.wake(uid);
        return looks === 1 ? before : new TextEncoder().encode('newer');
      },
    };
    const { signal } = new AbortController();
    const asked = { head, etag: nodeHash.sha256(before), waitMs: 60_000, signal, away };
    const given = await timestampFile({ ...plane, publisher }, asked);
    expect(given).toMatchObject({ ok: true, body: { etag: nodeHash.sha256('newer') } });
    expect(looks).toBe(2);
  });
});

interface Meta {
  readonly signed: {
    readonly version: number;
    readonly 'x-tenantry.signedAt'?: string;
    readonly meta: { readonly [file: string]: { readonly version: number } };
  };
}

describe('parcels', () => {
  const known = (more: Partial<KnownFiles> = {}): KnownFiles => ({ root: 1, snapshot: null, bundle: null, ...more });
  const filesOf = ({ text }: Given): ReadonlyMap<string, Uint8Array> => unpackParcel(new TextEncoder().encode(text));
  const namesOf = (given: Given): readonly string[] =>
    [...filesOf(given).keys()].map((name) => name.replace(/[0-9a-f]{64}/, 'HASH'));

  it('hold what an activation of this gateway takes, less what it has', async () => {
    const gateway = await enrol(ALDER);
    const folder = `/bundles/${await open.uidOf(ALDER)}`;
    const parcel = (has: KnownFiles, headers = {}) => askSigned(gateway, `${folder}/${parcelPath(has)}`, { headers });
    const whole = await parcel(known());
    const metadata = ['timestamp.json', '1.snapshot.json', '1.targets.json'];
    const own = [`targets/${GATEWAY}/HASH.bundle.tar`, `targets/${GATEWAY}/HASH.provenance.json`];
    expect(namesOf(whole)).toEqual([...metadata, ...own]);
    for (const [name, bytes] of filesOf(whole))
      expect([name, new TextDecoder().decode(bytes)]).toEqual([
        name,
        (await askSigned(gateway, `${folder}/${name}`)).text,
      ]);
    const bundle = [...filesOf(whole).keys()].find((name) => name.endsWith('.bundle.tar'))?.slice(-75, -11);
    expect(namesOf(await parcel(known({ bundle: bundle as Sha256Hex })))).toEqual(metadata);
    expect(namesOf(await parcel(known({ snapshot: 1 })))).toEqual(['timestamp.json']);
    const etag = whole.headers.get('etag') ?? '';
    expect(etag).toBe((await askSigned(gateway, `${folder}/timestamp.json`)).headers.get('etag'));
    expect((await parcel(known(), { 'if-none-match': etag })).status).toBe(304);
    const woken = parcel(known({ snapshot: 1 }), { 'if-none-match': etag, prefer: 'wait=30' });
    fleet.edit('orgs/alder/org.yaml', "limit: '100.00'", "limit: '120.00'");
    await fleet.save('alder');
    await open.apply({ parts: { lanes: plane.lanes, wake: plane.wakes.wake } });
    expect(namesOf(await woken)).toEqual(['timestamp.json', '2.snapshot.json', '2.targets.json', ...own]);
  });

  it('are of the own org alone, for who says what it has', async () => {
    const gateway = await enrol(ALDER);
    const [own, other] = [await open.uidOf(ALDER), await open.uidOf(BIRCH)];
    expect((await askSigned(gateway, `/bundles/${own}/timestamp.json?root=1`)).text).toMatch(/^\{"signatures":/);
    for (const path of [`${other}/${parcelPath(known())}`, `${own}/publication`, `${own}/publication?root=x`])
      expect([path, (await askSigned(gateway, `/bundles/${path}`)).status]).toEqual([path, 404]);
  });

  it('hold every newer root, and nothing of the bundle for who is denied', async () => {
    await enrol(ALDER);
    for (let turn = 0; turn < 2; turn += 1) {
      const body = JSON.stringify({ holder: 'online', orgs: [ALDER] });
      await ask('/api/v1/fleet/keys/rotate', { method: 'POST', body, headers: bearer(plane.localStaff.text) });
    }
    const head = await open.headOf(ALDER);
    const row = await open.state.runtime.gateway(ALDER, GATEWAY);
    if (row === undefined) throw new Error('expected a gateway');
    const signal = new AbortController().signal;
    const parcel = async (isDenied: boolean) => {
      const claim = { org: head.uid, gateway: GATEWAY, timeMs: nowMs, sequence: 0, signature: '' };
      const caller = { head, row, isDenied, claim };
      const given = await parcelOf(plane, caller, { head, etag: undefined, waitMs: 0, signal, away, known: known() });
      if (!given.ok || given.body === null) throw new Error('expected a parcel');
      return [...unpackParcel(given.body.bytes).keys()];
    };
    expect(await parcel(true)).toEqual([
      'timestamp.json',
      '2.root.json',
      '3.root.json',
      expect.any(String),
      expect.any(String),
    ]);
    expect(await parcel(false)).toHaveLength(7);
    // Who slept through more roots than a parcel holds asks for them one by one.
    const get = async (org: OrgUid, path: string) => {
      const version = Number(/^([0-9]+)\.root\.json$/.exec(path)?.[1] ?? Number.NaN);
      return version <= 200 ? new Uint8Array(1) : plane.publisher.get(org, path);
    };
    const caller = {
      head,
      row,
      isDenied: false,
      claim: { org: head.uid, gateway: GATEWAY, timeMs: nowMs, sequence: 0, signature: '' },
    };
    const crowded = { ...plane, publisher: { ...plane.publisher, get } };
    const asked = { head, etag: undefined, waitMs: 0, signal, away, known: known() };
    expect(await parcelOf(crowded, caller, asked)).toMatchObject({ ok: false, status: 404 });
  });
});

describe('timestamps', () => {
  const timestamp = async (gateway: Enrolled): Promise<Meta> => {
    const given = await askSigned(gateway, `/bundles/${await open.uidOf(ALDER)}/timestamp.json`);
    return JSON.parse(given.text) as Meta;
  };

  it('are renewed when asked for and older than an hour, and not before', async () => {
    const gateway = await enrol(ALDER);
    const first = await timestamp(gateway);
    nowMs += HOUR_MS;
    expect(await timestamp(gateway)).toEqual(first);
    nowMs += 1;
    const renewed = await timestamp(gateway);
    expect(renewed.signed.version).toBeGreaterThan(first.signed.version);
    expect(renewed.signed.meta).toEqual(first.signed.meta);
    expect(await timestamp(gateway)).toEqual(renewed);
  });

  it('that cannot be renewed, because a rotation was interrupted, are served as they stand, and it is told', async () => {
    const gateway = await enrol(ALDER);
    const first = await timestamp(gateway);
    const { custody, roots, publisher } = open.state;
    let writes = 0;
    const dying: typeof publisher = {
      ...publisher,
      putMutable: async (...put) => {
        writes += 1;
        // The last write of a rotation: the root is out, and what the new keys alone sign is not.
        if (writes === 2) throw new Error('killed');
        await publisher.putMutable(...put);
      },
    };
    const parts = { ...(await open.parts()), custody, roots, publisher: dying, actor: 'ann' };
    const rotation = { holder: 'online', orgs: [ALDER], withNewSeed: false } as const;
    await expect(rotateKeys(parts, rotation)).rejects.toThrow('killed');
    nowMs += 2 * HOUR_MS;
    const standing = await timestamp(gateway);
    expect(standing.signed.version).toBeGreaterThan(first.signed.version);
    expect(await timestamp(gateway)).toEqual(standing);
    expect(warnings).toEqual(Array(2).fill(expect.stringContaining('PUBLISH_ROTATION_PENDING')));
    expect(await rotateKeys({ ...parts, publisher }, rotation)).toMatchObject({ ok: true, value: { resumed: true } });
    nowMs += 2 * HOUR_MS;
    expect((await timestamp(gateway)).signed.version).toBeGreaterThan(standing.signed.version);
  });

  it('never name an older snapshot, however renewals and publications cross', async () => {
    const gateway = await enrol(ALDER);
    const seen: Meta[] = [];
    for (let round = 0; round < 4; round += 1) {
      nowMs += HOUR_MS + 1;
      fleet.edit('orgs/alder/org.yaml', "orgLimit: '", "orgLimit: '1");
      await fleet.save(`round ${round}`);
      await open
        .apply({ parts: { publisher: { ...plane.publisher, get: () => Promise.reject(new Error('later')) } } })
        .catch(() => undefined);
      const parts = await open.parts({ lanes: plane.lanes, wake: plane.wakes.wake });
      const asks = Array.from({ length: 4 }, () => timestamp(gateway));
      await Promise.all([publishOne(parts, ALDER), ...asks.map(async (one) => seen.push(await one))]);
      const last = await timestamp(gateway);
      seen.push(last);
      const snapshot = last.signed.meta['snapshot.json']?.version ?? 0;
      expect((await open.state.store.publication(ALDER))?.snapshotVersion).toBe(snapshot);
    }
    const byVersion = [...seen].sort((a, b) => a.signed.version - b.signed.version);
    const snapshots = byVersion.map((one) => one.signed.meta['snapshot.json']?.version ?? 0);
    expect(snapshots).toEqual([...snapshots].sort((a, b) => a - b));
  });
});

describe('wallets', () => {
  interface Lease {
    readonly granted: boolean;
    readonly slice?: { readonly id: string; readonly grantedMicros: number };
    readonly leftMicros?: number;
    readonly reason?: string;
  }
  const lease = async (gateway: Enrolled, needMicros: number, wallet = 'desk'): Promise<Lease> => {
    const given = await askSigned(gateway, '/api/v1/gateway/wallets/lease', {
      body: JSON.stringify({ wallet, needMicros }),
    });
    expect(given.status).toBe(200);
    return JSON.parse(given.text) as Lease;
  };
  const MICROS = 1_000_000;

  it('book what a decision settled with the decision, once however it is said, and nothing of one that is not of its shape', async () => {
    const gateway = await enrol(ALDER);
    const sliceId = (await lease(gateway, 10)).slice?.id ?? '';
    const used = {
      wallet: 'desk',
      period: 'p',
      currency: 'EUR',
      heldMicros: 9,
      settledMicros: 7,
      excessMicros: 2,
      sliceId,
    };
    const wallets = [
      [used],
      [used, used],
      'none',
      [null],
      [{ ...used, settledMicros: -1 }],
      [{ ...used, sliceId: 's9' }],
    ];
    let previous = '0'.repeat(64);
    const body = wallets
      .map((paid, index) => {
        const event = {
          ...{ type: 'decision', id: `e${index}`, at: nowMs, requestId: `r${index}`, verdict: 'allow', status: 200 },
          ...{ model: 'gpt-4o-mini', inputTokens: 1, outputTokens: 2, wallets: paid },
        };
        const text = JSON.stringify({ sequence: index + 1, previous, event });
        previous = nodeHash.sha256(text);
        return `${text}\n`;
      })
      .join('');
    const sent = await askSigned(gateway, '/api/v1/gateway/events', { body });
    expect([sent.status, sent.text]).toEqual([200, '{"through":6}']);
    expect(warnings.filter((text) => text.includes('is kept and not booked'))).toEqual(
      [3, 4, 5].map((at) => expect.stringContaining(`alder: line ${at} of gateway ${GATEWAY} `)),
    );
    const balance = async () => (await open.state.runtime.balances(ALDER)).find((item) => item.wallet === 'desk');
    const booked = { spentMicros: 9 + 18, leasedMicros: MICROS - 7 - 14 };
    expect(await balance()).toMatchObject(booked);
    const settlement = {
      ...{ id: `e0:${sliceId}`, sliceId, requestId: 'r0', settledMicros: 7, excessMicros: 2, model: 'gpt-4o-mini' },
      ...{ inputTokens: 1, outputTokens: 2, at: nowMs },
    };
    const again = JSON.stringify({ settlements: [settlement], closed: [] });
    expect((await askSigned(gateway, '/api/v1/gateway/wallets/settle', { body: again })).status).toBe(200);
    // Delivered again, because the answer was lost, in another cut.
    const longer = `${body}${eventLines(1, 7, previous).body}`;
    expect((await askSigned(gateway, '/api/v1/gateway/events', { body: longer })).text).toBe('{"through":7}');
    expect(await balance()).toMatchObject(booked);
    expect(await open.state.runtime.events(ALDER, { limit: 10 })).toHaveLength(7);
  });

  it('lease against the applied limit, book what was spent, and obey a lowered limit at once', async () => {
    const token = await issue(ALDER, 'console');
    const gateway = await enrol(ALDER);
    const first = await lease(gateway, 10);
    expect(first).toMatchObject({ granted: true, slice: { grantedMicros: MICROS } });
    expect(await lease(gateway, 10, 'nothing')).toMatchObject({ granted: false, reason: 'unknown-wallet' });
    expect(await lease(gateway, 100 * MICROS)).toMatchObject({ granted: false, leftMicros: 99 * MICROS });
    const settlement = {
      ...{ id: 's1', sliceId: first.slice?.id ?? '', requestId: 'r1', settledMicros: 400_000, excessMicros: 0 },
      ...{ model: 'gpt-4o-mini', inputTokens: 10, outputTokens: 20, at: nowMs },
    };
    const body = JSON.stringify({ settlements: [settlement], closed: [settlement.sliceId] });
    for (const _twice of [1, 2])
      expect((await askSigned(gateway, '/api/v1/gateway/wallets/settle', { body })).status).toBe(200);
    const row = async () =>
      (await ask('/api/v1/orgs/alder/usage', { headers: bearer(token) }))
        .json()
        .items.find((item) => item['wallet'] === 'desk');
    expect(await row()).toMatchObject({ spentMicros: 400_000, leasedMicros: 0, limitMicros: 100 * MICROS });

    fleet.edit('orgs/alder/org.yaml', "team: desk, limit: '100.00'", "team: desk, limit: '0.40'");
    await fleet.save('no more');
    expect(await open.apply()).toMatchObject({ ok: true });
    expect(await lease(gateway, 1)).toMatchObject({ granted: false, reason: 'exhausted', leftMicros: 0 });
    expect(await row()).toMatchObject({ spentMicros: 400_000, limit: '0.40', left: '0' });
  });

  it('lease in the period that the gateway pays in, where its clock is at most five minutes off', async () => {
    const gateway = await enrol(ALDER);
    const asked = async (period: string): Promise<unknown> => {
      const body = JSON.stringify({ wallet: 'desk', needMicros: 10, period });
      const { text } = await askSigned(gateway, '/api/v1/gateway/wallets/lease', { body });
      return JSON.parse(text);
    };
    const before = 'month-2026-12-01';
    const after = 'month-2027-01-01';
    const turnMs = Date.parse('2026-12-31T23:00:00Z');
    const other = { granted: false, reason: 'other-period', leftMicros: 0, periodEnd: null };
    for (const [at, period, answered] of [
      [turnMs + 299_999, before, { slice: { period: before } }],
      [turnMs + 300_001, before, other],
      [turnMs - 299_999, after, { slice: { period: after } }],
      [turnMs - 300_001, after, other],
      [turnMs - 1, before, { slice: { period: before } }],
    ] as const) {
      nowMs = at;
      expect(await asked(period)).toMatchObject(answered);
    }
  });

  it('say once that a threshold is reached, in the log and in what the org sees', async () => {
    const token = await issue(ALDER, 'console');
    const gateway = await enrol(ALDER);
    const { slice } = await lease(gateway, 85 * MICROS);
    for (const settledMicros of [79 * MICROS, MICROS, 1]) {
      const settlement = {
        ...{ id: `s${settledMicros}`, sliceId: slice?.id ?? '', requestId: 'r', settledMicros, excessMicros: 0 },
        ...{ model: 'gpt-4o-mini', inputTokens: 10, outputTokens: 20, at: nowMs },
      };
      const body = JSON.stringify({ settlements: [settlement], closed: [] });
      await askSigned(gateway, '/api/v1/gateway/wallets/settle', { body });
    }
    const said = warnings.filter((text) => text.includes('has reached'));
    expect(said).toEqual(['alder: wallet desk has reached 80 % in month-2027-01-01: 80 of 100 USD']);
    const usage = await ask('/api/v1/orgs/alder/usage', { headers: bearer(token) });
    const desk = usage.json().items.find((item) => item['wallet'] === 'desk');
    expect(desk?.['thresholds']).toEqual([
      { percent: 80, reachedAt: nowMs },
      { percent: 100, reachedAt: null },
    ]);
  });

  it('say so too where a charge or slices that ran out reached it', async () => {
    const gateway = await enrol(ALDER);
    await lease(gateway, 30 * MICROS);
    const body = JSON.stringify({ ...topUp(), kind: 'charge', amount: '80.00' });
    await ask('/api/v1/fleet/wallets/adjust', { method: 'POST', headers: bearer(STAFF_TOKEN), body });
    expect(warnings).toEqual(['alder: wallet desk has reached 80 % in month-2027-01-01: 80 of 100 USD']);
    nowMs += 2 * HOUR_MS;
    const words = (await expireLeases(plane)).filter((text) => text.includes('has reached'));
    expect(words).toEqual(['alder: wallet desk has reached 100 % in month-2027-01-01: 110 of 100 USD']);
  });

  it('are adjusted by what a body says, whatever a stranger sent before: V8 may take an escaped key for another', async () => {
    const { amount, ...rest } = topUp();
    const members = JSON.stringify(rest).slice(0, -1);
    await enrolWith(`${members},"am\\\\u00":1}`);
    const body = `${members},"am\\u006funt":"${amount}"}`;
    const given = await ask('/api/v1/fleet/wallets/adjust', { method: 'POST', body, headers: bearer(STAFF_TOKEN) });
    expect([given.status, given.text]).toEqual([200, expect.stringContaining('"repeated":false')]);
  });

  it('say so too where a lowered limit reached it', async () => {
    const gateway = await enrol(ALDER);
    const { slice } = await lease(gateway, 10);
    const settlement = {
      ...{ id: 'x', sliceId: slice?.id ?? '', requestId: 'r', settledMicros: 400_000, excessMicros: 0 },
      ...{ model: 'gpt-4o-mini', inputTokens: 10, outputTokens: 20, at: nowMs },
    };
    const body = JSON.stringify({ settlements: [settlement], closed: [] });
    await askSigned(gateway, '/api/v1/gateway/wallets/settle', { body });
    fleet.edit('orgs/alder/org.yaml', "team: desk, limit: '100.00'", "team: desk, limit: '0.50'");
    await fleet.save('less');
    expect(await open.apply()).toMatchObject({ ok: true });
    expect(warnings).toEqual([]);
    await lease(gateway, 10);
    expect(warnings).toEqual(['alder: wallet desk has reached 80 % in month-2027-01-01: 0.4 of 0.5 USD']);
  });

  it('book of an absurd amount a million units, say so, and go on booking', async () => {
    const gateway = await enrol(ALDER);
    const { slice } = await lease(gateway, 10);
    const { period } = (await open.state.runtime.balances(ALDER))[0] ?? { period: '' };
    const entry = { wallet: 'desk', period, currency: 'USD', heldMicros: 9, sliceId: slice?.id };
    const amounts = [
      { settledMicros: 7, excessMicros: Number.MAX_SAFE_INTEGER },
      { settledMicros: 1e300 },
      { settledMicros: 5 },
    ];
    let previous = '0'.repeat(64);
    const lines = amounts.map((said, index) => {
      const event = {
        ...{ type: 'decision', id: `e${index}`, at: nowMs, requestId: `r${index}`, verdict: 'allow', status: 200 },
        ...{ model: 'gpt-4o-mini', inputTokens: 1, outputTokens: 2, wallets: [{ ...entry, ...said }] },
      };
      const text = JSON.stringify({ sequence: index + 1, previous, event });
      previous = nodeHash.sha256(text);
      return `${text}\n`;
    });
    const sent = await askSigned(gateway, '/api/v1/gateway/events', { body: lines.join('') });
    expect([sent.status, sent.text]).toEqual([200, '{"through":3}']);
    const absurd = (id: string): string =>
      `alder: settlement ${id}:${slice?.id} of gateway ${GATEWAY} is absurd: 1000000 of it are booked`;
    expect(warnings.filter((text) => text.includes('absurd'))).toEqual([absurd('e0'), absurd('e1')]);
    const [balance] = await open.state.runtime.balances(ALDER);
    expect(balance).toMatchObject({ spentMicros: 2e12 + 5 });
    const { faults } = await verifyEvidence({ runtime: open.state.runtime, hash: nodeHash }, ALDER);
    expect(faults.map(({ code }) => code)).not.toContain('EVENT_LEDGER_DIFFERS');
    nowMs += 2 * HOUR_MS;
    expect(await expireLeases(plane)).toEqual([expect.stringContaining('0 of month-2027-01-01 count as spent')]);
  });

  it('end the slices of every org, whatever stands in the way of one', async () => {
    for (const org of [ALDER, BIRCH]) await lease(await enrol(org), 10);
    const database = new DatabaseSync(join(fleet.dir, '.tenantry/store.db'));
    database.exec(`UPDATE balances SET leased_micros = 0 WHERE org = '${ALDER}'`);
    database.close();
    nowMs += 2 * HOUR_MS;
    expect(await expireLeases(plane)).toEqual([
      expect.stringMatching(/^alder: slices that ran out are not booked as spent: The balance of desk .* out of range/),
      expect.stringMatching(/^birch\/.* did not give a slice of wallet desk back in time/),
    ]);
  });

  it('say which settlement is not booked', async () => {
    const gateway = await enrol(ALDER);
    const settlement = {
      ...{ id: 'lost', sliceId: 's9', requestId: 'r', settledMicros: 5, excessMicros: 0 },
      ...{ model: 'gpt-4o-mini', inputTokens: 10, outputTokens: 20, at: nowMs },
    };
    const body = JSON.stringify({ settlements: [settlement], closed: [] });
    await askSigned(gateway, '/api/v1/gateway/wallets/settle', { body });
    expect(warnings).toContain(`alder: settlement lost of gateway ${GATEWAY} is not booked: unknown-slice`);
  });

  it('count a slice that was not given back in time as spent, until its gateway gives it back', async () => {
    const gateway = await enrol(ALDER);
    const { slice } = await lease(gateway, 10);
    expect(await expireLeases(plane)).toEqual([]);
    nowMs += 2 * HOUR_MS;
    const words = `alder/${GATEWAY} did not give a slice of wallet desk back in time: 1 of month-2027-01-01 count as spent until it does`;
    expect(await expireLeases(plane)).toEqual([words]);
    expect(await expireLeases(plane)).toEqual([]);
    const balance = async () => (await open.state.runtime.balances(ALDER)).find((item) => item.wallet === 'desk');
    expect(await balance()).toMatchObject({ leasedMicros: 0, spentMicros: MICROS });
    const body = JSON.stringify({ settlements: [], closed: [slice?.id] });
    expect((await askSigned(gateway, '/api/v1/gateway/wallets/settle', { body })).status).toBe(200);
    expect(await balance()).toMatchObject({ leasedMicros: 0, spentMicros: 0 });
  });

  it('are adjusted by staff, with author and reason, once per id; what is not exactly such an ask is refused', async () => {
    const adjust = async (change: object): Promise<string> => {
      const body = JSON.stringify({ ...topUp(), ...change });
      const headers = bearer(STAFF_TOKEN);
      const { status, text } = await ask('/api/v1/fleet/wallets/adjust', { method: 'POST', headers, body });
      const answered = JSON.parse(text) as { readonly error?: { readonly code: string }; readonly repeated?: boolean };
      return `${status} ${answered.error?.code ?? String(answered.repeated)}`;
    };
    expect([await adjust({}), await adjust({})]).toEqual(['200 false', '200 true']);
    expect(await adjust({ amount: '5.01' })).toBe('409 WALLET_ADJUST_CONFLICT');
    expect(await adjust({ id: 'b', kind: 'take-back', amount: '5.000001' })).toBe('422 WALLET_ADJUST_TOO_MUCH');
    expect(await adjust({ id: 'b', kind: 'credit' })).toBe('422 WALLET_ADJUST_TOO_MUCH');
    expect(await adjust({ id: 'b', org: 'nobody' })).toBe('422 ORG_UNKNOWN');
    expect(await adjust({ id: 'b', wallet: 'nothing' })).toBe('422 WALLET_UNKNOWN');
    expect(await adjust({ id: 'b', period: 'month-2026-12-01' })).toBe('422 WALLET_PERIOD_UNKNOWN');
    expect(await adjust({ id: 'b', period: 'month-2027-01-01' })).toBe('200 false');
    for (const odd of [
      ...[{ amount: '0' }, { amount: '-1' }, { amount: 5 }, { amount: '1e3' }, { kind: 'gift' }, { reason: 'x' }],
      ...[{ id: '' }, { id: 'a b' }, { wallet: '../x' }, { period: 'x'.repeat(40) }, { more: true }, { org: 7 }],
    ])
      expect([odd, await adjust({ id: 'c', ...odd })]).toEqual([odd, '422 MALFORMED_BODY']);
    const entries = await open.state.runtime.ledger(ALDER, { limit: 10 });
    const entry = { reason: 'top-up', amountMicros: 5 * MICROS, author: `staff ${STAFF_ID}`, note: 'as agreed' };
    expect(entries).toMatchObject([entry, { ...entry, reference: 'b' }]);
    const gateway = await enrol(ALDER);
    expect(await lease(gateway, 111 * MICROS)).toMatchObject({ granted: false, leftMicros: 110 * MICROS });
  });
});

const topUp = () => ({
  ...{ org: ALDER, wallet: 'desk', kind: 'top-up', amount: '5.00', reason: 'as agreed', id: 'adj-1' },
});
