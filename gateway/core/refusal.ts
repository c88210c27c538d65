import type { JsonObject } from '../../src/core/model/index.ts';

/** What the body of a refusal says: the OpenAI error shape with the policy that decided (contract section 3). */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly code: RefusalCode;
  readonly message: string;
  /** The policy kind, for a policy's block. */
  readonly policy: string | null;
  readonly retryAfterSeconds: number | null;
  /** Facts of this case for programs, or null. */
  readonly details: JsonObject | null;
}

interface Row {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  /** Default seconds for `Retry-After`; absent where a retry is of no use. */
  readonly retryAfterSeconds?: number;
}

/** Every way the gateway says no. A code is stable; the message may say more in its place. */
export const REFUSALS = {
  token_invalid: {
    status: 401,
    type: 'authentication_error',
    message: 'The bearer token is missing, unknown or expired.',
  },
  budget_exceeded: { status: 402, type: 'budget_error', message: 'The budget that pays for this token is used up.' },
  price_missing: {
    status: 402,
    type: 'budget_error',
    message: 'This model has no price, so a request cannot be held against a budget.',
  },
  cost_unbounded: {
    status: 402,
    type: 'budget_error',
    message:
      'The request refers to content elsewhere or asks for what has a price of its own, so its cost has no upper bound that could be held.',
  },
  scope_missing: {
    status: 403,
    type: 'permission_error',
    message: 'The token does not have the scope for this endpoint.',
  },
  path_not_allowed: { status: 403, type: 'permission_error', message: 'The token may not use this path.' },
  address_not_allowed: {
    status: 403,
    type: 'permission_error',
    message: 'Requests may not come from this address.',
  },
  host_refused: {
    status: 403,
    type: 'permission_error',
    message:
      'A gateway without tokens is asked by a name or address of its own machine: localhost, 127.0.0.1 or [::1].',
  },
  origin_refused: {
    status: 403,
    type: 'permission_error',
    message: 'Pages of a browser may not ask this endpoint.',
  },
  model_not_allowed: { status: 403, type: 'permission_error', message: 'The token may not use this model.' },
  not_found: { status: 404, type: 'validation_error', message: 'There is nothing at this path.' },
  model_not_found: { status: 404, type: 'validation_error', message: 'No provider of this gateway offers the model.' },
  method_not_allowed: { status: 405, type: 'validation_error', message: 'This path does not take the method.' },
  request_timeout: { status: 408, type: 'validation_error', message: 'The request did not come in time.' },
  input_blocked: { status: 409, type: 'policy_violation', message: 'A policy blocked the request.' },
  output_blocked: { status: 409, type: 'policy_violation', message: 'A policy blocked the answer.' },
  escalation_required: {
    status: 409,
    type: 'policy_violation',
    message: 'A person has to decide about this, and nobody can be asked from here.',
  },
  escalation_denied: { status: 409, type: 'policy_violation', message: 'A reviewer has denied this.' },
  escalation_expired: {
    status: 409,
    type: 'policy_violation',
    message: 'No reviewer has decided about this in time.',
  },
  escalation_gone: {
    status: 410,
    type: 'policy_violation',
    message: 'Nothing is kept of this escalation any more: it was lost with a restart, or not asked for in time.',
  },
  configuration_changed: {
    status: 409,
    type: 'policy_violation',
    message:
      'The configuration has changed while a person was asked about this, and what was approved is not all that has to be: ask again.',
  },
  body_too_large: { status: 413, type: 'validation_error', message: 'The body is larger than this gateway takes.' },
  url_too_large: { status: 414, type: 'validation_error', message: 'The URL is longer than this gateway takes.' },
  unsupported_media_type: { status: 415, type: 'validation_error', message: 'Expected content-type application/json.' },
  unsupported_encoding: { status: 415, type: 'validation_error', message: 'Expected a body without content-encoding.' },
  session_unknown: { status: 404, type: 'validation_error', message: 'The session is not one of this token.' },
  malformed_json: { status: 422, type: 'validation_error', message: 'The body is not valid JSON in UTF-8.' },
  malformed_request: { status: 422, type: 'validation_error', message: 'The body is not a request of this endpoint.' },
  json_too_deep: {
    status: 422,
    type: 'validation_error',
    message: 'The body is nested deeper than this gateway takes.',
  },
  not_carried: {
    status: 422,
    type: 'validation_error',
    message: 'The request holds something that no target of this model can be asked in its own format.',
  },
  rate_limited: {
    status: 429,
    type: 'rate_limit',
    message: 'Too many requests in this window.',
    retryAfterSeconds: 60,
  },
  too_many_failures: {
    status: 429,
    type: 'rate_limit',
    message: 'Too many wrong credentials have come from this address.',
    retryAfterSeconds: 60,
  },
  concurrency_exceeded: {
    status: 429,
    type: 'rate_limit',
    message: 'Too many requests are being answered at once.',
    retryAfterSeconds: 1,
  },
  headers_too_large: {
    status: 431,
    type: 'validation_error',
    message: 'There are more headers than this gateway takes.',
  },
  no_compliant_provider: {
    status: 451,
    type: 'policy_violation',
    message: 'No provider meets the data-routing policy.',
  },
  /** Nobody hears it. The status is that of proxies (nginx): it is no answer, and no fault of this side or of a provider. */
  client_gone: { status: 499, type: 'client_closed_request', message: 'The client went away.' },
  internal_error: { status: 500, type: 'unavailable', message: 'The gateway failed; nothing more was sent.' },
  upstream_error: { status: 502, type: 'upstream_error', message: 'The provider could not be reached or broke off.' },
  /** The status is the provider's own. */
  upstream_rejected: { status: 400, type: 'upstream_error', message: 'The provider refused the request.' },
  upstream_unavailable: { status: 502, type: 'upstream_error', message: 'No provider is configured to answer.' },
  answer_not_carried: {
    status: 502,
    type: 'upstream_error',
    message: 'The answer of the provider has no form in this endpoint.',
  },
  upstream_too_large: { status: 502, type: 'upstream_error', message: 'The answer is larger than this gateway takes.' },
  not_ready: {
    status: 503,
    type: 'unavailable',
    message: 'No verified configuration is active yet.',
    retryAfterSeconds: 5,
  },
  configuration_expired: {
    status: 503,
    type: 'unavailable',
    message: 'The configuration is too old to be trusted and no newer one could be verified.',
    retryAfterSeconds: 60,
  },
  wallet_unavailable: {
    status: 503,
    type: 'unavailable',
    message: 'The budget could not be checked; nothing was spent.',
    retryAfterSeconds: 5,
  },
  review_unavailable: {
    status: 503,
    type: 'unavailable',
    message: 'A person has to decide about this, and this gateway cannot keep it until then.',
    retryAfterSeconds: 30,
  },
  journal_unavailable: {
    status: 503,
    type: 'unavailable',
    message: 'The request could not be recorded durably, so it was not answered.',
    retryAfterSeconds: 10,
  },
  journal_damaged: {
    status: 503,
    type: 'unavailable',
    message: 'Evidence on the disk of this gateway cannot be read any more, so it is not delivered.',
  },
  policy_failed: {
    status: 503,
    type: 'unavailable',
    message: 'A policy could not be evaluated, so the request was not let through.',
    retryAfterSeconds: 60,
  },
  moderation_unavailable: {
    status: 503,
    type: 'unavailable',
    message: 'A service that has to judge this gave no answer that can be believed, so it was not let through.',
    retryAfterSeconds: 5,
  },
  draining: { status: 503, type: 'unavailable', message: 'This gateway is shutting down.', retryAfterSeconds: 1 },
  answer_too_long: {
    status: 504,
    type: 'upstream_error',
    message: 'The answer took longer than one may that a budget pays for.',
  },
  upstream_timeout: { status: 504, type: 'upstream_error', message: 'The provider did not answer in time.' },
} as const satisfies { readonly [code: string]: Row };

