import type { ServerResponse } from 'node:http';
import type { JsonObject } from '../../src/core/model/index.ts';
import {
  type CompiledPolicy,
  estimateTokens,
  inputIsBounded,
  type RequestFacts,
  type Target,
} from '../../src/core/policy/index.ts';
import {
  type Candidates,
  candidatesOf,
  mayHaveReason,
  orderTargets,
  outputBound,
  type Passage,
  type RefusalCode,
  type RejectionReason,
  refuse,
  rejectionReason,
  retryWaitMs,
  routeOf,
  type Shape,
  surelyUnbilled,
  triggerOf,
  type Wanted,
} from '../core/index.ts';
import { type AnswerFailure, type AnswerStart, openAnswer, type UpstreamAnswer } from './answer.ts';
import type { Begun, Client } from './begun.ts';
import { type Bound, type Exchange, endAttempt, entriesOf, holdFor, payers } from './exchange.ts';
import { Refused } from './intake.ts';
import type { AttemptNote } from './measures.ts';
import type { Service } from './service.ts';
import { placeOf, type TargetPlace } from './target.ts';
import { parsedAnswer } from './whole.ts';

// The attempts of one request: each is held for, written as an intent and only then sent; the first answer is handed back.
// Another attempt, at the same target or the next, is made only before the first byte of an answer.

/** A request as it came. */
export interface Asked {
  readonly client: Client;
  readonly shape: Shape;
  readonly wanted: Wanted;
  readonly bytes: Buffer;
}

/** A request that the input policies let through, with the ids of the targets that they left. */
interface Routed extends Asked {
  readonly facts: RequestFacts;
  readonly body: JsonObject;
  readonly eligible: readonly string[];
}

/** Asks the targets that may answer, in turn, until one answers or nobody is left. */
export async function tryTargets(service: Service, exchange: Exchange, routed: Routed): Promise<Begun> {
  const { policy } = exchange.snapshot;
  const { eligible, wanted } = routed;
  const candidates = candidatesOf(policy, { eligible, model: wanted.model, allowed: exchange.token?.models ?? null });
  if (typeof candidates === 'string') throw nobody(exchange, candidates);
  const route = routeOf(carriers(candidates, routed), (tier) => orderTargets(tier, service.measures.choice(policy)));
  const counter = { attempts: 0 };
  let last: Refused | undefined;
  for (let next = route.next(); next.done !== true; ) {
    const outcome = await askTarget(service, exchange, { ...routed, target: next.value, counter });
    if (outcome.kind === 'begun') return outcome.begun;
    next = goesOn(policy, outcome) ? route.next() : { done: true, value: undefined };
    if (outcome.kind === 'unavailable') {
      last ??= outcome.refused;
      continue;
    }
    if (outcome.rejected !== null && next.done === true) return outcome.rejected;
    giveUp(service, exchange, outcome);
    last = new Refused(refusalOf(outcome.failure));
  }
  throw last ?? new Refused(refuse('upstream_unavailable'));
}

/** Those that the request can be carried to in the format they speak; refuses with why the first one is none. */
function carriers(candidates: Candidates, { shape, wanted, body }: Routed): Candidates {
  const reasons: string[] = [];
  const carries = (target: Target): boolean => {
    if (target.format === shape.family && shape.passages[target.format] !== undefined) return true;
    const way =
      shape.passages[target.format]?.body(wanted, body, target, false) ??
      `${shape.route} is not answered by a target of format ${target.format}.`;
    if (typeof way === 'string') reasons.push(way);
    return typeof way !== 'string';
  };
  const tiers = candidates.tiers.map((tier) => tier.filter(carries));
  const [reason] = reasons;
  if (reason !== undefined && tiers.every((tier) => tier.length === 0)) {
    throw new Refused(refuse('not_carried', { message: reason }));
  }
  return { ...candidates, tiers };
}

/** What came of asking one target, all of its retries together. */
type Outcome =
  | { readonly kind: 'begun'; readonly begun: Begun }
  /** Nothing was sent: its key is missing, or it is left alone after failures. */
  | { readonly kind: 'unavailable'; readonly refused: Refused }
  | Failed;

interface Failed {
  readonly kind: 'failed';
  readonly failure: AnswerFailure;
  /** The refusal that the provider gave, to be handed on when nobody answers better. */
  readonly rejected: Begun | null;
}

function goesOn(policy: CompiledPolicy, outcome: Exclude<Outcome, { kind: 'begun' }>): boolean {
  if (outcome.kind === 'unavailable') return true;
  const trigger = outcome.failure.kind === 'too-large' ? null : triggerOf(outcome.failure);
  return trigger !== null && policy.fallback.triggers.has(trigger);
}

function nobody(exchange: Exchange, code: RefusalCode): Refused {
  const message = `Expected one of ${exchange.snapshot.models.join(', ')}.`;
  return new Refused(refuse(code, code === 'model_not_found' ? { message } : {}));
}

