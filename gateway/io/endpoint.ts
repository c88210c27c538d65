import type { JsonObject } from '../../src/core/model/index.ts';
import type { RequestFacts, Target } from '../../src/core/policy/index.ts';
import { permit, refuse, type Shape } from '../core/index.ts';
import type { Asked } from './attempt.ts';
import { tryTargets } from './attempts.ts';
import { BETAS, type Begun, betasOf, blockedRefusal, type Client, evaluated, unreviewed } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { settled } from './inquiry.ts';
import { bodyLimit, checkMedia, countTokens, parseBody, Refused, readBody } from './intake.ts';
import { relayStream } from './relay.ts';
import type { Service } from './service.ts';
import { answerWhole } from './whole.ts';

// An endpoint of any shape: read, ask the policies, hold, write the intent, ask a provider, and hand its answer on.

/** Answers the request or throws Refused; whatever is refused after the body was read is written as a decision. */
export async function answerShaped(service: Service, exchange: Exchange, client: Client, shape: Shape): Promise<void> {
  checkMedia(client.request);
  const bytes = await readBody(client.request, bodyLimit(exchange.snapshot));
  const wanted = shape.read(parseBody(bytes));
  if (typeof wanted === 'string') throw new Refused(refuse('malformed_request', { message: `${wanted}.` }));
  exchange.model = wanted.model;
  exchange.stream = wanted.stream;
  try {
    const begun = await ask(service, exchange, { client, shape, wanted, bytes });
    const isStream = begun.start.status === 200 && begun.start.contentType.startsWith('text/event-stream');
    await (isStream ? relayStream : answerWhole)(service, exchange, client, begun);
    countTokens(service, exchange.snapshot, exchange.usage.inputTokens + exchange.usage.outputTokens);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await recordRefusal(service, exchange, error);
    throw error;
  }
}

/** Refusals that say nothing about what was asked are counted, not written; a journal that is full is not written to. */
const UNRECORDED = new Set(['journal_unavailable', 'concurrency_exceeded', 'rate_limited', 'draining']);

async function recordRefusal(service: Service, exchange: Exchange, { refusal }: Refused): Promise<void> {
  // Who was sent to a provider is written however it ended: its intent waits for a decision.
  if (UNRECORDED.has(refusal.code) && exchange.attempt === null) return;
  if (exchange.verdict !== 'block' && exchange.verdict !== 'escalate') {
    exchange.verdict = refusal.status < 500 ? 'block' : exchange.verdict;
    exchange.reasonCode ??= `gateway.${refusal.code}`;
  }
  await decide(service, exchange, {
    status: refusal.status,
    usage: exchange.held === null ? exchange.usage : (exchange.known ?? 'unknown'),
  });
}

/** Runs the input policies and sends to the first target that answers. */
async function ask(service: Service, exchange: Exchange, asked: Asked): Promise<Begun> {
  const { policy } = exchange.snapshot;
  if (exchange.token !== null) {
    const { scope } = asked.shape;
    const { model } = asked.wanted;
    // A group is no model: what the token may use of it is decided target by target.
    const refusal = permit(exchange.token, scope, model !== null && policy.groups.has(model) ? null : model);
    if (refusal !== undefined) throw new Refused(refusal);
  }
  const facts = factsOf(exchange, asked);
  let outcome = evaluated(() => policy.input(facts));
  if (outcome.inquiry !== null) outcome = await settled(service, exchange, asked.client.response, outcome);
  exchange.steps = outcome.steps;
  exchange.verdict = outcome.verdict;
  exchange.reasonCode = outcome.reasonCode;
  if (outcome.blockedBy !== null) throw blockedRefusal(outcome.blockedBy, service);
  if (outcome.escalatedBy !== null) throw unreviewed(outcome.escalatedBy);
  const body = outcome.body as JsonObject;
  const whyNot = (target: Target): string | null => whyNotCarried(asked, body, target);
  // Who looks at the answer sees the request as it was sent.
  const sent = body === facts.body ? facts : { ...facts, body };
  return tryTargets(service, exchange, { ...asked, facts: sent, body, eligible: outcome.targets, whyNot });
}

/** Why the request cannot be carried to a target in the format that it speaks; null: it can. */
function whyNotCarried({ client, shape, wanted }: Asked, body: JsonObject, target: Target): string | null {
  const passage = shape.passages[target.format];
  const betas = betasOf(client.request);
  if (passage === undefined) return `${shape.route} is not answered by a target of format ${target.format}.`;
  // A passage of the provider's own format changes nothing that it could not say.
  if (passage.translation === null) return null;
  if (betas !== null) return `The header ${BETAS} has no counterpart in the format of the target.`;
  const made = passage.body(wanted, body, target, false);
  return typeof made === 'string' ? made : null;
}

function factsOf(exchange: Exchange, { client, wanted }: Asked): RequestFacts {
  const { snapshot, token } = exchange;
  const headers = new Map<string, string>();
  for (const name of snapshot.policy.headersRead) {
    const value = client.request.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return {
    path: exchange.route,
    headers,
    model: wanted.model,
    team: token?.team ?? null,
    role: token?.role ?? null,
    gateway: snapshot.tenant?.identity.gateway ?? 'standalone',
    token: token?.name ?? null,
    authenticated: token !== null,
    body: wanted.body,
  };
}
