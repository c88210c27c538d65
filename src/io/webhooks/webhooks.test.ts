import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebhookMessage } from '../../ports/index.ts';
import { webhookSignature } from '../../trust/index.ts';
import { addressFault, guardedLookup } from './address.ts';
import { webhookNotifier } from './index.ts';

// Against a real server on loopback, which behaves as the case says.

const KEY = Buffer.alloc(32, 7);
const SECRET = `whsec_${KEY.toString('base64')}`;
const OTHER = Buffer.alloc(24, 9);

interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
let asked: Asked[];
let answer: (response: ServerResponse) => void;
let base: string;
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    asked.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
    answer(response);
  });
});

beforeEach(async () => {
  asked = [];
  answer = (response) => response.writeHead(204).end();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const message = (change: Partial<WebhookMessage> = {}): WebhookMessage => ({
  ...{ id: 'msg_acme_1', url: `${base}/hook?a=1`, secretEnv: 'WEBHOOK_ACME', nowMs: 1_800_000_000_500 },
  body: '{"type":"escalation.created"}',
  ...change,
});
const send = (change: Partial<WebhookMessage> = {}, options: { allowed?: readonly string[]; secret?: string } = {}) =>
  webhookNotifier({
    environment: { WEBHOOK_ACME: options.secret ?? SECRET },
    allowedHosts: new Set(options.allowed ?? ['127.0.0.1', 'localhost']),
    sign: webhookSignature,
    timeoutMs: 300,
  }).send(message(change));

const expectedOf = (key: Uint8Array): string =>
  `v1,${createHmac('sha256', key).update('msg_acme_1.1800000000.{"type":"escalation.created"}').digest('base64')}`;

describe('a message', () => {
  it('is one POST that its receiver can verify', async () => {
    expect(await send()).toEqual({ ok: true });
    expect(asked).toMatchObject([
      {
        path: '/hook?a=1',
        body: '{"type":"escalation.created"}',
        headers: {
          'content-type': 'application/json',
          'webhook-id': 'msg_acme_1',
          'webhook-timestamp': '1800000000',
          'webhook-signature': expectedOf(KEY),
        },
      },
    ]);
  });

  it('is signed by both secrets during a rotation', async () => {
    await send({}, { secret: `${SECRET} whsec_${OTHER.toString('base64')}` });
    expect(asked[0]?.headers['webhook-signature']).toBe(`${expectedOf(KEY)} ${expectedOf(OTHER)}`);
  });

  it.each([
    [200, { ok: true }],
    [299, { ok: true }],
    [400, { ok: false, gone: false, error: 'status 400' }],
    [410, { ok: false, gone: true, error: 'status 410' }],
    [500, { ok: false, gone: false, error: 'status 500' }],
  ])('that is answered with %i is %j', async (status, expected) => {
    answer = (response) => response.writeHead(status).end('some words');
    expect(await send()).toEqual(expected);
  });

  it('does not follow a redirect', async () => {
    answer = (response) => response.writeHead(307, { location: `${base}/elsewhere` }).end();
    expect(await send()).toEqual({ ok: false, gone: false, error: 'status 307: redirects are not followed' });
    expect(asked).toHaveLength(1);
  });

  it('waits for no stalled, endless or broken answer', async () => {
    answer = () => undefined;
    expect(await send()).toEqual({ ok: false, gone: false, error: 'no answer in time' });
    answer = (response) => {
      response.writeHead(200);
      const more = (): void => void (response.destroyed || response.write('x'.repeat(65_536), more));
      more();
    };
    expect(await send()).toEqual({ ok: true });
    answer = (response) => response.destroy();
    expect(await send()).toMatchObject({ ok: false, gone: false });
  });

  it.each([
    ['expected https', {}, { allowed: [] }],
    ['expected https', { url: 'http://hooks.acme.example/' }, { allowed: ['hooks.acme.example'] }],
    ['expected https', { url: 'ftp://127.0.0.1/' }, {}],
    ['expected a URL without credentials', { url: 'https://ann:secret@hooks.acme.example/' }, {}],
    ['expected a URL without credentials', { url: 'https://ann@hooks.acme.example/' }, {}],
    ['expected a URL without credentials', { url: 'https://:secret@hooks.acme.example/' }, {}],
    ['expected a URL without credentials', { url: 'lead@acme.example' }, {}],
    ['the host is private or loopback', { url: 'https://127.0.0.1/' }, { allowed: [] }],
    ['the host is private or loopback', { url: 'https://10.1.2.3/' }, {}],
    ['the host is private or loopback', { url: 'https://[::1]/' }, {}],
    ['the host has an address that is private or loopback', { url: 'https://localhost/' }, { allowed: [] }],
    ['the host is reserved, link-local, multicast or of a metadata service', { url: 'https://169.254.169.254/' }, {}],
    ['the host is IPv4 written as IPv6', { url: 'https://[::ffff:127.0.0.1]/' }, {}],
    ['the host is IPv4 written as IPv6', { url: 'https://[::7f00:1]/' }, {}],
    ['WEBHOOK_ACME is not set on the machine of the control plane', {}, { secret: '' }],
    ['WEBHOOK_NONE is not set on the machine of the control plane', { secretEnv: 'WEBHOOK_NONE' }, {}],
    ['WEBHOOK_ACME holds no secret of the form whsec_<base64 of 24 to 64 bytes>', {}, { secret: 'hunter2hunter2' }],
  ])('is not sent: %s', async (error, change, options) => {
    expect(await send(change, options)).toEqual({ ok: false, gone: false, error });
    expect(asked).toEqual([]);
  });
});

describe('an address', () => {
  it.each([
    ['8.8.8.8', false, null],
    ['2001:4860:4860::8888', false, null],
    ['192.168.1.1', false, 'private or loopback'],
    ['192.168.1.1', true, null],
    ['fd12::1', false, 'private or loopback'],
    ['fd12::1%eth0', true, null],
    ['169.254.169.254', true, 'reserved, link-local, multicast or of a metadata service'],
    ['64:ff9b::a9fe:a9fe', true, 'reserved, link-local, multicast or of a metadata service'],
    ['fe80::1', true, 'reserved, link-local, multicast or of a metadata service'],
    ['hooks', true, 'no address'],
  ])('%s, allowed %s: %s', (address, isAllowed, fault) => {
    expect(addressFault(address, isAllowed)).toBe(fault);
  });

  it('of a name is judged with all others of it, after it was resolved', async () => {
    const resolved = (addresses: readonly string[], all: boolean) =>
      new Promise((resolve) => {
        const lookup = guardedLookup(false, (_name, _options, callback) =>
          callback(
            null,
            addresses.map((address) => ({ address, family: 4 })),
          ),
        );
        lookup('hooks.acme.example', { all }, (error, found) => resolve(error?.message ?? found));
      });
    expect(await resolved(['8.8.8.8', '10.0.0.1'], true)).toBe('the host has an address that is private or loopback');
    expect(await resolved([], true)).toBe('the host has an address that is missing');
    expect(await resolved(['8.8.8.8', '8.8.4.4'], true)).toHaveLength(2);
    expect(await resolved(['8.8.8.8', '8.8.4.4'], false)).toBe('8.8.8.8');
    const failing = guardedLookup(false, (_name, _options, callback) => callback(new Error('ENOTFOUND'), '', 0));
    const failed = new Promise((resolve) => failing('hooks', {}, (error) => resolve(error?.message)));
    expect(await failed).toBe('ENOTFOUND');
  });
});

describe('a secret', () => {
  const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 1).toString('base64')}`;
  it.each([
    [of(23), undefined],
    [of(24), 1],
    [of(64), 1],
    [of(65), undefined],
    [` ${of(32)}  ${of(24)} `, 2],
    [`${of(32)} ${of(24)} ${of(25)}`, undefined],
    [`${of(32)} other`, undefined],
    ['', undefined],
  ])('%s holds %s keys', (text, count) => {
    const signature = webhookSignature(text, { id: 'msg', seconds: 1, body: '' });
    expect(signature?.split(' ').length).toBe(count);
  });
});
