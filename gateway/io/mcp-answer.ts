import type { JsonObject } from '../../src/core/model/index.ts';
import type { Escalated } from '../../src/core/policy/index.ts';
import {
  type ClientMessage,
  introduced,
  RPC,
  type RpcId,
  readServerMessage,
  refuse,
  rpcResult,
  type ServerMessage,
  VERSION,
} from '../core/index.ts';
import type { Client } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { type Go, holdAnswer, requireApproved } from './held.ts';
import { Refused } from './intake.ts';
import { RpcFault } from './mcp-fault.ts';
import { holdCall, type ToolCall } from './mcp-held.ts';
import { listFor } from './mcp-list.ts';
import { allowedNow, type Governed, governedOf, governResult, governWords } from './mcp-policies.ts';
import {
  type Base,
  headerOf,
  isStream,
  keyTold,
  messagesOf,
  NO_USAGE,
  refusedBy,
  type ServerAnswer,
} from './mcp-server.ts';
import { beginEvents, sendEvent, sendMessage } from './mcp-stream.ts';
import { isKept, type Reply } from './reply.ts';
import type { Service } from './service.ts';
import { factsOf } from './standing.ts';

// What a tool server says to a message, on its way to whoever asked.

/** A tool that was called. */
export interface Called {
  readonly call: ToolCall;
  readonly governed: Governed;
  readonly client: Client;
  /** The arguments as they were sent. */
  readonly sent: JsonObject;
  /** A person has approved the call. */
  readonly isApproved: boolean;
}

interface Asked {
  readonly message: Extract<ClientMessage, { kind: 'request' }>;
  readonly called: Called | null;
  readonly answer: ServerAnswer;
  readonly base: Base;
  readonly request: Client['request'];
}

/** Throws Refused and RpcFault. */
export async function answerRequest(
  service: Service,
  exchange: Exchange,
  response: Reply,
  asked: Asked,
): Promise<void> {
  const { message, answer, called } = asked;
  if (answer.statusCode !== 200) throw await rejected(answer, message.id);
  passSession(service, exchange, response, asked);
  if (isStream(answer) && !response.headersSent && !isKept(response)) beginEvents(response);
  const said = await lastOf(service, response, asked);
  if (said.kind === 'error') throw await errorOf(asked, said);
  checkComplete(message.id, said.result);
  if (called !== null) return answerResult(service, exchange, called, said.result);
  const result = await resultFor(service, exchange, response, { ...asked, result: said.result });
  await decide(service, exchange, { status: 200, usage: NO_USAGE });
  await sendMessage(response, rpcResult(message.id, result), 200);
}

/** The answer to the message; what is said before it goes on as it comes, where somebody listens. */
async function lastOf(
  { tools }: Service,
  response: Reply,
  { message, answer }: Asked,
): Promise<Extract<ServerMessage, { kind: 'result' | 'error' }>> {
  for await (const said of messagesOf(answer)) {
    const read = readServerMessage(said, { message, opaque: tools.opaque });
    if (read.kind === 'result' || read.kind === 'error') return read;
    if (read.kind === 'notification' && response.headersSent) await sendEvent(response, read.message);
  }
  throw new Refused(refuse('upstream_error', { message: 'The tool server did not answer the message.' }));
}

/** The result of a call; where a person decides about it, it waits. */
async function answerResult(service: Service, exchange: Exchange, called: Called, said: JsonObject): Promise<void> {
  const { call, governed, client, sent } = called;
  const { value, escalated, steps } = await governResult(governed, said);
  const result = rpcResult(call.message.id, value);
  const go = (to: Client): Promise<void> => sendMessage(to.response, result, 200);
  if (!waits(called, escalated)) {
    await decide(service, exchange, { status: 200, usage: NO_USAGE });
    return go(client);
  }
  const bytes = Buffer.byteLength(JSON.stringify(result));
  const waiting = { call, client, escalated, steps, phase: 'output', sent, bytes, go } as const;
  const anew = (to: Client): Promise<Go> => answeredAnew(service, exchange, { ...called, client: to }, said);
  await holdCall(service, exchange, holdAnswer, { ...waiting, anew });
}

