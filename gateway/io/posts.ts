import { isIP, type LookupFunction } from 'node:net';
import type { Dispatcher, Pool } from 'undici';
import { ADDRESS_REFUSED, addressFault, ruleFor } from './address.ts';
import { guardedPool } from './pools.ts';

// Requests to receivers of evidence and to tool servers: the same rules for addresses as for providers, no redirects, bounded
// answers, one pool per origin.

export interface PostOptions {
  /** Hosts that may be at private addresses. */
  readonly privateHosts?: readonly string[];
  readonly lookup?: LookupFunction;
}

export interface Post {
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: string;
  /** For everything, from the connection to the last byte. */
  readonly timeoutMs: number;
}

/** What came of a request: a status with the first bytes of the body, or the code of why there is none. */
export type Posted = { readonly status: number; readonly body: string } | { readonly failed: string };

export interface Posts {
  post(request: Post): Promise<Posted>;
  /** Any other request; throws what the client throws, and an error with the code of a refused address. */
  request(url: URL, options: Omit<Dispatcher.RequestOptions, 'origin' | 'path'>): Promise<Dispatcher.ResponseData>;
  close(): Promise<void>;
}

/** Origins that connections are kept to; those of former configurations go first. */
const MOST_POOLS = 100;
/** Of an answer to a delivery. */
const MOST_ANSWER_BYTES = 64 * 1024;

/** Makes a client whose connections go only where `options` allow. */
export function createPosts(options: PostOptions = {}): Posts {
  const pools = new Map<string, Pool>();
  const poolOf = (url: URL): Pool => {
    const known = pools.get(url.origin);
    if (known !== undefined) return known;
    const hostname = url.hostname.replace(/^\[|\]$/g, '');
    const rule = ruleFor(hostname, new Set(options.privateHosts));
    if (isIP(hostname) !== 0 && addressFault(hostname, rule) !== null) throw addressRefused();
    const pool = guardedPool(url.origin, rule, options);
    if (pools.size >= MOST_POOLS) {
      const [oldest = ''] = pools.keys();
      // What it is answering ends first.
      void pools.get(oldest)?.close();
      pools.delete(oldest);
    }
    pools.set(url.origin, pool);
    return pool;
  };
  const request: Posts['request'] = (url, more) =>
    poolOf(url).request({ ...more, path: `${url.pathname}${url.search}` });
  return {
    request,
    async post({ url, headers, body, timeoutMs }) {
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        const answer = await request(new URL(url), { method: 'POST', headers, body, signal });
        return { status: answer.statusCode, body: await beginning(answer.body) };
      } catch (error) {
        return { failed: failureOf(error) };
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
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
