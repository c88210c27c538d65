import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { publishError } from '../error.ts';
import type { S3Credentials } from './settings.ts';

/** One request to the object store. */
export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** An answer with a longer body is refused. */
  readonly limitBytes: number;
}

export interface S3Answer {
  readonly status: number;
  readonly etag: string | null;
  readonly bytes: Uint8Array;
}

export interface S3ClientOptions {
  readonly region: string;
  readonly credentials: S3Credentials;
  /** The unit of waiting between tries; tests make it short. */
  readonly pauseMs: number;
}

const MOST_TRIES = 6;
const LONGEST_PAUSE_MS = 20_000;
/** One request with its answer, body included. */
const ANSWER_WITHIN_MS = 30_000;

/** Sends one signed request, again while the store is busy or away; the answer may be any that says something. */
export type S3Client = (request: S3Request) => Promise<S3Answer>;

/**
 * A client that signs every request with AWS Signature Version 4 over its body's SHA-256, and waits with full jitter
 * between tries. Throws PUBLISH_UNREACHABLE when no try was answered, PUBLISH_REFUSED for a 401 or 403.
 */
export function openS3Client(options: S3ClientOptions): S3Client {
  return async (request) => {
    let trouble = '';
    for (let attempt = 0; attempt < MOST_TRIES; attempt += 1) {
      if (attempt > 0) await pause(Math.random() * Math.min(LONGEST_PAUSE_MS, options.pauseMs * 2 ** attempt));
      const answer = await once(options, request).catch((error: unknown) => {
        if (error instanceof TooLong) throw publishError('PUBLISH_UNREACHABLE', error.message);
        trouble = wordsOf(error);
        return undefined;
      });
      if (answer === undefined) continue;
      if (answer.status === 401 || answer.status === 403) throw refused(request, answer);
      if (!isBusy(answer.status)) return answer;
      trouble = `status ${answer.status}`;
    }
    const what = `${request.method} ${request.url.pathname}`;
    throw publishError('PUBLISH_UNREACHABLE', `expected an answer to ${what} in ${MOST_TRIES} tries, found ${trouble}`);
  };
}

class TooLong extends Error {}

function isBusy(status: number): boolean {
  return status === 429 || status >= 500;
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
    redirect: 'error',
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    ...(request.method === 'PUT' ? { body } : {}),
  });
  const bytes = await bytesOf(response, request.limitBytes);
  return { status: response.status, etag: response.headers.get('etag'), bytes };
}

/** The body, read no further than the limit. */
async function bytesOf(response: Response, limitBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > limitBytes) throw new TooLong(`expected at most ${limitBytes} bytes, found more`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** The store's own word for why, and nothing else of its answer: it may repeat what was sent. */
function refused({ method, url }: S3Request, { status, bytes }: S3Answer): Error {
  const code = /<Code>([A-Za-z]{1,60})<\/Code>/.exec(new TextDecoder().decode(bytes.subarray(0, 4096)))?.[1];
  const words = `${status}${code === undefined ? '' : ` ${code}`}`;
  return publishError('PUBLISH_REFUSED', `expected ${method} ${url.pathname} to be allowed, found ${words}`);
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
