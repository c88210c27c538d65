import type { CompiledPolicy, Target } from '../../src/core/policy/index.ts';
import {
  type Candidates,
  candidatesOf,
  orderTargets,
  type RefusalCode,
  refuse,
  retryWaitMs,
  routeOf,
  surelyUnbilled,
  triggerOf,
} from '../core/index.ts';
import { type AnswerFailure, isOfProvider } from './answer.ts';
import { type Asking, type Attempted, attemptOnce, type Failed, type Routed } from './attempt.ts';
import { type Begun, clientGone, type Rejected } from './begun.ts';
import { withinDeadline } from './deadline.ts';
import { type Exchange, endAttempt } from './exchange.ts';
import { Refused } from './intake.ts';
import type { Reply } from './reply.ts';
import type { Service } from './service.ts';
import { placeOf } from './target.ts';

// Who is asked, in which order and how often, until one answers. Another attempt, at the same target or the next, is made only
// before anything of an answer has gone out.

/** Asks the targets that may answer, in turn, until one answers or nobody is left. */
export async function tryTargets(service: Service, exchange: Exchange, routed: Routed): Promise<Begun | Rejected> {
  const { policy } = exchange.snapshot;
  const { eligible, wanted, shape } = routed;
  const allowed = exchange.token?.models ?? null;
  const isModelBound = shape.scope === 'embeddings';
  const candidates = candidatesOf(policy, { eligible, model: wanted.model, allowed, isModelBound });
  if (typeof candidates === 'string') throw nobody(exchange, candidates);
  const route = routeOf(carriers(candidates, routed), (tier) => orderTargets(tier, service.measures.choice(policy)));
  const counter = { attempts: 0 };
  let asked = 0;
  let last: Refused | Rejected | undefined;
  for (const target of route) {
    const outcome = await askTarget(service, exchange, { ...routed, target, counter });
    if (outcome.kind === 'failed') {
      asked += 1;
      giveUp(exchange, outcome);
      last = outcome.rejected ?? new Refused(refusalOf(outcome.failure));
      if (asked === candidates.most || !goesOn(policy, outcome)) break;
    } else if ('refused' in outcome) {
      last ??= outcome.refused;
      if (!isPassedOver(policy, outcome)) break;
    } else return outcome;
  }
  if (last === undefined || last instanceof Refused) throw last ?? new Refused(refuse('upstream_unavailable'));
  return last;
}

/**
 * Those that the request can be carried to in the format they speak. Refuses with why the first one is none when nobody of the
 * first tier is left: falling back is for failures, not for what was asked.
 */
function carriers(candidates: Candidates, { whyNot }: Routed): Candidates {
  const reasons: string[] = [];
  const carries = (target: Target): boolean => {
    const reason = whyNot(target);
    if (reason !== null) reasons.push(reason);
    return reason === null;
  };
  const tiers = candidates.tiers.map((tier) => tier.filter(carries));
  const [reason] = reasons;
  if (reason !== undefined && tiers[0]?.length === 0) throw new Refused(refuse('not_carried', { message: reason }));
  return { ...candidates, tiers };
}

/**
 * What came of asking one target, all of its retries together. Nothing was sent to one that is unavailable, because its key is not
 * there or its breaker is open, nor for a caller whose limit of the model is reached: they do not count among those that are tried.
 */
type Outcome = Attempted | NotAsked;

interface NotAsked {
  readonly kind: 'unavailable' | 'limited';
  readonly refused: Refused;
}

/** Whoever is unavailable is so for everybody and is passed over, unless the document rules that out; a limit falls back. */
function isPassedOver({ routing, fallback }: CompiledPolicy, { kind }: NotAsked): boolean {
  return kind === 'unavailable' ? routing.mayPassOver : fallback.enabled;
}

function goesOn(policy: CompiledPolicy, { failure }: Failed): boolean {
  const trigger = isOfProvider(failure) ? triggerOf(failure) : null;
  return trigger !== null && policy.fallback.triggers.has(trigger);
}

function nobody(exchange: Exchange, code: RefusalCode): Refused {
  const message = `Expected one of ${exchange.snapshot.models.join(', ')}.`;
  return new Refused(refuse(code, code === 'model_not_found' ? { message } : {}));
}

/** Ends the hold of a failed attempt whose answer nobody will get. */
function giveUp(exchange: Exchange, { failure }: Failed): void {
  endAttempt(exchange, exchange.held, isOfProvider(failure) && surelyUnbilled(failure));
}

/** Asks one target, again where the document says so; between two attempts it waits. */
async function askTarget(service: Service, exchange: Exchange, asking: Asking): Promise<Outcome> {
  const { target, client } = asking;
  const { policy } = exchange.snapshot;
  const place = await placeOf(service, target);
  if (place.kind === 'unavailable') {
    // The log has which one and why.
    const message = `The key of "${target.id}" is not there.`;
    return { kind: 'unavailable', refused: new Refused(refuse('upstream_unavailable', { message })) };
  }
  const overLimit = exchange.pass?.model(target.model) ?? null;
  if (overLimit !== null) return { kind: 'limited', refused: overLimit };
  let before: Failed | null = null;
  for (let retries = 0; ; retries += 1) {
    const waitMs = service.measures.waitMs(policy, target);
    if (waitMs > 0) return before ?? { kind: 'unavailable', refused: leftAlone(waitMs) };
    exchange.target = target.id;
    exchange.provider = target.family;
    exchange.model = target.model;
    exchange.simulated = place.simulated;
    const asked = { ...asking, target: withinDeadline(service, exchange, target), place };
    const outcome = await attemptOnce(service, exchange, asked);
    if (outcome.kind !== 'failed' || !isOfProvider(outcome.failure)) return outcome;
    const pauseMs = retryWaitMs(policy.retry, outcome.failure, { retries, random: service.random() });
    if (pauseMs === null || service.measures.waitMs(policy, target) > 0) return outcome;
    giveUp(exchange, outcome);
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
function pause(ms: number, response: Reply): Promise<void> {
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

/** What the caller hears of a provider's failure; its own words stay here. */
function refusalOf(failure: AnswerFailure): ReturnType<typeof refuse> {
  if (failure.kind === 'timeout') return refuse('upstream_timeout');
  if (failure.kind === 'too-large') return refuse('upstream_too_large');
  if (failure.kind === 'too-long') return refuse('answer_too_long');
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
  if (failure.kind !== 'status') return refuse('upstream_error');
  const { status, retryAfterSeconds } = failure;
  const message = `The provider answered with status ${status}.`;
  return refuse('upstream_error', { message, ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }) });
}
