import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type IdentityPin, isIdentityToken, verifyIdentity } from './identity.ts';

const NOW_MS = Date.parse('2027-01-04T09:00:00Z');
const pin: IdentityPin = {
  issuer: 'https://token.example',
  audience: 'tenantry',
  repository: 'msp/fleet',
  ref: 'refs/heads/main',
  workflow: '.github/workflows/reconcile.yml',
};
const claims = {
  iss: pin.issuer,
  aud: pin.audience,
  repository: pin.repository,
  ref: pin.ref,
  workflow_ref: 'msp/fleet/.github/workflows/reconcile.yml@refs/heads/main',
  iat: NOW_MS / 1000 - 10,
  nbf: NOW_MS / 1000 - 10,
  exp: NOW_MS / 1000 + 300,
};

const pair = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits });
const [ours, others, short] = [pair(2048), pair(2048), pair(1024)];
const jwk = (key: typeof ours.publicKey, kid: string) => {
  const { n = '', e = '' } = key.export({ format: 'jwk' });
  return { kid, kty: 'RSA', n, e };
};
const keys = [jwk(ours.publicKey, 'one'), jwk(short.publicKey, 'short')];
const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (
  body: unknown = claims,
  header: unknown = { alg: 'RS256', kid: 'one' },
  key = ours.privateKey,
): string => {
  const data = `${part(header)}.${part(body)}`;
  return `${data}.${sign('RSA-SHA256', Buffer.from(data), key).toString('base64url')}`;
};
const accepted = (text: string): boolean => verifyIdentity(text, keys, { pin, nowMs: NOW_MS });

describe('an identity token', () => {
  test('of the pinned workflow on the pinned ref is accepted', () => {
    expect(accepted(token())).toBe(true);
    expect(isIdentityToken(token())).toBe(true);
  });

  test('has the form of one, or is a credential of another kind', () => {
    expect(['tnt_id_secret_crc', 'a.b', 'a.b.c.d', 'a.b.c!', ''].filter(isIdentityToken)).toEqual([]);
    expect(isIdentityToken('a.b.c')).toBe(true);
  });

  const hmac = (): string => {
    const data = `${part({ alg: 'HS256', kid: 'one' })}.${part(claims)}`;
    const secret = ours.publicKey.export({ type: 'spki', format: 'pem' });
    return `${data}.${createHmac('sha256', secret).update(data).digest('base64url')}`;
  };

  test.each<readonly [string, string]>([
    ['of another issuer', token({ ...claims, iss: 'https://token.example/' })],
    ['for another audience', token({ ...claims, aud: 'other' })],
    ['for several audiences', token({ ...claims, aud: ['tenantry', 'other'] })],
    ['of a fork', token({ ...claims, repository: 'mallory/fleet' })],
    ['of a branch', token({ ...claims, ref: 'refs/heads/topic' })],
    ['of a pull request', token({ ...claims, ref: 'refs/pull/7/merge' })],
    ['of another workflow', token({ ...claims, workflow_ref: 'msp/fleet/.github/workflows/test.yml@refs/heads/main' })],
    [
      'of the workflow on a branch',
      token({ ...claims, workflow_ref: 'msp/fleet/.github/workflows/reconcile.yml@refs/heads/topic' }),
    ],
    ['that has expired', token({ ...claims, exp: NOW_MS / 1000 })],
    ['that is not valid yet', token({ ...claims, nbf: NOW_MS / 1000 + 120 })],
    ['that lives for a day', token({ ...claims, exp: NOW_MS / 1000 + 86_400 })],
    ['without an end', token({ ...claims, exp: undefined })],
    ['with a text for its end', token({ ...claims, exp: `${claims.exp}` })],
    ['with a text for its time', token({ ...claims, iat: `${claims.iat}` })],
    ['with a text for its beginning', token({ ...claims, nbf: `${claims.nbf}` })],
    ['that says nothing', token(null)],
    ['with a head that says nothing', token(claims, null)],
    ['that is a number', token(7)],
    ['of another key', token(claims, { alg: 'RS256', kid: 'one' }, others.privateKey)],
    ['of a short key', token(claims, { alg: 'RS256', kid: 'short' }, short.privateKey)],
    ['of a key that is not there', token(claims, { alg: 'RS256', kid: 'two' })],
    ['without a signature', `${part({ alg: 'none', kid: 'one' })}.${part(claims)}.`],
    ['signed with the public key as a secret', hmac()],
    ['with an extension that must be understood', token(claims, { alg: 'RS256', kid: 'one', crit: ['x'] })],
    ['with another body', token().replace(/\.[^.]+\./, `.${part({ ...claims, sub: 'x' })}.`)],
    ['that is no JSON', 'a.b.c'],
    ['that is too long', token({ ...claims, pad: 'x'.repeat(9000) })],
  ])('%s is refused', (_what, text) => {
    expect(accepted(text)).toBe(false);
  });
});
