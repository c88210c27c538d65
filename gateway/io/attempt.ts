import type { JsonObject } from '../../src/core/model/index.ts';
import { costIsBounded, estimateTokens, type RequestFacts, type Target } from '../../src/core/policy/index.ts';
import {
  mayHaveReason,
  outputBound,
  type Passage,
  type RejectionReason,
  refuse,
  rejectionReason,
  type Shape,
  traceparentOf,
  triggerOf,
  type Wanted,
} from '../core/index.ts';
import { type AnswerFailure, type AnswerStart, openAnswer, type UpstreamAnswer } from './answer.ts';
import { BETAS, type Begun, betasOf, type Client, clientGone, MAX_ANSWER_BYTES } from './begun.ts';
import { type Bound, type Exchange, endAttempt, holdFor, intentEntries, payers, releaseEnded } from './exchange.ts';
import { Refused } from './intake.ts';
import type { AttemptNote } from './measures.ts';
import type { Service } from './service.ts';
import type { TargetPlace } from './target.ts';
import { beginSpan, failSpan } from './tracing.ts';
import { parsedAnswer } from './whole.ts';

// One attempt at one target: held for, written as an intent and only then sent; its answer is told from a failure at the first
// byte, or at the last one of a refusal that says why.

/** A request as it came. */
export interface Asked {
  readonly client: Client;
  readonly shape: Shape;
  readonly wanted: Wanted;
  readonly bytes: Buffer;
}

/** A request that the input policies let through, with the ids of the targets that they left. */
export interface Routed extends Asked {
  readonly facts: RequestFacts;
  readonly body: JsonObject;
  readonly eligible: readonly string[];
  /** Why the request cannot be carried to a target; null: it can. */
  readonly whyNot: (target: Target) => string | null;
}

export interface Asking extends Routed {
  readonly target: Target;
  /** Attempts of this request so far, at whatever target. */
  readonly counter: { attempts: number };
}

/** What came of one attempt. */
export type Attempted = { readonly kind: 'begun'; readonly begun: Begun } | Failed;

export interface Failed {
  readonly kind: 'failed';
  readonly failure: AnswerFailure;
  /** The refusal that the provider gave, to be handed on when nobody answers better. */
  readonly rejected: Begun | null;
}

export interface Attempt extends Asking {
  readonly place: Extract<TargetPlace, { kind: 'open' }>;
}

/** Asks once. Throws Refused for what no other target mends: money, evidence, a client that has left. */
export async function attemptOnce(service: Service, exchange: Exchange, attempt: Attempt): Promise<Attempted> {
  const { shape, wanted, facts, client, place, target } = attempt;
  const { answer, bound, note, passage } = await send(service, exchange, attempt);
  exchange.attempt = note;
  client.response.once('close', answer.abort);
  const { start, failure, bytes } = withoutKey(await judged(answer), place.key);
  if (start !== null && failure === null) note.answered();
  if (failure !== null) {
    note.failed(failure);
    failSpan(exchange.trace, failure.kind === 'status' ? String(failure.status) : failure.kind, service.nowMs());
  }
  if (start !== null && (failure === null || bytes !== null)) {
    if (bytes !== null) client.response.off('close', answer.abort);
    if (place.simulated) client.response.setHeader('x-tenantry-simulated', '1');
    const read: UpstreamAnswer = bytes === null ? answer : { ...answer, collect: () => Promise.resolve(bytes) };
    const begun: Begun = { shape, passage, wanted, facts, bound, answer: read, start };
    const isRejected = failure !== null && failure.kind === 'status' && failure.reason !== null;
    return isRejected ? { kind: 'failed', failure, rejected: begun } : { kind: 'begun', begun };
  }
  answer.abort();
  client.response.off('close', answer.abort);
  if (client.response.destroyed) throw clientGone();
  noteRefusal(service, target, failure);
  return { kind: 'failed', failure: failure ?? { kind: 'broken' }, rejected: null };
}

interface Judged {
  readonly start: AnswerStart | null;
  /** Also of a refusal that is handed on; null: it is an answer. */
  readonly failure: AnswerFailure | null;
  /** The body, where it was read to know why the provider refused. */
  readonly bytes: Uint8Array | null;
}

/** A provider that repeats the key in its words is not repeated. */
function withoutKey(judged: Judged, key: string | null): Judged {
  const { bytes } = judged;
  if (bytes === null || key === null || !Buffer.from(bytes).includes(key)) return judged;
  return { ...judged, bytes: Buffer.from('{}') };
}

/** Tells an answer from a failure, at its first byte, or at the last of a refusal that says why. */
async function judged(answer: UpstreamAnswer): Promise<Judged> {
  const start = await answer.started;
  if (start.kind !== 'started') return { start: null, failure: start, bytes: null };
  const { status, retryAfterSeconds } = start;
  const failed = (reason: RejectionReason | null): AnswerFailure => ({
    kind: 'status',
    status,
    retryAfterSeconds,
    reason,
  });
  if (mayHaveReason(status)) {
    const bytes = await answer.collect();
    if (!(bytes instanceof Uint8Array)) return { start: null, failure: bytes, bytes: null };
    return { start, failure: failed(rejectionReason(status, parsedAnswer(bytes))), bytes };
  }
  if (status === 200) return { start, failure: null, bytes: null };
  // No answer of these interfaces, and it may have been billed.
  if (status < 300) return { start: null, failure: { kind: 'broken' }, bytes: null };
  const isOurs = [401, 403, 407, 408, 429].includes(status) || status < 400 || status >= 500;
  if (isOurs) return { start, failure: failed(null), bytes: null };
  const bytes = await answer.collect();
  return bytes instanceof Uint8Array ? { start, failure: null, bytes } : { start: null, failure: bytes, bytes: null };
}

