import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type BundleToken, type Json, kindOfAddress, parseJson } from '../../src/core/model/index.ts';
import { repeatsKey } from '../../src/core/policy/index.ts';
import { parseToken, tokenDigest } from '../../src/trust/index.ts';
import {
  bearerOf,
  type CredentialOf,
  clientAddress,
  isCurrent,
  nestsDeeperThan,
  permitFrom,
  refuse,
  type Snapshot,
} from '../core/index.ts';
import { acceptedOf } from './accepted.ts';
import { Refused } from './refused.ts';
import type { Service } from './service.ts';

export { Refused } from './refused.ts';

// What stands between a socket and a parsed request: limits first, then who is asking, then the bytes.

const MAX_HEADERS = 100;
const MAX_URL_BYTES = 2048;
const MAX_DEPTH = 64;
/** Without a bundle's own limit. */
const DEFAULT_BODY_BYTES = 4 << 20;
const UNKNOWN_DIGEST = '0'.repeat(64);

/** `host` or `host:port`, of IPv6 in brackets. */
const HOST = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:]*))(?::[0-9]{1,5})?$/;
/** The origin of a page; a sandboxed one and a file say `null`. */
const ORIGIN = /^https?:\/\/(?<host>.+)$/;

/**
 * Without tokens whoever reaches the socket may ask, and so could any page in a browser of this machine, by a name that leads here
 * (DNS rebinding). Refuses a request for a host that is not this machine, and one of a page from elsewhere.
 */
export function checkLocal({ mode }: Service, { headers }: IncomingMessage): void {
  if (mode !== 'standalone') return;
  // Only HTTP/1.0, which no browser speaks, may name no host.
  if (headers.host !== undefined && !isOfThisMachine(headers.host)) throw new Refused(refuse('host_refused'));
  const { origin } = headers;
  if (origin !== undefined && !isOfThisMachine(ORIGIN.exec(origin)?.groups?.['host'])) {
    throw new Refused(refuse('origin_refused'));
  }
}

function isOfThisMachine(host: string | undefined): boolean {
  const { v6, name = '' } = HOST.exec(host ?? '')?.groups ?? {};
  return name.toLowerCase() === 'localhost' || kindOfAddress(v6 ?? name) === 'loopback';
}

/** Refuses what is too long or in a form that is not read, before any of it is looked at. */
export function checkEnvelope(request: IncomingMessage, snapshot: Snapshot): void {
  const { size } = snapshot.policy.limits;
  if ((request.url ?? '').length > Math.min(size.maxUrlBytes ?? MAX_URL_BYTES, MAX_URL_BYTES))
    throw new Refused(refuse('url_too_large'));
  if (request.rawHeaders.length > MAX_HEADERS * 2) throw new Refused(refuse('headers_too_large'));
  if (size.maxHeaderBytes !== null) {
    let bytes = 0;
    for (const part of request.rawHeaders) bytes += part.length + 2;
    if (bytes > size.maxHeaderBytes) throw new Refused(refuse('headers_too_large'));
  }
}

/** Refuses a body that is compressed or no JSON by its own words. */
export function checkMedia(request: IncomingMessage): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') throw new Refused(refuse('unsupported_encoding'));
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new Refused(refuse('unsupported_media_type'));
}

/** Longer than any token (87 characters): such a text is no token, and only so much of it is looked at. */
const MAX_TEXT_LENGTH = 100;

/**
 * The credential of the request, or null for a stand-alone gateway. An unknown, foreign, expired or malformed token is the
 * same refusal, after the same hash and the same comparison (rulings 26); an address that was wrong too often hears so.
 */
export function authenticate(service: Service, snapshot: Snapshot, request: IncomingMessage): CredentialOf | null {
  const { tenant } = snapshot;
  if (tenant === null) return null;
  const { authorization } = request.headers;
  const key = request.headers['x-api-key'];
  const whole = bearerOf(authorization, typeof key === 'string' ? key : undefined) ?? '';
  const text = whole.slice(0, MAX_TEXT_LENGTH);
  const before = acceptedOf(service.accepted, tenant);
  const textDigest = hash('sha256', text, 'base64');
  const known = before.get(textDigest);
  if (known !== undefined && isCurrent(known, service.nowMs())) return known;
  const parsed = parseToken(text);
  const id = parsed?.id ?? 'none';
  const found = tenant.credentials.get(id);
  const digest = tokenDigest(tenant.orgUid, id, parsed?.secret ?? new Uint8Array(32));
  const expected = found?.digest ?? UNKNOWN_DIGEST;
  const isSame = timingSafeEqual(Buffer.from(digest, 'latin1'), Buffer.from(expected, 'latin1'));
  if (!isSame || parsed === undefined || !isCurrent(found, service.nowMs())) {
    throw service.strangers.refusal(addressOf(service, request));
  }
  before.set(textDigest, found);
  return found;
}

/** Refuses a request from where it may not come; free where nobody bounds that. */
export function permitAddress(
  service: Service,
  { reach }: Snapshot,
  request: IncomingMessage,
  token: BundleToken | null,
): void {
  if (reach === null) return;
  const refusal = permitFrom(reach, token, addressOf(service, request));
  if (refusal !== undefined) throw new Refused(refusal);
}

/** Where the request comes from, as far as the machine's operator trusts who says so. */
export function addressOf(service: Service, request: IncomingMessage): ReturnType<typeof clientAddress> {
  const forwarded = request.headers['x-forwarded-for'];
  const text = Array.isArray(forwarded) ? forwarded.join(',') : forwarded;
  return clientAddress(request.socket.remoteAddress, text, service.trustedProxies);
}

/** How many body bytes this gateway takes. */
export function bodyLimit(snapshot: Snapshot): number {
  const own = snapshot.tenant?.data.limits.bodyBytes ?? DEFAULT_BODY_BYTES;
  return Math.min(own, snapshot.policy.limits.size.maxBodyBytes ?? own);
}

/** The whole body; refuses as soon as it is known to be too long. Rejects when the client goes away. */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const declared = Number(request.headers['content-length'] ?? 0);
  if (declared > limit) return Promise.reject(new Refused(refuse('body_too_large')));
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else reject(new Refused(refuse('body_too_large')));
    });
    request.on('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.on('error', reject);
    request.on('aborted', () => reject(new Error('the client went away')));
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The JSON of a body: depth before the parser, strict UTF-8. */
export function parseBody(bytes: Buffer): Json {
  if (nestsDeeperThan(bytes, MAX_DEPTH)) throw new Refused(refuse('json_too_deep'));
  let text: string;
  let value: Json;
  try {
    text = utf8.decode(bytes);
    value = parseJson(text);
  } catch {
    throw new Refused(refuse('malformed_json'));
  }
  if (repeatsKey(text, value)) {
    throw new Refused(refuse('malformed_json', { message: 'Expected each key of an object once, found one twice.' }));
  }
  return value;
}
