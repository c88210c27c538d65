import { isJsonObject, type Json } from '../../src/core/model/index.ts';
import type { RetryPolicy, Trigger } from '../../src/core/policy/index.ts';

/** What happened to an attempt before its answer began. */
export type AttemptFailure =
  /** Nothing was sent, so nothing can have been billed; `address-refused`: the provider's name led where none may be. */
  | { readonly kind: 'not-sent' | 'address-refused' }
  /** Sent, and no answer in time, or what came broke off or is none: it may have been billed. */
  | { readonly kind: 'timeout' | 'broken' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterSeconds: number | null;
      /** What the body of a refusal says, where it was read. */
      readonly reason: RejectionReason | null;
    };

/** Why a provider refused a request that another one may take. */
export type RejectionReason = 'context_length_exceeded' | 'content_filter' | 'model_not_found';

const REASONS = new Map<string, RejectionReason>([
  ['context_length_exceeded', 'context_length_exceeded'],
  ['content_filter', 'content_filter'],
  ['content_policy_violation', 'content_filter'],
  ['model_not_found', 'model_not_found'],
]);

/** Statuses of a refusal whose body may name a reason. */
export function mayHaveReason(status: number): boolean {
  return status === 400 || status === 404 || status === 413 || status === 422;
}

/** Statuses of a provider that took the request and refuses it; any other one is a failure of its own, or of our account with it. */
export function isOfRequest(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 402, 403, 407, 408, 429].includes(status);
}

/** How those say that a prompt is too long who have no code for it: Anthropic, and servers of OpenAI's interface. */
const TOO_LONG =
  /^(?:prompt is too long|input length and `?max_tokens`? exceed context limit|this model's maximum context length)/i;

/**
 * The reason by the codes of the OpenAI error shape, or by the words of a prompt that is too long; a 404 is a model that is not
 * there, whatever its words.
 */
export function rejectionReason(status: number, body: Json | undefined): RejectionReason | null {
  const error = isJsonObject(body) && isJsonObject(body['error']) ? body['error'] : {};
  for (const word of [error['code'], error['type']]) {
    const reason = typeof word === 'string' ? REASONS.get(word) : undefined;
    if (reason !== undefined) return reason;
  }
  const { message } = error;
  if (typeof message === 'string' && TOO_LONG.test(message)) return 'context_length_exceeded';
  return status === 404 ? 'model_not_found' : null;
}

const SAID: { readonly [reason in RejectionReason]: string } = {
  context_length_exceeded: 'The prompt is too long: it exceeds the maximum context length of the model.',
  content_filter: 'The content filter of the provider refused the request.',
  model_not_found: 'The provider does not know the model.',
};

/** A refusal of a provider in words of ours, by which clients know a prompt that they have to shorten. */
export function wordsOfRejection(status: number, reason: RejectionReason | null): string {
  return reason === null ? `The provider refused the request with status ${status}.` : SAID[reason];
}

/** The failure as the policy language names it; null for one after which nobody is asked again. */
export function triggerOf(failure: AttemptFailure): Trigger | null {
  if (failure.kind === 'timeout') return 'timeout';
  if (failure.kind !== 'status') return 'server_error';
  const { status, reason } = failure;
  if (status === 429) return 'rate_limit';
  if (status === 401 || status === 402 || status === 403 || status === 407) return 'auth_error';
  if (status === 408) return 'timeout';
  return status >= 500 ? 'server_error' : reason;
}

/** What a provider, or a proxy before it, answers of a request that may have been worked on until then. */
const MAYBE_BILLED: ReadonlySet<number> = new Set([408, 502, 504, 520, 524]);

/** True when the provider surely did not bill: the hold is released. Else the whole hold is settled (ai-gateways 7, rule 5). */
export function surelyUnbilled(failure: AttemptFailure): boolean {
  if (failure.kind === 'status') return !MAYBE_BILLED.has(failure.status);
  return failure.kind !== 'timeout' && failure.kind !== 'broken';
}

/** The longest wait before a retry; a provider that asks for more is not waited for. */
export const MAX_WAIT_MS = 30_000;

/**
 * How long to wait before the same target is asked again, or null when it is not. `retries` were made of it already;
 * `random` is uniform in [0, 1): the wait is between half of the step and the whole, so that callers do not come at once.
 */
export function retryWaitMs(
  policy: RetryPolicy | null,
  failure: AttemptFailure,
  made: { readonly retries: number; readonly random: number },
): number | null {
  const trigger = triggerOf(failure);
  if (policy === null || trigger === null || made.retries >= (policy.retries.get(trigger) ?? 0)) return null;
  const { strategy, ms } = policy.backoff;
  const step = strategy === 'fixed' ? ms : ms * 2 ** made.retries * (0.5 + made.random / 2);
  const asked = failure.kind === 'status' ? (failure.retryAfterSeconds ?? 0) * 1000 : 0;
  return asked > MAX_WAIT_MS ? null : Math.min(MAX_WAIT_MS, Math.max(asked, Math.round(step)));
}
