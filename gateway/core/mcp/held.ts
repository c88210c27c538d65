import { canonicalText } from '../../../src/core/bundle/index.ts';
import {
  byCodeUnit,
  type Hash,
  type Json,
  type JsonArray,
  type JsonObject,
  type Sha256Hex,
  writtenAt,
} from '../../../src/core/model/index.ts';
import type { Escalated } from '../../../src/core/policy/index.ts';
import type { RpcId } from './message.ts';

// What is said of a call that waits for a person.

/** Why a call waits whose tool the document says that a person approves. */
export const TOOL_APPROVAL: Escalated = {
  policy: 'tool_servers',
  phase: 'input',
  reasonCode: 'mcp.approval_required',
  message: 'A person has to approve every call of this tool.',
  isAboutCall: true,
  isUnconditional: false,
  timeoutMs: null,
};

/**
 * SHA-256 of the RFC 8785 form of a value, with integers beyond 2^53 as they were written; null where it has none (a string with
 * half a character in it).
 */
export function digestOf(value: Json, hash: Hash): Sha256Hex | null {
  try {
    return hash.sha256(exactText(value));
  } catch {
    return null;
  }
}

function exactText(value: Json): string {
  if (typeof value !== 'object' || value === null) return canonicalText(value);
  const textAt = (key: string | number, item: Json): string => writtenAt(value, key) ?? exactText(item);
  if (Array.isArray(value)) return `[${(value as JsonArray).map((item, index) => textAt(index, item)).join(',')}]`;
  const members = Object.entries(value as JsonObject).sort(([one], [other]) => byCodeUnit(one, other));
  return `{${members.map(([key, item]) => `${canonicalText(key)}:${textAt(key, item)}`).join(',')}}`;
}

/** In `_meta` of a result: where to ask what became of the call. */
const TICKET = 'tenantry/ticket';

/**
 * What a caller gets in place of a result that it does not wait for: an error of the tool, which clients hand to the model,
 * and not of the protocol, which ends its turn. The ticket is not in `structuredContent`: clients of 2025 check that against
 * the schema of the tool, also of an error.
 */
export function waitingResult(ticket: { readonly id: string; readonly url: string }, isModern: boolean): JsonObject {
  const text = `A person has to decide about this call, and nobody has yet. Do not treat it as done. Its ticket is ${ticket.id}. Call the tool again later with the same arguments to get the result: it is called once, however often you ask.`;
  return {
    content: [{ type: 'text', text }],
    isError: true,
    _meta: { [TICKET]: { ticket: ticket.id, url: ticket.url } },
    ...(isModern ? { resultType: 'complete' } : {}),
  };
}

/** That a call still waits, for the `count`th time. The steps are so small that those of the server go on from there. */
export function waitingProgress(progressToken: RpcId, count: number): JsonObject {
  const params = { progressToken, progress: count / 1_000_000, message: 'Waits for a person.' };
  return { jsonrpc: '2.0', method: 'notifications/progress', params };
}
