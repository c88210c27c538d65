import type { Dispatcher } from 'undici';
import { type FetchAnswer, type FetchOptions, isRootFile, TrustError } from '../../src/trust/index.ts';
import { errorCode } from './files.ts';
import type { Pace } from './pace.ts';

// One published file over HTTP, from a source that may be anybody: no redirect is followed and nothing is unpacked,
// a size that is announced is judged before any byte is read, and a body that drips is given up.

export interface DownloadOptions {
  readonly agent: Dispatcher;
  readonly origin: string;
  /** Path of the org's folder at the origin, without a slash at its end. */
  readonly folder: string;
  /** Headers with which a GET of this path is signed. */
  readonly signedHeaders: (path: string) => Record<string, string>;
  readonly pace: Pace;
}

/** Any other answer of a server that is there. */
interface Unserved {
  readonly status: 'unserved';
  readonly statusCode: number;
}

export type Download = (path: string, asked: FetchOptions) => Promise<FetchAnswer | Unserved>;

type Response = Dispatcher.ResponseData;

/** The body of an answer that is no file is read up to here, so that the connection can be used again. */
const LEFT_OVER_BYTES = 16 * 1024;

/**
 * One published file from a control plane or a static host. Its refusals: TRUST_LENGTH above the limit, TRUST_SLOW below the pace,
 * TRUST_REDIRECT, TRUST_ENCODING; whatever else goes wrong is an error that means TRUST_UNREACHABLE. A root that is forbidden is
 * none: so answers an object store for a file that is not there where it may not be listed, and every poll asks for one.
 */
export function createDownload(options: DownloadOptions): Download {
  return async (path, asked) => {
    const answer = await ask(options, path, asked);
    if (answer.statusCode === 200) return fileOf(answer, path, asked.limitBytes, options.pace);
    await discard(answer, options.pace);
    if (answer.statusCode === 304) return { status: 304 };
    if (answer.statusCode === 404 || (answer.statusCode === 403 && isRootFile(path))) return { status: 404 };
    if (answer.statusCode >= 300 && answer.statusCode < 400) {
      throw new TrustError('TRUST_REDIRECT', `expected ${path}, found a redirect (${answer.statusCode})`);
    }
    return { status: 'unserved', statusCode: answer.statusCode };
  };
}

/** The answer that the verifier knows; an error for any other status. */
export function fileOrThrow(answer: FetchAnswer | Unserved, path: string): FetchAnswer {
  if (answer.status === 'unserved') throw new Error(`status ${answer.statusCode} for ${path}`);
  return answer;
}

/** What undici calls a connection that was closed before an answer began. */
const CLOSED: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * Asks, and once more when the connection was closed before an answer began: a server closes one that nothing was asked
 * over for a while, and may do so while the question is on its way (RFC 9110, 9.2.2).
 */
async function ask(options: DownloadOptions, path: string, asked: FetchOptions): Promise<Response> {
  return askOnce(options, path, asked).catch((error: unknown) => {
    if (!CLOSED.has(errorCode(error))) throw error;
    return askOnce(options, path, asked);
  });
}

async function askOnce(options: DownloadOptions, path: string, asked: FetchOptions): Promise<Response> {
  const { agent, origin, folder, signedHeaders, pace } = options;
  const full = `${folder}/${path}`;
  const headers = signedHeaders(full);
  const { etag, waitSeconds = 0, signal } = asked;
  if (etag !== undefined) headers['if-none-match'] = etag;
  if (waitSeconds > 0) headers['prefer'] = `wait=${waitSeconds}`;
  const late = new AbortController();
  const timer = setTimeout(
    () => late.abort(new Error(`no answer for ${path} in time`)),
    waitSeconds * 1000 + pace.answerMs,
  );
  const both = signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]);
  try {
    return await agent.request({ origin, path: full, method: 'GET', headers, signal: both });
  } finally {
    clearTimeout(timer);
  }
}

async function fileOf(answer: Response, path: string, limitBytes: number, pace: Pace): Promise<FetchAnswer> {
  const refusal = refusalOfHead(answer, path, limitBytes);
  if (refusal !== undefined) {
    answer.body.on('error', () => {}).destroy();
    throw refusal;
  }
  const bytes = await readBody(answer.body, limitBytes, pace);
  return { status: 200, bytes, etag: etagOf(answer) };
}

/** One entity tag (RFC 9110, 8.8.3), of a length that every server takes back. */
const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]{1,256}"$/;

/**
 * The tag to ask with the next time. What is none would be sent to whoever answers then: `*` makes an honest server say for
 * ever that nothing changed, and one that fills the header makes it refuse every question.
 */
function etagOf({ headers }: Response): string | null {
  const tag = headers['etag'];
  return typeof tag === 'string' && ETAG.test(tag) ? tag : null;
}

/** What can be said of an answer before any byte of its body is read. */
function refusalOfHead({ headers }: Response, path: string, limitBytes: number): TrustError | undefined {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return new TrustError('TRUST_ENCODING', `expected ${path} as it is, found it encoded as ${String(encoding)}`);
  }
  const announced = Number(headers['content-length'] ?? 0);
  if (announced <= limitBytes) return undefined;
  return new TrustError(
    'TRUST_LENGTH',
    `expected at most ${limitBytes} bytes of ${path}, found ${announced} announced`,
  );
}

/** The whole body; TRUST_LENGTH when it is longer than `limitBytes`, TRUST_SLOW when it does not keep the pace. */
async function readBody(body: Response['body'], limitBytes: number, pace: Pace): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let [size, before] = [0, 0];
  const timer = setInterval(() => {
    if (size - before < pace.leastBytes) body.destroy(slow(size - before, pace));
    before = size;
  }, pace.windowMs);
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      size += chunk.length;
      if (size > limitBytes)
        throw new TrustError('TRUST_LENGTH', `expected at most ${limitBytes} bytes, found more in the answer`);
      chunks.push(chunk);
    }
  } finally {
    clearInterval(timer);
  }
  return Buffer.concat(chunks);
}

function slow(bytes: number, { leastBytes, windowMs }: Pace): TrustError {
  return new TrustError('TRUST_SLOW', `expected ${leastBytes} bytes in ${windowMs} ms, found ${bytes}`);
}

/** Reads what nobody needs, so that the connection can be used again, or cuts it off where that would cost too much. */
async function discard(answer: Response, pace: Pace): Promise<void> {
  await readBody(answer.body, LEFT_OVER_BYTES, pace).catch(() => undefined);
}
