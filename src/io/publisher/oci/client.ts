import { publishError } from '../error.ts';
import { type BodyLimit, bytesOf, isLoopback, type Patience, persistently, within } from '../http.ts';
import { restOf } from '../retry-after.ts';
import type { RegistryAccess } from './access.ts';

/** One request to the registry. */
export interface OciRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  readonly url: URL;
  /** The one that the request is allowed for. */
  readonly repository: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** For what was asked for; a word of why not may be as long as `WORD_LIMIT_BYTES`. */
  readonly limit: BodyLimit;
  readonly signal?: AbortSignal | undefined;
}

export interface OciAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
  readonly restMs: number;
}

export interface OciClient {
  /**
   * Sends one request with what the registry's challenge asks for, again while it is busy or away; any answer that says
   * something. Throws PUBLISH_UNREACHABLE when no try was answered, PUBLISH_REFUSED for a 403 or a second 401. Redirects are
   * answers, never followed.
   */
  ask(request: OciRequest): Promise<OciAnswer>;
  /** As `ask`, for what a redirect may lead to another host for: followed there without any credentials. */
  fetchFrom(request: OciRequest): Promise<OciAnswer>;
}

const MOST_REDIRECTS = 3;
const WORD_LIMIT_BYTES = 64 * 1024;

export function openOciClient(access: RegistryAccess, { pauseMs }: Patience): OciClient {
  const ask = async (request: OciRequest): Promise<OciAnswer> => {
    const patience = { pauseMs, signal: request.signal };
    const answer = await persistently(wordsOf(request), patience, () => authorized(access, request));
    if (answer.status === 401 || answer.status === 403) throw refused(request, answer);
    return answer;
  };
  return {
    ask,
    async fetchFrom(request) {
      let { url } = request;
      let answer = await ask(request);
      for (let hop = 0; isRedirect(answer) && hop < MOST_REDIRECTS; hop += 1) {
        url = placeOf(request, url, answer);
        const there = { ...request, url };
        answer = await persistently(wordsOf(there), { pauseMs, signal: request.signal }, () => once(there, undefined));
      }
      return answer;
    },
  };
}

export function isRedirect({ status }: OciAnswer): boolean {
  return status >= 300 && status < 400;
}

async function authorized(access: RegistryAccess, request: OciRequest): Promise<OciAnswer> {
  const used = access.header(request.repository);
  const answer = await once(request, used);
  if (answer.status !== 401) return answer;
  await access.answer(request.repository, answer.headers.get('www-authenticate'), used);
  return once(request, access.header(request.repository));
}

async function once(request: OciRequest, authorization: string | undefined): Promise<OciAnswer> {
  const { method, url, body } = request;
  const response = await fetch(url, {
    method,
    // As it is: what comes out of a compressed answer has no bound that its length would show.
    headers: {
      'accept-encoding': 'identity',
      ...request.headers,
      ...(authorization === undefined ? {} : { authorization }),
    },
    redirect: 'manual',
    signal: within(request.signal),
    ...(body === undefined ? {} : { body }),
  });
  const { status } = response;
  // What is said instead of a blob or manifest is none.
  const words: BodyLimit = { bytes: Math.max(request.limit.bytes, WORD_LIMIT_BYTES), code: 'PUBLISH_UNREACHABLE' };
  const bytes = await bytesOf(wordsOf(request), response, status === 200 ? request.limit : words);
  return { status, headers: response.headers, bytes, restMs: restOf(response) };
}

/** Where a redirect leads: https, or loopback from loopback. What comes from there is known by its digest. */
function placeOf(request: OciRequest, from: URL, { headers }: OciAnswer): URL {
  const text = headers.get('location') ?? '';
  const url = URL.parse(text, from.href);
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url) && isLoopback(request.url));
  if (url !== null && isSafe && url.username === '') return url;
  // Without the query, which may be what opens the place.
  const found = JSON.stringify(text.replace(/[?#].*$/s, '').slice(0, 200));
  throw publishError('PUBLISH_ELSEWHERE', `expected ${wordsOf(request)} to lead to an https address, found ${found}`);
}

/** Without the query: a registry may put what opens an upload there. */
export function wordsOf({ method, url }: Pick<OciRequest, 'method' | 'url'>): string {
  return `${method} ${url.host}${url.pathname}`;
}

/** The registry's own word for why, and nothing else of its answer: it may repeat what was sent. */
function refused(request: OciRequest, answer: OciAnswer): Error {
  const code = errorCode(answer);
  const words = `${answer.status}${code === undefined ? '' : ` ${code}`}`;
  return publishError('PUBLISH_REFUSED', `expected ${wordsOf(request)} to be allowed, found ${words}`);
}

/** The code of an error answer, as the distribution specification lists them. */
export function errorCode({ bytes }: OciAnswer): string | undefined {
  return /"code"\s*:\s*"([A-Z_]{1,60})"/.exec(new TextDecoder().decode(bytes.subarray(0, 4096)))?.[1];
}
