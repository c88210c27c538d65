import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPosts, type Posts } from './posts.ts';
import { until } from './upstream.testkit.ts';

// One server that answers nothing until a test does.

let server: Server;
let open: ServerResponse[] = [];
let posts: Posts;

beforeEach(async () => {
  open = [];
  server = createServer((request, response) => request.resume().on('end', () => void open.push(response)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  posts = createPosts({ connections: 2 });
});
afterEach(async () => {
  await posts.close();
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const url = (): URL => new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x`);
const asked = (owner: string, signal: AbortSignal | null = null, waitMs = 10_000): ReturnType<Posts['request']> =>
  posts.request(url(), { owner, method: 'POST', body: '{}', signal, waitMs });
const statusOf = async (answer: ReturnType<Posts['request']>): Promise<unknown> => {
  try {
    const { statusCode, body } = await answer;
    return [statusCode, await body.text()];
  } catch (error) {
    return error instanceof Error ? error.name : error;
  }
};

describe('where every connection of an owner is taken', () => {
  beforeEach(async () => {
    void statusOf(asked('calls a'));
    void statusOf(asked('calls a'));
    await until(() => open.length === 2);
  });

  test('another one is given up after its time, and never sent later', async () => {
    expect(await statusOf(asked('calls a', null, 20))).toBe('TimeoutError');
    open[0]?.end('one');
    const next = statusOf(asked('calls a'));
    await until(() => open.length === 3);
    open[2]?.end('next');
    expect(await next).toEqual([200, 'next']);
    expect(open).toHaveLength(3);
  });

  test('who waits leaves when its caller does', async () => {
    const gone = new AbortController();
    const waiting = statusOf(asked('calls a', gone.signal));
    gone.abort();
    expect(await waiting).toBe('AbortError');
  });

  test('a delivery says that it timed out', async () => {
    const request = { owner: 'calls a', url: url().href, headers: {}, body: '{}', timeoutMs: 20 };
    expect(await posts.post(request)).toEqual({ failed: 'timeout' });
    expect(open).toHaveLength(2);
  });

  test('another owner at the same origin is answered', async () => {
    const other = statusOf(asked('notifications a'));
    await until(() => open.length === 3);
    open[2]?.end('other');
    expect(await other).toEqual([200, 'other']);
  });

  test('a connection is free again when its server breaks off', async () => {
    const waiting = statusOf(asked('calls a'));
    open[0]?.destroy();
    await until(() => open.length === 3);
    open[2]?.end('next');
    expect(await waiting).toEqual([200, 'next']);
  });
});

test('an answer that nobody reads to its end keeps its connection until it is destroyed', async () => {
  const reading = [asked('a'), asked('a')];
  await until(() => open.length === 2);
  for (const response of open) response.write('begun');
  const [first] = await Promise.all(reading);
  expect(await statusOf(asked('a', null, 20))).toBe('TimeoutError');
  first?.body.on('error', () => {}).destroy();
  const next = statusOf(asked('a'));
  await until(() => open.length === 3);
  open[2]?.end('next');
  expect(await next).toEqual([200, 'next']);
});
