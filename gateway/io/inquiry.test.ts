import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import type { LookupFunction } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { chainDocument, type Standalone, startStandalone, targetAt } from './standalone.testkit.ts';
import {
  completion,
  echo,
  type Received,
  sendJson,
  startUpstream,
  streamedText,
  streamOf,
  type TestUpstream,
  until,
} from './upstream.testkit.ts';

// Policies that ask another service, which a test scripts, over real sockets: client, gateway, provider and service.

const KEY = 'sk-moderation-key';
let folder: string;
let provider: TestUpstream;
let service: TestUpstream;
let gateway: Standalone | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenantry-inquiry-'));
  [provider, service] = await Promise.all([startUpstream(), startUpstream()]);
});
afterAll(async () => {
  await Promise.all([provider.close(), service.close()]);
  rmSync(folder, { recursive: true });
});
afterEach(async () => {
  await gateway?.close(1000);
  gateway = undefined;
  for (const upstream of [provider, service]) {
    upstream.script = echo;
    upstream.received.length = 0;
    upstream.aborted = 0;
  }
});

interface Start {
  readonly chain?: readonly unknown[];
  readonly policy?: Record<string, unknown>;
  readonly keys?: Record<string, string>;
  readonly lookup?: LookupFunction;
  readonly secretsFolder?: string;
  readonly more?: Record<string, unknown>;
}

const moderation = (more: Record<string, unknown> = {}): Record<string, unknown> => ({
  'external-moderation': {
    endpoint: `${service.url}/judge`,
    secret_key_ref: { env: 'MODERATION_KEY' },
    timeout_ms: 300,
    ...more,
  },
});

async function start(options: Start = {}): Promise<void> {
  const { policy = moderation(), chain = Object.keys(policy), lookup, more = {} } = options;
  const target = targetAt(provider.url, { model: 'gpt', secret_key_ref: { env: 'PROVIDER_KEY' } });
  gateway = await startStandalone({
    document: chainDocument(policy, [target], { policies: { chain }, ...more }),
    variables: { ...(options.keys ?? { MODERATION_KEY: KEY, JUDGE_KEY: KEY }), PROVIDER_KEY: 'sk-provider' },
    listen: () => ({
      upstream: lookup === undefined ? {} : { lookup },
      secrets: options.secretsFolder === undefined ? {} : { folder: options.secretsFolder },
    }),
  });
}

