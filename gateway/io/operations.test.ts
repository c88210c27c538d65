import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readExposition } from './exposition.testkit.ts';
import { createLog, placeOfError } from './log.ts';
import { expositionFor, renderFamilies } from './metrics.ts';
import { chainDocument, type Standalone, startStandalone, targetAt } from './standalone.testkit.ts';
import { chunk, echo, type Received, sendJson, startUpstream, type TestUpstream, until } from './upstream.testkit.ts';

let upstream: TestUpstream;
let receiver: TestUpstream;
let gateway: Standalone | undefined;

beforeEach(async () => {
  upstream = await startUpstream();
  receiver = await startUpstream();
  receiver.script = (_, response) => sendJson(response, 200, {});
});
afterEach(async () => {
  await gateway?.close(100);
  gateway = undefined;
  await upstream.close();
  await receiver.close();
});

async function start(): Promise<string> {
  const policy = { 'dlp-filter': { blocked_terms: ['Larkspur'], action: 'block' } };
  const tools = { id: 'docs', url: `${upstream.url}/mcp`, allowed_tools: ['search'], secret_key_ref: { env: 'TOOLS' } };
  gateway = await startStandalone({
    document: chainDocument(policy, [targetAt(upstream.url, { model: 'gpt-4o' })], {
      callbacks: [{ type: 'webhook', url: receiver.url, signing_secret_env: 'HOOK' }, { type: 'prometheus' }],
      tool_servers: [tools],
    }),
    variables: Object.fromEntries(['KEY', 'HOOK', 'TOOLS'].map((name) => [name, `planted-secret-${name}`])),
    listen: (folder) => ({ sinks: { gatherMs: 1, stopMs: 100, eventsFile: join(folder, 'events.ndjson') } }),
  });
  return gateway.url;
}

function ask(url: string, content: string, more: object = {}, path = '/v1/chat/completions'): Promise<Response> {
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content }], ...more });
  return fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
}

const scraped = async (url: string, accept: string): Promise<Response> =>
  fetch(`${url}/metrics`, { headers: { accept } });

