import { createHash } from 'node:crypto';
import type { EscalationEndEvent, EscalationEvent, Json, OrgSlug } from '../src/core/model/index.ts';
import {
  answer,
  type ControlPlane,
  createEnrolmentCode,
  issueToken,
  openReconciler,
  operate,
  refusal,
} from '../src/flows/index.ts';
import { nodeHash, nodeRandom } from '../src/host/index.ts';
import { createApp, type ListeningServer, listen } from '../src/server/index.ts';
import {
  decodeEnrolmentCode,
  encodeSecret,
  type GatewayKey,
  generateGatewayKey,
  requestSigner,
} from '../src/trust/index.ts';
import { wireRepository } from '../src/wire.ts';
import { approveAll } from './approvals.testkit.ts';
import { ALDER, createAppliedFleet, type OpenFleet, START_MS, type TestFleet } from './fleet.testkit.ts';
import { planeOf } from './rollout.testkit.ts';

// A control plane on loopback with the real store, a clock of the test's, reviewers of two orgs and one gateway each.

export const GATEWAY = 'desk-production';

const consoleToken = (name: string, team: string): string => `apiVersion: tenantry/v1
kind: Token
metadata: { org: alder, name: ${name} }
spec:
  displayName: Console of ${name}
  owner: lead@alder.example
  team: ${team}
  gateways: []
  scopes: [console]
  expires: '2027-06-30T00:00:00Z'
  rotationOverlapHours: 24
`;

export interface Given {
  readonly status: number;
  readonly body: { readonly [name: string]: Json };
  /** Of a refusal. */
  readonly code: string | undefined;
}

export interface ReviewWorld {
  readonly fleet: TestFleet;
  readonly open: OpenFleet;
  readonly plane: ControlPlane;
  readonly url: string;
  /** Unix milliseconds of the control plane's clock. */
  nowMs: number;
  /** Bearer secrets by the name of the token in ALDER, and those of other orgs by `<org>/console`. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Enrols the org's gateway. */
  enrol(org: OrgSlug): Promise<Told>;
  ask(path: string, how?: { readonly as?: string; readonly body?: Json; readonly key?: string }): Promise<Given>;
  close(): Promise<void>;
}

/** A gateway that tells and asks, with a journal of its own. */
export interface Told {
  readonly org: OrgSlug;
  tell(...events: readonly (EscalationEvent | EscalationEndEvent)[]): Promise<Given>;
  poll(id: string, waitS?: number): Promise<Given>;
}

export const escalation = (name: string, change: Partial<EscalationEvent> = {}): EscalationEvent => ({
  ...{ type: 'escalation', id: `esc_${name}`, at: START_MS, requestId: `req_${name}`, phase: 'output' },
  ...{ policy: 'human-oversight', reasonCode: 'oversight.high-risk', token: 'app', team: 'desk', model: 'gpt-4o-mini' },
  timeoutMs: null,
  ...change,
});

export interface WorldOptions {
  /** Files of the repository by their path, beside the usual ones. */
  readonly files?: { readonly [path: string]: string };
  /** Tokens of ALDER that get a secret, beside those of consoles. */
  readonly tokens?: readonly string[];
}

