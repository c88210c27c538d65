import { type Json, writeJson } from '../../src/core/model/index.ts';
import { type Escalated, type OutputOutcome, repeatsKey } from '../../src/core/policy/index.ts';
import type { Usage } from '../../src/core/wallet/index.ts';
import {
  type Family,
  refusalBody,
  refusalHeaders,
  refuse,
  saysAnything,
  withoutAccounts,
  wordsOfRejection,
} from '../core/index.ts';
import { textOf } from './answer.ts';
import { type BegunWhole, blockedRefusal, type Client, evaluated, type Rejected } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { holdAnswer } from './held.ts';
import { answeredAnew, useOf } from './held-answer.ts';
import { settled } from './inquiry.ts';
import { Refused } from './intake.ts';
import type { Service } from './service.ts';

/** Hands an answer on in one piece: ask the output policies, write the decision, then let it go. */
export async function answerWhole(
  service: Service,
  exchange: Exchange,
  client: Client,
  begun: BegunWhole,
): Promise<void> {
  const usage = usageOf(begun);
  exchange.known = usage;
  const answered = inShape(service, begun);
  let outcome = evaluated(() => exchange.snapshot.policy.output(begun.facts, answered, exchange.target));
  if (outcome.inquiry !== null) outcome = await settled(service, exchange, client.response, outcome);
  const { body, escalated } = governed(service, exchange, begun, { value: answered, outcome });
  const send = ({ response }: Client): void => {
    response.writeHead(200, {
      ...outcome.headers,
      'content-type': PLAIN_TYPE.test(begun.contentType) ? begun.contentType : 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  };
  if (escalated !== null) {
    const { shape, wanted } = begun;
    const size = Buffer.byteLength(body) + begun.bytes.length;
    return holdAnswer(service, exchange, {
      ...{
        client,
        family: shape.family,
        use: useOf(shape, wanted),
        escalated,
        steps: outcome.steps,
        bytes: size,
      },
      go: async (to) => send(to),
      anew: (to) => answeredAnew(service, exchange, { client: to, begun }, answerWhole),
    });
  }
  await decide(service, exchange, { status: 200, usage: usage ?? 'unknown' });
  send(client);
}

/** What the provider counted; null where it counted no output of an answer that has some. */
function usageOf({ passage, wanted, value }: BegunWhole): Usage | null {
  const usage = passage.usage(value);
  return usage?.outputTokens === 0 && wanted.choices > 0 && saysAnything(value) ? null : usage;
}

interface Governed {
  readonly body: Uint8Array | string;
  /** Why it may not go out before a person has decided. */
  readonly escalated: Escalated | null;
}

/** What may stand in a header of ours; anything else a provider says of its answer is not repeated. */
const PLAIN_TYPE = /^[\x21-\x7e][\x20-\x7e]{0,199}$/;

/** The answer in the shape of the request: the same value, or what a translation makes of it. */
function inShape(service: Service, { passage, value }: BegunWhole): Json {
  const translated = passage.translation === null ? value : passage.translation.answer(value, service.nowMs());
  if (translated !== null) return translated;
  throw new Refused(refuse('answer_not_carried'));
}

/** The provider's own bytes when the policies leave them as they are, else what they made of them. */
function governed(
  service: Service,
  exchange: Exchange,
  begun: BegunWhole,
  answer: { readonly value: Json; readonly outcome: OutputOutcome },
): Governed {
  const { outcome } = answer;
  exchange.steps = [...exchange.steps, ...outcome.steps];
  if (outcome.blockedBy !== null) {
    exchange.verdict = 'block';
    exchange.reasonCode = outcome.reasonCode;
    throw blockedRefusal(outcome.blockedBy, service);
  }
  if (outcome.verdict === 'redact' && exchange.verdict !== 'escalate') {
    exchange.verdict = 'redact';
    exchange.reasonCode ??= outcome.reasonCode;
  }
  // A key twice is two texts, of which the policies read one.
  const isTheirs =
    outcome.body === answer.value &&
    begun.passage.translation === null &&
    !repeatsKey(textOf(begun.bytes), answer.value);
  return { body: isTheirs ? begun.bytes : writeJson(outcome.body), escalated: outcome.escalatedBy };
}

/**
 * The provider refused the request itself (400 and the like): its status, why where that is known, and its words only where no
 * policy reads answers.
 */
export async function answerRejected(
  service: Service,
  exchange: Exchange,
  client: Client,
  { family, status, reason, said }: Rejected & { readonly family: Family },
): Promise<void> {
  exchange.reasonCode ??= 'gateway.upstream_rejected';
  await decide(service, exchange, { status, usage: { inputTokens: 0, outputTokens: 0 } });
  const theirs = exchange.snapshot.policy.scansOutput ? undefined : messageOf(said);
  const message = theirs ?? wordsOfRejection(status, reason);
  const more = { message, ...(reason === null ? {} : { details: { reason } }) };
  const refusal = { ...refuse('upstream_rejected', more), status };
  client.response.writeHead(status, refusalHeaders(refusal));
  client.response.end(refusalBody(refusal, family));
}

function messageOf(body: Json | undefined): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { error } = body as { readonly error?: Json };
  const message =
    typeof error === 'object' && error !== null && !Array.isArray(error)
      ? (error as { readonly message?: Json }).message
      : undefined;
  return typeof message === 'string' ? withoutAccounts(message.slice(0, 500)) : undefined;
}
