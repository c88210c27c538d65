import type { JsonArray, JsonObject } from '../../src/core/model/index.ts';
import type { Decision, RequestFacts } from '../../src/core/policy/index.ts';
import {
  argumentsOf,
  callAsAnswer,
  callAsRequest,
  type NamedCall,
  partsOf,
  partsOfAnswer,
  partsOfRequest,
  RPC,
  type RpcError,
  type RpcId,
  resultAsAnswer,
  resultAsRequest,
  resultOf,
} from '../core/index.ts';
import { evaluated } from './begun.ts';
import type { Exchange } from './exchange.ts';
import type { Metrics } from './metrics.ts';

/** A message that is answered by an error of JSON-RPC. */
export class RpcFault extends Error {
  readonly error: RpcError;
  readonly reasonCode: string;
  readonly status: number;
  constructor(error: RpcError, reasonCode: string, status = 200) {
    super(reasonCode);
    this.error = error;
    this.reasonCode = reasonCode;
    this.status = status;
  }
}

/** What the policies of the chain judge with. */
export interface Governed {
  readonly exchange: Exchange;
  readonly facts: RequestFacts;
  readonly id: RpcId;
  readonly call: NamedCall;
  readonly metrics: Pick<Metrics, 'blocked'>;
}

/**
 * The arguments of a call as the policies leave them: as what a request tells of, by the input policies; as what an answer
 * asks for, by the output policies and those that judge calls. Throws RpcFault.
 */
export function governArguments(governed: Governed, given: JsonObject): JsonObject {
  const { policy } = governed.exchange.snapshot;
  const { facts, call } = governed;
  const request = callAsRequest(call, given);
  const asked = passed(governed, () => policy.input({ ...facts, body: request }));
  const before = argumentsOf(asked.body) ?? unreadable(governed);
  const called = passed(governed, () => policy.output({ ...facts, body: request }, callAsAnswer(call, before)));
  return argumentsOf(called.body) ?? unreadable(governed);
}

/** The result of a call as the policies leave it: as what a model would be told, then as an answer. Throws RpcFault. */
export function governResult(governed: Governed, result: JsonObject): JsonObject {
  return resultOf(result, governParts(governed, partsOf(result), result['isError'] === true));
}

/** Words of an error of a server. */
export function governWords(governed: Governed, text: string): string {
  const [part] = governParts(governed, [{ type: 'text', text }], true);
  return typeof part === 'object' && part !== null && !Array.isArray(part) ? String((part as JsonObject)['text']) : '';
}

function governParts(governed: Governed, parts: JsonArray, isError: boolean): JsonArray {
  const { policy } = governed.exchange.snapshot;
  const { facts, call } = governed;
  const request = resultAsRequest(call, parts, isError);
  const told = passed(governed, () => policy.input({ ...facts, body: request }));
  const answer = resultAsAnswer(partsOfRequest(told.body));
  return partsOfAnswer(passed(governed, () => policy.output({ ...facts, body: request }, answer)).body);
}

function unreadable({ id }: Governed): never {
  const message = 'What the policies left of the arguments is no object.';
  throw new RpcFault({ id, code: RPC.policy, message }, 'mcp.arguments_unreadable');
}

/** Notes what the policies did. Whatever is not let through or redacted by them alone stops here: nobody can be waited for. */
function passed<T extends Decision>({ exchange, id, metrics }: Governed, decide: () => T): T {
  const outcome = evaluated(decide);
  exchange.steps = [...exchange.steps, ...outcome.steps];
  const { blockedBy, verdict } = outcome;
  if (blockedBy === null && (verdict === 'allow' || verdict === 'redact')) {
    if (verdict === 'redact') {
      exchange.verdict = 'redact';
      exchange.reasonCode ??= outcome.reasonCode;
    }
    return outcome;
  }
  const policy = blockedBy?.policy ?? null;
  if (policy !== null) metrics.blocked(policy);
  const message = blockedBy?.message ?? 'A policy needs an answer that a call of a tool cannot wait for.';
  const data = { type: 'policy_violation', policy, requestId: exchange.requestId };
  throw new RpcFault({ id, code: RPC.policy, message, data }, outcome.reasonCode ?? 'mcp.undecided');
}
