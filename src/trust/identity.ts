import { createPublicKey, verify } from 'node:crypto';
import { parseJson } from '../core/model/index.ts';

// Identity tokens of a CI system (OpenID Connect, RFC 7519 and 7515), accepted for one workflow on one ref of one
// repository. One algorithm, and no key but those of the pinned issuer: nothing of the token chooses how it is judged.

/** What a token must say, as fleet.yaml pins it. */
export interface IdentityPin {
  readonly issuer: string;
  readonly audience: string;
  readonly repository: string;
  /** refs/heads/main */
  readonly ref: string;
  /** .github/workflows/reconcile.yml */
  readonly workflow: string;
}

interface Jwk {
  readonly kid: string;
  readonly kty: string;
  readonly n: string;
  readonly e: string;
}

const MOST_CHARS = 8192;
const LEAST_BITS = 2048;
/** Clocks of others may be this much ahead. */
const AHEAD_MS = 60_000;
/** A token that claims to live longer was not made for one run. */
const LONGEST_LIFE_MS = 2 * 3_600_000;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** True for a text that has the form of such a token; nothing is verified. */
export function isIdentityToken(text: string): boolean {
  return text.length <= MOST_CHARS && COMPACT.test(text);
}

/** True when one of `keys` signed the token, it is within its life, and it says exactly what is pinned. */
export function verifyIdentity(
  token: string,
  keys: readonly Jwk[],
  expected: { readonly pin: IdentityPin; readonly nowMs: number },
): boolean {
  const [, head = '', body = '', signature = ''] = isIdentityToken(token) ? (COMPACT.exec(token) ?? []) : [];
  const header = objectOf(head);
  if (header?.['alg'] !== 'RS256' || header['crit'] !== undefined) return false;
  const key = keys.find(({ kid, kty }) => kid === header['kid'] && kty === 'RSA');
  if (key === undefined || !isSigned(key, `${head}.${body}`, signature)) return false;
  const claims = objectOf(body);
  return claims !== undefined && isInLife(claims, expected.nowMs) && isExactly(claims, expected.pin);
}

function isSigned({ kty, n, e }: Jwk, data: string, signature: string): boolean {
  try {
    const key = createPublicKey({ key: { kty, n, e }, format: 'jwk' });
    if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < LEAST_BITS) return false;
    return verify('RSA-SHA256', Buffer.from(data), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

function objectOf(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    // What is no object says nothing of what is asked for.
    return Object(parseJson(Buffer.from(part, 'base64url').toString('utf8'))) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function isInLife(claims: Readonly<Record<string, unknown>>, nowMs: number): boolean {
  const { exp, iat, nbf = iat } = claims;
  if (typeof exp !== 'number' || typeof iat !== 'number' || typeof nbf !== 'number') return false;
  const begun = Math.max(iat, nbf) * 1000 <= nowMs + AHEAD_MS;
  return begun && nowMs < exp * 1000 && (exp - iat) * 1000 <= LONGEST_LIFE_MS;
}

function isExactly(claims: Readonly<Record<string, unknown>>, pin: IdentityPin): boolean {
  const { iss, aud, repository, ref, workflow_ref: workflow } = claims;
  return (
    iss === pin.issuer &&
    aud === pin.audience &&
    repository === pin.repository &&
    ref === pin.ref &&
    workflow === `${pin.repository}/${pin.workflow}@${pin.ref}`
  );
}
