import { type Json, type JsonObject, type PolicyStep, parseJson, type Sha256Hex } from '../../src/core/model/index.ts';
import type { Escalated } from '../../src/core/policy/index.ts';
import {
  type ClientMessage,
  digestOf,
  progressTokenOf,
  RPC,
  type RpcId,
  rpcResult,
  type Use,
  waitingProgress,
  waitingResult,
} from '../core/index.ts';
import { type Client, clientGone, type SocketClient } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { type Go, type HeldCall, type Holding, type holdAnswer, patienceOf, placeOf } from './held.ts';
import { answerFault, HeldFault, RpcFault } from './mcp-fault.ts';
import { type Base, MIRRORED_FROM, NO_USAGE } from './mcp-server.ts';
import { beginEvents, sendEvent, sendMessage } from './mcp-stream.ts';
import { Refused } from './refused.ts';
import { isKept, type KeptReply, type Reply } from './reply.ts';
import type { Ticket } from './reviews.ts';
import type { Service } from './service.ts';
import { collect, waitFor } from './tickets.ts';

// Calls of tools that a person decides about: how their callers wait, and how the same call asked again comes to its answer.

/** The official SDKs give up after 60 seconds; a ticket has to be there before. */
const USUAL_MS = 50_000;

/** A call of a tool, as it came. */
export interface ToolCall {
  readonly message: Extract<ClientMessage, { kind: 'request' }>;
  readonly base: Base;
  readonly tool: string;
  /** The arguments as they came. */
  readonly given: JsonObject;
}

/** What waits: a call with its arguments as they would be sent, or what it brought. */
export interface Waiting {
  readonly call: ToolCall;
  readonly client: Client;
  readonly escalated: Escalated;
  readonly steps: readonly PolicyStep[];
  readonly phase: 'input' | 'output';
  readonly sent: JsonObject;
  readonly bytes: number;
  readonly go: Go;
  /** As of what is held. Throws Refused and RpcFault. */
  readonly anew: (client: Client) => Promise<Go>;
}

/** Holds it as `hold` does, with its caller told in the words of MCP. Throws RpcFault and Refused. */
export async function holdCall(
  service: Service,
  exchange: Exchange,
  hold: typeof holdAnswer,
  waiting: Waiting,
): Promise<void> {
  const { call, client, escalated, steps, phase, bytes, go, anew } = waiting;
  const { response } = client;
  const known = knownBy(service, exchange, waiting);
  const stopTelling = tellProgress(service, client, call.message);
  const stopListening = listenForCancel(service, exchange, response, call);
  const stop = (): void => {
    stopTelling();
    stopListening();
  };
  const answering = async (to: Client, work: () => Promise<void>): Promise<void> => {
    stop();
    await answeredBy(service, exchange, to.response, work);
  };
  const held: HeldCall = { ...known, usualMs: USUAL_MS, giveTicket };
  async function giveTicket(ticket: Ticket): Promise<void> {
    stop();
    await sendTicket(response, ticket, call);
  }
  const use = useOfTools(exchange);
  const holding: Holding = {
    ...{ client, family: 'openai', escalated, steps, use, bytes, phase },
    ...{ call: held, go, anew, answering },
  };
  try {
    await hold(service, exchange, holding);
  } catch (error) {
    throw inRpc(error, exchange, response, call.message.id);
  } finally {
    stop();
  }
}

/** What a message to a tool server wants. */
export const useOfTools = ({ route: path }: Pick<Exchange, 'route'>): Use => ({ scope: 'mcp', path, model: null });

/** An error of JSON-RPC is an answer as any other, also one that is kept. */
async function answeredBy(
  service: Service,
  exchange: Exchange,
  response: Reply,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof RpcFault)) throw error;
    await answerFault(service, exchange, response, error);
  }
}

function knownBy(service: Service, exchange: Exchange, { call, sent }: Waiting): Pick<HeldCall, 'told' | 'key'> {
  const { message, base, tool } = call;
  const digest = (value: Json): Sha256Hex => {
    const known = digestOf(value, service.hash);
    if (known !== null) return known;
    const said = 'Expected arguments whose texts are Unicode.';
    throw new RpcFault({ id: message.id, code: RPC.params, message: said }, 'mcp.message_refused');
  };
  const argumentsDigest = digest(sent);
  const key = digest(whoAsksWhat(exchange, call));
  return { told: { server: base.server.id, tool, argumentsDigest }, key };
}

/** By which the same call of the same caller is known. */
function whoAsksWhat({ token }: Exchange, { base, tool, given }: Omit<ToolCall, 'message'>): readonly Json[] {
  return [token?.name ?? null, token?.team ?? null, base.server.id, base.server.url, tool, given];
}

