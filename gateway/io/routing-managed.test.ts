import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BundleData, BundlePrice } from '../../src/core/model/index.ts';
import { BOT, pricesOf, say, startEnrolled } from './enrolled.testkit.ts';
import { SECRET } from './plane.testkit.ts';
import { documentOf } from './routing.testkit.ts';
import type { ListenOptions } from './run.ts';
import { chunk, completion, echo, sendJson, type TestUpstream } from './upstream.testkit.ts';

// Routing of an enrolled gateway: money and evidence of every attempt, tokens that may use less than all, and no key anywhere.

const [tiny, huge] = pricesOf('tiny', 'huge') as [BundlePrice, BundlePrice];
const prices = [tiny, { ...huge, inputMicrosPerMillion: 10_000_000, outputMicrosPerMillion: 10_000_000 }];

interface Boot {
  readonly targets?: readonly object[];
  readonly providers?: object;
  readonly data?: Partial<BundleData>;
  readonly options?: Partial<ListenOptions>;
}

/** A model that is cheap and one of ten times its price, each at a provider of its own. */
async function boot({ targets = [{ model: 'tiny' }, { model: 'huge' }], providers = {}, data = {}, ...more }: Boot) {
  const gateway = await startEnrolled({
    ...{ policy: documentOf({ targets, providers }), data: { prices, ...data }, scripts: [echo, echo] },
    ...{ variables: { UPSTREAM_KEY: 'sk-planted-in-env-0123456789' }, ...more },
  });
  return {
    ...gateway,
    chat: (more: object = {}) => gateway.ask(say('hi', { model: 'tiny', ...more })),
    counts: () => gateway.upstreams.map(({ received }) => received.length),
    scriptAll: (script: TestUpstream['script']) => {
      for (const upstream of gateway.upstreams) upstream.script = script;
    },
  };
}

test('each attempt holds and is written for itself, at the price of the model that it asks', async () => {
  const retry = { max_retries: 2, backoff: { strategy: 'fixed', delay_ms: 1 } };
  const { upstream, events, delivered, chat } = await boot({
    providers: { fallback: { enabled: true }, retry_policy: retry },
  });
  let calls = 0;
  upstream.script = (_request, response) => {
    calls += 1;
    if (calls === 2) response.destroy();
    else sendJson(response, 503, {});
  };
  const answer = await chat();
  expect(answer.status).toBe(200);
  await delivered();
  const [intents, decisions] = [events('intent'), events('decision')];
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
  expect(decision).toMatchObject({ target: 'b', provider: 'openai', model: 'huge', attempts: 4, status: 200 });
  // Refused twice with 503: released. Broken off: settled whole. Answered: 18 tokens of the dear model.
  expect(decision?.wallets.map(({ settledMicros }) => settledMicros)).toEqual([0, held[1], 0, 180]);
  expect(new Set(intents.map(({ id }) => id)).size).toBe(4);
});

test('a target whose connections are all taken is asked nothing and paid nothing, and the next one answers', async () => {
  const breaker = { consecutive_failure_threshold: 1 };
  const { upstream, page, counts, events, delivered, chat } = await boot({
    providers: { fallback: { enabled: true }, circuit_breaker: breaker },
    options: { upstream: { connections: 1, connectTimeoutMs: 20 } },
  });
  let end = (): void => {};
  upstream.script = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ content: 'a' }));
    end = () => void response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
  };
  const stream = await chat({ stream: true });
  expect((await chat()).status).toBe(200);
  // The breaker has seen it.
  const pages = (await (await page('/tenantry/providers')).json()) as { targets: { breaker: string }[] };
  expect(pages.targets.map(({ breaker: state }) => state)).toEqual(['open', 'closed']);
  end();
  await stream.text();
  expect(counts()).toEqual([1, 1]);
  await delivered();
  expect(events('intent').map(({ target }) => target)).toEqual(['a', 'a', 'b']);
  const whole = events('decision').find(({ stream: isStream }) => !isStream);
  expect(whole).toMatchObject({ target: 'b', wallets: [{ settledMicros: 0 }, { settledMicros: 180 }] });
});

test("a provider's own limit is written like every answer, for its intent was", async () => {
  const { events, delivered, chat, scriptAll } = await boot({});
  scriptAll((_request, response) => sendJson(response, 429, {}));
  expect((await chat()).status).toBe(429);
  await delivered();
  const [intents, decisions] = [events('intent'), events('decision')];
  expect(intents).toHaveLength(1);
  expect(decisions).toMatchObject([{ status: 429, target: 'a', wallets: [{ settledMicros: 0 }] }]);
});

describe('a token that may use some models', () => {
  const groups = {
    fallback: { enabled: true },
    model_groups: [
      { name: 'desk', targets: ['b', 'a'], fallback_group: 'rest' },
      { name: 'rest', targets: ['a'] },
    ],
  };
  const withModels = (models: readonly string[]): Partial<BundleData> => ({ tokens: [{ ...BOT, models }] });

  test('gets no other by a group or a fallback, and sees the names it may ask for', async () => {
    const { send, chat, counts, scriptAll } = await boot({ providers: groups, data: withModels(['tiny']) });
    const offered = await send('/v1/models');
    const names = ((await offered.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
    expect(names).toEqual(['tiny', 'desk', 'rest']);
    expect((await chat({ model: 'desk' })).status).toBe(200);
    expect((await chat({ model: 'huge' })).status).toBe(403);
    scriptAll((_request, response) => sendJson(response, 500, {}));
    expect((await chat()).status).toBe(502);
    expect(counts()).toEqual([2, 0]);
  });

  test('may use all of a group that it names, and nothing of the group that follows', async () => {
    const { chat, counts, scriptAll } = await boot({ providers: groups, data: withModels(['desk']) });
    scriptAll((_request, response) => sendJson(response, 500, {}));
    expect((await chat({ model: 'desk' })).status).toBe(502);
    expect(counts()).toEqual([1, 1]);
    expect((await chat({ model: 'rest' })).status).toBe(403);
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
  const { plane, host, upstreams, folder, page, delivered, chat, scriptAll } = await boot({
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
        const response = await chat({ model, stream });
        written.push(JSON.stringify([...response.headers]), await response.text());
      }
    }
  }
  for (const name of ['metrics', 'tenantry/config', 'tenantry/providers', 'healthz', 'readyz', 'v1/models']) {
    written.push(await (await page(`/${name}`)).text());
  }
  await delivered();
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