/** A result that waited, judged as if it came now: the tool may still be asked, and the policies are those of now. */
async function answeredAnew(service: Service, exchange: Exchange, called: Called, said: JsonObject): Promise<Go> {
  const { client } = called;
  const call = allowedNow(exchange, called.call);
  const governed = governedOf(service, exchange, client, call);
  const { value, escalated, steps } = await governResult(governed, said);
  if (waits(called, escalated)) requireApproved(exchange, escalated, steps);
  return ({ response }) => sendMessage(response, rpcResult(call.message.id, value), 200);
}

/** Where a person has approved the call, who asks about every answer has been answered. */
function waits({ isApproved }: Called, escalated: Escalated | null): escalated is Escalated {
  return escalated !== null && !(escalated.isUnconditional && isApproved);
}

function checkComplete(id: RpcId, { resultType }: JsonObject): void {
  if (resultType === undefined || resultType === 'complete') return;
  const said = 'The tool server asks for something that this gateway does not pass on.';
  throw new RpcFault({ id, code: RPC.internal, message: said }, 'mcp.result_refused');
}

/** The id of a new session goes to the caller sealed. */
function passSession(service: Service, exchange: Exchange, response: Reply, { message, answer, base }: Asked): void {
  const session = headerOf(answer, 'mcp-session-id');
  if (message.method !== 'initialize' || session === '') return;
  if (!/^[\x21-\x7e]{1,256}$/.test(session)) throw new Refused(refuse('upstream_error'));
  if (answer.tellsKey(session)) throw keyTold();
  const whose = { server: base.server, token: exchange.token?.name ?? null, what: 'session' } as const;
  response.setHeader('mcp-session-id', service.tools.seal(whose, session));
}

function resultFor(
  service: Service,
  exchange: Exchange,
  response: Reply,
  { message, base, request, result }: Asked & { readonly result: JsonObject },
): JsonObject | Promise<JsonObject> {
  const { server } = base;
  if (message.method === 'ping') return {};
  if (message.method !== 'tools/list') return introduced(result, server.id);
  const facts = factsOf(exchange, request, { model: null, body: {} });
  const call = { id: exchange.requestId, name: message.method };
  return listFor({ service, exchange, response, facts, id: message.id, call }, server, result);
}

/** An error of a server in words that the policies let through; without a policy's eye, in ours. */
async function errorOf(
  { message, called }: Asked,
  said: { readonly code: number; readonly message: string },
): Promise<RpcFault> {
  const words = called === null ? null : await wordsOf(called, said.message);
  const error = { id: message.id, code: said.code, message: words ?? 'The tool server refused the message.' };
  return new RpcFault(error, 'mcp.server_error');
}

/** Null: a person would have to read them first, and they are not worth that. */
async function wordsOf(called: Called, text: string): Promise<string | null> {
  const { value, escalated } = await governWords(called.governed, text);
  return waits(called, escalated) ? null : value;
}

/** What a status that is none of success comes to; of a server that says which revisions it speaks, that too. */
async function rejected(answer: ServerAnswer, id: RpcId): Promise<Refused | RpcFault> {
  const { statusCode } = answer;
  const isTold = statusCode === 400 || statusCode === 404;
  if (!isTold) {
    await answer.body.dump({ limit: 65_536 }).catch(() => {});
    return refusedBy(statusCode);
  }
  for await (const said of messagesOf(answer)) {
    const error =
      typeof said === 'object' && said !== null && !Array.isArray(said) ? (said as JsonObject)['error'] : undefined;
    if (typeof error !== 'object' || error === null || Array.isArray(error)) continue;
    const { code, data } = error as JsonObject;
    if (typeof code !== 'number') continue;
    const message = 'The tool server refused the message.';
    return new RpcFault({ id, code, message, ...versionsIn(data) }, 'mcp.server_error', statusCode);
  }
  return refusedBy(statusCode);
}

function versionsIn(data: unknown): { readonly data?: JsonObject } {
  const { supported, requested } = (typeof data === 'object' && data !== null ? data : {}) as JsonObject;
  if (!Array.isArray(supported)) return {};
  const versions = supported.filter((item) => typeof item === 'string' && VERSION.test(item));
  const asked = typeof requested === 'string' && VERSION.test(requested) ? { requested } : {};
  return { data: { supported: versions, ...asked } };
}