describe('/metrics', () => {
  test('is what a strict scraper reads, in the text format and in OpenMetrics, with the same values', async () => {
    const url = await start();
    await ask(url, 'Hello');
    await ask(url, 'about Larkspur');
    for (let index = 0; index < 50; index += 1) await fetch(`${url}/anything/${index}"}\\`);
    await gateway?.running.service.sinks.drain();
    const plain = await scraped(url, 'text/plain');
    expect(plain.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = readExposition(await plain.text(), 'text');
    const open = await scraped(url, 'application/openmetrics-text; version=1.0.0');
    expect(open.headers.get('content-type')).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    const openmetrics = readExposition(await open.text(), 'openmetrics');
    expect([...openmetrics.keys()]).toEqual([...text.keys()]);
    const requests = text.get('tenantry_gateway_requests')?.samples ?? [];
    expect(new Set(requests.map(({ labels }) => labels.get('route')))).toEqual(
      new Set(['/v1/chat/completions', 'other']),
    );
    expect(requests.find(({ labels }) => labels.get('status') === '409')?.value).toBe(1);
    expect(text.get('tenantry_gateway_blocks')?.samples).toMatchObject([{ value: 1 }]);
    expect(text.get('tenantry_gateway_request_duration_seconds')?.type).toBe('histogram');
    // Two decisions and one intent.
    expect(text.get('tenantry_gateway_sink_delivered_lines')?.samples.map(({ value }) => value)).toEqual([3, 3]);
  });

  test.each([
    ['application/openmetrics-text', 'openmetrics'],
    ['application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2', 'openmetrics'],
    ['text/plain, Application/OpenMetrics-Text ; q=0.001', 'openmetrics'],
    ['application/openmetrics-text;q=0, text/plain', 'text'],
    ['application/openmetrics-text; version=1.0.0; q=0.000', 'text'],
    ['text/x-application/openmetrics-text', 'text'],
    ['*/*', 'text'],
  ])('is in the form that %s asks for', (accept, form) => {
    expect(expositionFor(accept)).toBe(form);
  });

  test.each(['/metrics', '/healthz', '/readyz', '/tenantry/config', '/v1/models'])(
    'and every page is read without its body too: %s',
    async (path) => {
      const url = await start();
      const [whole, head] = [await fetch(`${url}${path}`), await fetch(`${url}${path}`, { method: 'HEAD' })];
      expect([head.status, await head.text(), head.headers.get('content-type')]).toEqual([
        ...[200, '', whole.headers.get('content-type')],
      ]);
      await whole.text();
    },
  );

  test('writes a label that needs it with escapes', () => {
    const samples = [{ labels: { name: 'a"b\\c\nd' }, value: 1 }];
    const text = renderFamilies([{ name: 'x', type: 'gauge', help: 'x', samples }], 'text');
    expect(text).toContain('x{name="a\\"b\\\\c\\nd"} 1\n');
    expect(readExposition(text, 'text').get('x')?.samples[0]?.labels.get('name')).toBe('a\\"b\\\\c\\nd');
  });
});

test('a receiver that never answers holds up neither requests nor the stop', async () => {
  const url = await start();
  receiver.script = () => {};
  expect((await ask(url, 'one')).status).toBe(200);
  await until(() => receiver.received.length === 1, 'a delivery under way');
  for (let index = 0; index < 20; index += 1) expect((await ask(url, 'more')).status).toBe(200);
  const metrics = await (await scraped(url, 'text/plain')).text();
  const pending = Number(/sink_pending_lines\{sink="webhook-[0-9a-f]{8}"\} (\d+)/.exec(metrics)?.[1]);
  // An intent and a decision each; the first intent may have gone before.
  expect(pending).toBeGreaterThanOrEqual(41);
  await gateway?.close(1000);
  gateway = undefined;
  // One delivery at a time, and nothing is sent beside it.
  expect(receiver.received).toHaveLength(1);
});

describe('a stop', () => {
  test('answers what runs, refuses what comes with 503 while it does, and tells probes', async () => {
    const url = await start();
    let release: () => void = () => {};
    upstream.script = (request, response) => {
      release = () => echo(request, response);
    };
    const slow = ask(url, 'slow');
    await until(() => upstream.received.length === 1);
    const stopped = gateway?.close(5000);
    gateway = undefined;
    const late = await ask(url, 'late');
    expect([late.status, late.headers.get('connection'), late.headers.get('retry-after')]).toEqual([503, 'close', '1']);
    expect(await late.text()).toContain('"code":"draining"');
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    release();
    expect((await slow).status).toBe(200);
    await stopped;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    expect(upstream.received).toHaveLength(1);
  });

  test('cuts a stream that outlasts its grace, without its last event, and writes the decision', async () => {
    const url = await start();
    upstream.script = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(chunk({ content: 'begun '.repeat(100) }));
    };
    const answer = await ask(url, 'stream', { stream: true });
    const reader = answer.body?.getReader();
    await reader?.read();
    await gateway?.close(50);
    gateway = undefined;
    await expect(
      (async () => {
        for (let got = await reader?.read(); got?.done === false; got = await reader?.read()) {
          expect(new TextDecoder().decode(got.value)).not.toContain('[DONE]');
        }
      })(),
    ).rejects.toThrow();
    await until(() => upstream.aborted === 1);
    const told = JSON.stringify(receiver.received.map(({ body }) => body));
    expect(told).toContain('gateway.client_gone');
  });
});

