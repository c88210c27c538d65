import { isIP, type LookupFunction } from 'node:net';
import { type Dispatcher, Pool } from 'undici';
import type { AttemptFailure } from '../core/index.ts';
import { ADDRESS_REFUSED, type AddressRule, addressFault, guardedLookup, ruleFor } from './address.ts';

// One connection pool per upstream origin. No request header of a client goes upstream but what is listed here, and no
// client chooses the host; redirects are answers, never followed. Time limits: until the headers, and between two chunks; a
// long stream as such is no fault here.

export interface UpstreamRequest {
  readonly origin: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
  /** Of an answer that is no stream of events. */
  readonly maxBytes: number;
  /** A stream of events was asked for: one may be as long as it is. */
  readonly isStream: boolean;
  /** The longest silence, before the headers and between two chunks; null: the upstreams' own. */
  readonly idleTimeoutMs: number | null;
}

/** Sees an answer as it comes; after `end` or `fail` nothing more. `pause` of the call stops the reading until `resume`. */
export interface UpstreamSink {
  start(answer: {
    readonly status: number;
    readonly contentType: string;
    readonly retryAfterSeconds: number | null;
  }): void;
  data(chunk: Uint8Array): void;
  end(): void;
  fail(failure: AttemptFailure | { readonly kind: 'too-large' }): void;
}

export interface UpstreamCall {
  pause(): void;
  resume(): void;
  /** Ends the call; the sink hears nothing more. */
  abort(): void;
}

export interface Upstreams {
  send(request: UpstreamRequest, sink: UpstreamSink): UpstreamCall;
  close(): Promise<void>;
}

export interface UpstreamOptions {
  /** Until the headers of the answer have come. */
  readonly headersTimeoutMs?: number;
  /** Between two chunks of a body. */
  readonly idleTimeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Names or addresses of hosts, as base_url has them, that this machine's operator allows at private addresses. */
  readonly privateHosts?: readonly string[];
  /** Resolves names; the system's resolver unless a test takes its place. */
  readonly lookup?: LookupFunction;
}

/** The longest silence of a provider, where nobody says another. */
export const SILENCE_MS = 120_000;
/** Connections to one origin at most; who comes when all are busy waits for one. */
const MOST_CONNECTIONS = 512;
/** Origins that connections are kept to; a configuration has few, and those of former ones go first. */
const MOST_POOLS = 200;
const MOST_HEADER_BYTES = 16 * 1024;

export function createUpstreams(options: UpstreamOptions = {}): Upstreams {
  const { headersTimeoutMs = SILENCE_MS, idleTimeoutMs = SILENCE_MS } = options;
  const pools = createPools(options);
  return {
    send(request, sink) {
      const call = createCall(request, sink, request.idleTimeoutMs ?? idleTimeoutMs);
      const pool = pools.of(request.origin);
      if (pool === null) {
        // Like any other failure it comes later than the call.
        queueMicrotask(call.refuse);
        return call;
      }
      pool.dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: 'POST',
          headers: request.headers,
          body: request.body,
          headersTimeout: request.idleTimeoutMs ?? headersTimeoutMs,
        },
        call.handler,
      );
      return call;
    },
    close: pools.close,
  };
}

interface Pools {
  /** Null: the origin is an address that no connection may lead to. */
  of(origin: string): Pool | null;
  close(): Promise<void>;
}

function createPools(options: UpstreamOptions): Pools {
  const privateHosts = new Set(options.privateHosts);
  const pools = new Map<string, Pool | null>();
  const made = (origin: string): Pool | null => {
    const hostname = new URL(origin).hostname.replace(/^\[|\]$/g, '');
    const rule: AddressRule = ruleFor(hostname, privateHosts);
    if (isIP(hostname) !== 0 && addressFault(hostname, rule) !== null) return null;
    return guardedPool(origin, rule, options);
  };
  return {
    of(origin) {
      const known = pools.get(origin);
      if (known !== undefined) return known;
      const pool = made(origin);
      if (pools.size >= MOST_POOLS) {
        const [oldest = ''] = pools.keys();
        // What it is answering ends first.
        void pools.get(oldest)?.close();
        pools.delete(oldest);
      }
      pools.set(origin, pool);
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool?.destroy()));
    },
  };
}

