import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import type { JsonObject } from '../../src/core/model/index.ts';
import type { RequestFacts, ToolServer } from '../../src/core/policy/index.ts';
import {
  type ClientMessage,
  calledTool,
  forwarded,
  hasChanged,
  introduced,
  RPC,
  type RpcId,
  readClientMessage,
  readServerMessage,
  refuse,
  rpcResult,
  shownTools,
  VERSION,
} from '../core/index.ts';
import type { SocketClient } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { bodyLimit, checkMedia, parseBody, Refused, readBody } from './intake.ts';
import { type Governed, governArguments, governResult, governWords, RpcFault } from './mcp-policies.ts';
import { askServer, type Base, headerOf, isStream, messagesOf, NO_USAGE, refusedBy } from './mcp-server.ts';
import { sendEvent, sendMessage } from './mcp-stream.ts';
import type { Service } from './service.ts';

/** From this revision on, headers repeat what the message says. */
const MIRRORED_FROM = '2026-07-28';

/** A message of a caller: judged, sent, and its answer judged. Throws Refused and RpcFault. */
export async function answerPost(
  service: Service,
  exchange: Exchange,
  client: SocketClient,
  base: Base,
): Promise<void> {
  const { request, response } = client;
  checkMedia(request);
  const message = readClientMessage(parseBody(await readBody(request, bodyLimit(exchange.snapshot))));
  if ('code' in message) throw new RpcFault(message, 'mcp.message_refused', message.id === null ? 400 : 200);
  const { server } = base;
  const name = message.kind === 'request' && message.method === 'tools/call' ? calledTool(message) : null;
  const tool = name !== null && server.allowedTools.has(name) ? name : null;
  exchange.tool = { server: server.id, method: message.method, tool };
  checkMirror(request, message);
  const governed = governedOf(service, exchange, request, { message, tool });
  const changed = governed === null ? {} : { arguments: checkedArguments(service, governed, server, message) };
  const answer = await askServer(service, exchange, {
    ...base,
    method: 'POST',
    headers: mirrorOf(base.version, message, tool),
    body: (traceparent) => forwarded(message, { ...changed, ...(traceparent === undefined ? {} : { traceparent }) }),
  });
  if (message.kind === 'notification') await answerNotification(service, exchange, response, answer);
  else await answerRequest(service, exchange, response, { message, governed, answer, base });
}

/** What is judged, where a tool is called. */
function governedOf(
  service: Service,
  exchange: Exchange,
  request: IncomingMessage,
  { message, tool }: { readonly message: ClientMessage; readonly tool: string | null },
): Governed | null {
  if (message.kind !== 'request' || message.method !== 'tools/call') return null;
  if (tool === null) {
    throw new RpcFault({ id: message.id, code: RPC.params, message: 'Unknown tool.' }, 'mcp.tool_not_allowed');
  }
  const call = { id: exchange.requestId, name: tool };
  return { exchange, facts: factsOf(exchange, request), id: message.id, call, metrics: service.metrics };
}

function checkedArguments(
  service: Service,
  governed: Governed,
  server: ToolServer,
  { params }: ClientMessage,
): JsonObject {
  const { id, call } = governed;
  if (hasChanged(server, call.name, service.tools.pins)) {
    throw new RpcFault({ id, code: RPC.params, message: 'The tool is not what was pinned.' }, 'mcp.tool_changed');
  }
  const given = params['arguments'] ?? {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new RpcFault({ id, code: RPC.params, message: 'Expected arguments to be an object.' }, 'mcp.message_refused');
  }
  return governArguments(governed, given as JsonObject);
}

/** Headers that repeat the message must not say something else: whoever reads only them would be misled. */
function checkMirror({ headers }: IncomingMessage, message: ClientMessage): void {
  const method = headers['mcp-method'];
  const name = headers['mcp-name'];
  const isOff =
    (method !== undefined && method !== message.method) || (name !== undefined && name !== message.params['name']);
  if (!isOff) return;
  const id = message.kind === 'request' ? message.id : null;
  throw new RpcFault({ id, code: RPC.header, message: 'Headers and message differ.' }, 'mcp.header_mismatch', 400);
}

function mirrorOf(
  version: string | undefined,
  { method }: ClientMessage,
  tool: string | null,
): { readonly [name: string]: string } {
  if (version === undefined || version < MIRRORED_FROM) return {};
  return { 'mcp-method': method, ...(tool === null ? {} : { 'mcp-name': tool }) };
}

