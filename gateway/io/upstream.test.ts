import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { openAnswer } from './answer.ts';
import { createUpstreams, type UpstreamOptions, type Upstreams } from './upstream.ts';

let server: Server;
let port = 0;
let requests = 0;
let upstreams: Upstreams;

beforeAll(async () => {
  server = createServer((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  port = (server.address() as AddressInfo).port;
});
afterAll(() => void server.close());
afterEach(async () => {
  await upstreams.close();
  requests = 0;
});

/** A resolver that gives one address after the other and counts the questions. */
function resolver(...addresses: readonly string[]): LookupFunction & { readonly asked: string[] } {
  const asked: string[] = [];
  const lookup = (name: string, _options: unknown, callback: (error: null, found: object[]) => void): void => {
    callback(null, [{ address: addresses[Math.min(asked.length, addresses.length - 1)], family: 4 }]);
    asked.push(name);
  };
  return Object.assign(lookup as unknown as LookupFunction, { asked });
}

async function ask(host: string, options: UpstreamOptions): Promise<unknown> {
  upstreams = createUpstreams(Date.now, options);
  const request = {
    owner: { org: null, target: 'main' },
    path: '/v1/x',
    headers: {},
    body: Buffer.from('{}'),
    maxBytes: 100,
    isStream: false,
    idleTimeoutMs: null,
  };
  const ends: unknown[] = [];
  const answer = openAnswer(upstreams, { ...request, origin: `http://${host}:${port}` }, (how) => ends.push(how));
  const start = await answer.started;
  if (start.kind !== 'started') {
    expect(ends).toEqual([start]);
    return start.kind;
  }
  await answer.collect();
  expect(ends).toEqual(['end']);
  return start.status;
}

test('a name is refused for what it resolves to, before anything is sent', async () => {
  for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '::ffff:127.0.0.1', '64:ff9b::7f00:1']) {
    const lookup = resolver(address);
    expect(await ask('provider.localhost', { lookup })).toBe('address-refused');
    expect(lookup.asked).toEqual(['provider.localhost']);
    await upstreams.close();
  }
  expect(requests).toBe(0);
});

test('a literal address is refused without a question, in every spelling that a URL makes one of', async () => {
  for (const host of [
    '10.0.0.1',
    '169.254.169.254',
    '0xa9fea9fe',
    '2852039166',
    '[::ffff:127.0.0.1]',
    '[fe80::1]',
    '0.0.0.0',
  ]) {
    const lookup = resolver('93.184.215.14');
    expect(await ask(host, { lookup })).toBe('address-refused');
    expect(lookup.asked).toEqual([]);
    await upstreams.close();
  }
});

test('what was judged is what is connected to: a name that leads elsewhere a moment later changes nothing', async () => {
  const lookup = resolver('127.0.0.1', '169.254.169.254');
  expect(await ask('models.localhost', { lookup, privateHosts: ['models.localhost'] })).toBe(200);
  expect([lookup.asked.length, requests]).toEqual([1, 1]);
  await upstreams.close();
  // The next connection is judged anew.
  expect(await ask('models.localhost', { lookup, privateHosts: ['models.localhost'] })).toBe('address-refused');
  expect([lookup.asked.length, requests]).toEqual([2, 1]);
});

test('loopback is reached only by a document that names it, and nothing else under its name', async () => {
  expect(await ask('127.0.0.1', {})).toBe(200);
  await upstreams.close();
  expect(await ask('localhost', { lookup: resolver('127.0.0.1') })).toBe(200);
  await upstreams.close();
  expect(await ask('localhost', { lookup: resolver('93.184.215.14') })).toBe('address-refused');
  await upstreams.close();
  expect(
    await ask('models.localhost', { lookup: resolver('169.254.169.254'), privateHosts: ['models.localhost'] }),
  ).toBe('address-refused');
});

test('connections are kept to so many origins, and those of the oldest are closed when they are done', async () => {
  const hosts = Array.from({ length: 203 }, (_, index) => `h${index}.localhost`);
  upstreams = createUpstreams(Date.now, { lookup: resolver('127.0.0.1'), privateHosts: hosts });
  const request = {
    owner: { org: null, target: 'main' },
    path: '/v1/x',
    headers: {},
    body: Buffer.from('{}'),
    maxBytes: 100,
    isStream: false,
    idleTimeoutMs: null,
  };
  for (const host of hosts) {
    const answer = openAnswer(upstreams, { ...request, origin: `http://${host}:${port}` }, () => {});
    expect(await answer.collect()).toBeInstanceOf(Uint8Array);
  }
  const open = (): Promise<number> =>
    new Promise((resolve) => server.getConnections((_error, count) => resolve(count)));
  for (let turn = 0; turn < 100 && (await open()) > 200; turn += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await open()).toBe(200);
});
