import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Standalone, startStandalone } from '../../gateway/io/standalone.testkit.ts';
import { echo, type Received, sendJson, startUpstream, type TestUpstream } from '../../gateway/io/upstream.testkit.ts';
import type { JsonObject } from '../../src/core/model/index.ts';
import { signatureOf } from '../../src/trust/index.ts';

// A whole gateway with a document of three targets, each with a provider of its own, two services beside them, and what is
// observed of some requests.

/** What a document says beside the three targets `a`, `b` and `c`. */
export interface Said {
  /** Of the targets in their order, beside id, address and key. */
  readonly targets?: readonly JsonObject[];
  readonly providers?: JsonObject;
  /** Top-level keys. */
  readonly more?: JsonObject;
}

export interface Asked {
  readonly method?: 'GET' | 'POST';
  readonly path?: string;
  readonly body?: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  /** The clock of the gateway before it, from the start. */
  readonly atMs?: number;
  /** What each provider answers from now on: a status, a refusal with a code, silence of so many milliseconds, or well. */
  readonly providers?: readonly (number | 'well' | { readonly silentMs: number } | { readonly code: string })[];
  /** A message to the tool server `docs`, in place of the body. */
  readonly tool?: JsonObject;
  /** How long the services are silent from now on. */
  readonly servicesSilentMs?: number;
}

export interface DocumentProbe {
  readonly field: string;
  readonly from: Said;
  readonly to: Said;
  readonly acts: readonly Asked[];
}

/** What the tool servers offer. */
export const TOOLS: readonly JsonObject[] = ['search', 'delete'].map((name) => ({
  ...{ name, description: `It can ${name}.`, inputSchema: { type: 'object' } },
}));

const HEADERS = ['authorization', 'x-api-key', 'api-key', 'anthropic-version', 'x-team', 'x-key'];
const ACCEPT = 'application/json, text/event-stream';
const KEYS = { KEY_ONE: 'sk-one', KEY_TWO: 'sk-two' };
const PROVIDERS = 3;
const SERVICES = 2;
const ORIGIN_MS = 1_767_225_600_000;

/** `@1` in a document stands for the address of the second provider, `@3` and `@4` for those of the services. */
const documentOf = ({ targets = [], providers = {}, more = {} }: Said, urls: readonly string[]): string => {
  const written = urls.slice(0, PROVIDERS).map((url, index) => {
    const target = { id: 'abc'.charAt(index), provider: 'openai', model: 'm', base_url: url };
    return { ...target, secret_key_ref: { env: 'KEY_ONE' }, ...targets[index] };
  });
  const document = {
    pack: { name: 'fields', version: '1.0.0', enabled: true },
    policies: { chain: ['audit-logger'] },
    policy: { 'audit-logger': {} },
    providers: { targets: written, ...providers },
    ...more,
  };
  return JSON.stringify(document).replaceAll(/@(\d)/g, (_, index: string) => urls[Number(index)] ?? '');
};

function play(upstream: TestUpstream, how: NonNullable<Asked['providers']>[number]): void {
  upstream.script = (request, response) => {
    if (typeof how === 'number') return sendJson(response, how, { error: { message: 'no' } });
    if (typeof how === 'object' && 'code' in how) return sendJson(response, 400, { error: { code: how.code } });
    if (how === 'well') return echo(request, response);
    return new Promise((resolve) => setTimeout(() => resolve(echo(request, response)), how.silentMs));
  };
}

/** A webhook that takes everything, and a tool server of two tools. */
function serve(upstream: TestUpstream, silentMs = 0): void {
  upstream.script = async ({ body: { method, id } }, response) => {
    if (silentMs > 0) await new Promise((resolve) => setTimeout(resolve, silentMs));
    const result = method === 'tools/list' ? { tools: TOOLS } : { content: [{ type: 'text', text: 'done' }] };
    sendJson(response, 200, method === undefined ? {} : { jsonrpc: '2.0', id, result });
  };
}

/** The variable with whose value a delivery is signed. */
function signerOf({ headers, raw }: Received): string | null {
  const message = { id: `${headers['webhook-id']}`, seconds: Number(headers['webhook-timestamp']), body: raw };
  const signed = Object.entries(KEYS).find(
    ([, key]) => signatureOf([Buffer.from(key, 'utf8')], message) === headers['webhook-signature'],
  );
  return signed?.[0] ?? null;
}

interface Stand {
  readonly gateway: Standalone;
  readonly upstreams: readonly TestUpstream[];
  readonly setMs: (atMs: number) => void;
}

async function observeOne({ gateway, upstreams, setMs }: Stand, act: Asked): Promise<object> {
  for (const [index, how] of (act.providers ?? []).entries()) {
    const upstream = upstreams[index];
    if (upstream !== undefined) play(upstream, how);
  }
  for (const service of upstreams.slice(PROVIDERS)) serve(service, act.servicesSilentMs);
  setMs(act.atMs ?? 0);
  const { method = 'POST', tool, path = tool === undefined ? '/v1/chat/completions' : '/mcp/docs' } = act;
  const body = tool ?? { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...act.body };
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    headers: { ...(method === 'POST' ? { 'content-type': 'application/json', accept: ACCEPT } : {}), ...act.headers },
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  await gateway.running.service.sinks.drain();
  const asked = upstreams.flatMap(({ received }, index) => received.splice(0).map((got) => askedOf(got, index)));
  const shown = method === 'GET' || tool !== undefined ? text : /"code":"(\w+)"/.exec(text)?.[1];
  return { status: response.status, shown: shown ?? null, retryAfter: response.headers.get('retry-after'), asked };
}

const askedOf = (got: Received, index: number): object => ({
  ...{ provider: index, path: got.path, model: got.body['model'] ?? null, method: got.body['method'] ?? null },
  headers: Object.fromEntries(HEADERS.map((name) => [name, got.headers[name] ?? null])),
  signer: signerOf(got),
});

/** What is observed of a document: each answer, and what providers were asked; or that no gateway runs it. */
export async function observeDocument(said: Said, acts: readonly Asked[]): Promise<object> {
  const upstreams = await Promise.all(Array.from({ length: PROVIDERS + SERVICES }, startUpstream));
  const urls = upstreams.map(({ url }) => url);
  let nowMs = ORIGIN_MS;
  let gateway: Standalone | undefined;
  try {
    gateway = await startStandalone({
      document: documentOf(said, urls),
      variables: KEYS,
      listen: (folder) => ({ secrets: { folder: storeIn(folder) }, sinks: { gatherMs: 1 } }),
      nowMs: () => nowMs,
    });
    const setMs = (atMs: number): void => {
      nowMs = ORIGIN_MS + atMs;
    };
    const stand = { gateway, upstreams, setMs };
    const seen: object[] = [];
    for (const act of acts) seen.push(await observeOne(stand, act));
    // Addresses are other ones each time.
    const text = JSON.stringify(seen)
      .replaceAll(/127\.0\.0\.1:\d+/g, 'provider')
      .replaceAll(/"contentDigest\\*":\\*"\w+/g, '');
    return { outcomes: JSON.parse(text) };
  } catch (error) {
    return { refused: error instanceof Error ? error.message.replaceAll(/127\.0\.0\.1:\d+/g, 'provider') : '' };
  } finally {
    await gateway?.close(200);
    for (const upstream of upstreams) await upstream.close();
  }
}

/** A store with every key, each under its name in small letters. */
function storeIn(folder: string): string {
  const store = join(folder, 'store');
  mkdirSync(store);
  for (const [name, key] of Object.entries(KEYS)) writeFileSync(join(store, name.toLowerCase()), key);
  return store;
}
