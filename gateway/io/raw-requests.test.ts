import type { Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createListener } from './listener.ts';
import { type RoutedGateway, startRouted } from './routing.testkit.ts';
import { until } from './upstream.testkit.ts';

// What no well-behaved client sends, over a bare socket: every connection hears a refusal of ours, or ends; nothing of it
// reaches a provider.

let gateway: RoutedGateway;
const servers: Server[] = [];
let port = 0;
/** Of one that waits for so short a time that a busy machine is too slow for it. */
let hastyPort = 0;

async function listening(patience?: Parameters<typeof createListener>[1]): Promise<number> {
  const server = createListener(gateway.running.service, patience);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  gateway = await startRouted({ targets: [{}], document: { size_limits: { max_body_bytes: 4096 } } });
  port = await listening();
  hastyPort = await listening({ headersTimeout: 100, requestTimeout: 200, connectionsCheckingInterval: 20 });
});
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  await gateway.close();
});

/** All that comes back until the other side ends, without what this side does; `drip` is sent bit by bit, to the hasty one. */
function exchange(text: string | Buffer, drip?: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(drip === undefined ? port : hastyPort, '127.0.0.1');
    const parts: Buffer[] = [];
    const more = (drip ?? []).values();
    const timer = setInterval(() => {
      const next = more.next();
      if (next.done !== true) socket.write(next.value);
    }, 20);
    socket.on('data', (part: Buffer) => parts.push(part));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      clearInterval(timer);
      resolve(Buffer.concat(parts).toString('latin1'));
    });
    socket.on('timeout', () => reject(new Error('the connection never ended')));
    socket.setTimeout(5000);
    socket.write(text);
  });
}

/** Status and code of each answer in what came back. */
const answers = (text: string): readonly string[] => {
  const codes = [...text.matchAll(/"code":"([a-z_]+)"/g)].map(([, code]) => code);
  return [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status], index) =>
    `${status} ${codes[index] ?? ''}`.trim(),
  );
};

const BODY = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] });
const head = (...lines: readonly string[]): string =>
  [
    'POST /v1/chat/completions HTTP/1.1',
    'host: localhost',
    'connection: close',
    'content-type: application/json',
    ...lines,
  ].join('\r\n');
const length = `content-length: ${BODY.length}`;

test('a request in order is answered', async () => {
  const text = await exchange(`${head(length)}\r\n\r\n${BODY}`);
  expect(answers(text)).toEqual(['200']);
  expect(gateway.counts()).toEqual([1]);
});