/** `more` issues secrets for consoles beside `console` in ALDER: its name and its team. */
export async function openReviewWorld(
  more: readonly (readonly [name: string, team: string])[],
  { files = {}, tokens = [] }: WorldOptions = {},
): Promise<ReviewWorld> {
  const fleet = await createAppliedFleet();
  const base = fleet.head();
  for (const [path, text] of Object.entries(files)) fleet.write(path, text);
  for (const [name, team] of more) fleet.write(`orgs/alder/custom/${name}.yaml`, consoleToken(name, team));
  await fleet.save('consoles');
  const secrets = new Map<string, string>();
  for (const [org, name] of [
    ['alder', 'console'],
    ['birch', 'console'],
    ...[...more.map(([name]) => name), ...tokens].map((name) => ['alder', name] as const),
  ] as const)
    secrets.set(org === 'alder' ? name : `${org}/${name}`, await issued(fleet, org as OrgSlug, name));
  await fleet.save('secrets');
  const clock = { nowMs: START_MS };
  const open = await fleet.open({ nowMs: () => clock.nowMs });
  if ((await open.diff(base, fleet.head())).orgs.some(({ hazards }) => hazards.length > 0))
    await approveAll(fleet, open, base);
  const applied = await open.apply();
  if (!applied.ok) throw new Error(`expected an apply, found ${JSON.stringify(applied.orgs)}`);
  const plane = planeOf(open, { nowMs: () => clock.nowMs });
  const server = await served(plane, open);
  const url = `http://127.0.0.1:${server.port}`;
  return {
    ...{ fleet, open, plane, url, secrets },
    get nowMs() {
      return clock.nowMs;
    },
    set nowMs(value) {
      clock.nowMs = value;
    },
    enrol: (org) => enrolled({ plane, open, url }, org),
    async ask(path, { as = 'console', body, key } = {}) {
      const secret = secrets.get(as);
      return given(
        await fetch(url + path, {
          method: body === undefined ? 'GET' : 'POST',
          headers: {
            ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
            ...(key === undefined ? {} : { 'idempotency-key': key }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }),
      );
    },
    async close() {
      await server.close();
      open.close();
      fleet.destroy();
    },
  };
}

async function issued(fleet: TestFleet, org: OrgSlug, name: string): Promise<string> {
  const { repository, write } = await wireRepository(fleet.dir);
  const clock = { nowMs: () => START_MS };
  const parts = { tree: repository.workTree(), write, hash: nodeHash, random: nodeRandom, clock };
  const made = await issueToken(parts, org, name);
  if (!made.ok) throw new Error(made.message);
  return made.value.secret;
}

function served(plane: ControlPlane, open: OpenFleet): Promise<ListeningServer> {
  const parts = () => open.parts({ lanes: plane.lanes, wake: plane.wakes.wake });
  const app = createApp({
    plane,
    reconcile: openReconciler(parts),
    operate: async (ask, by) => operate(await parts(), ask, by),
    drift: async () => answer({ items: [] }),
    rotateKeys: async () => refusal(422, 'NOT_HERE', 'no keys are rotated here'),
    requestId: () => 'req',
  });
  return listen(app, '127.0.0.1', 0);
}

async function given(response: Response): Promise<Given> {
  const body = JSON.parse(await response.text()) as Given['body'] & { readonly error?: { readonly code: string } };
  return { status: response.status, body, code: body.error?.code };
}

interface Where {
  readonly plane: ControlPlane;
  readonly open: OpenFleet;
  readonly url: string;
}

async function enrolled({ plane, open, url }: Where, org: OrgSlug): Promise<Told> {
  const key: GatewayKey = generateGatewayKey();
  const orgUid = await open.uidOf(org);
  const made = await createEnrolmentCode(plane, org, GATEWAY);
  const code = made.ok ? decodeEnrolmentCode(made.value.code) : undefined;
  if (code?.ok !== true) throw new Error('expected an enrolment code');
  const body = { orgUid, gateway: GATEWAY, code: encodeSecret(code.value.secret), publicKey: key.publicKey };
  const path = '/api/v1/gateway/enroll';
  const enrolment = await fetch(url + path, { method: 'POST', body: JSON.stringify(body) });
  if (enrolment.status !== 200) throw new Error(await enrolment.text());
  const sign = requestSigner(key.privateKey, { org: orgUid, gateway: GATEWAY });
  let sequence = 0;
  let head = { sequence: 0, hash: '0'.repeat(64) };
  const signed = (method: string, at: string, bytes: Uint8Array): Record<string, string> => {
    sequence += 1;
    return sign({ method, path: at, body: bytes, timeMs: plane.clock.nowMs(), sequence });
  };
  return {
    org,
    async tell(...events) {
      const lines = events.map((event) => {
        const line = JSON.stringify({ sequence: head.sequence + 1, previous: head.hash, event });
        head = { sequence: head.sequence + 1, hash: createHash('sha256').update(line).digest('hex') };
        return `${line}\n`;
      });
      const bytes = new TextEncoder().encode(lines.join(''));
      const at = '/api/v1/gateway/events';
      return given(await fetch(url + at, { method: 'POST', body: bytes, headers: signed('POST', at, bytes) }));
    },
    async poll(id, waitS) {
      const at = `/api/v1/gateway/escalations/${id}`;
      const headers = signed('GET', at, new Uint8Array(0));
      if (waitS !== undefined) headers['prefer'] = `wait=${waitS}`;
      return given(await fetch(url + at, { headers }));
    },
  };
}

export const ofAlder = (rest = ''): string => `/api/v1/orgs/${ALDER}/escalations${rest}`;