/** Connections to one origin, at addresses that the rule allows. */
export function guardedPool(origin: string, rule: AddressRule, options: UpstreamOptions): Pool {
  const { connectTimeoutMs = 10_000, headersTimeoutMs = SILENCE_MS, lookup } = options;
  return new Pool(origin, {
    connections: MOST_CONNECTIONS,
    pipelining: 1,
    bodyTimeout: 0,
    maxHeaderSize: MOST_HEADER_BYTES,
    connect: { timeout: connectTimeoutMs, lookup: guardedLookup(rule, lookup) },
    headersTimeout: headersTimeoutMs,
  });
}

interface Call extends UpstreamCall {
  readonly handler: Dispatcher.DispatchHandler;
  /** Ends it before anything was sent: the address is refused. */
  refuse(): void;
}

function createCall(request: UpstreamRequest, sink: UpstreamSink, idleTimeoutMs: number): Call {
  let controller: Dispatcher.DispatchController | undefined;
  let idle: NodeJS.Timeout | undefined;
  let ended = false;
  let sent = false;
  let paused = false;
  let size = 0;
  let mostBytes = request.maxBytes;
  const finish = (): boolean => {
    if (ended) return false;
    ended = true;
    clearTimeout(idle);
    return true;
  };
  const failWith = (failure: Parameters<UpstreamSink['fail']>[0]): void => {
    if (!finish()) return;
    controller?.abort(new Error(failure.kind));
    sink.fail(failure);
  };
  /** A provider that sends nothing for too long has gone; while the client is the slow one, nobody counts. */
  const watch = (): void => {
    clearTimeout(idle);
    if (!ended) idle = setTimeout(() => failWith({ kind: 'timeout' }), idleTimeoutMs);
  };
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(given) {
      controller = given;
      sent = true;
      if (ended) given.abort(new Error('aborted'));
    },
    onResponseStart(_given, status, headers) {
      if (ended || status < 200) return;
      // Most answers end with the bytes that begin them: those need no timer.
      queueMicrotask(() => {
        if (!paused) watch();
      });
      if (headers['content-encoding'] !== undefined && headers['content-encoding'] !== 'identity') {
        failWith({ kind: 'broken' });
        return;
      }
      const contentType = text(headers['content-type']);
      if (request.isStream && status === 200 && contentType.startsWith('text/event-stream')) {
        mostBytes = Number.POSITIVE_INFINITY;
      }
      sink.start({
        status,
        contentType,
        retryAfterSeconds: seconds(text(headers['retry-after'])),
      });
    },
    onResponseData(_given, chunk) {
      if (ended) return;
      idle?.refresh();
      size += chunk.length;
      if (size > mostBytes) failWith({ kind: 'too-large' });
      else sink.data(chunk);
    },
    onResponseEnd() {
      if (finish()) sink.end();
    },
    onResponseError(_given, error) {
      if (!finish()) return;
      const code = 'code' in error ? String(error.code) : '';
      if (code === ADDRESS_REFUSED) sink.fail({ kind: 'address-refused' });
      else if (
        !sent ||
        /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/.test(code)
      ) {
        sink.fail({ kind: 'not-sent' });
      } else sink.fail({ kind: code === 'UND_ERR_HEADERS_TIMEOUT' ? 'timeout' : 'broken' });
    },
  };
  return {
    handler,
    refuse: () => failWith({ kind: 'address-refused' }),
    pause() {
      paused = true;
      clearTimeout(idle);
      controller?.pause();
    },
    resume() {
      paused = false;
      watch();
      controller?.resume();
    },
    abort() {
      if (finish()) controller?.abort(new Error('the client went away'));
    },
  };
}

function text(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

function seconds(value: string): number | null {
  return /^[0-9]{1,6}$/.test(value) ? Number(value) : null;
}
