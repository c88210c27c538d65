import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { type Decoded, refused } from '../core/bundle/index.ts';
import { isName, type OrgUid, orgUid } from '../core/model/index.ts';
import { sha256Of } from './layout.ts';

// Requests of gateways to the control plane, signed with the key from enrolment (rulings 27). The signature covers
// method, path with query, body, time and sequence. A read is bound by its time alone; a write's sequence must rise,
// which the store checks, so that a gateway whose clock is off can still report that.

const DOMAIN = 'tenantry/request/v1';
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PUBLIC_KEY = /^[0-9a-f]{64}$/;
const SIGNATURE = /^[0-9a-f]{128}$/;
const NUMBER = /^(0|[1-9][0-9]{0,15})$/;
/** How far a read's signed time may be from the present. */
const MOST_SKEW_MS = 60_000;
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** A gateway's key pair as it is kept: PKCS #8 in base64url, a secret; and the raw public key in hex, for enrolment. */
export interface GatewayKey {
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Who asks. */
export interface GatewayAddress {
  readonly org: OrgUid;
  readonly gateway: string;
}

/** What is signed of a request; `path` with its query, as sent. */
export interface RequestFacts {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
  /** Unix milliseconds. */
  readonly timeMs: number;
  readonly sequence: number;
}

export type RequestHeaders = {
  readonly [name in 'tenantry-gateway' | 'tenantry-time' | 'tenantry-sequence' | 'tenantry-signature']: string;
};

/** What a request's headers claim, not yet verified. */
export interface RequestClaim extends GatewayAddress {
  readonly timeMs: number;
  readonly sequence: number;
  readonly signature: string;
}

/** A fresh Ed25519 key pair for a gateway. */
export function generateGatewayKey(): GatewayKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  return {
    privateKey: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64url'),
    publicKey: spki.subarray(SPKI_PREFIX.length).toString('hex'),
  };
}

/** Gives the four headers of a signed request of one gateway; its key is read once. */
export function requestSigner(privateKey: string, from: GatewayAddress): (request: RequestFacts) => RequestHeaders {
  const key = createPrivateKey({ key: Buffer.from(privateKey, 'base64url'), format: 'der', type: 'pkcs8' });
  return (request) => ({
    'tenantry-gateway': `${from.org}/${from.gateway}`,
    'tenantry-time': String(request.timeMs),
    'tenantry-sequence': String(request.sequence),
    'tenantry-signature': sign(null, signedBytes(request), key).toString('hex'),
  });
}

/** Reads the four headers; REQUEST_HEADERS when one is missing or malformed. `header` gives a header by lower-case name. */
export function readRequestHeaders(header: (name: keyof RequestHeaders) => string | undefined): Decoded<RequestClaim> {
  const [uid = '', gateway = '', ...more] = (header('tenantry-gateway') ?? '').split('/');
  const [time = '', sequence = '', signature = ''] = [
    header('tenantry-time'),
    header('tenantry-sequence'),
    header('tenantry-signature'),
  ];
  const org = orgUid(uid);
  if (org === undefined || !isName(gateway) || more.length > 0) {
    return refused('REQUEST_HEADERS', 'expected tenantry-gateway as <org uid>/<gateway>');
  }
  if (!isCount(time) || !isCount(sequence) || !SIGNATURE.test(signature)) {
    return refused('REQUEST_HEADERS', 'expected tenantry-time, tenantry-sequence and tenantry-signature');
  }
  return { ok: true, value: { org, gateway, timeMs: Number(time), sequence: Number(sequence), signature } };
}

/**
 * Verifies a claim against the gateway's enrolled key (64 hex digits): REQUEST_SIGNATURE, or REQUEST_TIME for a read
 * more than a minute from `nowMs`. The sequence of a write is the store's to check.
 */
export function verifyRequest(
  publicKey: string,
  request: Pick<RequestFacts, 'method' | 'path' | 'body'> & { readonly claim: RequestClaim },
  nowMs: number,
): Decoded<RequestClaim> {
  const { method, path, body, claim } = request;
  if (!PUBLIC_KEY.test(publicKey)) return refused('REQUEST_SIGNATURE', 'expected an enrolled key of 64 hex digits');
  const key = keyOf(publicKey);
  const bytes = signedBytes({ method, path, body, timeMs: claim.timeMs, sequence: claim.sequence });
  if (!verify(null, bytes, key, Buffer.from(claim.signature, 'hex'))) {
    return refused('REQUEST_SIGNATURE', `expected a signature by ${claim.org}/${claim.gateway} over this request`);
  }
  const skew = Math.abs(nowMs - claim.timeMs);
  if (READS.has(method.toUpperCase()) && skew > MOST_SKEW_MS) {
    return refused('REQUEST_TIME', `expected a time within ${MOST_SKEW_MS} ms of the present, found ${skew} ms off`);
  }
  return { ok: true, value: claim };
}

/** Keys that were read, the last used at the end: reading one costs a third of a verification. */
const keys = new Map<string, KeyObject>();
const MOST_KEYS = 10_000;

function keyOf(publicKey: string): KeyObject {
  const spki = (): Buffer => Buffer.concat([SPKI_PREFIX, Buffer.from(publicKey, 'hex')]);
  const key = keys.get(publicKey) ?? createPublicKey({ key: spki(), format: 'der', type: 'spki' });
  keys.delete(publicKey);
  keys.set(publicKey, key);
  const [oldest] = keys.size > MOST_KEYS ? keys.keys() : [];
  if (oldest !== undefined) keys.delete(oldest);
  return key;
}

function signedBytes({ method, path, body, timeMs, sequence }: RequestFacts): Buffer {
  return Buffer.from([DOMAIN, method.toUpperCase(), path, sha256Of(body), timeMs, sequence].join('\n'), 'utf8');
}

function isCount(text: string): boolean {
  return NUMBER.test(text) && Number.isSafeInteger(Number(text));
}
