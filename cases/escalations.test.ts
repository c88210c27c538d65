import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeTestHost, type TestHost } from '../gateway/io/host.testkit.ts';
import { enrol, runManaged } from '../gateway/io/index.ts';
import type { Running } from '../gateway/io/run.ts';
import { until } from '../gateway/io/upstream.testkit.ts';
import { type Simulator, startSimulator } from '../scripts/simulator/index.ts';
import type { DecisionEvent, JournalLine, Json, JsonObject } from '../src/core/model/index.ts';
import { createEnrolmentCode, verifyEvidence } from '../src/flows/index.ts';
import { nodeHash } from '../src/host/index.ts';
import { ALDER, BIRCH, forgetAppliedFleet } from './fleet.testkit.ts';
import { GATEWAY, ofAlder, openReviewWorld, type ReviewWorld } from './reviews.testkit.ts';

// A real gateway holds what the real control plane's reviewers decide about: one fleet, its templates, its store and pages
// of HTTP, a simulated provider.

const OVERLAY = `apiVersion: tenantry/v1
kind: Overlay
metadata: { org: alder, name: people }
spec:
  target: { kind: Policy, name: standard, environment: production }
  reason: Boilers are looked at by a person, and so are letters.
  patches:
    - op: replace
      path: /spec/document/policies/chain
      was: [prompt-injection, dlp-filter, pii-detector, data-routing-policy, audit-logger]
      value:
        - prompt-injection
        - dlp-filter
        - pii-detector
        - data-routing-policy
        - safety-filter
        - external-moderation: { when: { path: /v1/embeddings } }
        - flagged-review: { when: { path: /v1/messages } }
        - human-oversight: { when: { path: /v1/responses } }
        - audit-logger
    - { op: add, path: /spec/document/policy/safety-filter, value: { block_if: [boiler], action: escalate } }
    - op: add
      path: /spec/document/policy/external-moderation
      value: { endpoint: 'https://moderation.alder.example/judge', secret_key_ref: { env: ALDER_MODERATION_KEY } }
    - op: add
      path: /spec/document/policy/flagged-review
      value:
        provider:
          name: judge
          endpoint: https://judge.alder.example/v1/chat/completions
          model: judge-1
          secret_key_ref: { env: ALDER_JUDGE_KEY }
    - { op: add, path: /spec/document/policy/human-oversight, value: { timeout_seconds: 600 } }
    - op: add
      path: /spec/document/tool_servers
      value:
        - id: pages
          url: https://tools.alder.example/mcp
          secret_key_ref: { env: ALDER_PAGES_KEY }
          allowed_tools: [search, delete]
          require_approval: [delete]
`;
/** Where the gateway may go for that. */
const WAYS = `apiVersion: tenantry/v1
kind: Overlay
metadata: { org: alder, name: ways }
spec:
  target: { kind: Gateway, name: desk-production, environment: production }
  reason: Services that its policies ask
  patches:
    - { op: add, path: /spec/egress/*.alder.example, value: true }
`;
/** A token of programs that call tools. */
const AGENT = `apiVersion: tenantry/v1
kind: Token
metadata: { org: alder, name: agent }
spec:
  displayName: The agent
  owner: lead@alder.example
  team: desk
  gateways: [desk-production]
  scopes: [mcp]
  expires: '2027-06-30T00:00:00Z'
  rotationOverlapHours: 24
`;

let world: ReviewWorld;
let simulator: Simulator;
let host: TestHost;
const folders: string[] = [];
let state = '';
let running: Running | undefined;
let secret = '';

