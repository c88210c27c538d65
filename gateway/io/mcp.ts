import type { IncomingMessage } from 'node:http';
import type { ToolServer } from '../../src/core/policy/index.ts';
import { isAboutRequest, isWithinShare, refuse, VERSION } from '../core/index.ts';
import type { SocketClient } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { Refused } from './intake.ts';
import { answerPost } from './mcp-call.ts';
import { answerFault, RpcFault } from './mcp-fault.ts';
import { askServer, type Base, isStream, messagesOf, NO_USAGE, refusedBy } from './mcp-server.ts';
import { streamOf } from './mcp-stream.ts';
import type { Service } from './service.ts';

// POST, GET and DELETE /mcp/<server>: MCP over streamable HTTP, message by message. Every message that goes to a server leaves
// an intent before and a decision after; what a caller gets is made here of what passes, never copied.

const MOST_STREAMS = 100;

/** Answers, or throws Refused after what has to be written is written. */
export async function answerMcp(
  service: Service,
  exchange: Exchange,
  client: SocketClient,
  server: ToolServer,
): Promise<void> {
  const { request, response } = client;
  exchange.target = server.id;
  exchange.tool = { server: server.id, method: null, tool: null };
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  try {
    const sending = { server, signal: controller.signal, ...envelopeOf(service, exchange, request, server) };
    if (request.method === 'POST') await answerPost(service, exchange, client, sending);
    else if (request.method === 'GET') await answerGet(service, exchange, client, { ...sending, controller });
    else if (request.method === 'DELETE') await answerDelete(service, exchange, client, sending);
    else {
      response.setHeader('allow', 'POST, GET, DELETE');
      throw new Refused(refuse('method_not_allowed', { message: 'Expected POST, GET or DELETE.' }));
    }
  } catch (error) {
    if (error instanceof RpcFault) await answerFault(service, exchange, response, error);
    else await recordRefusal(service, exchange, error);
  }
}

/** The parts of a request that are the transport's; refuses a page of a browser and a session of somebody else. */
function envelopeOf(
  service: Service,
  exchange: Exchange,
  { headers }: IncomingMessage,
  server: ToolServer,
): Pick<Base, 'session' | 'version'> {
  // Without this, a page whose name resolves to this machine could ask (DNS rebinding).
  if (headers.origin !== undefined) throw new Refused(refuse('origin_refused'));
  const version = headers['mcp-protocol-version'];
  if (version !== undefined && !(typeof version === 'string' && VERSION.test(version))) {
    throw new Refused(
      refuse('malformed_request', { message: 'Expected mcp-protocol-version to be a revision of MCP.' }),
    );
  }
  const sealed = headers['mcp-session-id'];
  if (sealed === undefined) return { session: undefined, version };
  const session =
    typeof sealed === 'string'
      ? service.tools.unseal({ server, token: exchange.token?.name ?? null, what: 'session' }, sealed)
      : undefined;
  if (session === undefined) throw new Refused(refuse('session_unknown'));
  return { session, version };
}

async function answerGet(
  service: Service,
  exchange: Exchange,
  { response }: SocketClient,
  { controller, ...base }: Base & { readonly controller: AbortController },
): Promise<void> {
  const { streams } = service.tools;
  const token = exchange.token?.name ?? null;
  const open = [...streams.values()].map((name) => ({ token: name, size: 1 }));
  if (open.length >= MOST_STREAMS || !isWithinShare(open, { token, size: 1 }, MOST_STREAMS)) {
    throw new Refused(refuse('concurrency_exceeded'));
  }
  streams.set(controller, token);
  try {
    const answer = await askServer(service, exchange, { ...base, method: 'GET', body: null });
    if (answer.statusCode !== 200 || !isStream(answer)) {
      await answer.body.dump({ limit: 65_536 }).catch(() => {});
      throw refusedBy(answer.statusCode === 200 ? 502 : answer.statusCode);
    }
    exchange.stream = true;
    await streamOf(response, messagesOf(answer, true));
    await decide(service, exchange, { status: 200, usage: NO_USAGE });
    response.end();
  } finally {
    streams.delete(controller);
  }
}

async function answerDelete(
  service: Service,
  exchange: Exchange,
  { response }: SocketClient,
  base: Base,
): Promise<void> {
  if (base.session === undefined) throw new Refused(refuse('session_unknown'));
  const answer = await askServer(service, exchange, { ...base, method: 'DELETE', body: null });
  await answer.body.dump({ limit: 65_536 }).catch(() => {});
  if (answer.statusCode >= 300) throw refusedBy(answer.statusCode);
  await decide(service, exchange, { status: 204, usage: NO_USAGE });
  response.writeHead(204).end();
}

/** Writes what a refusal came to, and lets it go on. */
async function recordRefusal(service: Service, exchange: Exchange, error: unknown): Promise<never> {
  const refusal = error instanceof Refused ? error.refusal : refuse('internal_error');
  if (refusal.code !== 'journal_unavailable' && !exchange.isDecided) {
    if (exchange.verdict !== 'escalate') {
      exchange.verdict = isAboutRequest(refusal) ? 'block' : exchange.verdict;
      exchange.reasonCode ??= `gateway.${refusal.code}`;
    }
    await decide(service, exchange, { status: refusal.status, usage: NO_USAGE });
  }
  throw error;
}