/** Refusals that are no failure of a transport: a client of MCP hears them as what became of its call. */
const OF_CALLS: ReadonlySet<string> = new Set([
  'escalation_required',
  'escalation_denied',
  'escalation_expired',
  'configuration_changed',
  'review_unavailable',
]);

/** The same as an error of JSON-RPC, where it is about the call. */
function inRpc(error: unknown, exchange: Exchange, response: Reply, id: RpcId): unknown {
  if (!(error instanceof Refused) || isKept(response) || response.destroyed) return error;
  return OF_CALLS.has(error.refusal.code) ? new HeldFault(error.refusal, exchange, id) : error;
}

/** Tells who asked for it from time to time that the call still waits, until the function is called that this gives. */
function tellProgress({ reviews }: Service, { request, response }: Client, message: ClientMessage): () => void {
  const token = progressTokenOf(message);
  const takesEvents = request.headers.accept?.includes('text/event-stream') === true;
  if (token === null || reviews === null || !takesEvents || isKept(response)) return () => {};
  let count = 0;
  const timer = setInterval(() => {
    if (response.destroyed) return;
    if (!response.headersSent) beginEvents(response);
    count += 1;
    void sendEvent(response, waitingProgress(token, count));
  }, reviews.progressMs);
  return () => clearInterval(timer);
}

/** Without a session an id is not the id of one call: two clients of a token count from 1 each. */
function cancelKey({ token }: Exchange, { server, session }: Base, id: unknown): string | null {
  return session === undefined ? null : JSON.stringify([server.id, token?.name ?? null, session, id]);
}

function listenForCancel(service: Service, exchange: Exchange, response: Reply, call: ToolCall): () => void {
  const key = cancelKey(exchange, call.base, call.message.id);
  const { waiting } = service.tools;
  if (key === null || isKept(response)) return () => {};
  const leave = (): void => void response.destroy();
  waiting.set(key, leave);
  return () => {
    if (waiting.get(key) === leave) waiting.delete(key);
  };
}

/** A call that is cancelled while it waits is one whose caller has gone. */
export function cancelWaiting(service: Service, exchange: Exchange, base: Base, { params }: ClientMessage): void {
  const key = cancelKey(exchange, base, params['requestId']);
  if (key !== null) service.tools.waiting.get(key)?.();
}

async function sendTicket(response: Reply, ticket: Ticket, { message, base }: ToolCall): Promise<void> {
  const isModern = base.version !== undefined && base.version >= MIRRORED_FROM;
  const result = waitingResult({ id: ticket.id, url: placeOf(ticket) }, isModern);
  await sendMessage(response, rpcResult(message.id, result), 200);
}

/** The ticket of the same call of the same caller, where nobody has got its answer yet. */
export function ticketOf(service: Service, exchange: Exchange, call: ToolCall): Ticket | undefined {
  return service.reviews?.again(() => digestOf(whoAsksWhat(exchange, call), service.hash));
}

/** Answers a call that is asked for again: with what became of it, or with its ticket once more. Nothing is sent for it. */
export async function answerAgain(
  service: Service,
  exchange: Exchange,
  client: SocketClient,
  { ticket, call }: { readonly ticket: Ticket; readonly call: ToolCall },
): Promise<void> {
  const { response } = client;
  const { reviews } = service;
  exchange.verdict = 'escalate';
  exchange.reasonCode = 'mcp.asked_again';
  const stop = tellProgress(service, client, call.message);
  await waitFor(ticket, response, reviews === null ? 0 : patienceOf(client, reviews, USUAL_MS)).finally(stop);
  if (response.destroyed) throw clientGone();
  const { state } = ticket;
  if (state.kind === 'answered' || state.kind === 'refused') collect(ticket, response);
  if (state.kind === 'refused')
    throw new HeldFault(state.refusal, { ...exchange, reasonCode: ticket.reasonCode }, call.message.id);
  await decide(service, exchange, { status: 200, usage: NO_USAGE });
  if (state.kind === 'answered') await sendMessage(response, { ...keptMessage(state.reply), id: call.message.id }, 200);
  else await sendTicket(response, ticket, call);
}

/** What was kept of an answer, which is one message of JSON-RPC. */
function keptMessage(reply: KeptReply): JsonObject {
  let text = '';
  reply.deliver({
    setHeader: () => {},
    writeHead: () => {},
    end: (body) => {
      text = typeof body === 'string' ? body : Buffer.from(body).toString('utf8');
    },
  });
  return parseJson(text) as JsonObject;
}
