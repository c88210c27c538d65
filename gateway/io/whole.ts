import type { Json } from '../../src/core/model/index.ts';
import type { Escalated, OutputOutcome } from '../../src/core/policy/index.ts';
import type { Usage } from '../../src/core/wallet/index.ts';
import {
  type RefusalCode,
  refusalBody,
  refusalHeaders,
  refuse,
  repeatsKey,
  type Shape,
  saysAnything,
} from '../core/index.ts';
import { type Begun, blockedRefusal, type Client, evaluated } from './begun.ts';
import { decide, type Exchange } from './exchange.ts';
import { holdAnswer } from './held.ts';
import { answeredAnew, useOf } from './held-answer.ts';
import { settled } from './inquiry.ts';
import { Refused } from './intake.ts';
import type { Service } from './service.ts';

/** Hands an answer on in one piece: read it, ask the output policies, write the decision, then let it go. */
export async function answerWhole(service: Service, exchange: Exchange, client: Client, begun: Begun): Promise<void> {
  const { start, answer } = begun;
  const bytes = await answer.collect();
  if (!(bytes instanceof Uint8Array)) throw new Refused(refuse(FAILED[bytes.kind] ?? 'upstream_error'));
  client.response.off('close', answer.abort);
  if (start.status !== 200) {
    await answerRejected(service, exchange, client, { shape: begun.shape, status: start.status, bytes });
    return;
  }
  const value = parsedAnswer(bytes);
  const usage = value === undefined ? null : usageOf(begun, value);
  exchange.known = usage;
  const answered = inShape(service, begun, value);
  let outcome: OutputOutcome | null = null;
  if (answered !== undefined) {
    outcome = evaluated(() => exchange.snapshot.policy.output(begun.facts, answered, exchange.target));
    if (outcome.inquiry !== null) outcome = await settled(service, exchange, client.response, outcome);
  }
  const { body, escalated } =
    answered === undefined || outcome === null
      ? unread(exchange, bytes)
      : governed(service, exchange, begun, { value: answered, bytes, outcome });
  const headers = outcome?.headers ?? {};
  const send = ({ response }: Client): void => {
    response.writeHead(200, {
      ...headers,
      'content-type': PLAIN_TYPE.test(start.contentType) ? start.contentType : 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  };
  if (escalated !== null) {
    const { shape, wanted } = begun;
    const size = Buffer.byteLength(body) + bytes.length;
    return holdAnswer(service, exchange, {
      ...{
        client,
        family: shape.family,
        use: useOf(shape, wanted),
        escalated,
        steps: outcome?.steps ?? [],
        bytes: size,
      },
      go: async (to) => send(to),
      anew: (to) => answeredAnew(service, exchange, { client: to, begun, chunks: [bytes] }, answerWhole),
    });
  }
  await decide(service, exchange, { status: 200, usage: usage ?? 'unknown' });
  send(client);
}

/** What the provider counted; null where it counted no output of an answer that has some. */
function usageOf({ passage, wanted }: Begun, value: Json): Usage | null {
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

const FAILED: { readonly [kind: string]: RefusalCode } = {
  timeout: 'upstream_timeout',
  'too-large': 'upstream_too_large',
  'too-long': 'answer_too_long',
};

/** The JSON of an answer, or undefined. */
export function parsedAnswer(bytes: Uint8Array): Json | undefined {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')) as Json;
  } catch {
    return undefined;
  }
}

/** The answer in the shape of the request: the same value, or what a translation makes of it; undefined when it is no JSON. */
function inShape(service: Service, { passage }: Begun, value: Json | undefined): Json | undefined {
  if (passage.translation === null) return value;
  const translated = value === undefined ? null : passage.translation.answer(value, service.nowMs());
  if (translated !== null) return translated;
  throw new Refused(refuse('upstream_error', { message: 'The answer of the provider has no form in this endpoint.' }));
}

/** An answer that is no JSON goes on only when no policy has to read it. */
function unread(exchange: Exchange, bytes: Uint8Array): Governed {
  if (exchange.snapshot.policy.scansOutput)
    throw new Refused(refuse('upstream_error', { message: 'The provider answered with something that is not JSON.' }));
  return { body: bytes, escalated: null };
}

/** The provider's own bytes when the policies leave them as they are, else what they made of them. */
function governed(
  service: Service,
  exchange: Exchange,
  begun: Begun,
  answer: { readonly value: Json; readonly bytes: Uint8Array; readonly outcome: OutputOutcome },
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
    outcome.body === answer.value && begun.passage.translation === null && !repeatsKey(answer.bytes, answer.value);
  return { body: isTheirs ? answer.bytes : JSON.stringify(outcome.body), escalated: outcome.escalatedBy };
}

/** The provider refused the request itself (400 and the like): its status, and its words only where no policy reads answers. */
async function answerRejected(
  service: Service,
  exchange: Exchange,
  client: Client,
  rejected: { readonly shape: Shape; readonly status: number; readonly bytes: Uint8Array },
): Promise<void> {
  exchange.reasonCode ??= 'gateway.upstream_rejected';
  await decide(service, exchange, { status: rejected.status, usage: { inputTokens: 0, outputTokens: 0 } });
  const message = exchange.snapshot.policy.scansOutput ? undefined : messageOf(parsedAnswer(rejected.bytes));
  const refusal = {
    ...refuse('upstream_rejected', {
      message: message ?? `The provider refused the request with status ${rejected.status}.`,
    }),
    status: rejected.status,
  };
  client.response.writeHead(rejected.status, refusalHeaders(refusal));
  client.response.end(refusalBody(refusal, rejected.shape.family));
}

function messageOf(body: Json | undefined): string | undefined {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return undefined;
  const { error } = body as { readonly error?: Json };
  const message =
    typeof error === 'object' && error !== null && !Array.isArray(error)
      ? (error as { readonly message?: Json }).message
      : undefined;
  return typeof message === 'string' ? message.slice(0, 500) : undefined;
}
