import type { Shape, Use, Wanted } from '../core/index.ts';
import { refuse } from '../core/index.ts';
import type { AnswerStart, UpstreamAnswer } from './answer.ts';
import { type Begun, type Client, clientGone, MAX_ANSWER_BYTES } from './begun.ts';
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

export interface Remembering extends UpstreamAnswer {
  /** What was read so far. */
  readonly chunks: readonly Uint8Array[];
}

/** The answer, with all that is read of it kept; more than `most` bytes are too large. */
export function remembering(answer: UpstreamAnswer, most: number): Remembering {
  const chunks: Uint8Array[] = [];
  let left = most;
  return {
    ...answer,
    chunks,
    async next() {
      const got = await answer.next();
      if (!Array.isArray(got)) return got;
      for (const chunk of got as readonly Uint8Array[]) {
        chunks.push(chunk);
        left -= chunk.length;
      }
      return left < 0 ? { kind: 'too-large' } : got;
    },
  };
}

export const sizeOf = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, { length }) => sum + length, 0);

/** An answer that has come already. */
function heard(start: AnswerStart, chunks: readonly Uint8Array[]): UpstreamAnswer {
  let isRead = false;
  return {
    started: Promise.resolve(start),
    next() {
      if (isRead || chunks.length === 0) return Promise.resolve('end');
      isRead = true;
      return Promise.resolve(chunks);
    },
    collect: () => Promise.resolve(Buffer.concat(chunks)),
    cutOff: () => {},
    onCutOff: () => {},
    abort: () => {},
  };
}

interface Heard {
  readonly client: Client;
  readonly begun: Begun;
  /** As the provider gave it. */
  readonly chunks: readonly Uint8Array[];
}

/**
 * Judges an answer that waited as if it came now, and gives what hands it on as it is left then. `answer` is what handed it on the
 * first time. Throws Refused.
 */
export async function answeredAnew(
  service: Service,
  exchange: Exchange,
  { client, begun, chunks }: Heard,
  answer: (service: Service, exchange: Exchange, client: Client, begun: Begun) => Promise<void>,
): Promise<Go> {
  const { request } = client;
  const { wanted, facts: before, start } = begun;
  const most = exchange.snapshot.policy.limits.size.maxResponseBytes ?? MAX_ANSWER_BYTES;
  const reply = createKeptReply(most, client.response);
  const facts = factsOf(exchange, request, { model: wanted.model, body: before.body });
  await answer(service, exchange, { request, response: reply }, { ...begun, facts, answer: heard(start, chunks) });
  if (client.response.destroyed) throw clientGone();
  if (reply.isFull) throw new Refused(refuse('upstream_too_large'));
  return async ({ response }) => reply.deliver(response);
}
