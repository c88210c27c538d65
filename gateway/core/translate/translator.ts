import type { JsonObject } from '../../../src/core/model/index.ts';
import type { Refusal } from '../refusal.ts';
import type { Metered } from '../streams/meters.ts';
import { eventOf, FAILED, isDone, OPEN, type Outgoing, type ShapeStream } from '../streams/stream.ts';

/** Events of one format out of those of another, for one answer, measured as the provider sent them. */
export interface Translator extends Metered {
  /** The data of the events that `event` becomes; null when the provider failed or what it sent cannot be said. */
  push(event: JsonObject): readonly string[] | null;
  /** The same for the end of the stream, by `[DONE]` or without it. */
  end(): readonly string[] | null;
}

/** A stream of the client's shape that is fed with the events of another format. */
export function translated(stream: ShapeStream, translator: Translator): ShapeStream {
  const feed = (events: readonly string[] | null): Outgoing => {
    const frames: string[] = [];
    for (const event of events ?? []) {
      const out = stream.push(event);
      frames.push(...out.frames);
      if (out.state !== 'open') return { ...out, frames };
    }
    return { ...(events === null ? FAILED : OPEN), frames };
  };
  return {
    // A counter that the provider left out is 0 to the client, and not known to who pays.
    usage: () => translator.usage(),
    inputTokens: () => translator.inputTokens(),
    received: () => translator.received(),
    last: () => stream.last(),
    error: (refusal: Refusal) => stream.error(refusal),
    push: (data) => {
      if (isDone(data)) return feed(translator.end());
      const event = eventOf(data);
      return feed(event === undefined ? null : translator.push(event));
    },
    end: () => {
      const out = feed(translator.end());
      return out.state === 'open' ? { ...out, state: 'failed' } : out;
    },
  };
}
