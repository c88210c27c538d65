import type { Dispatcher } from 'undici';
import { type Json, type JsonObject, parseJson, writeJson } from '../../src/core/model/index.ts';
import type { ToolServer } from '../../src/core/policy/index.ts';
import {
  type ClientMessage,
  createSseParser,
  holdsSecret,
  isEventStream,
  nestsDeeperThan,
  type RequestTrace,
  refuse,
  traceparentOf,
} from '../core/index.ts';
import { textOf } from './answer.ts';
import type { Exchange } from './exchange.ts';
import { Refused } from './intake.ts';
import { failureOf } from './posts.ts';
import type { Service } from './service.ts';
import { beginSpan, failSpan } from './tracing.ts';

// Asking a tool server: its address and its key come from the document and this machine; what it answers is bounded before it
// is parsed.

/** What goes to a server beside the message. */
export interface Sending {
  readonly server: ToolServer;
  readonly method: 'POST' | 'GET' | 'DELETE';
  /** Of the server, not of the caller. */
  readonly session: string | undefined;
  readonly version: string | undefined;
  readonly headers?: { readonly [name: string]: string };
  /** The message, with the trace that it belongs to. */
  readonly body: ((traceparent: string | undefined) => JsonObject) | null;
  /** Ends it when its caller leaves; null: it is kept for somebody who will ask. */
  readonly signal: AbortSignal | null;
}

/** The most of one message, of a whole answer of several, and of nesting. */
const MOST_MESSAGE_BYTES = 4 << 20;
const MOST_ANSWER_BYTES = 32 << 20;
const MOST_DEPTH = 64;

/** What a server answered. */
export interface ServerAnswer extends Dispatcher.ResponseData {
  /** Whether it says the key that it was asked with, which nobody may hear of it. */
  readonly tellsKey: (said: Json) => boolean;
}

/** Writes the intent durably, then asks. Throws Refused, whose words are ours. */
export async function askServer(service: Service, exchange: Exchange, sending: Sending): Promise<ServerAnswer> {
  const { server } = sending;
  const found = server.secret === null ? null : await service.secrets.read(server.secret);
  if (found !== null && 'missing' in found) {
    throw new Refused(refuse('upstream_unavailable', { message: `The key of "${server.id}" is not there.` }));
  }
  await writeIntent(service, exchange, server);
  const { trace } = exchange;
  const traceparent = spanOf(service, trace, server);
  const key = found === null ? {} : { [server.apiKeyHeader]: `${server.apiKeyPrefix}${found.value}` };
  service.tools.counters.calls += 1;
  try {
    const answer = await service.tools.posts.request(new URL(server.url), {
      owner: `${sending.method === 'GET' ? 'notifications' : 'calls'} ${server.id}`,
      method: sending.method,
      waitMs: server.idleTimeoutMs,
      headers: { ...headersOf(exchange, sending), ...key, ...(traceparent === undefined ? {} : { traceparent }) },
      body: sending.body === null ? null : writeJson(sending.body(traceparent)),
      signal: sending.signal,
      headersTimeout: server.idleTimeoutMs,
      bodyTimeout: server.idleTimeoutMs,
    });
    if (answer.statusCode >= 400) failSpan(trace, String(answer.statusCode), service.nowMs());
    noteKeyRefused(service, server, answer.statusCode);
    return { ...answer, tellsKey: (said) => found !== null && tells(service, server, said, found.value) };
  } catch (error) {
    failSpan(trace, failureOf(error), service.nowMs());
    throw unanswered(error);
  }
}

/** A server that repeats the key is not repeated, and its operator hears of it. */
function tells({ log }: Service, { id }: ToolServer, said: Json, key: string): boolean {
  if (!holdsSecret(said, key)) return false;
  log.warn('a tool server repeats its key', { server: id });
  return true;
}

/** Notes in the trace that the server is asked; what it is told of that, or undefined where nothing is traced. */
function spanOf(service: Service, trace: RequestTrace | null, { id }: ToolServer): string | undefined {
  if (trace === null) return undefined;
  const { spanId } = beginSpan(trace, { target: id, provider: 'mcp', model: '', startMs: service.nowMs() });
  return traceparentOf(trace, spanId);
}

async function writeIntent(service: Service, exchange: Exchange, { id }: ToolServer): Promise<void> {
  const { requestId } = exchange;
  const at = service.nowMs();
  try {
    await service.evidence.intent({
      type: 'intent',
      id: `int${requestId.slice(3)}.0`,
      at,
      requestId,
      target: id,
      wallets: [],
    });
    exchange.attempts += 1;
  } catch {
    throw new Refused(refuse('journal_unavailable'));
  }
}