export type RefusalCode = keyof typeof REFUSALS;

/** A refusal of the table, with what this case adds to it. */
export function refuse(
  code: RefusalCode,
  more: {
    readonly message?: string;
    readonly policy?: string;
    readonly retryAfterSeconds?: number;
    readonly details?: JsonObject;
  } = {},
): Refusal {
  const row: Row = REFUSALS[code];
  return {
    status: row.status,
    type: row.type,
    code,
    message: more.message ?? row.message,
    policy: more.policy ?? null,
    retryAfterSeconds: more.retryAfterSeconds ?? row.retryAfterSeconds ?? null,
    details: more.details ?? null,
  };
}

/** Whether it is about what was asked: not a fault of this side or of a provider, nor a client that left. */
export function isAboutRequest({ status, code }: Pick<Refusal, 'status' | 'code'>): boolean {
  return status < 500 && code !== 'client_gone';
}

/** Whose SDKs read an answer. */
export type Family = 'openai' | 'anthropic';

/** Anthropic's types of errors by status. */
const ANTHROPIC_TYPES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [504, 'timeout_error'],
]);

/**
 * `{"error": {"type", "message", "policy", "code"}}`; for Anthropic's SDKs `{"type": "error", "error": {…}}` with a type of
 * theirs. With `details` where there are any.
 */
export function refusalBody(refusal: Refusal, family: Family): string {
  const { status, message, policy, code } = refusal;
  const details = refusal.details === null ? {} : { details: refusal.details };
  if (family === 'openai') return JSON.stringify({ error: { type: refusal.type, message, policy, code, ...details } });
  const type = ANTHROPIC_TYPES.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error');
  return JSON.stringify({ type: 'error', error: { type, message, policy, code, ...details } });
}

/** Headers of a refusal beside those that every answer has. */
export function refusalHeaders(refusal: Refusal): { readonly [name: string]: string } {
  return {
    'content-type': 'application/json; charset=utf-8',
    ...(refusal.retryAfterSeconds === null
      ? {}
      : { 'retry-after': String(Math.max(1, Math.ceil(refusal.retryAfterSeconds))) }),
    ...(isFinal(refusal) ? { 'x-should-retry': 'false' } : {}),
    ...(refusal.status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
  };
}

/** The provider has answered and counts it: asked again it would be paid again, for what comes to the same. */
const ANSWERED: ReadonlySet<RefusalCode> = new Set(['answer_not_carried', 'upstream_too_large', 'answer_too_long']);

/** The official SDKs would ask again after a 409 and a 5xx; what a policy blocked and what nobody pays for stays so. */
function isFinal({ status, code }: Refusal): boolean {
  return status === 402 || status === 409 || ANSWERED.has(code);
}
