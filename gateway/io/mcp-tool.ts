import type { JsonObject } from '../../src/core/model/index.ts';
import { asksToo, type Escalated, type ToolServer } from '../../src/core/policy/index.ts';
import { type ClientMessage, forwarded, hasChanged, RPC, TOOL_APPROVAL } from '../core/index.ts';
import type { Client, SocketClient } from './begun.ts';
import type { Exchange } from './exchange.ts';
import { type Go, holdRequest, requireApproved } from './held.ts';
import { answerRequest } from './mcp-answer.ts';
import { RpcFault } from './mcp-fault.ts';
import { answerAgain, holdCall, type ToolCall, ticketOf } from './mcp-held.ts';
import { allowedNow, type Governed, governArguments, governedOf, notAllowed } from './mcp-policies.ts';
import { askServer, type Base, mirrorOf } from './mcp-server.ts';
import { isKept } from './reply.ts';
import type { Service } from './service.ts';

// A call of a tool: judged, handed to a person where that is asked for, sent once, and its result judged.

type CallMessage = Extract<ClientMessage, { kind: 'request' }>;

/** `tool`: the one that is called, where it is one that the document allows. Throws Refused and RpcFault. */
export async function answerToolCall(
  service: Service,
  exchange: Exchange,
  client: SocketClient,
  { message, tool, base }: { readonly message: CallMessage; readonly tool: string | null; readonly base: Base },
): Promise<void> {
  if (tool === null) throw notAllowed(message.id);
  checkUnchanged(service, base.server, tool, message);
  const call: ToolCall = { message, base, tool, given: argumentsIn(message) };
  const ticket = ticketOf(service, exchange, call);
  if (ticket !== undefined) return answerAgain(service, exchange, client, { ticket, call });
  const governed = governedOf(service, exchange, client, call);
  const { value: sent, escalated: why, steps } = await judged(governed, call);
  const send = (to: Client): Promise<void> => sendCall(service, exchange, to, { call, governed, sent, why });
  if (why === null) return send(client);
  const bytes = Buffer.byteLength(JSON.stringify(sent));
  const waiting = { call, client, escalated: why, steps, phase: 'input', sent, bytes, go: send } as const;
  const anew = (to: Client): Promise<Go> => judgedAnew(service, exchange, to, { call, why });
  await holdCall(service, exchange, holdRequest, { ...waiting, anew });
}

/** What the policies leave of the arguments, and why a person has to decide about the call. */
async function judged(
  governed: Governed,
  { base, tool, given }: ToolCall,
): Promise<Awaited<ReturnType<typeof governArguments>>> {
  const { escalated, ...rest } = await governArguments(governed, given);
  const isApprovedEach = base.server.approvedTools.has(tool);
  return { ...rest, escalated: isApprovedEach ? asksToo(escalated, TOOL_APPROVAL) : escalated };
}

/** A call that waited, judged as if it came now. `why`: a person has let it through. Throws Refused and RpcFault. */
async function judgedAnew(
  service: Service,
  exchange: Exchange,
  client: Client,
  { call: before, why }: Pick<Cleared, 'call' | 'why'>,
): Promise<Go> {
  const call = allowedNow(exchange, before);
  exchange.steps = [];
  const governed = governedOf(service, exchange, client, call);
  const { value: sent, escalated, steps } = await judged(governed, call);
  requireApproved(exchange, escalated, steps);
  return (to) => sendCall(service, exchange, to, { call, governed, sent, why });
}

/** A call that may go out. `why`: a person has approved it. */
interface Cleared {
  readonly call: ToolCall;
  readonly governed: Governed;
  readonly sent: JsonObject;
  readonly why: Escalated | null;
}

async function sendCall(
  service: Service,
  exchange: Exchange,
  { request, response }: Client,
  { call, governed, sent, why }: Cleared,
): Promise<void> {
  const { message, base, tool } = call;
  // It may have changed while it waited.
  if (why !== null) checkUnchanged(service, base.server, tool, message);
  const answer = await askServer(service, exchange, {
    ...base,
    signal: isKept(response) ? null : base.signal,
    method: 'POST',
    headers: mirrorOf(base.version, message, tool),
    body: (traceparent) => forwarded(message, { opaque: service.tools.opaque, arguments: sent, traceparent }),
  });
  const called = {
    call,
    governed: { ...governed, response },
    client: { request, response },
    sent,
    isApproved: why !== null,
  };
  await answerRequest(service, exchange, response, { message, called, answer, base, request });
}

function checkUnchanged(service: Service, server: ToolServer, tool: string, { id }: CallMessage): void {
  if (!hasChanged(server, tool, service.tools.pins)) return;
  throw new RpcFault({ id, code: RPC.params, message: 'The tool is not what was pinned.' }, 'mcp.tool_changed');
}

function argumentsIn({ id, params }: CallMessage): JsonObject {
  const given = params['arguments'] ?? {};
  if (typeof given === 'object' && !Array.isArray(given)) return given as JsonObject;
  throw new RpcFault({ id, code: RPC.params, message: 'Expected arguments to be an object.' }, 'mcp.message_refused');
}