/** What the operator of this machine has to mend is logged, without an address or a key. */
function noteRefusal(service: Service, target: Target, failure: AnswerFailure | null): void {
  if (failure?.kind === 'address-refused') {
    service.log.warn('a provider was not asked: its host has an address that is refused', { target: target.id });
  }
  if (failure?.kind !== 'status' || triggerOf(failure) !== 'auth_error') return;
  service.log.warn('a provider did not take the key', { target: target.id, status: failure.status });
  if (target.secret !== null) service.secrets.refused(target.secret);
}

interface Sent {
  readonly answer: UpstreamAnswer;
  readonly bound: Bound;
  readonly note: AttemptNote;
  readonly passage: Passage;
}

/** Betas of Anthropic by which tokens cost more than the price that is held. */
const DEARER = /\b(?:fast-mode|context-1m)/;

/** Holds, writes the intent durably, and only then sends the first byte. */
async function send(service: Service, exchange: Exchange, to: Attempt): Promise<Sent> {
  const { policy } = exchange.snapshot;
  const isPaid = service.desk !== null && payers(exchange).length > 0;
  const betas = to.target.format === 'anthropic' ? betasOf(to.client.request) : null;
  if (isPaid && (!costIsBounded(to.body) || (betas !== null && DEARER.test(betas))))
    throw new Refused(refuse('cost_unbounded'));
  const passage = to.shape.passages[to.target.format];
  const body = passage?.body(to.wanted, to.body, to.target, isPaid) ?? 'The target speaks another format.';
  if (passage === undefined || typeof body === 'string') {
    throw new Refused(refuse('not_carried', typeof body === 'string' ? { message: body } : {}));
  }
  // What nothing has changed goes on as it came.
  const sent = body === to.wanted.body ? to.bytes : Buffer.from(JSON.stringify(body), 'utf8');
  const bound: Bound = {
    model: to.target.model,
    inputTokens: estimateTokens(body, sent.length),
    outputTokens: outputBound(to.wanted, body),
  };
  const note = service.measures.begin(policy, to.target, bound.inputTokens + bound.outputTokens);
  try {
    await holdAndWrite(service, exchange, to, bound);
  } catch (error) {
    note.ended('left');
    throw error;
  }
  note.sent();
  const answer = openAnswer(
    service.upstreams,
    {
      origin: to.place.origin,
      path: `${to.place.path}${passage.path}`,
      headers: {
        ...to.place.headers,
        ...(betas === null ? {} : { [BETAS]: betas }),
        accept: to.wanted.stream ? 'text/event-stream' : 'application/json',
        'x-request-id': exchange.requestId,
        ...traceHeaders(service, exchange, to.target),
      },
      body: sent,
      maxBytes: policy.limits.size.maxResponseBytes ?? MAX_ANSWER_BYTES,
      isStream: to.wanted.stream,
      idleTimeoutMs: to.wanted.stream ? to.target.idleTimeoutMs.stream : to.target.idleTimeoutMs.answer,
    },
    note.ended,
  );
  return { answer, bound, note, passage };
}

const NO_HEADERS = {};

/** The trace goes on with a span of this attempt; `baggage` and `tracestate` of a caller do not. */
function traceHeaders(service: Service, { trace }: Exchange, target: Target): { readonly [name: string]: string } {
  if (trace === null) return NO_HEADERS;
  const { id, family, model } = target;
  const span = beginSpan(trace, { target: id, provider: family, model, startMs: service.nowMs() });
  return { traceparent: traceparentOf(trace, span.spanId) };
}

/** Nothing is sent before this is done, and nothing for a client that has left meanwhile. */
async function holdAndWrite(service: Service, exchange: Exchange, to: Attempt, bound: Bound): Promise<void> {
  const number = to.counter.attempts;
  to.counter.attempts += 1;
  const held = await holdFor(service, exchange, bound, number);
  exchange.held = held;
  await writeIntent(service, exchange, number);
  if (to.client.response.destroyed) {
    endAttempt(exchange, held, true);
    exchange.reasonCode ??= 'gateway.client_gone';
    throw clientGone();
  }
}

async function writeIntent(service: Service, exchange: Exchange, attempt: number): Promise<void> {
  const { requestId, held } = exchange;
  try {
    await service.evidence.intent({
      type: 'intent',
      id: `int${requestId.slice(3)}.${attempt}`,
      at: service.nowMs(),
      requestId,
      target: exchange.target ?? '',
      ...intentEntries(exchange, held),
    });
    exchange.attempts += 1;
    releaseEnded(service, exchange);
  } catch {
    if (held !== null) service.desk?.settle(held.hold.id, 0);
    exchange.held = null;
    throw new Refused(refuse('journal_unavailable'));
  }
}