const ask = (content: string, more: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Response> =>
  fetch(`${gateway?.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt', messages: [{ role: 'user', content }], ...more }),
    ...(signal === undefined ? {} : { signal }),
  });

async function said(response: Response): Promise<string> {
  const text = await response.text();
  expect(text).not.toContain(KEY);
  const { error } = JSON.parse(text) as { readonly error?: { readonly code: string; readonly policy: string } };
  return error === undefined ? `${response.status}` : `${response.status} ${error.code} ${error.policy}`;
}

const says = (body: unknown) => (_: Received, response: ServerResponse) => sendJson(response, 200, body);
const textOf = (request: Received): string => JSON.stringify(request.body['texts']);
const BLOCKED = '409 input_blocked external-moderation';
const UNANSWERED = '503 moderation_unavailable external-moderation';

describe('a request', () => {
  test('is asked about without a key where the document names none', async () => {
    await start({ policy: { 'external-moderation': { endpoint: `${service.url}/judge` } } });
    service.script = says({ flagged: false });
    expect(await said(await ask('hello'))).toBe('200');
    expect(service.received.map(({ headers }) => headers['authorization'])).toEqual([undefined, undefined]);
  });

  test('is asked about with the key, before the provider sees it, and so is the answer', async () => {
    await start();
    service.script = says({ flagged: false });
    const response = await ask('hello');
    expect(await response.json()).toEqual(completion('hello'));
    expect(service.received.map(({ path, body }) => [path, body['phase'], body['texts']])).toEqual([
      ['/judge', 'input', [{ role: 'user', text: 'hello' }]],
      ['/judge', 'output', [{ role: 'assistant', text: 'hello' }]],
    ]);
    const headers = service.received[0]?.headers ?? {};
    expect(headers['authorization']).toBe(`Bearer ${KEY}`);
    expect(Object.keys(headers).sort()).toEqual(
      [
        'accept',
        'accept-encoding',
        'authorization',
        'connection',
        'content-length',
        'content-type',
        'host',
        'user-agent',
      ].sort(),
    );
    expect(provider.received[0]?.headers['authorization']).toBe('Bearer sk-provider');
  });

  test('that is flagged goes nowhere; an answer that is flagged is withheld', async () => {
    await start();
    service.script = says({ flagged: true });
    const response = await ask('hello');
    expect(response.headers.get('x-should-retry')).toBe('false');
    expect(await said(response)).toBe(BLOCKED);
    expect(provider.received).toHaveLength(0);
    service.script = (request, answer) => sendJson(answer, 200, { flagged: request.body['phase'] === 'output' });
    expect(await said(await ask('hello'))).toBe('409 output_blocked external-moderation');
  });

  test('that an earlier policy blocks is shown to nobody, and one that is redacted only redacted', async () => {
    const policy = {
      'entity-list-filter': { blocked_entities: ['ember'] },
      'dlp-filter': { blocked_terms: ['larkspur'] },
      ...moderation(),
    };
    await start({ policy });
    service.script = says({ flagged: false });
    expect(await said(await ask('ember'))).toBe('409 input_blocked entity-list-filter');
    expect(service.received).toHaveLength(0);
    await (await ask('larkspur')).text();
    expect(service.received.map(textOf).join()).not.toContain('larkspur');
  });

  const faults: readonly (readonly [string, (request: Received, response: ServerResponse) => void])[] = [
    ['is not JSON', (_, response) => response.end('flagged: false')],
    [
      'is not UTF-8',
      (_, response) => response.end(Buffer.from('7b22666c6167676564223a66616c73652c2278223a22ff227d', 'hex')),
    ],
    ['has another form', says({ ok: true })],
    ['is nested too deep', (_, response) => response.end(`{"flagged":false,"x":${'['.repeat(40)}${']'.repeat(40)}}`)],
    ['has status 500', (_, response) => sendJson(response, 500, { flagged: false })],
    ['has status 429', (_, response) => sendJson(response, 429, { flagged: false })],
    ['has status 201', (_, response) => sendJson(response, 201, { flagged: false })],
    [
      'is a redirect',
      (_, response) => response.writeHead(307, { location: `${service.url}/elsewhere` }).end('{"flagged":false}'),
    ],
    ['is too large', (_, response) => sendJson(response, 200, { flagged: false, x: 'x'.repeat(256 * 1024) })],
    [
      'is compressed',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('{"flagged":false}'),
    ],
    ['holds the key', (_, response) => sendJson(response, 200, { flagged: false, x: `key ${KEY}` })],
    [
      'breaks off',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"flagged":false');
        setImmediate(() => response.destroy());
      },
    ],
    ['never comes', () => {}],
    [
      'drips past its time',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(drip));
      },
    ],
  ];
  test.each(faults)('does not pass when the answer %s', async (what, script) => {
    await start();
    service.script = script;
    const response = await ask('hello');
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await said(response)).toBe(UNANSWERED);
    expect(provider.received).toHaveLength(0);
    expect(service.received.map(({ path }) => path)).toEqual(['/judge']);
    expect(gateway?.host.logged.join('')).not.toContain(KEY);
    // What is JSON is told from an answer by the policy.
    const isRead = what === 'has another form';
    expect(gateway?.host.logged.join('').includes('a service that a policy asks gave no answer')).toBe(!isRead);
  });

  test('passes without an answer where the document says so', async () => {
    await start({ policy: moderation({ fail_closed: false }) });
    service.script = (_, response) => sendJson(response, 500, {});
    expect(await said(await ask('hello'))).toBe('200');
    service.script = says({ flagged: true });
    expect(await said(await ask('hello'))).toBe(BLOCKED);
  });

  test('does not pass without a key, and nobody is asked', async () => {
    await start({ keys: {} });
    expect(await said(await ask('hello'))).toBe(UNANSWERED);
    expect(service.received).toHaveLength(0);
  });

  test('is asked about with a key that was renewed once the service no longer takes the former one', async () => {
    const secretsFolder = mkdtempSync(join(folder, 'secrets-'));
    const write = (key: string): void => writeFileSync(join(secretsFolder, 'mod.key'), key);
    write('sk-former');
    await start({ policy: moderation({ secret_key_ref: { store: 'mod.key' } }), secretsFolder });
    service.script = ({ headers }, response) =>
      sendJson(response, headers['authorization'] === 'Bearer sk-renewed' ? 200 : 401, { flagged: false });
    expect(await said(await ask('hello'))).toBe(UNANSWERED);
    write('sk-renewed');
    if (gateway !== undefined) gateway.host.aheadMs = 1500;
    // A former key serves while the new one is read.
    const answers: string[] = [];
    while (answers.at(-1) !== '200' && answers.length < 50) answers.push(await said(await ask('hello')));
    expect(answers.at(-1)).toBe('200');
  });

  test('does not lead to an address that no provider may have, by address or by name', async () => {
    const lookup = ((_name: string, _options: unknown, callback: (error: null, found: object[]) => void) =>
      callback(null, [{ address: '10.0.0.7', family: 4 }])) as unknown as LookupFunction;
    for (const endpoint of [
      'https://169.254.169.254/x',
      'https://[::ffff:127.0.0.1]/x',
      `http://localhost:${new URL(service.url).port}/x`,
    ]) {
      await start({ policy: moderation({ endpoint }), lookup });
      expect(await said(await ask('hello'))).toBe(UNANSWERED);
      await gateway?.close(1000);
    }
    expect(service.received).toHaveLength(0);
  });

  test('of a client that leaves is not asked about any longer, and goes nowhere', async () => {
    await start({ policy: moderation({ timeout_ms: 60_000 }) });
    service.script = () => {};
    const leaving = new AbortController();
    const asked = ask('hello', {}, leaving.signal).catch(() => 'left');
    await until(() => service.received.length === 1, 'the question');
    leaving.abort();
    expect(await asked).toBe('left');
    await until(() => service.aborted === 1, 'the end of the question');
    expect(provider.received).toHaveLength(0);
  });

  test('in the shape of OpenAI moderation is judged by its scores', async () => {
    const settings = { provider: 'openai-moderation', categories: ['violence'], threshold: 0.8 };
    await start({ policy: moderation(settings) });
    service.script = (request, response) => {
      const results = (request.body['input'] as string[]).map((text) => ({
        flagged: true,
        categories: { violence: false },
        category_scores: { violence: text.includes('stab') ? 0.9 : 0.1, other: 1 },
      }));
      sendJson(response, 200, { id: 'm', model: 'omni', results });
    };
    expect(await said(await ask('hello'))).toBe('200');
    expect(await said(await ask('stab'))).toBe(BLOCKED);
  });
});