function headersOf(
  { requestId }: Exchange,
  { method, session, version, headers }: Sending,
): { [name: string]: string } {
  return {
    accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
    'accept-encoding': 'identity',
    'user-agent': 'tenantry-gateway',
    'x-request-id': requestId,
    ...(method === 'POST' ? { 'content-type': 'application/json' } : {}),
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
    ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
    ...headers,
  };
}

function noteKeyRefused(service: Service, server: ToolServer, status: number): void {
  if (status !== 401 && status !== 403) return;
  service.log.warn('a tool server did not take the key', { server: server.id, status });
  if (server.secret !== null) service.secrets.refused(server.secret);
}

const TIMEOUTS: ReadonlySet<string> = new Set(['timeout', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);

/** What a caller hears of a server that did not answer; also for one that breaks off. */
export function unanswered(error: unknown): Refused {
  if (error instanceof Refused) return error;
  const code = failureOf(error);
  if (TIMEOUTS.has(code))
    return new Refused(refuse('upstream_timeout', { message: 'The tool server did not answer in time.' }));
  const message =
    code === 'ERR_ADDRESS_REFUSED'
      ? 'The address of the tool server is one that this gateway does not ask.'
      : 'The tool server could not be reached or broke off.';
  return new Refused(refuse(code === 'ERR_ADDRESS_REFUSED' ? 'upstream_unavailable' : 'upstream_error', { message }));
}

export function headerOf(answer: Dispatcher.ResponseData, name: string): string {
  const value = answer.headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
}

/** True for an answer that is a stream of events. */
export function isStream(answer: Dispatcher.ResponseData): boolean {
  return isEventStream(headerOf(answer, 'content-type'));
}

/**
 * The messages of an answer as they come, of one JSON or of events, up to the first that tells the key. `isEndless`: a stream of
 * any length. Throws Refused.
 */
export async function* messagesOf(answer: ServerAnswer, isEndless = false): AsyncGenerator<Json | undefined> {
  for await (const said of saidIn(answer, isEndless)) {
    if (said !== undefined && answer.tellsKey(said)) throw keyTold();
    yield said;
  }
}

/** Of what has the key in it nothing is handed on. */
export const keyTold = (): Refused =>
  new Refused(refuse('upstream_error', { message: 'The tool server repeats the key that it was asked with.' }));

async function* saidIn(answer: Dispatcher.ResponseData, isEndless: boolean): AsyncGenerator<Json | undefined> {
  const encoding = headerOf(answer, 'content-encoding');
  if (encoding !== '' && encoding !== 'identity') {
    // Unread it would hold its connection.
    void answer.body.dump({ limit: 65_536 }).catch(() => {});
    throw new Refused(refuse('upstream_error'));
  }
  try {
    if (isStream(answer)) yield* eventsOf(answer.body, isEndless ? Number.POSITIVE_INFINITY : MOST_ANSWER_BYTES);
    else yield parsed(await whole(answer.body));
  } catch (error) {
    throw unanswered(error);
  }
}

async function* eventsOf(body: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Json | undefined> {
  const parser = createSseParser(MOST_MESSAGE_BYTES);
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    const events = size > most ? undefined : parser.push(chunk);
    if (events === undefined) throw new Refused(refuse('upstream_too_large'));
    for (const event of events) yield parsed(Buffer.from(event));
  }
  for (const event of parser.end()) yield parsed(Buffer.from(event));
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    size += part.length;
    if (size > MOST_MESSAGE_BYTES) throw new Refused(refuse('upstream_too_large'));
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The JSON of a message, or undefined. */
function parsed(bytes: Buffer): Json | undefined {
  if (nestsDeeperThan(bytes, MOST_DEPTH)) return undefined;
  try {
    return parseJson(textOf(bytes));
  } catch {
    return undefined;
  }
}

/** What every message of one request goes with. */
export type Base = Pick<Sending, 'server' | 'signal' | 'session' | 'version'>;

/** From this revision on, headers repeat what the message says. */
export const MIRRORED_FROM = '2026-07-28';

/** The headers that repeat a message, where the revision has them. */
export function mirrorOf(
  version: string | undefined,
  { method }: ClientMessage,
  tool: string | null,
): { readonly [name: string]: string } {
  if (version === undefined || version < MIRRORED_FROM) return {};
  return { 'mcp-method': method, ...(tool === null ? {} : { 'mcp-name': tool }) };
}

/** Tool servers report no tokens. */
export const NO_USAGE = { inputTokens: 0, outputTokens: 0 };

/** What a caller hears of a status that is none of success. */
export function refusedBy(status: number): Refused {
  if (status === 404) return new Refused(refuse('session_unknown'));
  if (status === 405)
    return new Refused(refuse('method_not_allowed', { message: 'The tool server does not take this.' }));
  return new Refused(refuse('upstream_error', { message: `The tool server answered with status ${status}.` }));
}
