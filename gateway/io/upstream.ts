import { type Dispatcher, Pool } from 'undici';
import type { AttemptFailure } from '../core/index.ts';

// One connection pool per upstream origin. No request header of a client goes upstream but what is listed here, and no
// client chooses the host. Time limits: until the headers, and between two chunks; a long stream as such is no fault.

export interface UpstreamRequest {
  readonly origin: string;
  readonly path: string;
  readonly headers: { readonly [name: string]: string };
  readonly body: Uint8Array;
  readonly maxBytes: number;
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
}

export function createUpstreams(options: UpstreamOptions = {}): Upstreams {
  const { headersTimeoutMs = 120_000, idleTimeoutMs = 120_000, connectTimeoutMs = 10_000 } = options;
  const pools = new Map<string, Pool>();
  const poolOf = (origin: string): Pool => {
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const made = new Pool(origin, {
      connections: 512,
      pipelining: 1,
      bodyTimeout: 0,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: headersTimeoutMs,
    });
    pools.set(origin, made);
    return made;
  };
  return {
    send(request, sink) {
      const call = createCall(request, sink, idleTimeoutMs);
      poolOf(request.origin).dispatch(
        {
          origin: request.origin,
          path: request.path,
          method: 'POST',
          headers: request.headers,
          body: request.body,
        },
        call.handler,
      );
      return call;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
}

interface Call extends UpstreamCall {
  readonly handler: Dispatcher.DispatchHandler;
}

function createCall(request: UpstreamRequest, sink: UpstreamSink, idleTimeoutMs: number): Call {
  let controller: Dispatcher.DispatchController | undefined;
  let idle: NodeJS.Timeout | undefined;
  let ended = false;
  let sent = false;
  let paused = false;
  let size = 0;
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
      sink.start({
        status,
        contentType: text(headers['content-type']),
        retryAfterSeconds: seconds(text(headers['retry-after'])),
      });
    },
    onResponseData(_given, chunk) {
      if (ended) return;
      idle?.refresh();
      size += chunk.length;
      if (size > request.maxBytes) failWith({ kind: 'too-large' });
      else sink.data(chunk);
    },
    onResponseEnd() {
      if (finish()) sink.end();
    },
    onResponseError(_given, error) {
      if (!finish()) return;
      const code = 'code' in error ? String(error.code) : '';
      if (!sent || /^(ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/.test(code)) {
        sink.fail({ kind: 'not-sent' });
      } else sink.fail({ kind: code === 'UND_ERR_HEADERS_TIMEOUT' ? 'timeout' : 'broken' });
    },
  };
  return {
    handler,
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
