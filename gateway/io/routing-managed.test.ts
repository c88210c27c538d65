import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BundleData, DecisionEvent, IntentEvent } from '../../src/core/model/index.ts';
import { makeTestHost, type TestHost } from './host.testkit.ts';
import { SECRET, sampleData, startPlane, type TestPlane, TOKEN } from './plane.testkit.ts';
import { documentOf, type RoutedStart } from './routing.testkit.ts';
import { type ListenOptions, type Running, runManaged } from './run.ts';
import { chunk, completion, sendJson, startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

// Routing of an enrolled gateway: money and evidence of every attempt, tokens that may use less than all, and no key anywhere.

const prices = ['tiny', 'huge'].map((model, index) => ({
  model,
  currency: 'EUR',
  fromMs: 0,
  inputMicrosPerMillion: 1_000_000 * 10 ** index,
  outputMicrosPerMillion: 1_000_000 * 10 ** index,
}));

let upstreams: readonly TestUpstream[] = [];
let plane: TestPlane;
let host: TestHost;
let running: Running | undefined;
let folder = '';

beforeEach(async () => {
  upstreams = await Promise.all([startUpstream(), startUpstream()]);
  host = makeTestHost();
  host.variables.set('UPSTREAM_KEY', 'sk-planted-in-env-0123456789');
  plane = await startPlane(host.nowMs);
});
afterEach(async () => {
  await running?.stop(500);
  running = undefined;
  await plane.close();
  for (const upstream of upstreams) await upstream.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Boot extends Omit<RoutedStart, 'targets'> {
  readonly targets?: readonly object[];
  readonly data?: Partial<BundleData>;
  readonly options?: Partial<ListenOptions>;
}

async function boot({
  targets = [{ model: 'tiny' }, { model: 'huge' }],
  data = {},
  options = {},
  ...start
}: Boot): Promise<string> {
  await plane.publish(
    documentOf(
      { ...start, targets },
      upstreams.map(({ url }) => url),
    ),
    { prices, ...data },
  );
  folder = plane.enrolledState();
  const listen = { host: '127.0.0.1', port: 0, simulator: null, ...options };
  running = await runManaged({ ...listen, stateDir: folder, pollSeconds: 5 }, host);
  await until(() => running?.service.snapshot !== null, 'a snapshot');
  return running.url;
}

function ask(url: string, more: object = {}): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ model: 'tiny', max_tokens: 50, messages: [{ role: 'user', content: 'hi' }], ...more }),
  });
}

const scriptAll = (script: TestUpstream['script']): void => {
  for (const upstream of upstreams) upstream.script = script;
};
const events = async (): Promise<{
  readonly intents: readonly IntentEvent[];
  readonly decisions: readonly DecisionEvent[];
}> => {
  expect(await running?.shipping?.drain()).toBe(true);
  const all = plane.lines.map(({ event }) => event);
  return {
    intents: all.flatMap((event) => (event.type === 'intent' ? [event] : [])),
    decisions: all.flatMap((event) => (event.type === 'decision' ? [event] : [])),
  };
};

test('each attempt holds and is written for itself, at the price of the model that it asks', async () => {
  const retry = { max_retries: 2, backoff: { strategy: 'fixed', delay_ms: 1 } };
  const url = await boot({ providers: { fallback: { enabled: true }, retry_policy: retry } });
  let calls = 0;
  const [small] = upstreams;
  if (small !== undefined) {
    small.script = (_request, response) => {
      calls += 1;
      if (calls === 2) response.destroy();
      else sendJson(response, 503, {});
    };
  }
  const answer = await ask(url);
  expect(answer.status).toBe(200);
  const { intents, decisions } = await events();
  const [decision] = decisions;
  expect(intents.map(({ id, target }) => [id.slice(-2), target])).toEqual([
    ['.0', 'a'],
    ['.1', 'a'],
    ['.2', 'a'],
    ['.3', 'b'],
  ]);
  const held = intents.map(({ wallets }) => wallets.reduce((sum, entry) => sum + entry.heldMicros, 0));
  expect(held[3]).toBe(10 * (held[0] ?? 0));
  expect(decisions).toHaveLength(1);
  expect(decision).toMatchObject({ target: 'b', model: 'huge', status: 200 });
  // Refused twice with 503: released. Broken off: settled whole. Answered: 18 tokens of the dear model.
  expect(decision?.wallets.map(({ settledMicros }) => settledMicros)).toEqual([0, held[1], 0, 180]);
  expect(new Set(intents.map(({ id }) => id)).size).toBe(4);
});

test('a target whose connections are all taken is asked nothing and paid nothing, and the next one answers', async () => {
  const breaker = { consecutive_failure_threshold: 1 };
  const url = await boot({
    providers: { fallback: { enabled: true }, circuit_breaker: breaker },
    options: { upstream: { connections: 1, connectTimeoutMs: 20 } },
  });
  const [small] = upstreams;
  let end = (): void => {};
  if (small !== undefined) {
    small.script = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'a' }));
      end = () => void response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
    };
  }
  const stream = await ask(url, { stream: true });
  expect((await ask(url)).status).toBe(200);
  // The breaker has seen it.
  const pages = (await (await fetch(`${url}/tenantry/providers`)).json()) as { targets: { breaker: string }[] };
  expect(pages.targets.map(({ breaker: state }) => state)).toEqual(['open', 'closed']);
  end();
  await stream.text();
  expect(upstreams.map(({ received }) => received.length)).toEqual([1, 1]);
  const { intents, decisions } = await events();
  expect(intents.map(({ target }) => target)).toEqual(['a', 'a', 'b']);
  const whole = decisions.find(({ stream: isStream }) => !isStream);
  expect(whole).toMatchObject({ target: 'b', wallets: [{ settledMicros: 0 }, { settledMicros: 180 }] });
});

