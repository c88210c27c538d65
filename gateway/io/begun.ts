import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Json, JsonObject } from '../../src/core/model/index.ts';
import type { Blocked, Escalated, RequestFacts } from '../../src/core/policy/index.ts';
import { type Passage, type RejectionReason, refuse, type Shape, type Wanted } from '../core/index.ts';
import type { UpstreamAnswer } from './answer.ts';
import type { AnswerEvents } from './answer-events.ts';
import type { Bound } from './exchange.ts';
import { Refused } from './intake.ts';
import type { Reply } from './reply.ts';
import type { Service } from './service.ts';

/** One request with its sockets. */
export interface Client {
  readonly request: IncomingMessage;
  readonly response: Reply;
}

/** One whose answer cannot wait for a person. */
export interface SocketClient extends Client {
  readonly response: ServerResponse;
}

/** How long an answer may be that a document sets no limit for. */
export const MAX_ANSWER_BYTES = 32 << 20;

/** Nobody hears it; it ends the attempts and is written. */
export function clientGone(): Refused {
  return new Refused(refuse('client_gone'));
}

/** The header by which Anthropic's SDKs ask for features that are not general yet. */
export const BETAS = 'anthropic-beta';

/** The features that a client asks for, as the list that goes on to a provider, or null; refuses what is no list. */
export function betasOf(request: IncomingMessage): string | null {
  const value = request.headers[BETAS];
  if (value === undefined) return null;
  if (typeof value === 'string' && /^[\w.,: -]{1,500}$/.test(value)) return value;
  throw new Refused(refuse('malformed_request', { message: `Expected ${BETAS} to be a short list of names.` }));
}

interface BegunOf {
  readonly shape: Shape;
  readonly passage: Passage;
  readonly wanted: Wanted;
  readonly facts: RequestFacts;
  readonly bound: Bound;
}

/** A provider's answer that is a stream and of which the first event has come, with what the caller must be answered by. */
export interface BegunStream extends BegunOf {
  readonly kind: 'stream';
  readonly answer: UpstreamAnswer;
  readonly events: AnswerEvents;
  /** How long its reader may let it wait. */
  readonly patienceMs: number;
}

/** A provider's answer in one piece, which is all here. */
export interface BegunWhole extends BegunOf {
  readonly kind: 'whole';
  readonly contentType: string;
  readonly bytes: Uint8Array;
  readonly value: JsonObject;
}

/** An answer that is handed on: whoever gives it has been told from one that gives none. */
export type Begun = BegunStream | BegunWhole;

/** A refusal of the request by a provider, which is handed on when nobody answers. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly status: number;
  /** Why, where it is one that is known. */
  readonly reason: RejectionReason | null;
  /** Its JSON; undefined when it is none. */
  readonly said: Json | undefined;
}

/** A policy that throws lets nothing through. */
export function evaluated<T>(work: () => T): T {
  try {
    return work();
  } catch {
    throw new Refused(refuse('policy_failed'));
  }
}

/** The refusal where a person would have to decide and nobody can be asked. */
export function unreviewed({ policy, message }: Escalated): Refused {
  return new Refused(refuse('escalation_required', { message: `${message} Nobody can be asked from here.`, policy }));
}

/** The refusal of a policy's block, which is counted here and logged with its decision. */
export function blockedRefusal(blocked: Blocked, service: Service): Refused {
  service.metrics.blocked(blocked.policy);
  const isRouting = blocked.reasonCode === 'data-routing-policy.no_compliant_provider';
  if (blocked.unanswered === true) return new Refused(refuse('moderation_unavailable', { policy: blocked.policy }));
  const code = isRouting ? 'no_compliant_provider' : blocked.phase === 'input' ? 'input_blocked' : 'output_blocked';
  return new Refused(refuse(code, { message: blocked.message, policy: blocked.policy }));
}
