import type { LookupFunction } from 'node:net';
import type { Dispatcher, Pool } from 'undici';
import { ADDRESS_REFUSED } from './address.ts';
import { createPools, type Place } from './pools.ts';

// Requests to receivers of evidence and to tool servers: the same rules for addresses as for providers, no redirects, bounded
// answers, connections of its own for each of them.

export interface PostOptions {
  /** Hosts that may be at private addresses. */
  readonly privateHosts?: readonly string[];
  readonly lookup?: LookupFunction;
  /** Of one owner to one origin; else those of a provider. */
  readonly connections?: number;
}

export interface Post {
  /** Whose connections it goes over: the name of a sink. */
  readonly owner: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** For everything, from the connection to the last byte. */
  readonly timeoutMs: number;
}

/** What came of a request: a status with the first bytes of the body, or the code of why there is none. */
export type Posted = { readonly status: number; readonly body: string } | { readonly failed: string };

/** A request to whom connections are kept. */
export interface Ask extends Pick<Dispatcher.RequestOptions, 'headers' | 'body' | 'headersTimeout' | 'bodyTimeout'> {
  /** Whose connections it goes over: two owners share none, wherever they lead. */
  readonly owner: string;
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly signal: AbortSignal | null;
  /** The longest wait for a connection while all of the owner's are taken. */
  readonly waitMs: number;
}

export interface Posts {
  post(request: Post): Promise<Posted>;
  /**
   * Any other request; throws what the client throws, an error with the code of a refused address, and a `TimeoutError` when no
   * connection was free in time. A connection is taken until the body has ended or is destroyed.
   */
  request(url: URL, ask: Ask): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

/** Of an answer to a delivery. */
const MOST_ANSWER_BYTES = 64 * 1024;

/** Makes a client whose connections go only where `options` allow. */
export function createPosts(options: PostOptions = {}): Posts {
  const pools = createPools(options);
  const request: Posts['request'] = async (url, { owner, waitMs, ...more }) => {
    const place = pools.of({ org: null, target: owner }, url.origin)?.place();
    if (place === undefined) throw addressRefused();
    try {
      const pool = await entered(place, more.signal, waitMs);
      const answer = await pool.request({ ...more, path: `${url.pathname}${url.search}` });
      answer.body.once('close', place.leave);
      return answer;
    } catch (error) {
      place.leave();
      throw error;
    }
  };
  return {
    request,
    async post({ owner, url, headers, body, timeoutMs }) {
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        const answer = await request(new URL(url), {
          owner,
          method: 'POST',
          headers,
          body,
          signal,
          waitMs: timeoutMs,
        });
        return { status: answer.statusCode, body: await beginning(answer.body) };
      } catch (error) {
        return { failed: failureOf(error) };
      }
    },
    close: pools.close,
  };
}

/** The pool, once there is room. Throws the reason of `signal`, or a TimeoutError after `waitMs`. */
function entered(place: Place, signal: AbortSignal | null, waitMs: number): Promise<Pool> {
  return new Promise((resolve, reject) => {
    let entry: Pool | undefined;
    let until: AbortSignal | undefined;
    const giveUp = (): void => reject(until?.reason);
    place.enter((pool) => {
      entry = pool;
      until?.removeEventListener('abort', giveUp);
      resolve(pool);
    });
    // Most are in at once.
    if (entry !== undefined) return;
    until = AbortSignal.any([AbortSignal.timeout(waitMs), ...(signal === null ? [] : [signal])]);
    until.addEventListener('abort', giveUp);
    if (until.aborted) giveUp();
  });
}

function addressRefused(): Error {
  return Object.assign(new Error('the address is refused'), { code: ADDRESS_REFUSED });
}

/** The code of an error, never its words: they may hold an address or what was sent. */
export function failureOf(error: unknown): string {
  const { code, name } =
    typeof error === 'object' && error !== null ? (error as { code?: unknown; name?: unknown }) : {};
  if (name === 'TimeoutError') return 'timeout';
  return typeof code === 'string' ? code : 'failed';
}

async function beginning(body: AsyncIterable<Uint8Array> & { destroy(): unknown }): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > MOST_ANSWER_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8', 0, MOST_ANSWER_BYTES);
}
