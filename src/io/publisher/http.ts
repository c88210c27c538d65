import { setTimeout } from 'node:timers/promises';
import { publishError } from './error.ts';
import { LONGEST_REST_MS } from './retry-after.ts';

const MOST_TRIES = 6;
const LONGEST_PAUSE_MS = 20_000;
/** One request with its answer, body included. */
const ANSWER_WITHIN_MS = 30_000;
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Where plain http is as good as https. */
export function isLoopback({ hostname }: URL): boolean {
  return LOOPBACK.has(hostname);
}

/** Ends a request that takes too long, or when `signal` aborts. */
export function within(signal: AbortSignal | undefined): AbortSignal {
  const timeout = AbortSignal.timeout(ANSWER_WITHIN_MS);
  return signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
}

/** How often and how long. */
export interface Patience {
  /** The unit of waiting between tries; tests make it short. */
  readonly pauseMs: number;
  /** No try begins after it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks again, with full jitter between tries, while the other side is busy (429, 5xx but 501) or away; gives the first answer that
 * says something. Where it says how long it wants to be left alone, it is, or is asked no more. Throws PUBLISH_UNREACHABLE when
 * no try brought an answer; a refusal with a code of ours is not tried again.
 * @param what The request in words, for the error: a method and a path.
 */
export async function persistently<Answer extends Said>(
  what: string,
  { pauseMs, signal }: Patience,
  once: () => Promise<Answer>,
): Promise<Answer> {
  let trouble = '';
  let restMs = 0;
  for (let attempt = 0; attempt < MOST_TRIES && signal?.aborted !== true; attempt += 1) {
    if (attempt > 0) await pause(restMs + Math.random() * Math.min(LONGEST_PAUSE_MS, pauseMs * 2 ** attempt), signal);
    const answer = await once().catch((error: unknown) => {
      if (isOurs(error)) throw error;
      trouble = wordsOf(error);
      return undefined;
    });
    restMs = answer?.restMs ?? 0;
    if (answer === undefined) continue;
    if (!isBusy(answer.status)) return answer;
    trouble = `status ${answer.status}`;
    if (restMs > LONGEST_REST_MS) throw resting(what, trouble, restMs);
  }
  const bound = signal?.aborted === true ? 'in time' : `in ${MOST_TRIES} tries`;
  throw publishError('PUBLISH_UNREACHABLE', `expected an answer to ${what} ${bound}, found ${trouble || 'none'}`);
}

/** What every answer says of itself. */
interface Said {
  readonly status: number;
  /** How long the other side wants to be left alone; 0 where it does not say. */
  readonly restMs: number;
}

function resting(what: string, trouble: string, restMs: number): Error {
  const words = `expected an answer to ${what}, found ${trouble} that wants to be asked again in ${Math.ceil(restMs / 1000)} s`;
  return publishError('PUBLISH_UNREACHABLE', words);
}

/** How long a body may be, and what a longer one is refused as. */
export interface BodyLimit {
  readonly bytes: number;
  readonly code: 'PUBLISH_UNREACHABLE' | 'PUBLISH_OVERLONG' | 'PUBLISH_FOREIGN';
}

/**
 * The body, read no further than the limit.
 * @param what The request in words, for the error.
 */
export async function bytesOf(what: string, response: Response, limit: BodyLimit): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body ?? []) {
    length += part.length;
    if (length > limit.bytes)
      throw publishError(limit.code, `expected ${what} to be answered with at most ${limit.bytes} bytes, found more`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** Does `work` on each item, `atOnce` at a time; waits for what is under way, and then throws the first failure. */
export async function inTurns<T>(items: readonly T[], atOnce: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values();
  const takeAll = async (): Promise<void> => {
    for (const item of rest) await work(item);
  };
  for (const result of await Promise.allSettled(Array.from({ length: atOnce }, takeAll)))
    if (result.status === 'rejected') throw result.reason;
}

/** Waits, no longer than until the signal aborts. */
export function pause(delayMs: number, signal?: AbortSignal): Promise<void> {
  return setTimeout(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

/** 501 says that it will never do it. */
function isBusy(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

function isOurs(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('PUBLISH_');
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer';
  const { cause } = error;
  return cause instanceof Error ? cause.message : error.message;
}
