import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { sampleData } from '../../src/core/bundle/bundle.testkit.ts';
import {
  type BundleToken,
  type Network,
  type OrgUid,
  parseNetwork,
  type Sha256Hex,
} from '../../src/core/model/index.ts';
import type { CompiledPolicy, Limits } from '../../src/core/policy/index.ts';
import { formatToken, tokenDigest } from '../../src/trust/index.ts';
import { makeSnapshot, type RefusalCode, type Snapshot } from '../core/index.ts';
import {
  authenticate,
  bodyLimit,
  checkEnvelope,
  checkLocal,
  checkMedia,
  parseBody,
  permitAddress,
  Refused,
  readBody,
} from './intake.ts';
import { createLog } from './log.ts';
import type { Service } from './service.ts';
import { createStrangers } from './strangers.ts';

const NOW_MS = 1_000_000;
const UID = 'aaaabbbbccccddddeeee' as OrgUid;
const OTHER_UID = 'zzzzbbbbccccddddeeee' as OrgUid;
const [sampleToken] = sampleData.tokens as readonly [BundleToken];
const noSize = { maxBodyBytes: null, maxHeaderBytes: null, maxUrlBytes: null, maxResponseBytes: null };
const noLimits: Limits = {
  global: null,
  address: null,
  user: null,
  tokens: null,
  scopes: [],
  parallelRequests: null,
  addresses: null,
  size: noSize,
};
const secret = (byte: number): Uint8Array => new Uint8Array(32).fill(byte);

const credential = (id: string, byte: number, more: object = {}) => ({
  id,
  digest: tokenDigest(UID, id, secret(byte)),
  notBeforeMs: 0,
  notAfterMs: 2_000_000,
  ...more,
});
const token: BundleToken = {
  ...sampleToken,
  notAfterMs: 3_000_000,
  credentials: [
    credential('good', 1),
    credential('early', 1, { notBeforeMs: NOW_MS + 1 }),
    credential('late', 1, { notAfterMs: NOW_MS }),
    { ...credential('copied', 1), digest: tokenDigest(OTHER_UID, 'copied', secret(1)) },
    // What a request without a token is compared with, as if somebody had issued it.
    credential('none', 0),
  ],
};

function snapshotWith(limits: Partial<Limits> = {}, own: BundleToken = token, orgUid: OrgUid = UID): Snapshot {
  const policy = { pack: { version: '1.0.0' }, targets: [], groups: new Map(), limits: { ...noLimits, ...limits } };
  const data = { ...sampleData, tokens: [own] };
  const identity = { fleet: 'example', orgUid, gateway: 'desk' };
  return makeSnapshot(policy as unknown as CompiledPolicy, {
    tenant: { identity, environment: 'production', generation: 1, commit: null, data },
    contentDigest: 'ab'.repeat(32) as Sha256Hex,
    nowMs: NOW_MS,
  });
}

const serviceOf = (wrongCredentials = 0): Service => {
  const log = createLog('json', { write: () => undefined, nowMs: () => NOW_MS, level: 'warn' });
  const strangers = createStrangers(wrongCredentials, { nowMs: () => NOW_MS, log });
  const accepted = { tenant: null, texts: new Map() };
  return { nowMs: () => NOW_MS, trustedProxies: [], accepted, strangers } as unknown as Service;
};
const request = (fields: object): IncomingMessage =>
  ({
    url: '/',
    rawHeaders: [],
    headers: {},
    socket: { remoteAddress: '192.0.2.1' },
    ...fields,
  }) as unknown as IncomingMessage;

/** The code of the refusal; null when there is none. */
function refusedWith(judge: () => unknown): RefusalCode | null {
  try {
    judge();
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.refusal.code;
    throw error;
  }
}

