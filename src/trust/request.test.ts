import { describe, expect, it } from 'vitest';
import {
  generateGatewayKey,
  type RequestFacts,
  readRequestHeaders,
  requestSigner,
  sameDigest,
  verifyRequest,
} from './index.ts';
import { bytesOf, ORG, OTHER_ORG } from './trust.testkit.ts';

const key = generateGatewayKey();
const NOW = 1_800_000_000_000;
const from = { org: ORG, gateway: 'desk' };
const post: RequestFacts = {
  method: 'POST',
  path: '/api/v1/gateway/ack?x=1',
  body: bytesOf('{}'),
  timeMs: NOW,
  sequence: 7,
};

/** What the control plane says of a request, sent as `sent` and signed as `signed`. */
function answer(
  signed: RequestFacts,
  sent: Partial<RequestFacts> = {},
  publicKey = key.publicKey,
  nowMs = NOW,
): string {
  const headers: Record<string, string> = { ...requestSigner(key.privateKey, from)(signed) };
  if (sent.timeMs !== undefined) headers['tenantry-time'] = String(sent.timeMs);
  if (sent.sequence !== undefined) headers['tenantry-sequence'] = String(sent.sequence);
  const claim = readRequestHeaders((name) => headers[name]);
  if (!claim.ok) return claim.code;
  const verified = verifyRequest(publicKey, { ...signed, ...sent, claim: claim.value }, nowMs);
  return verified.ok ? `${verified.value.org}/${verified.value.gateway} ${verified.value.sequence}` : verified.code;
}

describe('signed requests', () => {
  it('are accepted as signed', () => {
    expect(answer(post)).toBe(`${ORG}/desk 7`);
    expect(answer({ ...post, method: 'GET', body: new Uint8Array(0) })).toBe(`${ORG}/desk 7`);
  });

  it.each([
    ['method', { method: 'PUT' }],
    ['path', { path: '/api/v1/gateway/events?x=1' }],
    ['query', { path: '/api/v1/gateway/ack?x=2' }],
    ['body', { body: bytesOf('{"a":1}') }],
    ['time', { timeMs: NOW + 1 }],
    ['sequence', { sequence: 8 }],
  ] satisfies readonly (readonly [string, Partial<RequestFacts>])[])('a changed %s is refused', (_, sent) => {
    expect(answer(post, sent)).toBe('REQUEST_SIGNATURE');
  });

  it("another gateway's key is refused, and a key that is none", () => {
    expect(answer(post, {}, generateGatewayKey().publicKey)).toBe('REQUEST_SIGNATURE');
    expect(answer(post, {}, 'no key')).toBe('REQUEST_SIGNATURE');
  });

  it('a read is bound by a minute, a write is not', () => {
    const get = { ...post, method: 'GET' };
    expect(answer(get, {}, key.publicKey, NOW + 60_000)).toBe(`${ORG}/desk 7`);
    expect(answer(get, {}, key.publicKey, NOW + 60_001)).toBe('REQUEST_TIME');
    expect(answer(get, {}, key.publicKey, NOW - 60_001)).toBe('REQUEST_TIME');
    expect(answer(post, {}, key.publicKey, NOW + 86_400_000)).toBe(`${ORG}/desk 7`);
  });

  it.each([
    ['tenantry-gateway', ''],
    ['tenantry-gateway', `${ORG}/`],
    ['tenantry-gateway', `${ORG}/desk/more`],
    ['tenantry-gateway', 'acme/desk'],
    ['tenantry-time', ''],
    ['tenantry-time', '-1'],
    ['tenantry-time', '1e3'],
    ['tenantry-time', '99999999999999999999'],
    ['tenantry-time', '9999999999999999'],
    ['tenantry-sequence', '01'],
    ['tenantry-signature', 'ab'],
    ['tenantry-signature', 'Z'.repeat(128)],
  ])('%s of %j is refused', (name, value) => {
    const headers: Record<string, string> = { ...requestSigner(key.privateKey, from)(post), [name]: value };
    expect(readRequestHeaders((header) => headers[header])).toMatchObject({ ok: false, code: 'REQUEST_HEADERS' });
  });

  it('keys are fresh, and 64 hex digits in public', () => {
    expect(generateGatewayKey().publicKey).toMatch(/^[0-9a-f]{64}$/);
    expect(generateGatewayKey().publicKey).not.toBe(key.publicKey);
  });
});

it('digests are equal only when every character is', () => {
  expect(sameDigest(ORG, ORG)).toBe(true);
  expect(sameDigest(ORG, OTHER_ORG)).toBe(false);
  expect(sameDigest(ORG, `${ORG}a`)).toBe(false);
});
