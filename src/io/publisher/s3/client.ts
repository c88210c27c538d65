import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { publishError } from '../error.ts';
import { type BodyLimit, bytesOf, persistently, within } from '../http.ts';
import { restOf } from '../retry-after.ts';
import type { S3Credentials } from './settings.ts';

/** One request to the object store. */
export interface S3Request {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly limit: BodyLimit;
  readonly signal?: AbortSignal | undefined;
}

export interface S3Answer {
  readonly status: number;
  readonly etag: string | null;
  /** As the store says it; of an answer to HEAD, that of the file. NaN where it does not. */
  readonly length: number;
  /** The store's own word for why not, where it gave one, and nothing else of such an answer: it may repeat what was sent. */
  readonly word: string | undefined;
  readonly bytes: Uint8Array;
  readonly restMs: number;
}

export interface S3ClientOptions {
  readonly region: string;
  readonly credentials: S3Credentials;
  /** The unit of waiting between tries; tests make it short. */
  readonly pauseMs: number;
}

/** Sends one signed request, again while the store is busy or away; the answer may be any that says something. */
export type S3Client = (request: S3Request) => Promise<S3Answer>;

/**
 * A client that signs every request with AWS Signature Version 4 over its body's SHA-256, and waits with full jitter
 * between tries. Throws PUBLISH_UNREACHABLE when no try was answered, PUBLISH_REFUSED where the credentials do not serve, and
 * PUBLISH_ELSEWHERE for a redirect: stores answer with one to a wrong region or bucket, and no other host is sent anything.
 */
export function openS3Client(options: S3ClientOptions): S3Client {
  return async (request) => {
    const what = requestWords(request);
    const answer = await persistently(what, { pauseMs: options.pauseMs, signal: request.signal }, async () => {
      const said = await once(options, request);
      // Another write of this key was on its way: what came of it is seen by who asks again.
      if (said.status === 409) throw new Error(wordsOf(said));
      return said;
    });
    const found = wordsOf(answer);
    if (isRefusal(answer)) throw publishError('PUBLISH_REFUSED', `expected ${what} to be allowed, found ${found}`);
    if (answer.status >= 300 && answer.status < 400)
      throw publishError('PUBLISH_ELSEWHERE', `expected ${what} to be answered, found a redirect: ${found}`);
    return answer;
  };
}

async function once({ region, credentials }: S3ClientOptions, request: S3Request): Promise<S3Answer> {
  const body = request.body ?? new Uint8Array(0);
  const digest = createHash('sha256').update(body).digest();
  const headers: Record<string, string> = { ...request.headers, 'x-amz-content-sha256': digest.toString('hex') };
  if (request.method === 'PUT') headers['x-amz-checksum-sha256'] = digest.toString('base64');
  const signed = await credentials.withSecret((secretAccessKey) =>
    new AwsV4Signer({
      method: request.method,
      url: request.url.href,
      headers,
      accessKeyId: credentials.accessKeyId,
      secretAccessKey,
      ...(credentials.sessionToken === undefined ? {} : { sessionToken: credentials.sessionToken }),
      service: 's3',
      region,
      allHeaders: true,
    }).sign(),
  );
  const response = await fetch(signed.url, {
    method: request.method,
    headers: signed.headers,
    redirect: 'manual',
    signal: within(request.signal),
    ...(request.method === 'PUT' ? { body } : {}),
  });
  const { status } = response;
  // What is said instead of a file is no file.
  const limit: BodyLimit = status === 200 ? request.limit : { ...request.limit, code: 'PUBLISH_UNREACHABLE' };
  const bytes = await bytesOf(requestWords(request), response, limit);
  const word = status < 300 ? undefined : wordIn(bytes);
  const { headers: said } = response;
  const length = Number(said.get('content-length') ?? Number.NaN);
  return { status, etag: said.get('etag'), length, word, bytes, restMs: restOf(response) };
}

function requestWords({ method, url }: S3Request): string {
  return `${method} ${url.pathname}`;
}

/** An answer that was not expected, in words: its status and the store's word. */
export function wordsOf({ status, word }: S3Answer): string {
  return word === undefined ? `status ${status}` : `status ${status} ${word}`;
}

function wordIn(bytes: Uint8Array): string | undefined {
  return /<Code>([A-Za-z]{1,60})<\/Code>/.exec(new TextDecoder().decode(bytes.subarray(0, 4096)))?.[1];
}

/** S3 says of a session that ended, or of a token that is none, that the request is a bad one. */
function isRefusal({ status, word }: S3Answer): boolean {
  return status === 401 || status === 403 || (status === 400 && (word === 'ExpiredToken' || word === 'InvalidToken'));
}