beforeAll(async () => {
  simulator = await startSimulator();
  const files = {
    'orgs/alder/overlays/people.yaml': OVERLAY,
    'orgs/alder/overlays/ways.yaml': WAYS,
    'orgs/alder/custom/agent.yaml': AGENT,
  };
  world = await openReviewWorld([], { files, tokens: ['app', 'agent'] });
  secret = world.secrets.get('app') ?? '';
  const made = await createEnrolmentCode(world.plane, ALDER, GATEWAY);
  if (!made.ok) throw new Error('expected a code');
  state = newState();
  await enrol({ code: made.value.code, source: world.url, stateDir: state });
});
afterAll(async () => {
  await world.close();
  await simulator.close();
  await forgetAppliedFleet();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function newState(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tenantry-held-'));
  folders.push(folder);
  return join(folder, 'state');
}

const start = async (stateDir = state, patienceMs = 60_000): Promise<void> => {
  host = { ...makeTestHost(), nowMs: () => world.nowMs };
  const listen = { host: '127.0.0.1', port: 0, simulator: simulator.url, pollSeconds: 5, reviews: { patienceMs } };
  running = await runManaged({ stateDir, ...listen }, host);
  await until(() => running?.service.snapshot !== null, 'a snapshot');
};
beforeEach(() => start());
afterEach(async () => {
  await running?.stop(500);
});

const ask = (content: string, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> =>
  fetch(`${running?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}`, ...headers },
    body: JSON.stringify({ model: 'gpt-4o-mini', max_tokens: 20, messages: [{ role: 'user', content }] }),
    ...(signal === undefined ? {} : { signal }),
  });
const collect = (path: string): Promise<Response> =>
  fetch(`${running?.url}${path}`, { headers: { authorization: `Bearer ${secret}`, prefer: 'wait=30' } });
const codeOf = async (response: Response): Promise<string> =>
  `${response.status} ${((await response.json()) as { error: { code: string } }).error.code}`;

/** The newest question in the org's queue that nobody has decided, once it is there. */
async function queued(): Promise<string> {
  let id = '';
  await until(async () => {
    const { body } = await world.ask(ofAlder('?state=queued'));
    const [item] = body['items'] as readonly { readonly id: string }[];
    id = item?.id ?? '';
    return item !== undefined;
  }, 'a question');
  return id;
}

async function decide(id: string, outcome: string): Promise<void> {
  expect((await world.ask(ofAlder(`/${id}/claim`), { body: {} })).status).toBe(200);
  const body: Json = { outcome, note: 'looked at' };
  expect((await world.ask(ofAlder(`/${id}/resolve`), { body })).status).toBe(200);
}
const sent = (): number => simulator.requests.total;

/** What the evidence says of the newest request that waited, and that all of it holds. */
async function evidenceOf(id: string): Promise<readonly string[]> {
  expect(await running?.shipping?.drain()).toBe(true);
  const report = await verifyEvidence({ runtime: world.open.state.runtime, hash: nodeHash }, ALDER);
  expect(report.faults).toEqual([]);
  const rows = await world.open.state.runtime.lines(ALDER, { limit: 1000 });
  const requestId = `req${id.slice(3)}`.replace('.answer', '');
  return rows
    .map(({ text }) => (JSON.parse(text) as { event: Record<string, unknown> }).event)
    .filter((event) => event['requestId'] === requestId)
    .map((event) =>
      [event['type'], event['outcome'] ?? event['status']].filter((part) => part !== undefined).join(' '),
    );
}

async function decisionOf(id: string): Promise<DecisionEvent> {
  const rows = await world.open.state.runtime.lines(ALDER, { limit: 1000 });
  const events = rows.map(({ text }) => (JSON.parse(text) as JournalLine).event);
  const found = events.find((event) => event.type === 'decision' && event.requestId === `req${id.slice(3)}`);
  if (found?.type !== 'decision') throw new Error(`expected a decision of ${id}`);
  return found;
}

describe('a held request', () => {
  it('goes out once when a reviewer approves it; nobody of another org sees it', async () => {
    const before = sent();
    const answer = ask('mend the boiler');
    const id = await queued();
    expect(sent()).toBe(before);
    const foreign = { as: 'birch/console' };
    expect((await world.ask(ofAlder(`/${id}`), foreign)).status).toBe(404);
    expect((await world.ask(`/api/v1/orgs/${BIRCH}/escalations/${id}`, foreign)).status).toBe(404);
    expect((await world.ask(ofAlder(`/${id}/resolve`), { ...foreign, body: { outcome: 'approved' } })).status).toBe(
      404,
    );
    await decide(id, 'approved');
    expect((await answer).status).toBe(200);
    expect(sent()).toBe(before + 1);
    expect(await evidenceOf(id)).toEqual(['escalation', 'escalation-end approved', 'intent', 'decision 200']);
    const from = { commit: world.fleet.head(), generation: running?.service.snapshot?.tenant?.generation };
    expect(await decisionOf(id)).toMatchObject({ ...from, provider: 'openai', attempts: 1 });
  });

  it('is refused when it is denied, and when nobody decides in time', async () => {
    const before = sent();
    const denied = ask('mend the boiler');
    const id = await queued();
    await decide(id, 'denied');
    expect(await codeOf(await denied)).toBe('409 escalation_denied');
    expect(await evidenceOf(id)).toEqual(['escalation', 'escalation-end denied', 'decision 409']);
    expect(await decisionOf(id)).toMatchObject({ commit: world.fleet.head(), provider: null, attempts: 0 });
    const expired = ask('mend the boiler');
    const late = await queued();
    world.nowMs += 240 * 60_000;
    expect((await world.ask(ofAlder(`/${late}`))).body).toMatchObject({ state: 'resolved', reason: 'timeout' });
    expect(await codeOf(await expired)).toBe('409 escalation_expired');
    expect(await evidenceOf(late)).toEqual(['escalation', 'escalation-end expired', 'decision 409']);
    expect(sent()).toBe(before);
  });

  it('is dropped with its client, and the queue hears of it', async () => {
    const leaving = new AbortController();
    const answer = ask('mend the boiler', {}, leaving.signal).catch(() => 'gone');
    const id = await queued();
    leaving.abort();
    expect(await answer).toBe('gone');
    await until(() => running?.service.active === 0, 'the end');
    expect(await evidenceOf(id)).toEqual(['escalation', 'escalation-end lost', 'decision 499']);
    expect((await world.ask(ofAlder(`/${id}`))).body).toMatchObject({ state: 'resolved', reason: 'lost' });
  });

  it('is the answer of a ticket, for the SDK of OpenAI too', async () => {
    const slip = (await (await ask('mend the boiler', { prefer: 'respond-async' })).json()) as { url: string };
    await decide(await queued(), 'approved');
    const texts = await Promise.all([collect(slip.url), collect(slip.url)].map(async (given) => (await given).text()));
    expect(new Set(texts).size).toBe(1);
    const openai = new OpenAI({ baseURL: `${running?.url}/v1`, apiKey: secret });
    const messages = [{ role: 'user' as const, content: 'mend the boiler' }];
    const answer = openai.chat.completions.create({ model: 'gpt-4o-mini', max_tokens: 20, messages });
    await decide(await queued(), 'approved');
    expect((await answer).choices[0]?.message.content).toEqual(expect.any(String));
    const refused = openai.chat.completions.create({ model: 'gpt-4o-mini', messages }).catch((error: unknown) => error);
    const before = sent();
    await decide(await queued(), 'denied');
    expect(await refused).toMatchObject({ status: 409, code: 'escalation_denied' });
    expect((await world.ask(ofAlder('?state=queued'))).body['items']).toEqual([]);
    expect(sent()).toBe(before);
  });
});

describe('a held answer', () => {
  it('is released when it is approved, whole and as a stream, and withheld when it is denied', async () => {
    const openai = new OpenAI({ baseURL: `${running?.url}/v1`, apiKey: secret });
    const letter = { model: 'gpt-4o-mini', max_output_tokens: 20, input: 'write a letter' };
    const answer = openai.responses.create(letter);
    const id = await queued();
    expect((await world.ask(ofAlder(`/${id}`))).body).toMatchObject({ phase: 'output', policy: 'human-oversight' });
    await decide(id, 'approved');
    expect((await answer).output_text).not.toBe('');
    expect(await evidenceOf(id)).toEqual(['intent', 'escalation', 'decision 202', 'escalation-end approved']);
    const stream = openai.responses.stream(letter).finalResponse();
    await decide(await queued(), 'approved');
    expect((await stream).output_text).toBe((await answer).output_text);
    const withheld = openai.responses.create(letter).catch((error: unknown) => error);
    await decide(await queued(), 'denied');
    expect(await withheld).toMatchObject({ status: 409, code: 'escalation_denied' });
  });
});

/** Calls the tool that a person approves; gives the message that is answered. */
async function callDelete(page: number, headers: Record<string, string> = {}): Promise<JsonObject> {
  const params = { name: 'delete', arguments: { page } };
  const response = await fetch(`${running?.url}/mcp/pages`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
      authorization: `Bearer ${world.secrets.get('agent')}`,
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
  return (await response.json()) as JsonObject;
}
const ticketIn = ({ result }: JsonObject): string =>
  (result as { _meta: { 'tenantry/ticket': { ticket: string } } })._meta['tenantry/ticket'].ticket;

describe('a held call of a tool', () => {
  // Its server is not asked for want of a key; what is made of a call is in gateway/io/mcp-reviews.test.ts.
  it('is shown to reviewers by its tool, goes out when one approves it, and never when one denies it', async () => {
    const answer = callDelete(1);
    const id = await queued();
    const { body } = await world.ask(ofAlder(`/${id}`));
    expect(body).toMatchObject({ phase: 'input', policy: 'tool_servers', reasonCode: 'mcp.approval_required' });
    expect(body['tool']).toEqual({ server: 'pages', tool: 'delete', argumentsDigest: nodeHash.sha256('{"page":1}') });
    await decide(id, 'approved');
    expect(await answer).toMatchObject({ error: { code: 'upstream_unavailable' } });
    expect(await evidenceOf(id)).toEqual(['escalation', 'escalation-end approved', 'decision 502']);
    const denied = callDelete(2);
    const other = await queued();
    await decide(other, 'denied');
    expect(await denied).toMatchObject({ error: { data: { code: 'escalation_denied' } } });
    expect(await evidenceOf(other)).toEqual(['escalation', 'escalation-end denied', 'decision 200']);
  });
});

describe('a service that is not there', () => {
  const post = (path: string, body: object): Promise<Response> =>
    fetch(`${running?.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body: JSON.stringify({ model: 'gpt-4o-mini', ...body }),
    });

  it('sends nothing of a request that nobody could moderate, and the evidence says so', async () => {
    const before = sent();
    const response = await post('/v1/embeddings', { input: 'mend the pipe' });
    const id = response.headers.get('x-request-id') ?? '';
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await codeOf(response)).toBe('503 moderation_unavailable');
    // That it was about to be shown to the service is on record, too.
    expect(await evidenceOf(id)).toEqual(['intent', 'decision 503']);
    expect(sent()).toBe(before);
  });

  it('leaves an answer that nobody could review to a person, whole and as a stream', async () => {
    const question = { max_tokens: 20, messages: [{ role: 'user', content: 'hi' }] };
    const whole = post('/v1/messages', question);
    const id = await queued();
    const { body } = await world.ask(ofAlder(`/${id}`));
    expect(body).toMatchObject({ phase: 'output', policy: 'flagged-review', reasonCode: 'flagged_review.unavailable' });
    await decide(id, 'approved');
    expect(await (await whole).json()).toMatchObject({ type: 'message', stop_reason: 'end_turn' });
    expect(await evidenceOf(id)).toEqual(['intent', 'intent', 'escalation', 'decision 202', 'escalation-end approved']);
    const stream = post('/v1/messages', { ...question, stream: true });
    await decide(await queued(), 'approved');
    expect(await (await stream).text()).toMatch(/event: message_stop\n/);
    const withheld = post('/v1/messages', { ...question, stream: true });
    await decide(await queued(), 'denied');
    expect((await withheld).status).toBe(409);
  });
});

describe('a gateway that dies', () => {
  it('loses what waited: it says so, decides it once, and lets nothing of it out', async () => {
    const [before, { url, ticket }] = [
      sent(),
      (await (await ask('mend the boiler', { prefer: 'respond-async' })).json()) as { url: string; ticket: string },
    ];
    expect(await queued()).toBe(ticket);
    const call = ticketIn(await callDelete(3, { prefer: 'respond-async' }));
    expect(await queued()).toBe(call);
    // What a kill leaves is what is on the disk at that moment.
    const left = newState();
    cpSync(state, left, { recursive: true, filter: (path) => !path.endsWith('lock') });
    const dead = running;
    await start(left);
    expect(await codeOf(await collect(url))).toBe('410 escalation_gone');
    for (const id of [ticket, call]) {
      expect(await evidenceOf(id)).toEqual(['escalation', 'escalation-end lost', 'decision 503']);
      expect((await world.ask(ofAlder(`/${id}`))).body).toMatchObject({ state: 'resolved', reason: 'lost' });
    }
    expect(sent()).toBe(before);
    const { tool } = await decisionOf(call);
    expect(tool).toEqual({ server: 'pages', method: 'tools/call', tool: 'delete' });
    // A person is asked anew about a call that is made again.
    const again = ticketIn(await callDelete(3, { prefer: 'respond-async' }));
    expect([await queued(), again === call]).toEqual([again, false]);
    await dead?.stop(0);
  });
});
