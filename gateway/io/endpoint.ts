import type { JsonObject } from '../../src/core/model/index.ts';
import type { Escalated, InputOutcome, RequestFacts, Target } from '../../src/core/policy/index.ts';
import { type Refusal, refuse, regionFault, type Shape } from '../core/index.ts';
import type { Asked, Routed } from './attempt.ts';
import { tryTargets } from './attempts.ts';
import { BETAS, type Begun, betasOf, blockedRefusal, type Client, evaluated, type Rejected } from './begun.ts';
import { watchDeadline } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import { type Holding, holdRequest, requireApproved } from './held.ts';
import { useOf } from './held-answer.ts';
import { settled } from './inquiry.ts';
import { bodyLimit, checkMedia, parseBody, permitAddress, Refused, readBody } from './intake.ts';
import { recorded } from './recorded.ts';
import { relayStream } from './relay.ts';
import type { Service } from './service.ts';
import { factsOf, whyNotUse } from './standing.ts';
import { answerRejected, answerWhole } from './whole.ts';

// An endpoint of any shape: read, ask the policies, hold, write the intent, ask a provider, and hand its answer on.

/** Answers the request or throws Refused; whatever is refused after the body was read is written as a decision. */
export async function answerShaped(service: Service, exchange: Exchange, client: Client, shape: Shape): Promise<void> {
  checkMedia(client.request);
  const bytes = await readBody(client.request, bodyLimit(exchange.snapshot));
  const wanted = shape.read(parseBody(bytes));
  if (typeof wanted === 'string') throw new Refused(refuse('malformed_request', { message: `${wanted}.` }));
  exchange.model = wanted.model;
  exchange.stream = wanted.stream;
  await recorded(service, exchange, async () => {
    const asked = { client, shape, wanted, bytes };
    permitAddress(service, exchange.snapshot, client.request, exchange.token);
    const { routed, escalated } = await judge(service, exchange, asked);
    const go = (to: Client): Promise<void> => answerRouted(service, exchange, { ...routed, client: to });
    if (escalated === null) await go(client);
    else await holdRequest(service, exchange, { ...heldOf(service, exchange, asked), escalated, go });
  });
}

/** How a request waits. */
function heldOf(service: Service, exchange: Exchange, asked: Asked): Omit<Holding, 'escalated' | 'go'> {
  const { client, shape, wanted, bytes } = asked;
  return {
    ...{ client, family: shape.family, bytes: bytes.length, steps: exchange.steps, use: useOf(shape, wanted) },
    async anew(to) {
      if (bytes.length > bodyLimit(exchange.snapshot)) throw new Refused(refuse('body_too_large'));
      const { verdict, reasonCode } = exchange;
      const { routed, escalated } = await judge(service, exchange, { ...asked, client: to });
      requireApproved(exchange, escalated, exchange.steps);
      // That a person has let it through stays on record.
      Object.assign(exchange, { verdict, reasonCode });
      return (client) => answerRouted(service, exchange, { ...routed, client });
    },
  };
}

/** Asks the targets, and hands the answer of one on. */
async function answerRouted(service: Service, exchange: Exchange, routed: Routed): Promise<void> {
  let came: Begun | Rejected;
  try {
    came = await tryTargets(service, exchange, routed);
  } catch (error) {
    return holdForMoney(service, exchange, routed, error);
  }
  const { client, shape } = routed;
  if (came.kind === 'rejected') return answerRejected(service, exchange, client, { ...came, family: shape.family });
  if (came.kind === 'whole') return answerWhole(service, exchange, client, came);
  await relayStream(service, exchange, client, came).finally(watchDeadline(service, exchange, came.answer));
}

/** Where the wallet that cannot pay says so, a person is asked before anything is sent; once. Else it stays refused. */
async function holdForMoney(service: Service, exchange: Exchange, routed: Routed, error: unknown): Promise<void> {
  const short = error instanceof Refused && exchange.attempt === null ? walletThatHolds(exchange, error.refusal) : null;
  if (!(error instanceof Refused) || short === null || service.reviews === null || exchange.isMoneyAsked) throw error;
  exchange.isMoneyAsked = true;
  await holdRequest(service, exchange, {
    ...heldOf(service, exchange, routed),
    phase: 'wallet',
    escalated: {
      ...{ policy: short, phase: 'input', reasonCode: 'wallet.exhausted', isAboutCall: false, timeoutMs: null },
      isUnconditional: false,
      message: error.refusal.message,
    },
    refusal: error.refusal,
    go(client) {
      service.desk?.askAnew();
      return answerRouted(service, exchange, { ...routed, client });
    },
  });
}

/** The wallet that is used up, when its requests wait for a person; else null. */
function walletThatHolds({ snapshot }: Exchange, { code, details }: Refusal): string | null {
  const name = code === 'budget_exceeded' ? details?.['wallet'] : undefined;
  const wallet = typeof name === 'string' ? snapshot.tenant?.wallets.get(name) : undefined;
  return wallet?.whenExhausted === 'hold' ? wallet.name : null;
}

interface Judged {
  readonly routed: Routed;
  /** Why it may not go out before a person has decided. */
  readonly escalated: Escalated | null;
}

/** Judges a request with the configuration of its exchange; refuses what its token may not ask for, and what is blocked. */
async function judge(service: Service, exchange: Exchange, asked: Asked): Promise<Judged> {
  const { client, shape, wanted } = asked;
  const refusal = whyNotUse(exchange.snapshot, exchange.token, useOf(shape, wanted));
  if (refusal !== undefined) throw new Refused(refusal);
  const facts = factsOf(exchange, client.request, wanted);
  let outcome = evaluated(() => exchange.snapshot.policy.input(facts));
  if (outcome.inquiry !== null) outcome = await settled(service, exchange, client.response, outcome);
  return judged(service, exchange, asked, { facts, outcome });
}

/** Notes what the input policies decided; refuses what they block. */
function judged(
  service: Service,
  exchange: Exchange,
  asked: Asked,
  { facts, outcome }: { readonly facts: RequestFacts; readonly outcome: InputOutcome },
): Judged {
  exchange.steps = outcome.steps;
  exchange.verdict = outcome.verdict;
  exchange.reasonCode = outcome.reasonCode;
  if (outcome.blockedBy !== null) throw blockedRefusal(outcome.blockedBy, service);
  const body = outcome.body as JsonObject;
  const whyNot = (target: Target): string | null => whyNotCarried(asked, body, target);
  // Who looks at the answer sees the request as it was sent.
  const sent = body === facts.body ? facts : { ...facts, body };
  return {
    routed: { ...asked, facts: sent, body, eligible: outcome.targets, whyNot },
    escalated: outcome.escalatedBy,
  };
}

/** Why the request cannot be carried to a target in the format that it speaks; null: it can. */
function whyNotCarried({ client, shape, wanted }: Asked, body: JsonObject, target: Target): string | null {
  const passage = shape.passages[target.format];
  const betas = betasOf(client.request);
  if (passage === undefined) return `${shape.route} is not answered by a target of format ${target.format}.`;
  // A passage of the provider's own format changes nothing that it could not say.
  if (passage.translation === null) return regionFault(body, target);
  if (betas !== null) return `The header ${BETAS} has no counterpart in the format of the target.`;
  const made = passage.body(wanted, body, target, false);
  return typeof made === 'string' ? made : null;
}
