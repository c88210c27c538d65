import { Agent, type Dispatcher } from 'undici';
import { isLoopback, type OrgUid, parseJson } from '../../src/core/model/index.ts';
import { type BundleFetcher, requestSigner } from '../../src/trust/index.ts';
import { createDownload } from './download.ts';
import { GatewayFailure } from './failure.ts';
import type { Pace } from './pace.ts';
import { createParcelFetcher } from './parcel.ts';
import type { Sequences } from './state.ts';

// Everything that goes to the control plane: signed GETs of published files, and signed POSTs one at a time in the
// order of their sequence (rulings 27). A POST whose answer got lost is sent again as the same bytes and sequence.

/** What a POST came to: the answer's JSON, a refusal that a retry cannot mend, or nobody there. */
export type Answered =
  | { readonly kind: 'ok'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly details?: unknown }
  | { readonly kind: 'away'; readonly detail: string };

export interface ControlPlane {
  /** Sends when its turn comes; `urgent` goes before what waits. `attempts` counts the tries with the same sequence. */
  post(
    path: string,
    body: string,
    options?: { readonly urgent?: boolean; readonly attempts?: number },
  ): Promise<Answered>;
  /** A signed question that the control plane may hold back until it has news, at most `waitSeconds`. */
  get(path: string, waitSeconds: number): Promise<Answered>;
  readonly fetcher: BundleFetcher;
  /** Work done since it was opened. */
  readonly counters: { readonly signatures: number };
  close(): Promise<void>;
}

export interface ControlPlaneOptions {
  readonly source: string;
  readonly orgUid: OrgUid;
  readonly gateway: string;
  readonly privateKey: string;
  readonly sequences: Sequences;
  readonly nowMs: () => number;
  /** For published files. */
  readonly pace: Pace;
  /** Milliseconds a POST may take. */
  readonly timeoutMs?: number;
}

interface Job {
  readonly run: () => Promise<void>;
}

const MAX_ANSWER_BYTES = 1 << 20;

/** The address of a control plane as an origin: https, or http on loopback. Throws GATEWAY_ADDRESS_INVALID. */
export function sourceOrigin(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new GatewayFailure('GATEWAY_ADDRESS_INVALID', `expected a URL, found ${JSON.stringify(text)}`, 64);
  }
  const isPlain = url.protocol === 'http:' && isLoopback(url.hostname);
  if ((url.protocol !== 'https:' && !isPlain) || url.username !== '' || url.search !== '' || url.hash !== '') {
    throw new GatewayFailure(
      'GATEWAY_ADDRESS_INVALID',
      `expected https, or http on loopback, found ${url.protocol}//${url.host}`,
      64,
    );
  }
  return url.origin + url.pathname.replace(/\/+$/, '');
}

export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { origin, pathname } = new URL(options.source);
  const base = pathname === '/' ? '' : pathname;
  const agent = new Agent({ connections: 4, pipelining: 1 });
  // Answers that are held back would leave no connection for what is urgent.
  const waiting = new Agent({ connections: 16, pipelining: 1 });
  const counters = { signatures: 0 };
  const sign = requestSigner(options.privateKey, { org: options.orgUid, gateway: options.gateway });
  const signed = (method: string, path: string, body: Uint8Array, sequence: number): Record<string, string> => {
    counters.signatures += 1;
    return sign({ method, path, body, timeMs: options.nowMs(), sequence });
  };

  const sendOnce = async (path: string, body: Uint8Array, sequence: number): Promise<Answered> => {
    const headers = { ...signed('POST', path, body, sequence), 'content-type': 'application/json' };
    const signal = AbortSignal.timeout(options.timeoutMs ?? 10_000);
    return answered(agent.request({ origin, path: base + path, method: 'POST', headers, body, signal }));
  };

  const answered = async (asked: Promise<Dispatcher.ResponseData>): Promise<Answered> => {
    try {
      const { statusCode, body: answer } = await asked;
      const text = new TextDecoder().decode(await readBounded(answer, MAX_ANSWER_BYTES));
      if (statusCode >= 500 || statusCode === 429) return { kind: 'away', detail: `status ${statusCode}` };
      if (statusCode === 200) return { kind: 'ok', body: parseJson(text) as unknown };
      return { kind: 'refused', status: statusCode, ...refusalIn(text) };
    } catch (error) {
      return { kind: 'away', detail: error instanceof Error ? error.message : String(error) };
    }
  };

  /** The same bytes under one sequence. A disk that cannot reserve the sequence is nobody there: nothing was sent. */
  const sendOften = async (path: string, body: Uint8Array, attempts: number): Promise<Answered> => {
    let answered: Answered = { kind: 'away', detail: 'never sent' };
    let sequence: number;
    try {
      sequence = options.sequences.next();
    } catch (error) {
      return { kind: 'away', detail: error instanceof Error ? error.message : String(error) };
    }
    for (let attempt = 0; attempt < attempts && answered.kind === 'away'; attempt += 1) {
      answered = await sendOnce(path, body, sequence);
    }
    return answered;
  };

  const jobs: Job[] = [];
  let running = false;
  const runJobs = async (): Promise<void> => {
    running = true;
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await job.run();
    running = false;
  };

  return {
    counters,
    post(path, text, { urgent = false, attempts = 2 } = {}) {
      return new Promise((resolve) => {
        const run = async (): Promise<void> => {
          resolve(await sendOften(path, Buffer.from(text, 'utf8'), attempts));
        };
        if (urgent) jobs.unshift({ run });
        else jobs.push({ run });
        if (!running) void runJobs();
      });
    },
    get(path, waitSeconds) {
      const prefer = waitSeconds === 0 ? {} : { prefer: `wait=${waitSeconds}` };
      const headers = { ...signed('GET', path, new Uint8Array(0), 0), ...prefer };
      const signal = AbortSignal.timeout(waitSeconds * 1000 + (options.timeoutMs ?? 10_000));
      return answered(waiting.request({ origin, path: base + path, method: 'GET', headers, signal }));
    },
    fetcher: createParcelFetcher(
      createDownload({
        agent,
        origin,
        folder: `${base}/bundles/${options.orgUid}`,
        signedHeaders: (path) => signed('GET', path.slice(base.length), new Uint8Array(0), 0),
        pace: options.pace,
      }),
      options.nowMs,
    ),
    close: async () => {
      await Promise.all([agent.destroy(), waiting.destroy()]);
    },
  };
}

/** The whole body; throws when it is longer than `limitBytes`, whatever its header said. */
async function readBounded(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limitBytes) throw new Error(`the answer is longer than ${limitBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refusalIn(text: string): { readonly code: string; readonly details?: unknown } {
  try {
    const { error } = parseJson(text) as { readonly error?: { readonly code?: unknown; readonly details?: unknown } };
    return { code: typeof error?.code === 'string' ? error.code : '', details: error?.details };
  } catch {
    return { code: '' };
  }
}
