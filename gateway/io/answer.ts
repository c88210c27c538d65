import { type Json, parseJson } from '../../src/core/model/index.ts';
import { type AttemptFailure, holdsSecret } from '../core/index.ts';
import type { UpstreamCall, UpstreamRequest, Upstreams } from './upstream.ts';

/** `too-long`: it took longer than an answer may that is paid for. */
export type AnswerFailure = AttemptFailure | { readonly kind: 'too-large' | 'too-long' };

/** False for what this side ended, which says nothing about the provider. */
export function isOfProvider(failure: AnswerFailure): failure is AttemptFailure {
  return failure.kind !== 'too-large' && failure.kind !== 'too-long';
}

export interface AnswerStart {
  readonly kind: 'started';
  readonly status: number;
  readonly contentType: string;
  readonly retryAfterSeconds: number | null;
}

/** An upstream answer that is pulled: nothing is read further ahead than a bounded queue. */
export interface UpstreamAnswer {
  readonly started: Promise<AnswerStart | AnswerFailure>;
  /** The chunks that have come, `end`, or why it broke off. One caller at a time. */
  next(): Promise<readonly Uint8Array[] | 'end' | AnswerFailure>;
  /** The rest of the body in one piece. */
  collect(): Promise<Uint8Array | AnswerFailure>;
  /** Ends it as one that took too long, unless it has ended; what has come is still read. */
  cutOff(): void;
  /** Hears of the cut instead of the one before; at once where there was one. For who waits for something else meanwhile. */
  onCutOff(listener: () => void): void;
  abort(): void;
}

/** The most that waits for a slow reader before the upstream is told to wait too. */
const QUEUE_BYTES = 256 * 1024;

/** The JSON of an answer, or undefined. */
export function parsedAnswer(bytes: Uint8Array): Json | undefined {
  return parsedText(textOf(bytes));
}

/** The text of UTF-8 without the mark that some servers put before it (RFC 8259 8.1 lets a reader pass over it, as `fetch` does). */
export function textOf(bytes: Uint8Array): string {
  const text = bufferOf(bytes).toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** The same bytes. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** True for JSON with `secret` in it. What has no escape has it as it is, so that most need not be searched text by text. */
export function tellsSecret(text: Buffer | string, value: () => Json | undefined, secret: string): boolean {
  if (secret === '') return false;
  return text.includes(secret) || (text.includes('\\') && holdsSecret(value() ?? null, secret));
}

/** The JSON of a text, or undefined. */
export function parsedText(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Hears once how the connection ended: at the end of the answer, for a failure, or because this side left. */
export type AnswerEnd = (how: 'end' | 'left' | AnswerFailure) => void;

export function openAnswer(upstreams: Upstreams, request: UpstreamRequest, onEnd: AnswerEnd): UpstreamAnswer {
  let queue: Uint8Array[] = [];
  let queued = 0;
  let over: 'end' | AnswerFailure | undefined;
  let isCollecting = false;
  let isPaused = false;
  let isCutOff = false;
  let wake: (() => void) | undefined;
  let hearCut: () => void = () => {};
  let begin: (start: AnswerStart | AnswerFailure) => void = () => {};
  const started = new Promise<AnswerStart | AnswerFailure>((resolve) => {
    begin = resolve;
  });
  const rouse = (): void => {
    const waiting = wake;
    wake = undefined;
    waiting?.();
  };
  const finish = (how: 'end' | AnswerFailure, isLeaving = false): void => {
    if (over === undefined) onEnd(isLeaving ? 'left' : how);
    over ??= how;
    if (how !== 'end') begin(how);
    rouse();
  };
  const call: UpstreamCall = upstreams.send(request, {
    start: (answer) => begin({ kind: 'started', ...answer }),
    data(chunk) {
      queue.push(chunk);
      queued += chunk.length;
      if (isCollecting) return;
      if (queued > QUEUE_BYTES && !isPaused) {
        isPaused = true;
        call.pause();
      }
      rouse();
    },
    end: () => finish('end'),
    fail: (failure) => finish(failure),
  });
  const take = (): readonly Uint8Array[] => {
    const taken = queue;
    queue = [];
    queued = 0;
    if (isPaused) {
      isPaused = false;
      if (over === undefined) call.resume();
    }
    return taken;
  };
  const more = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });
  return {
    started,
    async next() {
      if (queue.length === 0 && over === undefined) await more();
      return queue.length > 0 ? take() : (over ?? 'end');
    },
    async collect() {
      isCollecting = true;
      if (isPaused) call.resume();
      isPaused = false;
      while (over === undefined) await more();
      if (over !== 'end') return over;
      const [first] = queue;
      return queue.length === 1 && first !== undefined ? first : Buffer.concat(queue);
    },
    cutOff() {
      isCutOff = true;
      call.abort();
      finish({ kind: 'too-long' }, true);
      hearCut();
    },
    onCutOff(listener) {
      hearCut = listener;
      if (isCutOff) listener();
    },
    abort() {
      call.abort();
      finish({ kind: 'broken' }, true);
    },
  };
}
