import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Standalone, startStandalone } from '../../gateway/io/standalone.testkit.ts';
import { echo, sendJson, startUpstream, type TestUpstream } from '../../gateway/io/upstream.testkit.ts';
import type { JsonObject } from '../../src/core/model/index.ts';

// A whole gateway with a document of three targets, each with a provider of its own, and what is observed of some requests.

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
}

export interface DocumentProbe {
  readonly field: string;
  readonly from: Said;
  readonly to: Said;
  readonly acts: readonly Asked[];
}

const HEADERS = ['authorization', 'x-api-key', 'api-key', 'anthropic-version', 'x-team', 'x-key'];
const KEYS = { KEY_ONE: 'sk-one', KEY_TWO: 'sk-two' };
const ORIGIN_MS = 1_767_225_600_000;

/** `@1` in a document stands for the address of the second provider. */
const documentOf = ({ targets = [], providers = {}, more = {} }: Said, urls: readonly string[]): string => {
  const written = urls.map((url, index) => {
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
  setMs(act.atMs ?? 0);
  const method = act.method ?? 'POST';
  const body = { model: 'm', messages: [{ role: 'user', content: 'hi' }], ...act.body };
  const response = await fetch(`${gateway.url}${act.path ?? '/v1/chat/completions'}`, {
    method,
    headers: { ...(method === 'POST' ? { 'content-type': 'application/json' } : {}), ...act.headers },
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const asked = upstreams.flatMap(({ received }, index) =>
    received.splice(0).map(({ path, headers, body: got }) => ({
      ...{ provider: index, path, model: got['model'] ?? null },
      headers: Object.fromEntries(HEADERS.map((name) => [name, headers[name] ?? null])),
    })),
  );
  const shown = method === 'GET' ? text : /"code":"(\w+)"/.exec(text)?.[1];
  return { status: response.status, shown: shown ?? null, retryAfter: response.headers.get('retry-after'), asked };
}

/** What is observed of a document: each answer, and what providers were asked; or that no gateway runs it. */
export async function observeDocument(said: Said, acts: readonly Asked[]): Promise<object> {
  const upstreams = await Promise.all([startUpstream(), startUpstream(), startUpstream()]);
  const urls = upstreams.map(({ url }) => url);
  let nowMs = ORIGIN_MS;
  let gateway: Standalone | undefined;
  try {
    gateway = await startStandalone({
      document: documentOf(said, urls),
      variables: KEYS,
      listen: (folder) => ({ secrets: { folder: storeIn(folder) } }),
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
