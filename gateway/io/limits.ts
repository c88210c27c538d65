import type { IncomingMessage, ServerResponse } from 'node:http';
import { type BundleToken, callerText } from '../../src/core/model/index.ts';
import {
  type Bound,
  boundsFor,
  type Caller,
  type Counters,
  type Exceeded,
  enter,
  type Family,
  judge,
  type LimitRules,
  leave,
  type Refusal,
  refuse,
  rest,
  resume,
  type Standing,
  tightest,
  withdraw,
} from '../core/index.ts';
import { addressOf, Refused } from './intake.ts';
import type { Service } from './service.ts';

// Limits at work: a request is let in before its body is read, for its model before that is asked, and lets go exactly once.

/** Of a request that was let in. */
export interface Pass {
  /** Lets the request in for a model, once for each; or the refusal. */
  readonly model: (model: string) => Refused | null;
  /** To be called once, however the request ended. `refused`: the refusal that it ended with. */
  readonly leave: (tokens: number, refused: unknown) => void;
  /** Is not under way while a person is asked about it; the answer goes on, unrefused. */
  readonly rest: () => () => void;
  /** Of the same limits, for a request that left with a ticket and goes out later: it counts anew, and is not refused. */
  readonly anew: () => Pass;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly token: BundleToken | null;
  readonly family: Family;
}

/** Lets the request in and counts it, or throws Refused and counts nothing; either way the answer says where its limits stand. */
export function admit(service: Service, rules: LimitRules, asked: Asked): Pass {
  const { counters } = service;
  const nowMs = service.nowMs();
  const bounds = boundsFor(rules, callerOf(service, asked));
  const exceeded = judge(counters, bounds, nowMs);
  if (exceeded === null) enter(counters, bounds, nowMs);
  say(counters, asked, bounds, nowMs);
  if (exceeded !== null) throw new Refused(limitRefusal(exceeded));
  return passOf(service, rules, { bounds, enteredMs: nowMs, asked });
}

function callerOf(service: Service, { request, token }: Asked): Caller {
  return {
    token,
    address() {
      const address = addressOf(service, request);
      return address === null ? null : callerText(address);
    },
    header(names) {
      const value = names.map((name) => request.headers[name]).find((item) => typeof item === 'string');
      return typeof value === 'string' ? value : null;
    },
  };
}

/** What was counted of a request, and when: it is found again under that instant. */
interface Entered {
  readonly bounds: readonly Bound[];
  readonly enteredMs: number;
  /** Null: it left with a ticket, and its answer has headers of another request. */
  readonly asked: Asked | null;
}

function passOf(service: Service, rules: LimitRules, { bounds, enteredMs, asked }: Entered): Pass {
  const { counters } = service;
  const models = new Map<string, readonly Bound[]>();
  const own = new Set<unknown>();
  let last = '';
  return {
    model(model) {
      last = model;
      const limits = rules.ofModels.get(model) ?? [];
      const nowMs = service.nowMs();
      const exceeded = models.has(model) ? null : judge(counters, limits, nowMs);
      if (exceeded === null && !models.has(model)) {
        enter(counters, limits, nowMs);
        models.set(model, limits);
      }
      // What this one answers is bound by its limits too, and by those of no former one.
      if (asked !== null) say(counters, asked, [...bounds, ...limits], nowMs);
      if (exceeded === null) return null;
      const refused = new Refused(limitRefusal(exceeded));
      own.add(refused);
      return refused;
    },
    rest() {
      const all = [...bounds, ...[...models.values()].flat()];
      rest(counters, all);
      return () => resume(counters, all);
    },
    anew() {
      const nowMs = service.nowMs();
      enter(counters, bounds, nowMs);
      return passOf(service, rules, { bounds, enteredMs: nowMs, asked: null });
    },
    leave(tokens, refused) {
      const nowMs = service.nowMs();
      if (own.has(refused)) withdraw(counters, bounds, enteredMs);
      else leave(counters, bounds, tokens, nowMs);
      for (const [model, limits] of models) leave(counters, limits, model === last ? tokens : 0, nowMs);
    },
  };
}

/** Does the work of a request that was let in, and lets go of what it holds when that has ended, however it ends. */
export async function within(
  pass: Pass,
  work: () => Promise<void>,
  usage: () => { readonly inputTokens: number; readonly outputTokens: number },
): Promise<void> {
  let refused: unknown;
  try {
    await work();
  } catch (error) {
    refused = error;
    throw error;
  } finally {
    const { inputTokens, outputTokens } = usage();
    pass.leave(inputTokens + outputTokens, refused);
  }
}

/** 429 with what the limit is, and when to ask again. */
function limitRefusal({ limit, waitMs }: Exceeded): Refusal {
  const { of, measure, max, windowMs } = limit;
  const details = {
    limit: { of, measure, max, ...(measure === 'concurrent' ? {} : { windowSeconds: windowMs / 1000 }) },
  };
  const retryAfterSeconds = Math.ceil(waitMs / 1000);
  if (measure === 'concurrent') {
    const message = `Expected at most ${max} requests of this ${of} at the same time.`;
    return refuse('concurrency_exceeded', { message, retryAfterSeconds, details });
  }
  const message = `Expected at most ${max} ${measure} of this ${of} in ${windowMs / 1000} seconds.`;
  return refuse('rate_limited', { message, retryAfterSeconds, details });
}

/** The headers from which the family's SDKs and their users read where the tightest of the limits stands. */
function say(counters: Counters, { response, family }: Asked, bounds: readonly Bound[], nowMs: number): void {
  for (const measure of ['requests', 'tokens'] as const) {
    const at = tightest(counters, bounds, measure, nowMs);
    const values = at === null ? null : valuesOf(at, family, nowMs);
    for (const [index, name] of HEADERS[family][measure].entries()) {
      const value = values?.[index];
      if (value === undefined) response.removeHeader(name);
      else response.setHeader(name, value);
    }
  }
}

/** Limit, remaining and reset. */
const HEADERS: { readonly [F in Family]: { readonly [M in 'requests' | 'tokens']: readonly string[] } } = {
  openai: { requests: openaiNames('requests'), tokens: openaiNames('tokens') },
  anthropic: { requests: anthropicNames('requests'), tokens: anthropicNames('tokens') },
};

function openaiNames(measure: string): readonly string[] {
  return ['limit', 'remaining', 'reset'].map((part) => `x-ratelimit-${part}-${measure}`);
}

function anthropicNames(measure: string): readonly string[] {
  return ['limit', 'remaining', 'reset'].map((part) => `anthropic-ratelimit-${measure}-${part}`);
}

function valuesOf(
  { limit, remaining, resetMs }: Standing,
  family: Family,
  nowMs: number,
): readonly (string | number)[] {
  const reset = family === 'anthropic' ? new Date(nowMs + resetMs).toISOString() : durationText(resetMs);
  return [limit.max, remaining, reset];
}

/** As OpenAI writes durations: 0s, 250ms, 59s, 1m0s, 6h1m40s; whole seconds upwards from one. */
export function durationText(ms: number): string {
  if (ms > 0 && ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return `${hours > 0 ? `${hours}h` : ''}${seconds >= 60 ? `${minutes}m` : ''}${seconds % 60}s`;
}
