import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

// An object store of the S3 interface on loopback that says no where a real one would: it verifies Signature Version 4 from
// the request alone, checks both digests of a body, honours conditions, lists in pages, and fails when it is told to.

export const KEYS = { id: 'AKIATENANTRYTEST0000', secret: 'not/a+real/secret', region: 'eu-north-1' };
const PAGE = 5;

/** What to do with the next requests, in order: give that answer, cut the connection, or do the work and then cut it. */
export type Mishap = number | Answer | 'cut' | 'done-then-cut';

export class S3Server {
  readonly objects = new Map<string, Uint8Array>();
  readonly mishaps: Mishap[] = [];
  /** `METHOD status` of each answer. */
  readonly log: string[] = [];
  /** The conditions of a write that this store honours; it overwrites whatever any other says. */
  honours: readonly ('if-none-match' | 'if-match')[] = ['if-none-match', 'if-match'];
  /** The path that the store lies below, as behind a proxy. */
  mount = '';
  /** What the credentials do not allow. */
  denies = (_method: string, _key: string): boolean => false;
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => {
      this.#server.close(resolve);
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const mishap = this.mishaps.shift();
    if (mishap === 'cut') return void request.socket.destroy();
    const answer = answerOf(mishap) ?? this.#serve(request, Buffer.concat(chunks));
    this.log.push(`${request.method} ${answer.status}`);
    if (mishap === 'done-then-cut') return void request.socket.destroy();
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  #serve(request: IncomingMessage, body: Uint8Array): Answer {
    const fault = signatureFault(request, body);
    if (fault !== null) return xml(403, fault);
    const url = new URL(request.url ?? '/', 'http://store');
    if (!url.pathname.startsWith(`${this.mount}/`)) return xml(404, 'NoSuchKey');
    const key = decodeURIComponent(url.pathname.slice(this.mount.length));
    if (key === '/bucket' && url.searchParams.get('list-type') === '2') return this.#list(url.searchParams);
    const existing = this.objects.get(key);
    if (this.denies(request.method ?? '', key)) return xml(403, 'AccessDenied');
    if (request.method === 'GET' || request.method === 'HEAD') {
      if (existing === undefined) return xml(404, 'NoSuchKey');
      return {
        status: 200,
        headers: { etag: etagOf(existing), 'content-length': `${existing.length}` },
        body: existing,
      };
    }
    if (request.method === 'DELETE') {
      this.objects.delete(key);
      return { status: 204, headers: {}, body: '' };
    }
    if (request.method !== 'PUT') return xml(405, 'MethodNotAllowed');
    if (!this.honours.every((condition) => holds(request, condition, existing))) return xml(412, 'PreconditionFailed');
    this.objects.set(key, new Uint8Array(body));
    return { status: 200, headers: { etag: etagOf(body) }, body: '' };
  }

  /** Five keys a page, so that every listing of a test has several. */
  #list(query: URLSearchParams): Answer {
    const prefix = `/bucket/${query.get('prefix') ?? ''}`;
    const after = (query.get('continuation-token') ?? '').replace(/^after&/, '');
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
    const page = keys.slice(0, PAGE);
    const entries = page.map((key) => {
      const size = this.objects.get(key)?.length ?? 0;
      return `<Contents><Key>${key.slice('/bucket/'.length)}</Key><Size>${size}</Size></Contents>`;
    });
    const more = keys.length > PAGE ? `<NextContinuationToken>after&amp;${page.at(-1)}</NextContinuationToken>` : '';
    const body = `<ListBucketResult><IsTruncated>${keys.length > PAGE}</IsTruncated>${more}${entries.join('')}</ListBucketResult>`;
    return { status: 200, headers: { 'content-type': 'application/xml' }, body };
  }
}

function answerOf(mishap: Mishap | undefined): Answer | undefined {
  if (typeof mishap === 'string') return undefined;
  return typeof mishap === 'number' ? xml(mishap, 'SlowDown') : mishap;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** An error as S3 tells one. */
export function xml(status: number, code: string, headers: Answer['headers'] = {}): Answer {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/xml' },
    body: `<?xml version="1.0"?><Error><Code>${code}</Code></Error>`,
  };
}

function etagOf(bytes: Uint8Array): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function holds({ headers }: IncomingMessage, condition: string, existing: Uint8Array | undefined): boolean {
  const wanted = headers[condition];
  if (wanted === undefined) return true;
  return condition === 'if-match' ? existing !== undefined && etagOf(existing) === wanted : existing === undefined;
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** The S3 error code for a request whose signature or digests do not hold, or null. */
function signatureFault(request: IncomingMessage, body: Uint8Array): string | null {
  const { authorization = '' } = request.headers;
  const [, id, day = '', region = '', signed = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? [];
  if (id !== KEYS.id || region !== KEYS.region) return 'InvalidAccessKeyId';
  const names = signed.split(';');
  const given = Object.keys(request.headers).filter((name) => /^(host|x-amz-.*|if-.*)$/.test(name));
  if (given.some((name) => !names.includes(name))) return 'AccessDenied';
  const digest = request.headers['x-amz-content-sha256'];
  if (digest !== sha256(body).toString('hex')) return 'XAmzContentSHA256Mismatch';
  const checksum = request.headers['x-amz-checksum-sha256'];
  if (checksum !== undefined && checksum !== sha256(body).toString('base64')) return 'BadDigest';
  const url = new URL(request.url ?? '/', 'http://store');
  const query = [...url.searchParams].map((pair) => pair.map(encodeURIComponent).join('=')).sort();
  const canonical = [
    request.method,
    url.pathname,
    query.join('&'),
    ...names.map((name) => `${name}:${String(request.headers[name] ?? '').trim()}`),
    '',
    signed,
    digest,
  ].join('\n');
  const time = String(request.headers['x-amz-date']);
  if (Math.abs(Date.now() - timeOf(time)) > 15 * 60_000) return 'RequestTimeTooSkewed';
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(canonical).toString('hex')].join('\n');
  const key = [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${KEYS.secret}`, day));
  return hmac(key, text).toString('hex') === signature ? null : 'SignatureDoesNotMatch';
}

function timeOf(stamp: string): number {
  return Date.parse(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}
