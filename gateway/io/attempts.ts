import type { JsonObject } from '../../src/core/model/index.ts';
import { estimateTokens, inputIsBounded, type RequestFacts, type Target } from '../../src/core/policy/index.ts';
import {
  mayFallBack,
  outputBound,
  type Passage,
  refuse,
  type Shape,
  surelyUnbilled,
  type Wanted,
} from '../core/index.ts';
import { type AnswerFailure, type AnswerStart, openAnswer, type UpstreamAnswer } from './answer.ts';
import { BETAS, type Begun, betasOf, type Client } from './begun.ts';
import { type Bound, type Exchange, endAttempt, entriesOf, holdFor, payers } from './exchange.ts';
import { Refused } from './intake.ts';
import type { Service } from './service.ts';
import { placeOf } from './target.ts';

// The attempts of one request: each is held for, written as an intent and only then sent; the first answer is handed back.

/** A request as it came. */
export interface Asked {
  readonly client: Client;
  readonly shape: Shape;
  readonly wanted: Wanted;
  readonly bytes: Buffer;
}

/** A request that the input policies let through, with the targets to try in order. */
interface Routed extends Asked {
  readonly facts: RequestFacts;
  readonly body: JsonObject;
  readonly route: readonly Target[];
}

/** Each attempt has a hold and an intent of its own; another target is tried only before the first byte. */
export async function tryTargets(service: Service, exchange: Exchange, routed: Routed): Promise<Begun> {
  let last: Refused | undefined;
  for (const [attempt, target] of routed.route.entries()) {
    const isAllowed = exchange.token?.models == null || exchange.token.models.includes(target.model);
    if (!isAllowed) continue;
    exchange.target = target.id;
    exchange.model = target.model;
    const place = placeOf(service, target);
    if (place.kind === 'unavailable') {
      last ??= new Refused(refuse('upstream_unavailable', { message: place.message }));
      continue;
    }
    const passage = routed.shape.passages[target.format];
    if (passage === undefined) continue;
    exchange.simulated = place.simulated;
    const { answer, bound } = await send(service, exchange, { ...routed, target, attempt, place, passage });
    routed.client.response.once('close', answer.abort);
    const start = await answer.started;
    const failure = failureOf(start);
    if (failure === undefined && start.kind === 'started') {
      if (place.simulated) routed.client.response.setHeader('x-tenantry-simulated', '1');
      const { shape, wanted, facts } = routed;
      return { shape, passage, wanted, facts, bound, answer, start };
    }
    answer.abort();
    routed.client.response.off('close', answer.abort);
    if (routed.client.response.destroyed) throw clientGone();
    endAttempt(
      service,
      exchange,
      exchange.held,
      failure !== undefined && failure.kind !== 'too-large' && surelyUnbilled(failure),
    );
    last = new Refused(refusalOf(failure ?? { kind: 'broken' }));
    if (failure === undefined || failure.kind === 'too-large' || !mayFallBack(failure)) break;
  }
  throw last ?? new Refused(refuse('model_not_allowed'));
}

/** Nobody hears it; it ends the attempts and is written. */
function clientGone(): Refused {
  return new Refused(refuse('upstream_error', { message: 'The client went away.' }));
}

function failureOf(start: AnswerStart | AnswerFailure): AnswerFailure | undefined {
  if (start.kind !== 'started') return start;
  const { status, retryAfterSeconds } = start;
  const isOurs = status === 401 || status === 403 || status === 407 || (status >= 300 && status < 400);
  return isOurs || status === 429 || status >= 500 ? { kind: 'status', status, retryAfterSeconds } : undefined;
}

/** What the caller hears of a provider's failure; its own words stay here. */
function refusalOf(failure: AnswerFailure): ReturnType<typeof refuse> {
  if (failure.kind === 'timeout') return refuse('upstream_timeout');
  if (failure.kind === 'too-large') return refuse('upstream_too_large');
  if (failure.kind === 'status' && failure.status === 429) {
    return refuse('rate_limited', {
      message: 'The provider limits requests.',
      retryAfterSeconds: failure.retryAfterSeconds ?? 5,
    });
  }
  return refuse(
    'upstream_error',
    failure.kind === 'status' ? { message: `The provider answered with status ${failure.status}.` } : {},
  );
}

interface Attempt extends Routed {
  readonly target: Target;
  readonly attempt: number;
  readonly place: Extract<ReturnType<typeof placeOf>, { kind: 'open' }>;
  readonly passage: Passage;
}

/** Holds, writes the intent durably, and only then sends the first byte; nothing for a client that has left meanwhile. */
async function send(
  service: Service,
  exchange: Exchange,
  to: Attempt,
): Promise<{ readonly answer: UpstreamAnswer; readonly bound: Bound }> {
  const isPaid = service.desk !== null && payers(exchange).length > 0;
  if (isPaid && !inputIsBounded(to.body)) throw new Refused(refuse('cost_unbounded'));
  const body = to.passage.body(to.wanted, to.body, to.target, isPaid);
  if (typeof body === 'string') throw new Refused(refuse('not_carried', { message: body }));
  // What nothing has changed goes on as it came.
  const sent = body === to.wanted.body ? to.bytes : Buffer.from(JSON.stringify(body), 'utf8');
  const bound: Bound = {
    model: to.target.model,
    inputTokens: estimateTokens(body, sent.length),
    outputTokens: outputBound(to.wanted, body),
  };
  const held = await holdFor(service, exchange, bound, to.attempt);
  exchange.held = held;
  const { requestId } = exchange;
  try {
    await service.evidence.intent({
      type: 'intent',
      id: `int${requestId.slice(3)}.${to.attempt}`,
      at: service.nowMs(),
      requestId,
      target: to.target.id,
      wallets: entriesOf(held),
    });
  } catch {
    if (held !== null) service.desk?.settle(held.hold.id, 0);
    exchange.held = null;
    throw new Refused(refuse('journal_unavailable'));
  }
  if (to.client.response.destroyed) {
    endAttempt(service, exchange, held, true);
    exchange.reasonCode ??= 'gateway.client_gone';
    throw clientGone();
  }
  const betas = to.target.format === 'anthropic' ? betasOf(to.client.request) : null;
  const answer = openAnswer(service.upstreams, {
    origin: to.place.origin,
    path: `${to.place.path}${to.passage.path}`,
    headers: {
      ...to.place.headers,
      ...(betas === null ? {} : { [BETAS]: betas }),
      accept: to.wanted.stream ? 'text/event-stream' : 'application/json',
      'x-request-id': requestId,
    },
    body: sent,
    maxBytes: to.wanted.stream
      ? Number.POSITIVE_INFINITY
      : (exchange.snapshot.policy.limits.size.maxResponseBytes ?? MAX_ANSWER_BYTES),
  });
  return { answer, bound };
}

const MAX_ANSWER_BYTES = 32 << 20;
