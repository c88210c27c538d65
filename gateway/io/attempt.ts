import { exactAs, type JsonObject, writeJson } from '../../src/core/model/index.ts';
import { costIsBounded, estimateTokens, type RequestFacts, type Target } from '../../src/core/policy/index.ts';
import {
  isAnswer,
  isEventStream,
  isOfRequest,
  mayHaveReason,
  outputBound,
  type Passage,
  type RejectionReason,
  refuse,
  rejectionReason,
  type Shape,
  surelyUnbilled,
  traceparentOf,
  triggerOf,
  type Wanted,
} from '../core/index.ts';
import {
  type AnswerFailure,
  type AnswerStart,
  bufferOf,
  isOfProvider,
  openAnswer,
  parsedAnswer,
  tellsSecret,
  type UpstreamAnswer,
} from './answer.ts';
import { eventsOf, fromFirstWord } from './answer-events.ts';
import { BETAS, type Begun, betasOf, type Client, clientGone, MAX_ANSWER_BYTES, type Rejected } from './begun.ts';
import { watchDeadline } from './deadline.ts';
import { type Bound, type Exchange, endAttempt, holdFor, intentEntries, payers, releaseEnded } from './exchange.ts';
import { Refused } from './intake.ts';
import type { AttemptNote } from './measures.ts';
import { SILENCE_MS } from './pools.ts';
import type { Service } from './service.ts';
import type { TargetPlace } from './target.ts';
import { beginSpan, failSpan } from './tracing.ts';

// One attempt at one target: held for, written as an intent and only then sent; its answer is told from a failure before
// anything of it goes out.

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
export type Attempted = Begun | Failed;

export interface Failed {
  readonly kind: 'failed';
  readonly failure: AnswerFailure;
  /** The refusal that the provider gave, to be handed on when nobody answers better. */
  readonly rejected: Rejected | null;
}

export interface Attempt extends Asking {
  readonly place: Extract<TargetPlace, { kind: 'open' }>;
}

/** Asks once. Throws Refused for what no other target mends: money, evidence, a client that has left. */
export async function attemptOnce(service: Service, exchange: Exchange, attempt: Attempt): Promise<Attempted> {
  const { client, place, target } = attempt;
  const sent = await send(service, exchange, attempt);
  const { answer, note } = sent;
  exchange.attempt = note;
  client.response.once('close', answer.abort);
  const stopWatch = watchDeadline(service, exchange, answer);
  const came = await judged(sent, attempt).finally(stopWatch);
  if (came.kind !== 'stream') client.response.off('close', answer.abort);
  if (came.kind === 'failed') {
    const isLeft = client.response.destroyed;
    // What ends the connection here says nothing of who was asked; what it did before does.
    if (!isLeft) note.failed(came.failure);
    answer.abort();
    if (isLeft) {
      note.ended('left');
      if (isOfProvider(came.failure) && surelyUnbilled(came.failure)) endAttempt(exchange, exchange.held, true);
      exchange.reasonCode ??= 'gateway.client_gone';
      throw clientGone();
    }
    failSpan(exchange.trace, failureWord(came.failure), service.nowMs());
    noteRefusal(service, target, came.failure);
    if (came.rejected === null) return came;
  } else if (!client.response.destroyed) note.answered();
  if (came.kind === 'whole') note.completed();
  if (place.simulated) client.response.setHeader('x-tenantry-simulated', '1');
  return came;
}

function failureWord(failure: AnswerFailure): string {
  return failure.kind === 'status' ? String(failure.status) : failure.kind;
}

/** A key that is shorter is a placeholder, such as servers without keys are given, and may be a word of an answer. */
const SHORTEST_SECRET = 8;

/**
 * Tells an answer from a failure: a stream at the first event that says something, anything else at its end. Until then nothing
 * of it has gone out, and another target may be asked.
 */
