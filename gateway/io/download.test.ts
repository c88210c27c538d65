import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { Agent } from 'undici';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FetchOptions, TrustError } from '../../src/trust/index.ts';
import { createDownload, type Download, fileOrThrow } from './download.ts';
import { DEFAULT_PACE, type Pace } from './pace.ts';

// One download against a server that does what a test scripts. cases/hostile plays the same and more on a whole gateway.

/** Of a gateway that gives up early. */
const HASTY: Pace = { ...DEFAULT_PACE, answerMs: 200, windowMs: 50, leastBytes: 1000 };

let server: Server;
let agent: Agent;
let downloads: Download;
let hasty: Download;
let play: (response: ServerResponse) => void;
let sockets = 0;
const asked: { readonly url: string; readonly headers: Record<string, unknown> }[] = [];

beforeEach(async () => {
  sockets = 0;
  asked.length = 0;
  server = createServer((request, response) => {
    asked.push({ url: request.url ?? '', headers: request.headers });
    response.on('error', () => {});
    play(response);
  });
  server.on('connection', () => {
    sockets += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  agent = new Agent({ connections: 1 });
  const signedHeaders = (path: string) => ({ 'x-signed': path });
  const downloadsAt = (pace: Pace) => createDownload({ agent, origin, folder: '/base/org', signedHeaders, pace });
  [downloads, hasty] = [downloadsAt(DEFAULT_PACE), downloadsAt(HASTY)];
});
afterEach(async () => {
  await agent.destroy();
  server.closeAllConnections();
  server.close();
});

const get = async (options: Partial<FetchOptions> = {}, from = downloads) =>
  fileOrThrow(await from('a.json', { limitBytes: 1000, ...options }), 'a.json');

/** The code of the refusal, or the words of another error. */
const refusalOf = async (options: Partial<FetchOptions> = {}, from = downloads): Promise<string> =>
  get(options, from).then(
    (answer) => `status ${answer.status}`,
    (error: Error) => (error instanceof TrustError ? error.code : error.message),
  );

const bytes = (length: number): Uint8Array => new Uint8Array(length).fill(65);

describe('a download', () => {
  test('is asked for as signed, with what is known and how long to wait, and gives bytes and tag', async () => {
    play = (response) => response.writeHead(200, { etag: '"x"' }).end(bytes(1000));
    expect(await get({ etag: '"w"', waitSeconds: 3 })).toEqual({
      status: 200,
      bytes: Buffer.from(bytes(1000)),
      etag: '"x"',
    });
    expect(asked).toMatchObject([
      {
        url: '/base/org/a.json',
        headers: { 'x-signed': '/base/org/a.json', 'if-none-match': '"w"', prefer: 'wait=3' },
      },
    ]);
    play = (response) => response.writeHead(200, { 'content-encoding': 'identity' }).end();
    expect(await get()).toEqual({ status: 200, bytes: Buffer.alloc(0), etag: null });
  });

  test.each(['*', '"x", "y"', 'x', '""', `"${'x'.repeat(257)}"`, '"\xe9"'])(
    'keeps no tag that is not one: %s',
    async (etag) => {
      play = (response) => response.writeHead(200, { etag }).end();
      expect(await get()).toEqual({ status: 200, bytes: Buffer.alloc(0), etag: null });
    },
  );

  test('keeps a weak tag', async () => {
    play = (response) => response.writeHead(200, { etag: 'W/"64-x"' }).end();
    expect(await get()).toMatchObject({ etag: 'W/"64-x"' });
  });

  test('takes a root that is forbidden for none, as an object store says it of one, and no other file', async () => {
    play = (response) => response.writeHead(403).end('<Error><Code>AccessDenied</Code></Error>');
    expect(await downloads('2.root.json', { limitBytes: 1000 })).toEqual({ status: 404 });
    for (const path of ['timestamp.json', '2.snapshot.json', 'targets/desk/2.root.json'])
      expect(await downloads(path, { limitBytes: 1000 })).toEqual({ status: 'unserved', statusCode: 403 });
  });

  test('knows 304 and 404, whatever body comes with them, and reads small ones so that the connection is kept', async () => {
    play = (response) => response.writeHead(304).end();
    expect(await get()).toEqual({ status: 304 });
    play = (response) => response.writeHead(404).end(bytes(2000));
    expect(await get()).toEqual({ status: 404 });
    expect(await get()).toEqual({ status: 404 });
    expect(sockets).toBe(1);
    play = (response) => {
      response.writeHead(404);
      const more = (): void => {
        while (!response.destroyed && response.write(bytes(1 << 16)));
      };
      response.on('drain', more);
      more();
    };
    expect(await get()).toEqual({ status: 404 });
  });

  test.each<readonly [string, string | RegExp, (response: ServerResponse) => void]>([
    ['longer than allowed', 'TRUST_LENGTH', (response) => response.writeHead(200).end(bytes(1001))],
    [
      'longer than allowed without saying so',
      'TRUST_LENGTH',
      (response) => {
        response.writeHead(200).write(bytes(600));
        response.end(bytes(401));
      },
    ],
    [
      'announced as longer, before a byte of it comes',
      'TRUST_LENGTH',
      (response) => response.writeHead(200, { 'content-length': 1001 }).flushHeaders(),
    ],
    [
      'compressed',
      'TRUST_ENCODING',
      (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(bytes(10))),
    ],
    ['a redirect', 'TRUST_REDIRECT', (response) => response.writeHead(307, { location: '/b.json' }).end()],
    ['an error', /status 500/, (response) => response.writeHead(500).end()],
    ['a part', /status 206/, (response) => response.writeHead(206).end(bytes(10))],
    ['cut off', /closed|terminated/, (response) => response.writeHead(200, { 'content-length': 9 }).destroy()],
  ])('that is %s is refused: %s', async (_, code, answer) => {
    play = answer;
    expect(await refusalOf()).toMatch(code);
    play = (response) => response.writeHead(200).end('next');
    expect(await refusalOf()).toBe('status 200');
  });

  test('is asked for once more, and not twice, where the connection is closed before an answer begins', async () => {
    let closings = 1;
    play = (response) => {
      closings -= 1;
      if (closings >= 0) response.destroy();
      else response.writeHead(200).end('kept');
    };
    expect(await get()).toMatchObject({ status: 200, bytes: Buffer.from('kept') });
    expect(asked).toHaveLength(2);
    closings = 2;
    expect(await refusalOf()).toMatch(/closed/);
    expect(asked).toHaveLength(4);
  });

  test('that is never begun, or begun and never ended, is given up', async () => {
    play = () => {};
    expect(await refusalOf({}, hasty)).toMatch(/in time/);
    expect(asked).toHaveLength(1);
    play = (response) => response.writeHead(200, { 'content-length': 900 }).write(bytes(450));
    expect(await refusalOf({}, hasty)).toBe('TRUST_SLOW');
  });

  test('ends with the reason of its signal, before and within the body', async () => {
    const late = new TrustError('TRUST_DEADLINE', 'too late');
    for (const begun of [false, true]) {
      const abort = new AbortController();
      play = (response) => {
        if (begun) response.writeHead(200, { 'content-length': 900 }).write(bytes(450));
        setTimeout(() => abort.abort(late), 20);
      };
      expect(await refusalOf({ signal: abort.signal })).toBe('TRUST_DEADLINE');
    }
  });
});