describe('who is asking', () => {
  const ask = (headers: object) => authenticate(serviceOf(), snapshotWith(), request({ headers }));
  const bearer = (id: string, byte: number) => ({ authorization: `Bearer ${formatToken(id, secret(byte))}` });

  test('is the token whose secret was sent, in either header', () => {
    expect(ask(bearer('good', 1))).toMatchObject({ id: 'good', token });
    expect(ask({ 'x-api-key': formatToken('good', secret(1)) })?.token).toBe(token);
  });

  test.each([
    ['nothing', {}],
    ['no token', { authorization: 'Bearer nonsense' }],
    ['an unknown id', bearer('other', 1)],
    ['another secret', bearer('good', 2)],
    ['a secret before its time', bearer('early', 1)],
    ['a secret after its time', bearer('late', 1)],
    ['a digest that was copied from another org', bearer('copied', 1)],
  ])('with %s is refused alike', (_, headers) => {
    expect(refusedWith(() => ask(headers))).toBe('token_invalid');
  });

  test('is known again after a new bundle without another look, as long as the bundle has the same credential', () => {
    const service = serviceOf(1);
    const under = (snapshot: Snapshot, headers: object) =>
      refusedWith(() => authenticate(service, snapshot, request({ headers })));
    const known = () => [...service.accepted.texts.values()].map(({ id }) => id);
    const good = bearer('good', 1);
    const changed = (digest: Sha256Hex) => ({ ...token, credentials: [{ ...credential('good', 1), digest }] });
    expect(under(snapshotWith(), good)).toBeNull();
    const copy = { ...token, credentials: [credential('good', 1)] };
    expect(under(snapshotWith({}, copy), {})).toBe('token_invalid');
    expect(known()).toEqual(['good']);
    expect(under(snapshotWith({}, copy), { authorization: `${good.authorization}x` })).toBe('too_many_failures');
    expect(under(snapshotWith({}, copy), good)).toBeNull();
    expect(under(snapshotWith({}, changed('0'.repeat(64) as Sha256Hex)), good)).toBe('too_many_failures');
    expect(known()).toEqual([]);
    expect(under(snapshotWith({}, copy), good)).toBeNull();
  });

  test('is not known again under another org, nor as the beginning of a longer text', () => {
    const service = serviceOf(1);
    const good = bearer('good', 1);
    const under = (snapshot: Snapshot, headers: object) =>
      refusedWith(() => authenticate(service, snapshot, request({ headers })));
    expect(under(snapshotWith(), good)).toBeNull();
    expect(under(snapshotWith(), { authorization: good.authorization.padEnd(200, 'x') })).toBe('token_invalid');
    expect(under(snapshotWith({}, token, OTHER_UID), good)).toBe('too_many_failures');
  });

  test('is nobody where no bundle says who may ask', () => {
    expect(authenticate(serviceOf(), { ...snapshotWith(), tenant: null }, request({}))).toBeNull();
  });
});

test('from where nobody may ask is refused by the address of the socket, and from elsewhere let in', () => {
  const service = { ...serviceOf(), trustedProxies: [] } as Service;
  const snapshot = snapshotWith({ addresses: [parseNetwork('192.0.2.0/24') as Network] });
  const from = (remoteAddress: string) =>
    refusedWith(() => permitAddress(service, snapshot, request({ socket: { remoteAddress } }), token));
  expect([from('192.0.2.7'), from('192.0.3.7')]).toEqual([null, 'address_not_allowed']);
});

