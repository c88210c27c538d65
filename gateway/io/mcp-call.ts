import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { type ClientMessage, calledTool, forwarded, RPC, readClientMessage } from '../core/index.ts';
import type { SocketClient } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { bodyLimit, checkMedia, parseBody, readBody } from './intake.ts';
import { answerRequest } from './mcp-answer.ts';
import { inEvents, RpcFault } from './mcp-fault.ts';
import { cancelWaiting } from './mcp-held.ts';
import { askServer, type Base, mirrorOf, NO_USAGE, refusedBy } from './mcp-server.ts';
import { answerToolCall } from './mcp-tool.ts';
import type { Service } from './service.ts';

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
  const isCall = message.kind === 'request' && message.method === 'tools/call';
  const name = isCall ? calledTool(message) : null;
  const tool = name !== null && server.allowedTools.has(name) ? name : null;
  exchange.tool = { server: server.id, method: message.method, tool };
  checkMirror(request, message);
  try {
    if (isCall) await answerToolCall(service, exchange, client, { message, tool, base });
    else await passOn(service, exchange, client, { message, base });
  } catch (error) {
    throw message.kind === 'request' ? inEvents(error, exchange, response, message.id) : error;
  }
}

/** A message that calls no tool. */
async function passOn(
  service: Service,
  exchange: Exchange,
  { request, response }: SocketClient,
  { message, base }: { readonly message: ClientMessage; readonly base: Base },
): Promise<void> {
  if (message.method === 'notifications/cancelled') cancelWaiting(service, exchange, base, message);
  const cursor = cursorIn(service, exchange, base, message);
  const answer = await askServer(service, exchange, {
    ...base,
    method: 'POST',
    headers: mirrorOf(base.version, message, null),
    body: (traceparent) => forwarded(message, { opaque: service.tools.opaque, cursor, traceparent }),
  });
  if (message.kind === 'notification') await answerNotification(service, exchange, response, answer);
  else await answerRequest(service, exchange, response, { message, called: null, answer, base, request });
}

/** Where a list goes on, as its server said it. Throws RpcFault for one that no list ended with. */
function cursorIn(service: Service, exchange: Exchange, { server }: Base, message: ClientMessage): string | undefined {
  const { cursor } = message.params;
  if (message.kind !== 'request' || message.method !== 'tools/list' || cursor === undefined) return undefined;
  const whose = { server, token: exchange.token?.name ?? null, what: 'cursor' } as const;
  const found = typeof cursor === 'string' ? service.tools.unseal(whose, cursor) : undefined;
  if (found !== undefined) return found;
  const said = 'The cursor is not one that this gateway gave.';
  throw new RpcFault({ id: message.id, code: RPC.params, message: said }, 'mcp.message_refused');
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