/** Ends the hold of a failed attempt whose answer nobody will get. */
function giveUp(service: Service, exchange: Exchange, { failure }: Failed): void {
  endAttempt(service, exchange, exchange.held, failure.kind !== 'too-large' && surelyUnbilled(failure));
}

interface Asking extends Routed {
  readonly target: Target;
  /** Attempts of this request so far, at whatever target. */
  readonly counter: { attempts: number };
}

/** Asks one target, again where the document says so; between two attempts it waits. */
async function askTarget(service: Service, exchange: Exchange, asking: Asking): Promise<Outcome> {
  const { target, client } = asking;
  const { policy } = exchange.snapshot;
  const place = await placeOf(service, target);
  if (place.kind === 'unavailable') {
    const refused = new Refused(refuse('upstream_unavailable', { message: place.message }));
    return { kind: 'unavailable', refused };
  }
  let before: Failed | null = null;
  for (let retries = 0; ; retries += 1) {
    const waitMs = service.measures.waitMs(policy, target);
    if (waitMs > 0) return before ?? { kind: 'unavailable', refused: leftAlone(waitMs) };
    exchange.target = target.id;
    exchange.model = target.model;
    exchange.simulated = place.simulated;
    const outcome = await attemptOnce(service, exchange, { ...asking, place });
    if (outcome.kind === 'begun' || outcome.failure.kind === 'too-large') return outcome;
    const pauseMs = retryWaitMs(policy.retry, outcome.failure, { retries, random: service.random() });
    if (pauseMs === null || service.measures.waitMs(policy, target) > 0) return outcome;
    giveUp(service, exchange, outcome);
    before = { ...outcome, rejected: null };
    await pause(pauseMs, client.response);
    if (client.response.destroyed) throw clientGone();
  }
}

function leftAlone(waitMs: number): Refused {
  return new Refused(
    refuse('upstream_unavailable', {
      message: 'The provider failed several times and is left alone for a while.',
      retryAfterSeconds: waitMs / 1000,
    }),
  );
}

/** Waits, and not for a client that has left. */
function pause(ms: number, response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      response.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    response.once('close', done);
  });
}

/** Nobody hears it; it ends the attempts and is written. */
function clientGone(): Refused {
  return new Refused(refuse('upstream_error', { message: 'The client went away.' }));
}

interface Attempt extends Asking {
  readonly place: Extract<TargetPlace, { kind: 'open' }>;
}

async function attemptOnce(
  service: Service,
  exchange: Exchange,
  attempt: Attempt,
): Promise<Exclude<Outcome, { kind: 'unavailable' }>> {
  const { shape, wanted, facts, client, place, target } = attempt;
  const { answer, bound, note, passage } = await send(service, exchange, attempt);
  exchange.attempt = note;
  client.response.once('close', answer.abort);
  const { start, failure, bytes } = withoutKey(await judged(answer), place.key);
  if (start !== null && failure === null) note.answered();
  if (failure !== null) note.failed(failure);
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
  const isOurs = [401, 403, 407, 408, 429].includes(status) || (status >= 300 && status < 400) || status >= 500;
  return { start, failure: isOurs ? failed(null) : null, bytes: null };
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

/** What the caller hears of a provider's failure; its own words stay here. */
function refusalOf(failure: AnswerFailure): ReturnType<typeof refuse> {
  if (failure.kind === 'timeout') return refuse('upstream_timeout');
  if (failure.kind === 'too-large') return refuse('upstream_too_large');
  if (failure.kind === 'address-refused') {
    return refuse('upstream_unavailable', {
      message: 'The address of the provider is one that this gateway does not ask.',
    });
  }
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

interface Sent {
  readonly answer: UpstreamAnswer;
  readonly bound: Bound;
  readonly note: AttemptNote;
  readonly passage: Passage;
}

/** Holds, writes the intent durably, and only then sends the first byte. */
async function send(service: Service, exchange: Exchange, to: Attempt): Promise<Sent> {
  const { policy } = exchange.snapshot;
  const isPaid = service.desk !== null && payers(exchange).length > 0;
  if (isPaid && !inputIsBounded(to.body)) throw new Refused(refuse('cost_unbounded'));
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
        accept: to.wanted.stream ? 'text/event-stream' : 'application/json',
        'x-request-id': exchange.requestId,
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

/** Nothing is sent before this is done, and nothing for a client that has left meanwhile. */
async function holdAndWrite(service: Service, exchange: Exchange, to: Attempt, bound: Bound): Promise<void> {
  const number = to.counter.attempts;
  to.counter.attempts += 1;
  const held = await holdFor(service, exchange, bound, number);
  exchange.held = held;
  await writeIntent(service, exchange, number);
  if (to.client.response.destroyed) {
    endAttempt(service, exchange, held, true);
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
      wallets: entriesOf(held),
    });
  } catch {
    if (held !== null) service.desk?.settle(held.hold.id, 0);
    exchange.held = null;
    throw new Refused(refuse('journal_unavailable'));
  }
}

const MAX_ANSWER_BYTES = 32 << 20;