test.each<[string, string | Buffer, readonly string[]]>([
  ['two lengths', `${head(length, length)}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['two lengths that differ', `${head(length, 'content-length: 1')}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['a list of lengths', `${head('content-length: 5, 5')}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['a negative length', `${head('content-length: -1')}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['a length with a sign', `${head('content-length: +5')}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['a length and chunks', `${head(length, 'transfer-encoding: chunked')}\r\n\r\n0\r\n\r\n`, ['400 malformed_request']],
  [
    'chunks under another coding',
    `${head('transfer-encoding: chunked, gzip')}\r\n\r\n0\r\n\r\n`,
    ['400 malformed_request'],
  ],
  // Its answer is under way: whatever was written now could be taken for the answer to another request before it.
  ['a chunk of no length', `${head('transfer-encoding: chunked')}\r\n\r\nxyz\r\n`, []],
  ['a space before the colon', `${head('x-one : 1', length)}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['a header without a colon', `${head('x-one', length)}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['a header that is folded', `${head('x-one: 1\r\n  2', length)}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['a zero byte in a header', `${head('x-one: a\0b', length)}\r\n\r\n${BODY}`, ['400 malformed_request']],
  ['a line feed alone', `${head(length).replaceAll('\r\n', '\n')}\n\n${BODY}`, ['400 malformed_request']],
  ['no host', `POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n`, ['400']],
  ['no HTTP', 'hello there\r\n\r\n', ['400 malformed_request']],
  ['TLS', Buffer.from('16030100c8010000c40303', 'hex'), ['400 malformed_request']],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', ['400 malformed_request']],
  ['headers without end', `${head(`x-one: ${'a'.repeat(20_000)}`)}\r\n\r\n`, ['431 headers_too_large']],
  [
    'too many headers',
    `${head(...Array.from({ length: 101 }, (_, at) => `x-${at}: 1`), length)}\r\n\r\n${BODY}`,
    ['431 headers_too_large'],
  ],
  [
    'too long a URL',
    `GET /${'a'.repeat(3000)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    ['404 not_found'],
  ],
  [
    'too long a URL of the API',
    `GET /v1/${'a'.repeat(3000)} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`,
    ['414 url_too_large'],
  ],
  ['a body that says it is too long', `${head('content-length: 99999999999')}\r\n\r\n`, ['413 body_too_large']],
  [
    'chunks that are too long',
    `${head('transfer-encoding: chunked')}\r\n\r\n2000\r\n${'a'.repeat(0x2000)}\r\n`,
    ['413 body_too_large'],
  ],
  ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n', []],
  ['an expectation nobody knows', `${head('expect: a-miracle', length)}\r\n\r\n${BODY}`, ['417']],
  [
    'an address as its target',
    `POST http://169.254.169.254/v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n${length}\r\n\r\n${BODY}`,
    ['404 not_found'],
  ],
])('%s: refused, and sent to nobody', async (_, text, expected) => {
  const before = gateway.counts();
  expect(answers(await exchange(text))).toEqual(expected);
  expect(gateway.counts()).toEqual(before);
  await until(() => gateway.running.service.active === 0, 'the end of the request');
});

test.each([
  ['gzip', gzipSync(Buffer.from(BODY))],
  // A thousand times its size: refused by its name, never inflated.
  ['gzip', gzipSync(Buffer.alloc(3_000_000, ' '))],
  ['deflate', Buffer.from(BODY)],
  ['br', Buffer.from(BODY)],
  ['identity, gzip', Buffer.from(BODY)],
])('a body in the coding %s: refused before it is read', async (coding, bytes) => {
  const start = Buffer.from(`${head(`content-encoding: ${coding}`, `content-length: ${bytes.length}`)}\r\n\r\n`);
  expect(answers(await exchange(Buffer.concat([start, bytes])))).toEqual(['415 unsupported_encoding']);
});

test('a second request behind one with two lengths is never read', async () => {
  const smuggled = `GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n`;
  const first = head('content-length: 0', `content-length: ${smuggled.length}`).replace('close', 'keep-alive');
  expect(answers(await exchange(`${first}\r\n\r\n${smuggled}`))).toEqual(['400 malformed_request']);
});

test('headers that drip in are waited for only so long', async () => {
  const drip = Array.from({ length: 100 }, (_, at) => `x-${at}: 1\r\n`);
  expect(answers(await exchange(`${head()}\r\n`, drip))).toEqual(['408 request_timeout']);
});

test('a body that drips in is waited for only so long', async () => {
  const before = gateway.counts();
  const text = await exchange(
    `${head('content-length: 1000')}\r\n\r\n{`,
    Array.from({ length: 100 }, () => ' '),
  );
  expect(answers(text)).toEqual([]);
  await until(() => gateway.running.service.active === 0, 'the end of the request');
  expect(gateway.counts()).toEqual(before);
});

test.each([
  '/v1/chat/completions',
  '/v1/models',
  '/tenantry/config',
  '/tenantry/providers',
  '/metrics',
  '/healthz',
  '/mcp/docs',
])('%s is closed to a page whose name leads here', async (path) => {
  const asked = gateway.counts();
  const isPost = path.endsWith('completions');
  for (const [host, origin, code] of [
    ['evil.example:41002', 'http://evil.example:41002', '403 host_refused'],
    ['localhost:41002', 'http://evil.example', '403 origin_refused'],
  ]) {
    const lines = [`host: ${host}`, `origin: ${origin}`, 'content-type: application/json', 'connection: close'];
    const request = [`${isPost ? 'POST' : 'GET'} ${path} HTTP/1.1`, ...lines, ...(isPost ? [length] : [])].join('\r\n');
    expect(answers(await exchange(`${request}\r\n\r\n${isPost ? BODY : ''}`))).toEqual([code]);
  }
  expect(gateway.counts()).toEqual(asked);
});