function factsOf(exchange: Exchange, request: IncomingMessage): RequestFacts {
  const { snapshot, token } = exchange;
  const headers = new Map<string, string>();
  for (const name of snapshot.policy.headersRead) {
    const value = request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return {
    path: exchange.route,
    headers,
    model: null,
    team: token?.team ?? null,
    role: token?.role ?? null,
    gateway: snapshot.tenant?.identity.gateway ?? 'standalone',
    token: token?.name ?? null,
    authenticated: token !== null,
    body: {},
  };
}

async function answerNotification(
  service: Service,
  exchange: Exchange,
  response: ServerResponse,
  answer: Dispatcher.ResponseData,
): Promise<void> {
  await answer.body.dump({ limit: 65_536 }).catch(() => {});
  if (answer.statusCode >= 300) throw refusedBy(answer.statusCode);
  await decide(service, exchange, { status: 202, usage: NO_USAGE });
  response.writeHead(202).end();
}

interface Asked {
  readonly message: Extract<ClientMessage, { kind: 'request' }>;
  readonly governed: Governed | null;
  readonly answer: Dispatcher.ResponseData;
  readonly base: Base;
}

async function answerRequest(
  service: Service,
  exchange: Exchange,
  response: ServerResponse,
  asked: Asked,
): Promise<void> {
  const { message, answer } = asked;
  if (answer.statusCode !== 200) throw await rejected(answer, message.id);
  passSession(service, exchange, response, asked);
  if (isStream(answer)) response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  for await (const said of messagesOf(answer)) {
    const read = readServerMessage(said, message.id);
    if (read.kind === 'notification' && response.headersSent) await sendEvent(response, read.message);
    if (read.kind === 'error') throw errorOf(asked, read);
    if (read.kind !== 'result') continue;
    const result = resultFor(service, exchange, asked, read.result);
    await decide(service, exchange, { status: 200, usage: NO_USAGE });
    await sendMessage(response, rpcResult(message.id, result), 200);
    return;
  }
  throw new Refused(refuse('upstream_error', { message: 'The tool server did not answer the message.' }));
}

/** The id of a new session goes to the caller sealed. */
function passSession(
  service: Service,
  exchange: Exchange,
  response: ServerResponse,
  { message, answer, base }: Asked,
): void {
  const session = headerOf(answer, 'mcp-session-id');
  if (message.method !== 'initialize' || session === '') return;
  if (!/^[\x21-\x7e]{1,256}$/.test(session)) throw new Refused(refuse('upstream_error'));
  response.setHeader('mcp-session-id', service.tools.seal(base.server, exchange.token?.name ?? null, session));
}

function resultFor(
  service: Service,
  exchange: Exchange,
  { message, governed, base }: Asked,
  result: JsonObject,
): JsonObject {
  const { resultType } = result;
  if (resultType !== undefined && resultType !== 'complete') {
    const said = 'The tool server asks for something that this gateway does not pass on.';
    throw new RpcFault({ id: message.id, code: RPC.internal, message: said }, 'mcp.result_refused');
  }
  if (governed !== null) return governResult(governed, result);
  if (message.method === 'tools/list') return listFor(service, exchange, base.server, result);
  return message.method === 'ping' ? {} : introduced(result);
}

function listFor(service: Service, exchange: Exchange, server: ToolServer, list: JsonObject): JsonObject {
  const { result, withheld } = shownTools(server, list, service.tools.pins, service.hash);
  if (withheld.length > 0) {
    service.tools.counters.withheld += withheld.length;
    service.log.warn('tools are withheld: they are not what was pinned', {
      server: server.id,
      tools: withheld.slice(0, 20).join(' '),
      request: exchange.requestId,
    });
    exchange.tool = { server: server.id, method: 'tools/list', tool: null, withheld };
    exchange.verdict = 'redact';
    exchange.reasonCode = 'mcp.tool_changed';
  }
  return result;
}

/** An error of a server in words that the policies let through; without a policy's eye, in ours. */
function errorOf({ message, governed }: Asked, said: { readonly code: number; readonly message: string }): RpcFault {
  const { id } = message;
  const words = governed === null ? 'The tool server refused the message.' : governWords(governed, said.message);
  return new RpcFault({ id, code: said.code, message: words }, 'mcp.server_error');
}

/** What a status that is none of success comes to; of a server that says which revisions it speaks, that too. */
async function rejected(answer: Dispatcher.ResponseData, id: RpcId): Promise<Refused | RpcFault> {
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