const judge = (more: Record<string, unknown> = {}): Record<string, unknown> => {
  const secret = { secret_key_ref: { env: 'JUDGE_KEY' } };
  const place = {
    name: 'judge',
    endpoint: `${service.url}/v1/chat/completions`,
    model: 'j',
    timeout_ms: 300,
    ...secret,
  };
  // Both test servers are on this machine.
  return { 'flagged-review': { provider: place, provider_isolation: false, ...more } };
};
const reviews = (review: unknown) => says(completion(JSON.stringify(review)));

describe('an answer', () => {
  test('is reviewed with the request as it was sent', async () => {
    await start({ policy: { 'dlp-filter': { blocked_terms: ['larkspur'] }, ...judge() } });
    service.script = reviews({ flagged: false });
    expect(await said(await ask('where is larkspur?'))).toBe('200');
    expect(service.received[0]?.raw).toContain('where is [REDACTED]?');
    expect(service.received[0]?.raw).not.toContain('larkspur');
    expect(service.received[0]?.headers['x-tenantry-review-depth']).toBe('1');
    service.script = reviews({ flagged: true });
    expect(await said(await ask('hi'))).toBe('409 output_blocked flagged-review');
  });

  test('is returned with its review', async () => {
    await start({ policy: judge({ mode: 'review_and_return' }) });
    service.script = reviews({ flagged: true, rationale: 'Zu grob.' });
    for (const stream of [false, true]) {
      const response = await ask('hi', { stream });
      expect(response.status).toBe(200);
      expect(response.headers.get('x-tenantry-review')).toBe('flagged');
      expect(response.headers.get('x-tenantry-review-rationale')).toBe('Zu%20grob.');
      await response.text();
    }
  });

  test('that nobody could review waits for a person, whom a stand-alone gateway does not have', async () => {
    await start({ policy: judge() });
    service.script = (_, response) => sendJson(response, 500, {});
    expect(await said(await ask('hi'))).toBe('409 escalation_required flagged-review');
    await gateway?.close(1000);
    await start({ policy: judge({ provider_isolation: true }) });
    service.received.length = 0;
    expect(await said(await ask('hi'))).toBe('409 escalation_required flagged-review');
    expect(service.received).toHaveLength(0);
  });

  test('is asked about by both at once', async () => {
    await start({ policy: { ...moderation(), ...judge() } });
    const waiting: (() => void)[] = [];
    service.script = (request, response) => {
      if (request.body['phase'] === 'input') return sendJson(response, 200, { flagged: false });
      const isReview = request.path !== '/judge';
      const reply = isReview ? completion('{"flagged":false}') : { flagged: false };
      waiting.push(() => sendJson(response, 200, reply));
      // Neither is answered before both have been asked.
      if (waiting.length === 2) for (const go of waiting) go();
    };
    expect(await said(await ask('hi'))).toBe('200');
  });
});

