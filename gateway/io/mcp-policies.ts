import type { JsonArray, JsonObject } from '../../src/core/model/index.ts';
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
  resultAsAnswer,
  resultAsRequest,
  resultOf,
} from '../core/index.ts';
import { evaluated } from './begun.ts';
import type { Exchange } from './exchange.ts';
import { settled } from './inquiry.ts';
import { RpcFault } from './mcp-fault.ts';
import type { Reply } from './reply.ts';
import type { Service } from './service.ts';

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

/** What the policies left of something, and why it may not go on before a person has decided. */
interface Judged<Value> {
  readonly value: Value;
  readonly escalated: Escalated | null;
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
  return { value: argumentsOf(called.body) ?? unreadable(governed), escalated: bothOf(asked, called) };
}

/** The result of a call as the policies leave it: as what a model would be told, then as an answer. Throws RpcFault. */
export async function governResult(governed: Governed, result: JsonObject): Promise<Judged<JsonObject>> {
  const { value, escalated } = await governParts(governed, partsOf(result), result['isError'] === true);
  return { value: resultOf(result, value), escalated };
}

/** Words of an error of a server. Throws RpcFault. */
export async function governWords(governed: Governed, text: string): Promise<Judged<string>> {
  const { value, escalated } = await governParts(governed, [{ type: 'text', text }], true);
  const [part] = value;
  const isPart = typeof part === 'object' && part !== null && !Array.isArray(part);
  return { value: isPart ? String((part as JsonObject)['text']) : '', escalated };
}

async function governParts(governed: Governed, parts: JsonArray, isError: boolean): Promise<Judged<JsonArray>> {
  const { policy } = governed.exchange.snapshot;
  const { facts, call } = governed;
  const request = resultAsRequest(call, parts, isError);
  const told = await passed(governed, () => policy.input({ ...facts, body: request }));
  const answer = resultAsAnswer(partsOfRequest(told.body));
  const answered = await passed(governed, () => policy.output({ ...facts, body: request }, answer));
  return { value: partsOfAnswer(answered.body), escalated: bothOf(told, answered) };
}

/** One question for what both ask. */
function bothOf(first: Decision, second: Decision): Escalated | null {
  return second.escalatedBy === null ? first.escalatedBy : asksToo(first.escalatedBy, second.escalatedBy);
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