test('a client that leaves before anything is answered counts as that, and as no answer or failure of anybody', async () => {
  const url = await start();
  upstream.script = () => {};
  const leaving = new AbortController();
  const body = JSON.stringify({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hello' }] });
  const headers = { 'content-type': 'application/json' };
  const path = '/v1/chat/completions';
  const left = fetch(`${url}${path}`, { method: 'POST', headers, body, signal: leaving.signal }).catch(() => 'left');
  await until(() => upstream.received.length === 1);
  leaving.abort();
  expect(await left).toBe('left');
  await until(() => gateway?.running.service.active === 0);
  // Another one leaves in the middle of its own request.
  const half = connect(Number(new URL(url).port), '127.0.0.1');
  half.write(
    `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{`,
  );
  await until(() => gateway?.running.service.active === 1);
  half.destroy();
  await until(() => gateway?.running.service.active === 0);
  const families = readExposition(await (await scraped(url, 'text/plain')).text(), 'text');
  const counted = (name: string) =>
    families.get(name)?.samples.map(({ labels, value }) => [...labels.values(), value].join(' '));
  expect(counted('tenantry_gateway_requests')).toEqual([`${path} 499 2`]);
  expect(counted('tenantry_gateway_refusals')).toEqual([]);
  await gateway?.running.service.sinks.drain();
  expect(JSON.stringify(receiver.received.map(({ body: told }) => told))).toContain(
    '"status":499,"verdict":"allow","reasonCode":"gateway.client_gone"',
  );
});

describe('logs', () => {
  test('are one JSON line for each thing, of bounded length, whose first facts nobody overwrites', () => {
    const lines: string[] = [];
    const log = createLog('json', { write: (text) => lines.push(text), nowMs: () => 0 });
    log.info('a\nb', { level: 'x', message: 'y', long: 'z'.repeat(100_000), none: null });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.indexOf('\n')).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0] ?? '')).toEqual({
      level: 'info',
      at: '1970-01-01T00:00:00.000Z',
      message: 'a\nb',
      long: `${'z'.repeat(500)}…`,
      none: null,
    });
    createLog('json', { write: (text) => lines.push(text), nowMs: () => 0, level: 'warn' }).info('not written');
    expect(lines).toHaveLength(1);
  });

  test('name an error by its kind and place, not by its words', () => {
    let place = '';
    try {
      JSON.parse('planted-content');
    } catch (error) {
      place = placeOfError(error);
    }
    expect(place).toMatch(/^SyntaxError at \S+$/);
    expect(placeOfError('planted')).toBe('unknown');
    expect(placeOfError(new TypeError('x\n    at planted:1:1\n    at y (planted:2:2)'))).toMatch(
      /^TypeError at operations/,
    );
  });

  test('hold neither secret nor content, whatever fails', async () => {
    const printed: string[] = [];
    const spies = [process.stdout, process.stderr].map((stream) =>
      vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(String(text)) > 0),
    );
    try {
      const url = await start();
      const scripts: TestUpstream['script'][] = [
        (_, response) => sendJson(response, 500, { error: 'planted-secret-KEY' }),
        (_, response) => sendJson(response, 401, { error: 'planted-secret-KEY' }),
        (_, response) => sendJson(response, 400, { error: { message: 'planted-content planted-secret-KEY' } }),
        (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('planted-content'),
        (_, response) => void response.socket?.destroy(),
        (_, response) => {
          response.writeHead(200, { 'content-type': 'text/event-stream' });
          response.end('data: {"planted-content\n\n');
        },
        (request: Received, response) => {
          const { id, messages } = request.body;
          const result = { content: [{ type: 'text', text: 'planted-content' }] };
          if (messages !== undefined && id === undefined) echo(request, response);
          else sendJson(response, 200, { jsonrpc: '2.0', id, result });
        },
      ];
      receiver.script = (_, response) => sendJson(response, 400, { error: 'planted-secret-HOOK' });
      for (const script of scripts) {
        upstream.script = script;
        const params = { name: 'search', arguments: { q: 'planted-content' } };
        const calls = [
          () => ask(url, 'planted-content'),
          () => ask(url, 'planted-content', { stream: true }),
          () => ask(url, '', { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, '/mcp/docs'),
        ];
        // Some end by the connection, as they should.
        for (const call of calls)
          await call()
            .then((response) => response.text())
            .catch(() => {});
      }
      await (await ask(url, 'planted-content Larkspur')).text();
      await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"planted-content',
      });
      await fetch(`${url}/v1/planted-content?key=planted-secret-URL`, {
        headers: { authorization: 'Bearer planted-secret-TOKEN' },
      });
      for (let turn = 0; turn < 3; turn += 1) await gateway?.running.service.sinks.drain();
      expect(gateway?.host.logged.length).toBeGreaterThan(5);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
    const metrics = await (await scraped(String(gateway?.url), 'text/plain')).text();
    expect([...(gateway?.host.logged ?? []), ...printed, metrics].join('\n')).not.toContain('planted');
    expect(receiver.received.map(({ raw }) => raw).join('')).not.toContain('planted');
  });
});