describe('a stream', () => {
  const PARTS = ['It is ', 'lark', 'spur, ', 'all of it.'];
  const streams = (parts: readonly string[], end?: string) => (_: Received, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(end ?? streamOf(parts));
  };
  const WITH_DLP = (): Record<string, unknown> => ({ 'dlp-filter': { blocked_terms: ['larkspur'] }, ...moderation() });

  test('is held until it is judged, redacted like a whole one, and then sent on', async () => {
    await start({ policy: WITH_DLP() });
    provider.script = streams(PARTS);
    let released = (): void => {};
    service.script = (request, response) => {
      const answer = (): void => sendJson(response, 200, { flagged: false });
      if (request.body['phase'] === 'input') answer();
      else released = answer;
    };
    let hasHeaders = false;
    const asked = ask('hi', { stream: true }).then((response) => {
      hasHeaders = true;
      return response;
    });
    await until(() => service.received.length === 2, 'the question');
    expect(hasHeaders).toBe(false);
    expect(service.received[1]?.body['texts']).toEqual([{ role: 'assistant', text: 'It is [REDACTED], all of it.' }]);
    released();
    const response = await asked;
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = await response.text();
    expect(streamedText(text)).toBe('It is [REDACTED], all of it.');
    expect(text).toMatch(/data: \[DONE\]\n\n$/);
    expect(provider.received[0]?.body['stream']).toBe(true);
  });

  test('that is flagged, or judged by nobody, sends not one byte of it and has a status of its own', async () => {
    await start();
    provider.script = streams(PARTS);
    service.script = (request, response) => sendJson(response, 200, { flagged: request.body['phase'] === 'output' });
    expect(await said(await ask('hi', { stream: true }))).toBe('409 output_blocked external-moderation');
    service.script = (request, response) =>
      sendJson(response, request.body['phase'] === 'output' ? 500 : 200, { flagged: false });
    expect(await said(await ask('hi', { stream: true }))).toBe(UNANSWERED);
  });

  test('that breaks off, or is longer than allowed, is asked about by nobody', async () => {
    await start({ more: { size_limits: { max_response_bytes: 2000 } } });
    service.script = says({ flagged: false });
    provider.script = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(streamOf(PARTS).slice(0, 300));
      setImmediate(() => response.destroy());
    };
    expect(await said(await ask('hi', { stream: true }))).toBe('502 upstream_error null');
    provider.script = streams(['x'.repeat(3000)]);
    expect(await said(await ask('hi', { stream: true }))).toBe('502 upstream_too_large null');
    expect(service.received.map(({ body }) => body['phase'])).toEqual(['input', 'input']);
  });
});
