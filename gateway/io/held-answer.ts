import { refuse, type Shape, type Use, type Wanted } from '../core/index.ts';
import type { AnswerEvents, Came } from './answer-events.ts';
import { type Begun, type BegunStream, type Client, clientGone, MAX_ANSWER_BYTES } from './begun.ts';
import type { Exchange } from './exchange.ts';
import type { Go } from './held.ts';
import { Refused } from './refused.ts';
import { createKeptReply } from './reply.ts';
import type { Service } from './service.ts';
import { factsOf } from './standing.ts';

// An answer that waits for a person is kept as its provider gave it, too, so that it can be judged once more, with policies that
// were not in force when it came.

/** What a request wants of its endpoint. */
export const useOf = ({ scope, route: path }: Shape, { model }: Wanted): Use => ({ scope, path, model });

export interface Remembering extends AnswerEvents {
  /** What was read so far. */
  readonly heard: readonly string[];
}

/** The events of an answer, each of which is kept; more than `most` characters are too large. */
export function remembering(events: AnswerEvents, most: number): Remembering {
  const heard: string[] = [];
  let left = most;
  return {
    heard,
    async next() {
      const came = await events.next();
      if (came.kind !== 'events') return came;
      for (const data of came.events) {
        heard.push(data);
        left -= data.length;
      }
      return left < 0 ? { kind: 'too-large' } : came;
    },
  };
}

export const sizeOf = (heard: readonly string[]): number => heard.reduce((sum, { length }) => sum + length, 0);

/** A stream that has come already. */
export function heardStream(begun: BegunStream, heard: readonly string[]): BegunStream {
  let next: Came = heard.length === 0 ? { kind: 'end' } : { kind: 'events', events: heard };
  const events: AnswerEvents = {
    async next() {
      const came = next;
      next = { kind: 'end' };
      return came;
    },
  };
  return { ...begun, events, answer: { ...begun.answer, abort: () => {}, onCutOff: () => {} } };
}

/**
 * Judges an answer that waited as if it came now, and gives what hands it on as it is left then. `answer` is what handed it on the
 * first time. Throws Refused.
 */
export async function answeredAnew<Kept extends Begun>(
  service: Service,
  exchange: Exchange,
  { client, begun }: { readonly client: Client; readonly begun: Kept },
  answer: (service: Service, exchange: Exchange, client: Client, begun: Kept) => Promise<void>,
): Promise<Go> {
  const { request } = client;
  const { wanted, facts: before } = begun;
  const most = exchange.snapshot.policy.limits.size.maxResponseBytes ?? MAX_ANSWER_BYTES;
  const reply = createKeptReply(most, client.response);
  const facts = factsOf(exchange, request, { model: wanted.model, body: before.body });
  await answer(service, exchange, { request, response: reply }, { ...begun, facts });
  if (client.response.destroyed) throw clientGone();
  if (reply.isFull) throw new Refused(refuse('upstream_too_large'));
  return async ({ response }) => reply.deliver(response);
}
