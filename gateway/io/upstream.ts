import type { Dispatcher } from 'undici';
import { type AttemptFailure, isEventStream } from '../core/index.ts';
import { ADDRESS_REFUSED } from './address.ts';
import { CONNECT_MS, createPools, type Place, type PoolOptions, type PoolOwner, SILENCE_MS } from './pools.ts';
import { retryAfterSeconds } from './retry-after.ts';

// One connection pool for each target of an org. No request header of a client goes upstream but what is listed here, and no
// client chooses the host; redirects are answers, never followed. Time limits: until the first byte is sent, until the headers,
// and between two chunks; a long stream as such is no fault here.

export interface UpstreamRequest {
  /** Whose connections it goes over. */
  readonly owner: PoolOwner;
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

export interface UpstreamOptions extends PoolOptions {
  /** Between two chunks of a body. */
  readonly idleTimeoutMs?: number;
}

/** `nowMs`: the gateway's clock, by which instants in headers are read. */
export function createUpstreams(nowMs: () => number, options: UpstreamOptions = {}): Upstreams {
  const { headersTimeoutMs = SILENCE_MS, idleTimeoutMs = SILENCE_MS, connectTimeoutMs = CONNECT_MS } = options;
  const pools = createPools(options);
  return {
    send(request, sink) {
      const idleMs = request.idleTimeoutMs ?? idleTimeoutMs;
      const place = pools.of(request.owner, request.origin)?.place() ?? null;
      const call = createCall(request, sink, { place, nowMs, idleMs, sendMs: Math.min(idleMs, connectTimeoutMs) });
      // Like any other failure it comes later than the call.
      if (place === null) queueMicrotask(call.refuse);
      else call.begin(place, request.idleTimeoutMs ?? headersTimeoutMs);
      return call;
    },
    close: pools.close,
  };
}

interface Call extends UpstreamCall {
  /** Sends it when there is room, or gives up when nothing could be sent in time. */
  begin(place: Place, headersTimeoutMs: number): void;
  /** Ends it before anything was sent: the address is refused. */
  refuse(): void;
}

interface CallParts {
  readonly place: Place | null;
  readonly nowMs: () => number;
  /** Between two chunks of the answer. */
  readonly idleMs: number;
  /** Until the first byte has been sent. */
  readonly sendMs: number;
}

function createCall(request: UpstreamRequest, sink: UpstreamSink, parts: CallParts): Call {
  const { place, nowMs, idleMs, sendMs } = parts;
  let controller: Dispatcher.DispatchController | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  let given = false;
  let sent = false;
  let paused = false;
  let size = 0;
  let mostBytes = request.maxBytes;
  const finish = (): boolean => {
    if (ended) return false;
    ended = true;
    clearTimeout(timer);
    // What the client has been given keeps its place until the client is done with it.
    if (!given) place?.leave();
    return true;
  };
  const failWith = (failure: Parameters<UpstreamSink['fail']>[0]): void => {
    if (!finish()) return;
    controller?.abort(new Error(failure.kind));
    sink.fail(failure);
  };
  /** A provider that sends nothing for too long has gone; while the client is the slow one, nobody counts. */
  const watch = (): void => {
    clearTimeout(timer);
    if (!ended) timer = setTimeout(() => failWith({ kind: 'timeout' }), idleMs);
  };
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart(opened) {
      clearTimeout(timer);
      controller = opened;
      // Nothing is sent of one that was given up.
      if (ended) opened.abort(new Error('aborted'));
      else sent = true;
    },
    onResponseStart(_opened, status, headers) {
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
      if (request.isStream && status === 200 && isEventStream(contentType)) {
        mostBytes = Number.POSITIVE_INFINITY;
      }
      sink.start({
        status,
        contentType,
        retryAfterSeconds: retryAfterSeconds(text(headers['retry-after']), nowMs()),
      });
    },
    onResponseData(_opened, chunk) {
      if (ended) return;
      timer?.refresh();
      size += chunk.length;
      if (size > mostBytes) failWith({ kind: 'too-large' });
      else sink.data(chunk);
    },
    onResponseEnd() {
      place?.leave();
      if (finish()) sink.end();
    },
    onResponseError(_opened, error) {
      place?.leave();
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
    begin({ enter }, headersTimeoutMs) {
      enter((pool) => {
        given = true;
        const { origin, path, headers, body } = request;
        pool.dispatch({ origin, path, method: 'POST', headers, body, headersTimeout: headersTimeoutMs }, handler);
      });
      // Most are sent at once.
      if (!sent && !ended) timer = setTimeout(() => failWith({ kind: 'not-sent' }), sendMs);
    },
    refuse: () => failWith({ kind: 'address-refused' }),
    pause() {
      paused = true;
      clearTimeout(timer);
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
