import type { JsonArray, JsonObject, PolicyStep } from '../../src/core/model/index.ts';
import {
  asksToo,
  type Decision,
  type Escalated,
  type Inquiry,
  type RequestFacts,
} from '../../src/core/policy/index.ts';
import {
  argumentsOf,
  callAsAnswer,
  callAsRequest,
  type NamedCall,
  partsOf,
  partsOfAnswer,
  partsOfRequest,
  RPC,
  type RpcId,
  refuse,
  resultAsAnswer,
  resultAsRequest,
  resultOf,
} from '../core/index.ts';
import { type Client, evaluated } from './begun.ts';
import type { Exchange } from './exchange.ts';
import { settled } from './inquiry.ts';
import { RpcFault } from './mcp-fault.ts';
import type { ToolCall } from './mcp-held.ts';
import { Refused } from './refused.ts';
import type { Reply } from './reply.ts';
import type { Service } from './service.ts';
import { factsOf } from './standing.ts';

/** What the policies of the chain judge with. */
export interface Governed {
  readonly service: Service;
  readonly exchange: Exchange;
  /** Whose leaving ends the questions to other services. */
  readonly response: Reply;
  readonly facts: RequestFacts;
  readonly id: RpcId;
  readonly call: NamedCall;
}

/** What a call of a tool is judged with. */
export function governedOf(
  service: Service,
  exchange: Exchange,
  { request, response }: Client,
  { message, tool }: ToolCall,
): Governed {
  const facts = factsOf(exchange, request, { model: null, body: {} });
  const call = { id: exchange.requestId, name: tool };
  return { service, exchange, response, facts, id: message.id, call };
}

/** The call under the configuration of its exchange. Throws RpcFault for a tool that it does not allow, Refused for another server. */
export function allowedNow({ snapshot }: Exchange, call: ToolCall): ToolCall {
  const { base, tool, message } = call;
  const server = snapshot.policy.toolServers.find(({ id }) => id === base.server.id);
  if (server?.allowedTools.has(tool) !== true) throw notAllowed(message.id);
  // Another server behind the same name is not the one that a person was asked about, nor one that knows the session.
  if (server.url !== base.server.url) throw new Refused(refuse('configuration_changed'));
  return { ...call, base: { ...base, server } };
}

/** A tool that the document does not name is no tool. */
export const notAllowed = (id: RpcId): RpcFault =>
  new RpcFault({ id, code: RPC.params, message: 'Unknown tool.' }, 'mcp.tool_not_allowed');

/** What the policies left of something, and why it may not go on before a person has decided. */
interface Judged<Value> {
  readonly value: Value;
  readonly escalated: Escalated | null;
  readonly steps: readonly PolicyStep[];
}

/**
 * The arguments of a call as the policies leave them: as what a request tells of, by the input policies; as what an answer
 * asks for, by the output policies and those that judge calls. Throws RpcFault.
 */
export async function governArguments(governed: Governed, given: JsonObject): Promise<Judged<JsonObject>> {
  const { policy } = governed.exchange.snapshot;
  const { facts, call } = governed;
  const request = callAsRequest(call, given);
  const asked = await passed(governed, () => policy.input({ ...facts, body: request }));
  const before = argumentsOf(asked.body) ?? unreadable(governed);
  const called = await passed(governed, () => policy.output({ ...facts, body: request }, callAsAnswer(call, before)));
  return { value: argumentsOf(called.body) ?? unreadable(governed), ...bothOf(asked, called) };
}

/** The result of a call as the policies leave it: as what a model would be told, then as an answer. Throws RpcFault. */
export async function governResult(governed: Governed, result: JsonObject): Promise<Judged<JsonObject>> {
  const { value, ...asked } = await governParts(governed, partsOf(result), result['isError'] === true);
  return { value: resultOf(result, value), ...asked };
}

/** Words of an error of a server. Throws RpcFault. */
export async function governWords(governed: Governed, text: string): Promise<Judged<string>> {
  const { value, ...asked } = await governParts(governed, [{ type: 'text', text }], true);
  const [part] = value;
  const isPart = typeof part === 'object' && part !== null && !Array.isArray(part);
  return { value: isPart ? String((part as JsonObject)['text']) : '', ...asked };
}

async function governParts(governed: Governed, parts: JsonArray, isError: boolean): Promise<Judged<JsonArray>> {
  const { policy } = governed.exchange.snapshot;
  const { facts, call } = governed;
  const request = resultAsRequest(call, parts, isError);
  const told = await passed(governed, () => policy.input({ ...facts, body: request }));
  const answer = resultAsAnswer(partsOfRequest(told.body));
  const answered = await passed(governed, () => policy.output({ ...facts, body: request }, answer));
  return { value: partsOfAnswer(answered.body), ...bothOf(told, answered) };
}

/** One question for what both ask. */
function bothOf(first: Decision, second: Decision): Pick<Judged<unknown>, 'escalated' | 'steps'> {
  const escalated = second.escalatedBy === null ? first.escalatedBy : asksToo(first.escalatedBy, second.escalatedBy);
  return { escalated, steps: [...first.steps, ...second.steps] };
}

function unreadable({ id }: Governed): never {
  const message = 'What the policies left of the arguments is no object.';
  throw new RpcFault({ id, code: RPC.policy, message }, 'mcp.arguments_unreadable');
}

/** What the policies come to, with what other services say where they ask, noted; what they block stops here. */
async function passed<T extends Decision & { readonly inquiry: Inquiry<T> | null }>(
  { service, exchange, response, id }: Governed,
  decide: () => T,
): Promise<T> {
  let outcome = evaluated(decide);
  if (outcome.inquiry !== null) outcome = await settled(service, exchange, response, outcome);
  exchange.steps = [...exchange.steps, ...outcome.steps];
  const { blockedBy, verdict, reasonCode } = outcome;
  if (blockedBy !== null) {
    const { policy, message } = blockedBy;
    service.metrics.blocked(policy);
    const data = { type: 'policy_violation', policy, requestId: exchange.requestId };
    throw new RpcFault({ id, code: RPC.policy, message, data }, blockedBy.reasonCode);
  }
  if (verdict === 'redact' && exchange.verdict !== 'escalate') {
    exchange.verdict = 'redact';
    exchange.reasonCode ??= reasonCode;
  }
  return outcome;
}