describe('what is too much', () => {
  const judge = (fields: object, size: Partial<Limits['size']> = {}) =>
    refusedWith(() => checkEnvelope(request(fields), snapshotWith({ size: { ...noSize, ...size } })));

  test('of a URL and of headers, by number and by bytes', () => {
    expect(judge({ url: 'x'.repeat(2048) })).toBeNull();
    expect(judge({ url: 'x'.repeat(2049) })).toBe('url_too_large');
    expect(judge({ url: 'x'.repeat(11) }, { maxUrlBytes: 10 })).toBe('url_too_large');
    expect(judge({ url: 'x'.repeat(2049) }, { maxUrlBytes: 9999 })).toBe('url_too_large');
    expect(judge({ rawHeaders: Array.from({ length: 200 }, () => 'x') })).toBeNull();
    expect(judge({ rawHeaders: Array.from({ length: 201 }, () => 'x') })).toBe('headers_too_large');
    expect(judge({ rawHeaders: ['ab', 'cd'] }, { maxHeaderBytes: 8 })).toBeNull();
    expect(judge({ rawHeaders: ['ab', 'cd'] }, { maxHeaderBytes: 7 })).toBe('headers_too_large');
  });

  test.each([
    [null, { 'content-type': 'application/json' }],
    [null, { 'content-type': 'Application/JSON ; charset=utf-8', 'content-encoding': 'identity' }],
    ['unsupported_encoding', { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
    ['unsupported_media_type', { 'content-type': 'application/jsonp' }],
    ['unsupported_media_type', {}],
  ])('%s for %j', (code, headers) => {
    expect(refusedWith(() => checkMedia(request({ headers })))).toBe(code);
  });

  const body = (parts: readonly string[], limit: number, headers: object = {}) => {
    const source = Object.assign(new EventEmitter(), { headers });
    const whole = readBody(source as unknown as IncomingMessage, limit);
    for (const part of parts) source.emit('data', Buffer.from(part));
    source.emit('end');
    return whole;
  };

  test('of a body, as it says or as it comes', async () => {
    expect((await body(['ab', 'cd'], 4)).toString()).toBe('abcd');
    const tooLarge = { refusal: { code: 'body_too_large' } };
    await expect(body([], 4, { 'content-length': '5' })).rejects.toMatchObject(tooLarge);
    await expect(body(['ab', 'cde'], 4)).rejects.toMatchObject(tooLarge);
    expect(bodyLimit(snapshotWith({ size: { ...noSize, maxBodyBytes: 7 } }))).toBe(7);
  });

  test('of nesting, before it is parsed; and text that is no JSON', () => {
    const nested = (depth: number) => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(refusedWith(() => parseBody(nested(64)))).toBeNull();
    expect(refusedWith(() => parseBody(nested(65)))).toBe('json_too_deep');
    expect(refusedWith(() => parseBody(Buffer.from('{')))).toBe('malformed_json');
    expect(refusedWith(() => parseBody(Buffer.of(0x22, 0xff, 0x22)))).toBe('malformed_json');
  });
});

describe('without tokens', () => {
  const heard = (headers: IncomingMessage['headers'], mode: Service['mode'] = 'standalone'): string => {
    try {
      checkLocal({ mode } as Service, { headers } as IncomingMessage);
      return 'let in';
    } catch (error) {
      return error instanceof Refused ? error.refusal.code : 'failed';
    }
  };

  test.each(['localhost', 'LOCALHOST:41002', '127.0.0.1', '127.0.0.1:41002', '127.9.9.9:1', '[::1]', '[::1]:41002'])(
    'the host %s and pages from there are let in',
    (host) => {
      expect(heard({ host })).toBe('let in');
      expect(heard({ host, origin: `http://${host}` })).toBe('let in');
      expect(heard({ host: 'localhost', origin: `https://${host}` })).toBe('let in');
    },
  );

  test.each([
    ...[
      'evil.example',
      'evil.example:41002',
      'localhost.evil.example',
      'evil-localhost',
      'x.localhost',
      '127.0.0.1.nip.io',
    ],
    ...['192.168.1.7:41002', '0.0.0.0', '[::]', '[::ffff:127.0.0.1]', '::1', 'localhost:x', 'user@localhost', ''],
  ])('the host %s is refused, whoever asks, and so is a page from there', (host) => {
    expect(heard({ host })).toBe('host_refused');
    expect(heard({ host, origin: 'http://localhost' })).toBe('host_refused');
    expect(heard({ host: 'localhost', origin: `http://${host}` })).toBe('origin_refused');
    // Who shows a token is known by it.
    expect(heard({ host, origin: `http://${host}` }, 'managed')).toBe('let in');
  });

  test('so are pages from nowhere, and who names no host is no browser', () => {
    for (const origin of ['null', 'file://', 'chrome-extension://localhost', 'localhost', ''])
      expect(heard({ host: 'localhost', origin })).toBe('origin_refused');
    expect(heard({})).toBe('let in');
  });
});