async function judged(sent: Sent, { shape, wanted, facts, client, target, place }: Attempt): Promise<Attempted> {
  const { answer, note, passage, bound } = sent;
  const start = await answer.started;
  if (start.kind !== 'started') return failed(start);
  note.heard();
  const { status, contentType } = start;
  const begun = { shape, passage, wanted, facts, bound };
  const { key } = place;
  const secret = key !== null && key.length >= SHORTEST_SECRET ? key : null;
  if (status === 200 && isEventStream(contentType)) {
    const events = eventsOf(answer, { secret, mostBytes: sent.mostBytes });
    const first = await fromFirstWord(events);
    const patienceMs = target.idleTimeoutMs.stream ?? SILENCE_MS;
    const stream = { ...begun, kind: 'stream', answer, patienceMs } as const;
    if (!('kind' in first)) return { ...stream, events: first };
    // Whoever left meanwhile left a stream, which is settled by what came of it.
    return client.response.destroyed ? { ...stream, events } : failed(first);
  }
  // No answer of these interfaces, and it may have been billed.
  if (status < 300 && status !== 200) return failed({ kind: 'broken' });
  if (status !== 200 && !isOfRequest(status)) return failed(statusOf(start, null));
  const bytes = await answer.collect();
  if (!(bytes instanceof Uint8Array)) return failed(bytes);
  const value = parsedAnswer(bytes);
  const tells = (text: string | null): boolean => text !== null && tellsSecret(bufferOf(bytes), () => value, text);
  if (status !== 200) {
    const reason = mayHaveReason(status) ? rejectionReason(status, value) : null;
    // A provider that repeats the key in its words is not repeated.
    return failed(statusOf(start, reason), { kind: 'rejected', status, reason, said: tells(key) ? undefined : value });
  }
  if (!isAnswer(value) || tells(secret)) return failed({ kind: 'broken' });
  return { ...begun, kind: 'whole', contentType, bytes, value };
}

function failed(failure: AnswerFailure, rejected: Rejected | null = null): Failed {
  return { kind: 'failed', failure, rejected };
}

function statusOf({ status, retryAfterSeconds }: AnswerStart, reason: RejectionReason | null): AnswerFailure {
  return { kind: 'status', status, retryAfterSeconds, reason };
}

/** What the operator of this machine has to mend is logged, without an address or a key. */
function noteRefusal(service: Service, target: Target, failure: AnswerFailure): void {
  if (failure.kind === 'address-refused') {
    service.log.warn('a provider was not asked: its host has an address that is refused', { target: target.id });
  }
  if (failure.kind !== 'status' || triggerOf(failure) !== 'auth_error') return;
  if (failure.status === 402) {
    service.log.warn('a provider wants to be paid first', { target: target.id });
    return;
  }
  service.log.warn('a provider did not take the key', { target: target.id, status: failure.status });
  if (target.secret !== null) service.secrets.refused(target.secret);
}

interface Sent {
  readonly answer: UpstreamAnswer;
  readonly bound: Bound;
  readonly note: AttemptNote;
  readonly passage: Passage;
  /** How long the document lets an answer be; null: it does not say. */
  readonly mostBytes: number | null;
}

/** Holds, writes the intent durably, and only then sends the first byte. */
async function send(service: Service, exchange: Exchange, to: Attempt): Promise<Sent> {
  const { policy } = exchange.snapshot;
  const isPaid = service.desk !== null && payers(exchange).length > 0;
  const betas = to.target.format === 'anthropic' ? betasOf(to.client.request) : null;
  if (isPaid && !costIsBounded(to.body, betas)) throw new Refused(refuse('cost_unbounded'));
  const passage = to.shape.passages[to.target.format];
  const body = passage?.body(to.wanted, to.body, to.target, isPaid) ?? 'The target speaks another format.';
  if (passage === undefined || typeof body === 'string') {
    throw new Refused(refuse('not_carried', typeof body === 'string' ? { message: body } : {}));
  }
  // What nothing has changed goes on as it came.
  const sent = body === to.wanted.body ? to.bytes : Buffer.from(writeJson(exactAs(body, to.wanted.body)), 'utf8');
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
  const { maxResponseBytes: mostBytes } = policy.limits.size;
  const answer = openAnswer(
    service.upstreams,
    {
      owner: { org: exchange.snapshot.tenant?.orgUid ?? null, target: to.target.id },
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
      maxBytes: mostBytes ?? MAX_ANSWER_BYTES,
      isStream: to.wanted.stream,
      idleTimeoutMs: to.wanted.stream ? to.target.idleTimeoutMs.stream : to.target.idleTimeoutMs.answer,
    },
    note.ended,
  );
  return { answer, bound, note, passage, mostBytes };
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