test("a provider's own limit is written like every answer, for its intent was", async () => {
  const url = await boot({});
  scriptAll((_request, response) => sendJson(response, 429, {}));
  expect((await ask(url)).status).toBe(429);
  const { intents, decisions } = await events();
  expect(intents).toHaveLength(1);
  expect(decisions).toMatchObject([{ status: 429, target: 'a', wallets: [{ settledMicros: 0 }] }]);
});

describe('a token that may use some models', () => {
  const [token] = sampleData().tokens;
  const groups = {
    fallback: { enabled: true },
    model_groups: [
      { name: 'desk', targets: ['b', 'a'], fallback_group: 'rest' },
      { name: 'rest', targets: ['a'] },
    ],
  };
  const withModels = (models: readonly string[]): Partial<BundleData> =>
    token === undefined ? {} : { tokens: [{ ...token, models }] };

  test('gets no other by a group or a fallback, and sees the names it may ask for', async () => {
    const url = await boot({ providers: groups, data: withModels(['tiny']) });
    const offered = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${TOKEN}` } });
    const names = ((await offered.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
    expect(names).toEqual(['tiny', 'desk', 'rest']);
    expect((await ask(url, { model: 'desk' })).status).toBe(200);
    expect((await ask(url, { model: 'huge' })).status).toBe(403);
    scriptAll((_request, response) => sendJson(response, 500, {}));
    expect((await ask(url)).status).toBe(502);
    expect(upstreams.map(({ received }) => received.length)).toEqual([2, 0]);
  });

  test('may use all of a group that it names, and nothing of the group that follows', async () => {
    const url = await boot({ providers: groups, data: withModels(['desk']) });
    scriptAll((_request, response) => sendJson(response, 500, {}));
    expect((await ask(url, { model: 'desk' })).status).toBe(502);
    expect(upstreams.map(({ received }) => received.length)).toEqual([1, 1]);
    expect((await ask(url, { model: 'rest' })).status).toBe(403);
  });
});

/** Everything below a folder, as one text. */
function textBelow(path: string): string {
  if (!statSync(path).isDirectory()) return readFileSync(path, 'latin1');
  return readdirSync(path)
    .map((name) => textBelow(join(path, name)))
    .join('\n');
}

test('a key is in the request to its provider and nowhere else that the gateway writes', async () => {
  const secrets = mkdtempSync(join(tmpdir(), 'tenantry-keys-'));
  writeFileSync(join(secrets, 'big.key'), 'sk-planted-in-store-0123456789\n');
  const url = await boot({
    targets: [{ model: 'tiny' }, { model: 'huge', secret_key_ref: { store: 'big.key' } }],
    providers: { fallback: { enabled: true, trigger_on: ['auth_error', 'server_error'] }, circuit_breaker: {} },
    options: { secrets: { folder: secrets }, upstream: { idleTimeoutMs: 100, headersTimeoutMs: 100 } },
  });
  const written: string[] = [];
  const silent = (): void => {};
  const scripts: readonly TestUpstream['script'][] = [
    (_request, response) => sendJson(response, 200, completion('fine')),
    ({ headers }, response) =>
      sendJson(response, 401, { error: { message: `Incorrect key ${headers.authorization}` } }),
    ({ headers }, response) =>
      sendJson(response, 400, { error: { message: `Bad ${headers.authorization}`, code: headers.authorization } }),
    ({ headers }, response) => void response.writeHead(302, { location: `/?${headers.authorization}` }).end(),
    ({ headers }, response) =>
      void response.writeHead(500, { 'x-debug': headers.authorization }).end(headers.authorization),
    ({ headers }, response) =>
      void response
        .writeHead(200, { 'content-type': 'text/event-stream', 'x-debug': headers.authorization })
        .end(chunk({ content: 'x' })),
    (_request, response) => void response.destroy(),
    silent,
  ];
  for (const script of scripts) {
    scriptAll(script);
    for (const model of ['tiny', 'huge']) {
      for (const stream of script === silent ? [true] : [false, true]) {
        const response = await ask(url, { model, stream });
        written.push(JSON.stringify([...response.headers]), await response.text());
      }
    }
  }
  for (const page of ['metrics', 'tenantry/config', 'tenantry/providers', 'healthz', 'readyz', 'v1/models']) {
    written.push(await (await fetch(`${url}/${page}`)).text());
  }
  await events();
  const sent = upstreams.flatMap(({ received }) => received.map(({ headers }) => String(headers.authorization)));
  expect(new Set(sent)).toEqual(
    new Set(['Bearer sk-planted-in-env-0123456789', 'Bearer sk-planted-in-store-0123456789']),
  );
  const everything = [...written, ...host.logged, JSON.stringify(plane.lines), textBelow(folder)].join('\n');
  expect(everything.length).toBeGreaterThan(10_000);
  expect(everything).not.toContain('sk-planted');
  expect(everything).not.toContain(Buffer.from('sk-planted').toString('base64').slice(0, 12));
  expect(everything).not.toContain(Buffer.from(SECRET).toString('hex'));
  rmSync(secrets, { recursive: true });
});
